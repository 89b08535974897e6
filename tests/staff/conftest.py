"""A service with the shipped rules on a database of its own, and its staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from screening.app import create_app
from screening.settings import load_settings
from screening.web import service_of
from tests.actors import Clock
from tests.staff.actors import Staff

MakeApp = Callable[..., Flask]


@pytest.fixture
def clock() -> Clock:
    """The service's time."""
    return Clock()


@pytest.fixture
def make_app(tmp_path: Path, clock: Clock) -> Iterator[MakeApp]:
    """Starts a service; settings by keyword."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        given = {"instance": tmp_path / "instance", "log_level": "error"} | settings
        made.append(create_app(load_settings(**given), clock))
        return made[-1]

    yield make
    for app in made:
        service_of(app).engine.dispose()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """A service on the embedded default."""
    return make_app()


@pytest.fixture
def reception(app: Flask, clock: Clock) -> Staff:
    """Has an account, is not signed in."""
    return Staff(app, clock, ("reception",))


@pytest.fixture
def clinician(app: Flask, clock: Clock) -> Staff:
    """Has an account, is not signed in."""
    return Staff(app, clock, ("clinician",))


@pytest.fixture
def manager(app: Flask, clock: Clock) -> Staff:
    """Has an account, is not signed in."""
    return Staff(app, clock, ("manager",))


@pytest.fixture
def auditor(app: Flask, clock: Clock) -> Staff:
    """Has an account, is not signed in."""
    return Staff(app, clock, ("auditor",))
