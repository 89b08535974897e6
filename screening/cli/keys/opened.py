"""What commands of the keys share: the database that they belong to, and how they end."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NoReturn

import click
from sqlalchemy import Engine

from screening.cli.ground import settings_of_place
from screening.cli.migrated import migrated
from screening.cli.refusing import told
from screening.core.errors import CannotOpen
from screening.core.wording import so_many
from screening.logs import configure_logs
from screening.service.cut_off import clear_away
from screening.settings import Settings
from screening.settings.environment import load_settings


@contextmanager
def opened(*, begins: bool = False) -> Iterator[tuple[Settings, Engine]]:
    """Ends with exit 2 and what to do, where something cannot be done. `begins`: nothing need be there."""
    with told(CannotOpen):
        settings = load_settings() if begins else settings_of_place()
        configure_logs(settings.log_level, settings.log_file)
        for file in clear_away(settings):
            click.echo(f"{file}: removed. A change of the keys was cut off while it was written.", err=True)
        with migrated(settings) as ground:
            yield settings, ground.engine


def end_with(problems: Collection[str]) -> NoReturn:
    """Each on a line of its own: exit 1 where there are any."""
    for problem in problems:
        click.echo(problem.encode(), err=True)
    click.echo(f"{so_many(len(problems), 'problem')}.")
    sys.exit(1 if problems else 0)
