"""What the storage tests share: a pair of keys, and a draft that was just begun."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from screening.storage.database import open_database, upgrade
from screening.storage.sealing.hpke import OpeningKey, OpeningKeys, SealingKey
from screening.storage.sealing.tokens import DraftToken

from .making import begin_draft


@pytest.fixture(scope="session")
def opening_keys() -> OpeningKeys:
    """One private key."""
    return OpeningKeys([OpeningKey.new()])


@pytest.fixture(scope="session")
def sealing_key(opening_keys: OpeningKeys) -> SealingKey:
    """Its public half."""
    return opening_keys.sealing_key


@pytest.fixture
def token(engine: Engine) -> DraftToken:
    """The token of a draft that was just begun."""
    return begin_draft(engine)


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    """A SQLite database with all tables, for what only files can show."""
    engine = open_database(sqlite_url)
    upgrade(engine)
    yield engine
    engine.dispose()
