"""The database for looking only: the engine itself refuses to write, whatever this program asks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url

from screening.core.errors import NotReady
from screening.storage.database import open_database

PATIENCE = 5.0  # seconds


def open_read_only(url: str) -> Engine:
    """An engine on which every write fails; nothing is made or migrated. Raises NotReady."""
    if not url.startswith("sqlite"):
        engine = open_database(url)
        _only_read_postgresql(engine)
        return engine
    file = Path(make_url(url).database or "")
    if not file.is_file():
        raise NotReady(f"{file}: there is no database yet, so there are no requests to look at.")
    return _sqlite(file)


@contextmanager
def read_only(url: str) -> Iterator[Engine]:
    """The same, let go of afterwards. Raises NotReady."""
    engine = open_read_only(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _sqlite(file: Path) -> Engine:
    address = f"{file.resolve().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, timeout=PATIENCE, check_same_thread=False)

    return create_engine(URL.create("sqlite"), creator=connect, poolclass=NullPool, hide_parameters=True)


def _only_read_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
