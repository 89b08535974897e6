"""SQLite as we want it: durable at commit, honest transactions, nothing left behind by a delete."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import uniform
from shutil import disk_usage

from sqlalchemy import URL, Engine, Pool, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from screening.core.errors import NotReady
from screening.storage.beginning import BEGIN, begin
from screening.storage.options import AT_ONCE, WRITES, Options

_ROOM = 256 * 1024  # bytes: a request with its entries, events and indexes, and the same in the log
_PAUSES = 0.0003, 0.0012  # seconds; different ones, so that nobody is always late

# Read back after setting: SQLite answers an impossible pragma with the old value, not with an error.
# The patience comes first, because the others may have to wait for a lock.
_PRAGMAS: dict[str, str | int] = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: with NORMAL, a power cut takes acknowledged requests with it
    "foreign_keys": 1,
    "secure_delete": 1,
}


def open_sqlite(url: URL, *, patience: float, poolclass: type[Pool] | None) -> Engine:
    """An engine on a file, made with permissions 0600 if absent; waits `patience` seconds for a lock."""
    _make_file(Path(_file(url)))
    engine = create_engine(
        url, hide_parameters=True, poolclass=poolclass, connect_args={"timeout": patience}, **_pool(poolclass)
    )
    event.listen(engine, "connect", _configuring(patience))
    event.listen(engine, "begin", begin)
    return engine


def has_room(engine: Engine) -> bool:
    """Whether a request fits on the disk; a few bytes fit where one does not."""
    return disk_usage(Path(_file(engine.url)).parent).free >= _ROOM


def _pool(poolclass: type[Pool] | None) -> dict[str, int]:
    return {} if poolclass else {"pool_timeout": 1}


def _file(url: URL) -> str:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise NotReady("SCREENING_DATABASE_URL: SQLite needs a plain file, as in sqlite:////srv/screening.db")
    return url.database


def _make_file(path: Path) -> None:
    """SQLite gives -wal and -shm the permissions of the database itself.

    A file that is there is not opened: to close it again would drop every lock that this process has on it,
    and the next process to end would take the log of what was written for nobody's, and delete it.
    """
    if path.is_file() and os.access(path, os.R_OK | os.W_OK):
        return
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise NotReady(
            f"{path}: the database file cannot be opened for writing ({error.strerror})."
        ) from None


def _configuring(patience: float) -> Callable[[sqlite3.Connection, ConnectionPoolEntry], None]:
    def configure(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # or sqlite3 begins and commits when it sees fit
        for name, wanted in _PRAGMAS.items():
            _set(connection, name, wanted)
        record.info[BEGIN] = partial(_begin, connection, patience)

    return configure


def _set(connection: sqlite3.Connection, name: str, wanted: str | int) -> None:
    connection.execute(f"PRAGMA {name} = {wanted}")
    (found,) = connection.execute(f"PRAGMA {name}").fetchone()
    if found != wanted:
        raise NotReady(
            f"SQLite refuses {name} = {wanted} (it says {found}). "
            "Put the database on a local disk, or use PostgreSQL."
        )


def _begin(connection: sqlite3.Connection, patience: float, options: Options) -> None:
    # A writer that begins as a reader cannot be made to wait when it turns to writing: it fails at once.
    if options.get(WRITES, False):
        _begin_writing(connection, 0 if options.get(AT_ONCE, False) else patience, patience)
    else:
        connection.execute("BEGIN")


def _begin_writing(connection: sqlite3.Connection, patience: float, usual: float) -> None:
    """Another process that writes is asked again soon, where SQLite would sleep for longer each time until it
    is everybody's last; within this process there are turns. Whoever gives up has waited just once."""
    deadline = time.monotonic() + patience
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < deadline and not _began(connection):
            time.sleep(uniform(*_PAUSES))  # noqa: S311  # nothing secret hangs on it
        if not connection.in_transaction:
            connection.execute("BEGIN IMMEDIATE")  # says what is wrong
    finally:
        connection.execute(f"PRAGMA busy_timeout = {usual * 1000:.0f}")


def _began(connection: sqlite3.Connection) -> bool:
    """Whether writing could begin; True also where waiting would not help."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY
    return True
