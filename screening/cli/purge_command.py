"""`screening purge`: erase the requests whose time is over. `screening serve` does it daily."""

from __future__ import annotations

import click

from screening.cli.ground import settings_of_place
from screening.cli.migrated import migrated
from screening.cli.refusing import told
from screening.core.errors import NotReady
from screening.core.wording import so_many
from screening.logs import configure_logs
from screening.operating import retention
from screening.operating.job import JobDone, JobGround
from screening.service.recording import Ground
from screening.service.witness import is_believed, running
from screening.storage.database import writing
from screening.storage.each_site import each_site
from screening.storage.sites import at


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say which, and erase nothing.")
@told()
def purge(dry_run: bool) -> None:
    """Erase the requests whose time is over, as SCREENING_KEEP_NOT_TAKEN_DAYS and _FINISHED_DAYS say."""
    settings = settings_of_place()
    configure_logs(settings.log_level, settings.log_file)
    found, erased = retention.TimeIsOver((), ()), 0
    with migrated(settings) as ground:
        if not dry_run:
            _refuse_a_clock_that_jumped(ground)
        for site in each_site(ground.engine):
            with at(site):
                if dry_run:
                    found += retention.due(ground, ground.now(), size=1_000_000)
                else:
                    erased += retention.purge(JobGround(ground), JobDone(0)).figure
    if dry_run:
        _tell(found)
    else:
        click.echo(f"Erased {so_many(erased, 'request')}.")


def _refuse_a_clock_that_jumped(ground: Ground) -> None:
    """What is erased is gone for ever. Raises NotReady, Unavailable."""
    with writing(ground.engine) as connection:
        believed = is_believed(connection, ground.now(), running())
    if not believed:
        raise NotReady(
            "The clock of this machine was set, or the machine was started again after a while: nothing is "
            "erased on its word for now. Look at the date, then try again in little more than an hour."
        )


def _tell(due: retention.TimeIsOver) -> None:
    for reference in due.references:
        click.echo(reference)
    without, led = len(due.not_taken_forward), len(due.finished)
    click.echo(f"To be erased: {without} that led to no appointment, {led} that led to one.")
