"""Fixtures for every test. The database ones run each test that asks for `engine` on both engines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from screening.storage.database import open_database, upgrade

# The same examples in every run of CI, new ones at every desk: a landing must not hang on chance.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

_SERVER = os.environ.get("SCREENING_TEST_POSTGRESQL", "")
_ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def pytest_report_header() -> str:
    """Says once what else would be left unsaid, or said a hundred times."""
    enable = "skipped; set SCREENING_TEST_POSTGRESQL=postgresql://user@host/postgres (may create databases)"
    return f"PostgreSQL: {'as well as SQLite' if _SERVER else enable}"


@pytest.fixture(params=_ENGINES if _SERVER else _ENGINES[:1])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of this test's own, on each engine in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/screening.db"
    else:
        yield from _postgresql_database()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/screening.db"


@pytest.fixture
def empty_engine(database_url: str) -> Iterator[Engine]:
    """A database without tables."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty_engine: Engine) -> Engine:
    """A database with all tables."""
    upgrade(empty_engine)
    return empty_engine


def _postgresql_database() -> Iterator[str]:
    url = make_url(_SERVER).set(drivername="postgresql+psycopg")
    server = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    name = f"screening_test_{uuid4().hex}"  # of this test alone, so that pytest-xdist needs no more
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    try:
        yield make_url(_SERVER).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
