"""`screening rules show`: a page to sign."""

from __future__ import annotations

from pathlib import Path

import click

from screening.authoring.files import cases_beside, load_all
from screening.authoring.show import as_html, as_pdf, contents
from screening.cli.rules.reporting import AS_JSON, FILE, PATHS, given, print_json, progress, refusing
from screening.proving.prove import prove
from screening.storage.files import made, write


@click.command("show")
@PATHS
@click.option(
    "--to",
    metavar="FOLDER",
    type=FILE,
    default=Path(),
    help="Where the pages go, made if need be; else here.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["html", "pdf", "both"]),
    default="both",
    help="Which pages to write.",
)
@AS_JSON
@refusing
def show_command(paths: tuple[Path, ...], to: Path, kind: str, as_json: bool) -> None:
    """Write each rule set as a page that a clinician can read and sign.

    Every question with what it is asked for, a picture of the flow, every rule as a sentence, its
    source, the cases and the result of the proof. HTML without scripts, and PDF.
    """
    written: list[str] = []
    with progress("Writing") as track:
        loaded = load_all(given(paths))
        made(to)
        for file, rule_set in track(loaded):
            shown = contents(rule_set, cases_beside(file, rule_set), prove(rule_set))
            if kind != "pdf":
                write(to / f"{rule_set.id}.html", as_html(shown).encode())
                written.append(str(to / f"{rule_set.id}.html"))
            if kind != "html":
                write(to / f"{rule_set.id}.pdf", as_pdf(shown))
                written.append(str(to / f"{rule_set.id}.pdf"))
    if as_json:
        print_json({"problems": [], "written": written})
    else:
        for name in written:
            click.echo(name.encode())
