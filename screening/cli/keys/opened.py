"""The database that the keys belong to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from screening.cli.ground import settings_of_place
from screening.cli.migrated import migrated
from screening.cli.refusing import stop
from screening.core.errors import CannotOpen, NotReady, Unavailable
from screening.logs import configure_logs
from screening.settings import Settings
from screening.settings.environment import load_settings


@contextmanager
def opened(*, begins: bool = False) -> Iterator[tuple[Settings, Engine]]:
    """Ends with exit 2 and what to do, where something cannot be done. `begins`: nothing need be there."""
    with told():
        settings = load_settings() if begins else settings_of_place()
        configure_logs(settings.log_level, settings.log_file)
        with migrated(settings) as ground:
            yield settings, ground.engine


@contextmanager
def told() -> Iterator[None]:
    """The same, without a database."""
    try:
        yield
    except (NotReady, Unavailable, CannotOpen) as error:
        stop(error)
