"""The database for as long as a command needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from screening.app import open_migrated
from screening.cli.ground import CommandLineGround
from screening.settings import Settings


@contextmanager
def migrated(settings: Settings) -> Iterator[CommandLineGround]:
    """With all its tables, and what it is noted with. Raises NotReady, Unavailable."""
    engine = open_migrated(settings)
    try:
        yield CommandLineGround(engine, settings)
    finally:
        engine.dispose()
