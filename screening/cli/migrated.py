"""The database, the service or the whole desk, for as long as a command needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from screening.app import open_migrated, open_service
from screening.cli.ground import CommandLineGround
from screening.desk.desk import Desk
from screening.desk.opening import open_desk
from screening.service.patient import Service
from screening.settings import Settings


@contextmanager
def migrated(settings: Settings) -> Iterator[CommandLineGround]:
    """With all its tables, and what it is noted with. Raises NotReady, Unavailable."""
    engine = open_migrated(settings)
    try:
        yield CommandLineGround(engine, settings)
    finally:
        engine.dispose()


@contextmanager
def opened_service(settings: Settings) -> Iterator[Service]:
    """With its rules and keys. Raises RuleSetError, NotReady, Unavailable."""
    service = open_service(settings)
    try:
        yield service
    finally:
        service.engine.dispose()


@contextmanager
def opened_desk(settings: Settings) -> Iterator[Desk]:
    """With the private keys, too. Raises RuleSetError, NotReady, Unavailable."""
    with opened_service(settings) as service:
        yield open_desk(service)
