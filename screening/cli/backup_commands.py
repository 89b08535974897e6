"""`screening backup` and `screening restore`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from screening.cli.ground import settings_of_place
from screening.cli.migrated import migrated
from screening.cli.refusing import told
from screening.cli.terminal import harmless
from screening.core.errors import CannotOpen
from screening.core.wording import so_many
from screening.logs import configure_logs
from screening.operating.backups import restore as restoring
from screening.operating.backups.make import backup_key, make, make_as_it_is
from screening.operating.backups.restore import Restored
from screening.service.premises import utc_now
from screening.settings import Settings
from screening.settings.environment import load_settings
from screening.storage.database import older_revision, open_database
from screening.storage.sealing.keys import load_opening_keys

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("to", type=_FOLDER)
@told()
def backup(to: Path) -> None:
    """Write all rows of this moment and all keys into a file in TO, sealed to the backup key.

    The service may go on meanwhile. `screening serve` does it by itself where SCREENING_BACKUP_TO is set.
    """
    settings = settings_of_place()
    configure_logs(settings.log_level, settings.log_file)
    key = backup_key(settings)
    if (file := _before_an_upgrade(settings, to)) is not None:
        click.echo(f"{file}: {file.stat().st_size} bytes, of the tables of an older version, as they are.")
        return
    with migrated(settings) as ground:
        made = make(ground, key, to)
    click.echo(f"{made.file}: {made.size} bytes, up to event {made.events}.")


def _before_an_upgrade(settings: Settings, to: Path) -> Path | None:
    """What an older program made is kept as it is, and left so."""
    engine = open_database(settings.database)
    try:
        revision = older_revision(engine)
        return None if revision is None else make_as_it_is(settings, engine, revision, utc_now(), to)
    finally:
        engine.dispose()


@click.command()
@click.argument("file", type=_FILE)
@click.option("--key", type=_FILE, required=True, help="The private half of the backup key.")
@click.option("--verify", is_flag=True, help="Then hold the audit against all rows, and open every request.")
@click.option("--as-made", is_flag=True, help="Leave its tables as they were, for the program of then.")
@click.option("--drill", is_flag=True, help="Into a folder that is thrown away, with --verify: a rehearsal.")
@told()
def restore(file: Path, key: Path, verify: bool, as_made: bool, drill: bool) -> None:
    """Put a backup into an empty place, which SCREENING_INSTANCE and SCREENING_DATABASE_URL name."""
    try:
        settings, keys = load_settings(), load_opening_keys(key)
        configure_logs(settings.log_level, settings.log_file)
        if drill:
            restored, problems = restoring.drill(settings, file, keys)
        else:
            restored = restoring.restore(settings, file, keys, as_made=as_made)
            problems = restoring.verify(settings) if verify and not as_made else []
    except CannotOpen as error:
        click.echo(f"{file}: {error}".encode(), err=True)
        sys.exit(1)
    _tell(restored, problems, checked=verify or drill)
    sys.exit(1 if problems else 0)


def _tell(restored: Restored, problems: list[str], *, checked: bool) -> None:
    for problem in problems:
        click.echo(harmless(problem).encode(), err=True)
    rows, requests = sum(restored.rows.values()), restored.rows.get("requests", 0)
    again = f" ({restored.erased} erased since, and again now)" if restored.erased else ""
    found = f" Verified: {so_many(len(problems), 'problem')}." if checked else ""
    there = f"{so_many(rows, 'row')}, {so_many(requests, 'request')}"
    click.echo(f"As of {restored.made_at:%Y-%m-%d %H:%M} UTC: {there}{again}.{found}")
