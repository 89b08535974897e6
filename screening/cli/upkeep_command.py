"""`screening upkeep`: what is due by itself. `screening serve` does the same all the time."""

from __future__ import annotations

import click

from screening.app import open_migrated, open_service
from screening.cli.ground import CommandLineGround, settings_of_place
from screening.cli.refusing import told
from screening.core.errors import RuleSetError
from screening.logs import configure_logs
from screening.operating import upkeep as upkeeping
from screening.operating.job import JobGround
from screening.service.held_keys import has_keys, private_file
from screening.service.recording import Ground
from screening.service.witness import running
from screening.settings import Settings
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.sealing.keys import load_opening_keys


@click.command()
@told()
def upkeep() -> None:
    """Do what is due by itself, then exit: forget expired drafts, say, or count anew what is to be read.

    Run it every few minutes from cron where `screening serve` is not used. Several may run at once.
    """
    settings = settings_of_place()
    configure_logs(settings.log_level, settings.log_file)
    keys = load_opening_keys(private_file(settings)) if has_keys(settings) else None
    ground = _ground(settings, keys)
    done = upkeeping.run(JobGround(ground, keys), running())
    ground.engine.dispose()
    click.echo(f"Done: {', '.join(done) or 'nothing was due'}.")


def _ground(settings: Settings, keys: OpeningKeys | None) -> Ground:
    """With the rules where requests are opened: what a clinician must read follows from them."""
    if keys is not None:
        try:
            return open_service(settings)
        except RuleSetError as error:
            told = [*map(str, error.problems), "Nothing is counted anew until the rules are mended."]
            click.echo("\n".join(told).encode(), err=True)
    return CommandLineGround(open_migrated(settings), settings)
