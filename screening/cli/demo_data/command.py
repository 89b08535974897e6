"""`screening demo-data`: a database of any size to try out, and to measure with."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from screening.accounts import members
from screening.app import create_app
from screening.cli import demo as trial
from screening.cli.demo_data.lives import WEEK, live_all
from screening.cli.demo_data.making import days_of, errand_of, make, plan
from screening.cli.demo_data.people import NUMBER as MOST
from screening.cli.demo_data.stories import STORIES
from screening.cli.demo_data.writing import MADE
from screening.cli.lazily import uncollected
from screening.cli.refusing import told
from screening.cli.serve_command import tell
from screening.core.complaints import did_you_mean
from screening.core.errors import NotReady, RuleSetError, Unavailable
from screening.core.wording import so_many
from screening.operating.checks.running import LEAST_FREE
from screening.service.patient import Service
from screening.service.sites import Site
from screening.settings import Settings
from screening.settings.environment import load_settings
from screening.storage import upkeep
from screening.storage.database import reading
from screening.storage.sites import at
from screening.web.door import service_of
from screening.web.words import gettext

EACH = 27_000  # bytes of a request in SQLite, with all that belongs to it
_EVERY_DAY = 2_000  # requests from which on each story is lived on each day of the week
_ALONE = 1_000  # as many are made sooner than other processes have begun
STORIES_LIVED = (len(STORIES), WEEK * len(STORIES))


@click.command("demo-data")
@click.option(
    "--requests",
    "number",
    type=click.IntRange(1, MOST),
    required=True,
    help="How many there are to be in all.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Another one gives other people and days."
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    help="How many make them, beside the one that writes; a core each.",
)
@click.option("--site", "key", metavar="KEY", help="Whose they are, by SCREENING_SITES; the default site's.")
def demo_data(number: int, seed: int, processes: int | None, key: str | None) -> None:
    """Fill a trial's database with made-up requests in every state, sealed and audited as real ones.

    Some requests are dealt with by the service itself, on a database of their own; every other one repeats
    one of them for another made-up person on another day. It goes on where it was stopped. The folder is
    ./instance-demo unless SCREENING_INSTANCE is set; SCREENING_DATABASE_URL counts.
    """
    with told(RuleSetError):
        settings = _settings()
        app = create_app(settings)
        service = service_of(app)
        trial.refuse_real_requests(service)
        site = service.sites.default if key is None else _site(service, key)
        accounts = trial.accounts_of(app)
        _let_in(service, site)
        with uncollected(), at(site.rows):
            _fill(service, number, seed, processes or os.cpu_count() or 1)
    tell(accounts)


def _settings() -> Settings:
    """Those of a trial. Raises NotReady."""
    given = {} if os.environ.get("SCREENING_INSTANCE") else {"instance": trial.INSTANCE}
    settings = load_settings(**given)
    if not settings.trial:
        raise NotReady(trial.NO_TRIAL)
    return settings


def _site(service: Service, key: str) -> Site:
    """Raises NotReady where there is none."""
    found = service.sites.of_key(key)
    if found is None:
        keys = [site.key for site in service.sites.each]
        raise NotReady(f"{key}: there is no such site. {did_you_mean(key, keys)}".rstrip())
    return found


def _let_in(service: Service, site: Site) -> None:
    """The demo's people work there, too."""
    for member in members.everyone(service):
        if site.rows not in member.sites:
            members.set_sites(service, None, member, member.sites | {site.rows})


def _fill(service: Service, number: int, seed: int, processes: int) -> None:
    """Raises NotReady, Unavailable."""
    with reading(service.engine) as connection:
        done = upkeep.all_of(connection).get(upkeep.here(MADE))
    first, begun = done.figure if done is not None else 0, time.monotonic()
    if first >= number:
        there = so_many(first, "made-up request", "is", "are")
        click.echo(f"{there} here already. Ask for more with --requests.")
        return
    refuse_full_disk(service, number - first)
    lives, staff = STORIES_LIVED[number >= _EVERY_DAY], trial.demo_staff(service)
    with _bar(number) as say:
        try:
            weekdays = sorted({day.weekday() for day in days_of(number, service.today())})
            errand = errand_of(service, live_all(service, staff, gettext, lives, weekdays), seed)
            planned = [copy for copy in plan(errand, number) if copy.number >= first]
            gc.freeze()  # a million of them, which are not gone through again and again
            for first in make(service, errand, planned, number, processes if len(planned) > _ALONE else 1):
                say(first)
        except (Unavailable, KeyboardInterrupt, BrokenProcessPool) as error:
            why = str(error) if isinstance(error, Unavailable) else "stopped"
            raise NotReady(
                f"Not all were made ({why}). What is there is whole ({so_many(first, 'request')}): "
                "the same command goes on with the rest."
            ) from None
    seconds = time.monotonic() - begun
    click.echo(
        f"{so_many(number, 'made-up request')}, in {so_many(round(seconds), 'second')}{_size(service)}."
    )


def refuse_full_disk(service: Service, more: int) -> None:
    """Raises NotReady where they would not fit beside the database; of PostgreSQL nobody here knows."""
    file = service.engine.url.database
    if service.engine.dialect.name != "sqlite" or file is None:
        return
    free, needed = disk_usage(Path(file).parent).free, more * EACH
    if needed + LEAST_FREE > free:
        raise NotReady(
            f"{so_many(more, 'request')}: about {_gb(needed)}, where {_gb(free)} are free beside {file}. "
            "Make room, ask for fewer, or set SCREENING_INSTANCE to a larger disk."
        )


def _size(service: Service) -> str:
    file = service.engine.url.database
    if service.engine.dialect.name != "sqlite" or file is None:
        return ""
    return f", {_gb(Path(file).stat().st_size)}"


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


@contextmanager
def _bar(number: int) -> Iterator[Callable[[int], None]]:
    """Tells up to which number they are made: a bar on a terminal, else a line each time."""
    columns = TextColumn("Making requests"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=number)

        def say(made: int) -> None:
            bar.update(task, completed=made)
            if not console.is_terminal:
                click.echo(f"{made} of {number}", err=True)

        yield say
