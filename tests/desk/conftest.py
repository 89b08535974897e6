"""A desk on each engine, and a clock that tests move."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from screening.arrival import Arrival
from screening.desk import Desk
from screening.library import Library
from screening.service import Service
from screening.settings import Settings, load_settings
from screening.storage.blind_index import IndexKey
from screening.storage.sealing import OpeningKey, OpeningKeys
from tests.actors import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def keys() -> OpeningKeys:
    return OpeningKeys([OpeningKey.new()])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(
        instance=tmp_path / "instance",
        smtp_host="localhost",
        smtp_tls="none",
        mail_from="desk@example.org",
        mail_reception="reception@example.org",
        mail_clinicians="clinicians@example.org",
    )


@pytest.fixture
def service(engine: Engine, settings: Settings, keys: OpeningKeys, clock: Clock) -> Service:
    library = Library(settings.rules, engine)
    library.load(clock())
    return Service(settings, engine, library, Arrival(settings, keys.sealing_key, IndexKey(bytes(32))), clock)


@pytest.fixture
def desk(service: Service, keys: OpeningKeys, tmp_path: Path) -> Desk:
    return Desk(service, keys, tmp_path / "audit-head", lambda: "192.0.2.7")
