"""Rows by the thousand, as the driver takes them: what SQLAlchemy does for each of them takes longer than
the database does."""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    Table,
    bindparam,
    event,
    insert,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect

from screening.storage.moment import Moment
from screening.storage.sqlite import open_sqlite

BoundRow = tuple[object, ...]
_PATIENCE = 60.0  # seconds: thousands of rows are one statement
_CACHE = 512 * 1024  # KB of memory for pages of indexes, where a row goes anywhere
_MINE = "mine"  # no column is called so
_COPIED_AS: tuple[tuple[type[Any], str], ...] = (
    (Moment, "timestamptz"), (LargeBinary, "bytea"), (BigInteger, "int8"), (Integer, "int4"),
)  # fmt: skip


def dialect_of(name: str) -> Dialect:
    """By its name, where there is no engine."""
    if name == "sqlite":
        return sqlite.dialect()
    from sqlalchemy.dialects.postgresql import psycopg  # large, and not needed beside SQLite

    made: Dialect = psycopg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types
    return made


def binder(column: Column[Any], dialect: Dialect) -> Callable[[Any], object]:
    """What makes of a value of this column what the driver takes."""
    found: Callable[[Any], object] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    return _as_it_is if found is None or isinstance(column.type, LargeBinary) else found


def _as_it_is(value: object) -> object:
    return value


@contextmanager
def quickly(engine: Engine) -> Iterator[Engine]:
    """Another engine on the same database, for made-up rows alone: it has what was kept only once this ends.

    A power cut before may leave SQLite a broken file; a process that is killed does not.
    """
    url, is_file = engine.url, engine.dialect.name == "sqlite"
    if is_file:
        quick = open_sqlite(url, patience=_PATIENCE, poolclass=None)
    else:
        from screening.storage.postgresql import open_postgresql  # with it comes psycopg

        quick = open_postgresql(url, patience=_PATIENCE, poolclass=None)
    event.listen(quick, "connect", _unhurried if is_file else _unwaited)
    try:
        yield quick
        if is_file:
            with quick.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        quick.dispose()
        if is_file:
            os.sync()


def _unhurried(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = 0")
    connection.execute("PRAGMA secure_delete = 0")  # what is replaced here was made up
    connection.execute(f"PRAGMA cache_size = -{_CACHE}")


def _unwaited(connection: Any, _record: object) -> None:
    connection.execute("SET synchronous_commit = off")
    connection.commit()


def add(connection: Connection, table: Table, rows: Iterable[BoundRow]) -> None:
    """Insert rows with all columns of the table, in its order."""
    if connection.dialect.name == "sqlite":
        if found := list(rows):
            connection.exec_driver_sql(str(insert(table).compile(connection)), found)
        return
    raw: Any = connection.connection.dbapi_connection
    columns = ", ".join(table.columns.keys())
    with (
        raw.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types([_copied_as(column) for column in table.columns])
        for row in rows:
            copy.write_row(row)


def change(
    connection: Connection, table: Table, key: str, changed: Mapping[str, Mapping[str, object]]
) -> None:
    """Give columns of rows, by their key, other values."""
    alike: dict[tuple[str, ...], list[Mapping[str, object]]] = defaultdict(list)
    for name, values in changed.items():
        alike[tuple(sorted(values))].append({_MINE: name, **values})
    mine = update(table).where(table.c[key] == bindparam(_MINE))
    for columns, rows in alike.items():
        compiled = mine.values({column: bindparam(column) for column in columns}).compile(connection)
        order = getattr(compiled, "positiontup", None)
        given: Any = [tuple([row[name] for name in order]) for row in rows] if order else rows
        connection.exec_driver_sql(str(compiled), given)


def _copied_as(column: Column[Any]) -> str:
    if column.type.python_type is date:
        return "date"
    return next((name for kind, name in _COPIED_AS if isinstance(column.type, kind)), "text")
