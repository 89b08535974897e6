"""Services filled by `screening demo-data`, of any size, in build/bench; what stands there is used again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import NullPool, create_engine, make_url, text

from screening.app import create_app
from screening.cli import demo
from screening.desk.desk import Desk
from screening.desk.shapes import Person
from screening.settings.environment import load_settings
from screening.storage import queue
from screening.storage.database import reading
from screening.storage.queue import Wanted
from screening.web.door import service_of
from tests.bench.measuring import CannotMeasure
from tests.desk.making import desk_of

ROOT = Path(__file__).parents[2]
PLACES = Path(os.environ.get("BENCH_PLACE", ROOT / "build" / "bench"))
SERVER = os.environ.get("SCREENING_TEST_POSTGRESQL", "")
SIZE = os.environ.get("SIZE", "100000")


def sizes() -> list[int]:
    """From a thousand to SIZE, each ten times the one before; or those of SIZE=1000,100000,1000000."""
    wanted = sorted(int(size) for size in SIZE.split(","))
    if len(wanted) > 1:
        return wanted
    return [size for size in (10**power for power in range(3, 9)) if size <= wanted[0]]


@dataclass(frozen=True)
class FilledService:
    """A running desk with so many requests."""

    app: Flask
    size: int

    @property
    def desk(self) -> Desk:
        """Its desk."""
        return desk_of(self.app)

    @property
    def clinician(self) -> Person:
        """Who reviews there."""
        return demo.demo_staff(self.desk.service).clinician

    @property
    def reception(self) -> Person:
        """Who books there."""
        return demo.demo_staff(self.desk.service).reception

    def references(self, number: int, wanted: Wanted | None = None) -> list[str]:
        """Of the newest, or of those that are wanted."""
        with reading(self.desk.service.engine) as connection:
            return queue.references(connection, wanted or Wanted(status="all", newest=True), number)


@contextmanager
def filled(size: int, engine: str = "sqlite") -> Iterator[FilledService]:
    """A service with `size` requests in every state. Raises CannotMeasure."""
    place = PLACES / f"{engine}-{size}"
    url = "" if engine == "sqlite" else postgresql_database(f"screening_bench_{size}")
    fill(place, url, size)
    app = create_app(load_settings(instance=place, database_url=url, log_level="error"))
    try:
        yield FilledService(app, size)
    finally:
        service_of(app).engine.dispose()


def fill(place: Path, url: str, size: int) -> None:
    """Have `screening demo-data` fill a database, where it is not filled. Raises CannotMeasure."""
    settings = {
        "SCREENING_INSTANCE": str(place),
        "SCREENING_DATABASE_URL": url,
        "SCREENING_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "screening", "demo-data", "--requests", str(size)]
    ended = subprocess.run(
        command,
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise CannotMeasure(ended.stderr.strip())


def postgresql_database(name: str) -> str:
    """The address of a database of this name, made where there is none. Raises CannotMeasure."""
    if not SERVER:
        raise CannotMeasure(
            "no PostgreSQL: set SCREENING_TEST_POSTGRESQL=postgresql://user@host/postgres, "
            "of somebody who may create databases"
        )
    server = create_engine(
        make_url(SERVER).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
    )
    with server.connect() as connection:
        there = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        if not there:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    return make_url(SERVER).set(database=name).render_as_string(hide_password=False)


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)
