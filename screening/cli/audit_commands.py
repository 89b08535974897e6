"""`screening audit`: what auditors run."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import click
from sqlalchemy import Connection, Engine

from screening.cli.ground import CommandLineGround, settings_of_place
from screening.cli.lazily import WholeGroup
from screening.cli.migrated import migrated
from screening.cli.refusing import told
from screening.cli.terminal import harmless
from screening.core.errors import Unavailable
from screening.core.wording import so_many
from screening.desk.audit_file import with_names
from screening.service import audit_head, joining
from screening.service.premises import utc_now
from screening.service.recording import recording
from screening.settings import Settings
from screening.storage import joins, lanes, people, reading_events
from screening.storage.database import reading
from screening.storage.files import PRIVATE, writing_whole


@click.group(cls=WholeGroup)
def audit() -> None:
    """Look at the record of who did and read what."""


@audit.command("verify")
@click.option("--head", "told", metavar="HEAD", help="A head as a mail to auditors told it: NUMBER-HASH.")
def verify_command(told: str | None) -> None:
    """Find out whether anything was changed in the record, or in the rows it vouches for: exit 1 if so."""
    with _opened() as (settings, engine):
        with suppress(Unavailable):  # too busy for it now: it is done every minute
            joining.join(settings, engine, utc_now())
        problems, ends = audit_head.findings(settings, engine)
        with reading(engine) as connection:
            problems += _not_told(connection, told) if told is not None else []
            number = lanes.count(connection)
        behind = audit_head.behind(settings, engine)
    for problem in problems:
        click.echo(harmless(problem).encode(), err=True)
    click.echo(
        f"{so_many(number, 'event')}, {so_many(len(problems), 'problem')}. The head is {joining.told(ends)}"
    )
    if behind:
        click.echo(f"{behind} of them are still to reach the kept head: the staff's process writes it.")
    sys.exit(1 if problems else 0)


def _not_told(connection: Connection, told: str) -> list[str]:
    number, _, digest = told.strip().partition("-")
    hashes = reading_events.hash_at, joins.hash_at
    if number.isdigit() and digest in (hash_at(connection, int(number)) for hash_at in hashes):
        return []
    return [f"{told}: the record has no such event, no such joined heads, or others"]


@audit.command("begin")
@click.option("--because", required=True, help="Why it is missing; it is kept, and auditors are told.")
def begin_command(because: str) -> None:
    """Keep the head anew, where its file is gone or garbled; what was cut off before cannot be told then."""
    if not because.strip():
        raise click.BadParameter("write why: it is kept, and auditors are told", param_hint="--because")
    with _opened() as (settings, engine):
        if not audit_head.to_begin(settings):
            click.echo("The head is where it belongs: there is nothing to begin anew.")
            return
        ground = CommandLineGround(engine, settings)
        with recording(ground) as recorder:
            recorder.tell_auditors("head_begun")
            recorder.note("head_begun", reason=because)
        with reading(engine) as connection:
            heads = joins.all_heads(connection)
        made = audit_head.begin_anew(settings, heads)
    for file in made:
        click.echo(f"{file}: begun anew.")


@audit.command("export")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True, dir_okay=False), default="-")
@click.option("--after", type=click.IntRange(min=0), default=0, help="Only events after this number.")
def export_command(file: Path, after: int) -> None:
    """Write the events to FILE (standard output), one JSON object a line."""
    with _opened() as (_settings, engine):
        upto = joining.settled(engine)
        with reading(engine) as connection, _into(file) as opened:
            _export(connection, opened, after, upto)


@contextmanager
def _into(file: Path) -> Iterator[BinaryIO]:
    """A file is there whole, or as it was."""
    if str(file) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with writing_whole(file, PRIVATE) as opened:
        yield opened


def _export(connection: Connection, file: BinaryIO, after: int, upto: int) -> None:
    names = {member.id: member.name for member in people.everyone(connection)}
    for event in reading_events.since(connection, after):
        if event.number <= upto:
            line = asdict(event) | {"at": event.at.isoformat(timespec="microseconds")}
            if (named := with_names(event.details, names)) != event.details:
                line |= {"named": named}
            file.write(json.dumps(line, ensure_ascii=True).encode() + b"\n")


@contextmanager
def _opened() -> Iterator[tuple[Settings, Engine]]:
    with told():
        settings = settings_of_place()
        with migrated(settings) as ground:
            yield settings, ground.engine
