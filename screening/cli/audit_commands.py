"""`screening audit`: what auditors run."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import BinaryIO

import click
from sqlalchemy import Connection

from screening.cli.server import stop
from screening.core.errors import NotReady, Unavailable
from screening.service.recording import head_file
from screening.settings import Settings, load_settings
from screening.storage import events
from screening.storage.database import open_database, reading, upgrade


@click.group()
def audit() -> None:
    """Look at the record of who did and read what."""


@audit.command("verify")
def verify_command() -> None:
    """Find out whether anything was changed in the record or removed from it: exit 1 if so."""
    with _opened() as (settings, connection):
        try:
            kept = events.remembered(head_file(settings))
        except (OSError, ValueError) as error:
            stop(f"{head_file(settings)}: the head of the audit cannot be read ({error}).")
        problems = events.verify(connection, kept)
        head = events.head(connection)
    for problem in problems:
        click.echo(problem, err=True)
    if kept is None:
        click.echo("No head file: whether events were cut off at the end cannot be told.", err=True)
    click.echo(f"{head.number} events, {len(problems)} problems.")
    sys.exit(1 if problems else 0)


@audit.command("export")
@click.argument("file", type=click.File("wb"), default="-")
@click.option("--after", type=click.IntRange(min=0), default=0, help="Only events after this number.")
def export_command(file: BinaryIO, after: int) -> None:
    """Write the events to FILE (standard output), one JSON object a line."""
    with _opened() as (_settings, connection):
        for event in events.since(connection, after):
            line = asdict(event) | {"at": event.at.isoformat(timespec="microseconds")}
            file.write(json.dumps(line, ensure_ascii=True).encode() + b"\n")


@contextmanager
def _opened() -> Iterator[tuple[Settings, Connection]]:
    try:
        settings = load_settings()
        engine = open_database(settings.database)
        try:
            upgrade(engine)
            with reading(engine) as connection:
                yield settings, connection
        finally:
            engine.dispose()
    except (NotReady, Unavailable) as error:
        stop(str(error))
