"""`screening rules show`: a page to sign."""

from __future__ import annotations

from pathlib import Path

import click

from screening.authoring.files import cases_beside, load_all
from screening.authoring.show import ShownStanding, as_html, as_pdf, contents
from screening.cli.rules.reporting import AS_JSON, FILE, PATHS, given, print_json, progress, refusing
from screening.core.errors import unreadable
from screening.core.rules import RuleSet
from screening.proving.prove import prove
from screening.storage.files import made, write
from screening.tracing.trace import trace


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
@click.option(
    "--page",
    "page_file",
    metavar="PAGE",
    type=FILE,
    help="The treatment page, for its statements beside each rule.",
)
@AS_JSON
@refusing
def show_command(paths: tuple[Path, ...], to: Path, kind: str, page_file: Path | None, as_json: bool) -> None:
    """Write each rule set as a page that a clinician can read and sign.

    Every question with what it is asked for, a picture of the flow, every rule as a sentence, its
    source, the cases and the result of the proof. HTML without scripts, and PDF. With the page, of one rule
    set, each rule has the statements that it stands for beside it, in the page's own words.
    """
    written: list[str] = []
    with progress("Writing") as track:
        loaded = load_all(given(paths))
        made(to)
        for file, rule_set in track(loaded):
            standing = ShownStanding(statements=_statements(file, rule_set, page_file, len(loaded)))
            shown = contents(rule_set, cases_beside(file, rule_set), prove(rule_set), standing)
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


def _statements(file: Path, rule_set: RuleSet, page: Path | None, of: int) -> dict[str, list[str]]:
    """Rule -> what it stands for, in the words of the page. Raises RuleSetError."""
    if page is None:
        return {}
    if of > 1:
        what = "A page is of one rule set."
        raise unreadable(page, what, "Name the rule set's file.")
    found: dict[str, list[str]] = {}
    for statement, rules in trace(file, rule_set, page).rules.items():
        for rule in rules:
            found.setdefault(rule.id, []).append(statement.text)
    return found
