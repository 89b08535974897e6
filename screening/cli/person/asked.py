"""`screening person export`, `correct` and `erase`: on the record, all requests of one patient at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from screening.cli.ground import settings_of_place
from screening.cli.migrated import opened_desk
from screening.cli.refusing import stop, told
from screening.cli.rules.reporting import refusing
from screening.core.entries import Written, to_data
from screening.core.errors import Absent, CannotOpen, Refused
from screening.core.references import recognise
from screening.core.wording import so_many
from screening.core.workflow import DESK
from screening.desk import opened_request
from screening.desk.desk import Desk, at_its_site, standing_of
from screening.desk.outgoing import export
from screening.desk.shapes import Outsider, Person
from screening.desk.unreadable import as_far_as_it_opens, note_beside
from screening.operating import retention
from screening.service.recording import Actor
from screening.storage.database import reading
from screening.storage.files import PRIVATE, write_whole

FORMATS = ("json", "pdf")


def _on_record(command: Callable[..., Any]) -> Callable[..., Any]:
    """With who asks: whoever holds the private keys may do what the desk may."""

    @click.argument("reference")
    @click.option("--i-am", "who", metavar="NAME", required=True, help="Who does it; it stands in the audit.")
    @refusing
    @wraps(command)
    def asked(reference: str, who: str, **given: Any) -> None:
        if not who.strip():
            raise click.BadParameter("write your name", param_hint="--i-am")
        command(recognise(reference) or reference, Outsider("", who.strip(), frozenset(DESK)), **given)

    return asked


@click.command("export")
@click.option(
    "--to", "folder", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False), required=True
)
@_on_record
def export_command(reference: str, who: Person, folder: Path) -> None:
    """Write all requests of a patient as JSON and PDF.

    REFERENCE is any of theirs; others are found by the same name and date of birth.
    """
    with _desk(reference) as desk:
        theirs = _theirs(desk, reference)
        for name in FORMATS:
            made = export(desk, who, name, references=theirs, reason="The patient asked for it.")
            _write(folder / f"{reference}.{name}", b"".join(made.pieces))
        _write(folder / f"{reference}.staff.json", _written(desk, who, theirs))
    click.echo(f"{folder}: {so_many(len(theirs), 'request')}.")


@click.command("correct")
@click.option("--says", "words", metavar="TEXT", required=True, help="What is not right, and what is.")
@_on_record
def correct_command(reference: str, who: Person, words: str) -> None:
    """Note on all requests of a patient what is not right.

    What was sent stays as it was sent; the note stands beside it wherever it is shown, and is sealed. It is
    written also where a request does not open, for whoever can open it later.
    """
    if not words.strip():
        raise click.BadParameter("write what is not right", param_hint="--says")
    with _desk(reference) as desk:
        theirs = _theirs(desk, reference)
        for found in theirs:
            note_beside(desk, who, found, words)
    click.echo(f"Noted on {so_many(len(theirs), 'request')}.")


@click.command("erase")
@click.option("--yes", is_flag=True, help="Do it; else only say what would be erased.")
@_on_record
def erase_command(reference: str, who: Person, yes: bool) -> None:
    """Erase all requests of a patient, for ever.

    What remains are lines of the audit without content. Backups of before keep them until they are past their
    age; one that is restored erases them again.
    """
    with _desk(reference) as desk:
        theirs = _theirs(desk, reference)
        if yes:
            retention.erase(desk.service, theirs, "asked", Actor("", who.name))
    click.echo(f"{'Erased' if yes else 'Would be erased, with --yes'}: {', '.join(theirs)}.")


def _written(desk: Desk, who: Person, references: list[str]) -> bytes:
    """What staff wrote on each request, by whom and when."""
    found = {reference: _entries(desk, who, reference) for reference in references}
    return json.dumps(found, indent=2, ensure_ascii=False).encode()


def _entries(desk: Desk, who: Person, reference: str) -> list[dict[str, Any]]:
    """What cannot be opened is told, and says so in its place: it keeps nothing else back."""
    try:
        return [*map(_plain, opened_request.request(desk, who, reference).entries)]
    except CannotOpen as error:
        click.echo(f"{reference}: {error} In the files it says what cannot be opened.", err=True)
    with reading(desk.service.engine) as connection:
        found = as_far_as_it_opens(desk, connection, standing_of(connection, reference))
    return [*map(_plain, found.written), {"kind": "cannot_open"}]


def _plain(line: Written) -> dict[str, Any]:
    return {"at": line.at.isoformat(), "by": line.by_name, "kind": line.entry.kind, **to_data(line.entry)}


def _theirs(desk: Desk, reference: str) -> list[str]:
    found = retention.of_person(desk.service, reference)
    if not found:
        stop(f"There is no request {reference}.")
    return found


@contextmanager
def _desk(reference: str) -> Iterator[Desk]:
    """At the site that has the request; other sites where the same person has some are told."""
    with told(CannotOpen, Absent, Refused), opened_desk(settings_of_place()) as desk:
        elsewhere = retention.elsewhere(desk.service, reference)
        with at_its_site(desk, reference):
            yield desk
        for site, other in elsewhere:
            named = desk.service.sites.by_rows[site].name
            click.echo(f"The same person has {other} at {named}: run it for that one too.")


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(file, data, PRIVATE)
