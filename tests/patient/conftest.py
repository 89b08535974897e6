"""A service with the shipped rules on a database of its own, and a patient."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from screening.app import create_app
from screening.settings import load_settings
from screening.storage import requests
from screening.storage.database import reading
from screening.storage.keys import PRIVATE, load_opening_keys
from screening.web import service_of
from tests.actors import Clock, Patient

MakeApp = Callable[..., Flask]


@pytest.fixture
def clock() -> Clock:
    """The service's time."""
    return Clock()


@pytest.fixture
def make_app(tmp_path: Path, clock: Clock) -> MakeApp:
    """Starts a service; settings by keyword."""

    def make(**settings: Any) -> Flask:
        return create_app(
            load_settings(**({"instance": tmp_path / "instance", "log_level": "error"} | settings)), clock
        )

    return make


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """A service on the embedded default."""
    return make_app()


@pytest.fixture
def patient(app: Flask) -> Patient:
    """A patient who has not started yet."""
    return Patient(app)


@pytest.fixture
def opened(app: Flask) -> Callable[[str], Any]:
    """Opens a kept request, as staff with the private key could."""
    service = service_of(app)

    def open_request(reference: str) -> Any:
        keys = load_opening_keys(service.settings.keys / PRIVATE)
        with reading(service.engine) as connection:
            return requests.load(connection, keys, reference)

    return open_request
