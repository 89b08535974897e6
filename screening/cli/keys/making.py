"""`screening keys init`."""

from __future__ import annotations

from pathlib import Path

import click

from screening.app import open_migrated
from screening.cli.server import stop
from screening.core.errors import NotReady, Unavailable
from screening.operating.backups.files import BACKUP_PUBLIC
from screening.service.held_keys import hold
from screening.service.patient import utc_now
from screening.settings import Settings, load_settings
from screening.storage.sealing.keys import create_pair


@click.command("init")
@click.option(
    "--backup",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Make the pair for backups, its private half in FILE: to be kept elsewhere.",
)
def init_command(backup: Path | None) -> None:
    """Make the keys of a new instance, or with --backup the pair for backups."""
    try:
        settings = load_settings()
        made = _for_backups(settings, backup) if backup is not None else _for_instance(settings)
    except (NotReady, Unavailable) as error:
        stop(str(error))
    click.echo(made)


def _for_instance(settings: Settings) -> str:
    engine = open_migrated(settings)
    try:
        held = hold(settings, engine, utc_now())
    finally:
        engine.dispose()
    return (
        f"{settings.keys}: the keys are there, and the database knows them. Key {held.sealing.key_id} seals."
    )


def _for_backups(settings: Settings, private: Path) -> str:
    public = settings.backup_key or settings.keys / BACKUP_PUBLIC
    if public.exists() or private.exists():
        there = public if public.exists() else private
        raise NotReady(f"{there}: is there already. Move it away first: older backups need its private half.")
    create_pair(public, private)
    return f"{private}: keep it elsewhere, in two places. With it every backup opens; without it none does."
