"""`screening upkeep`: what is due by itself. `screening serve` does the same all the time."""

from __future__ import annotations

import click

from screening.app import open_migrated
from screening.cli.ground import CommandLineGround
from screening.cli.server import stop
from screening.core.errors import NotReady, Unavailable
from screening.desk import opening
from screening.logs import configure_logs
from screening.operating import upkeep as upkeeping
from screening.operating.job import JobGround
from screening.operating.witness import running
from screening.settings import load_settings
from screening.storage.sealing.keys import load_opening_keys


@click.command()
def upkeep() -> None:
    """Do what is due by itself, then exit: forget expired drafts, look for parts that do not open.

    Run it every few minutes from cron where `screening serve` is not used. Several may run at once.
    """
    try:
        settings = load_settings()
        configure_logs(settings.log_level)
        engine = open_migrated(settings)
        keys = load_opening_keys(opening.key_file(settings)) if opening.has_keys(settings) else None
        done = upkeeping.run(JobGround(CommandLineGround(engine, settings), keys), running())
        engine.dispose()
    except (NotReady, Unavailable) as error:
        stop(str(error))
    click.echo(f"Done: {', '.join(done) or 'nothing was due'}.")
