"""One row by one statement, from SQLite without what SQLAlchemy does around it: a sixth of a patient's page.

The statement is SQLAlchemy's, and so is how values are written and read; its transaction is its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Dialect, Engine, Select, exc
from sqlalchemy.types import TypeEngine

from screening.storage.database import reading, translated

_Change = Callable[[Any], Any] | None
_OURS = (sqlite3.ProgrammingError, sqlite3.IntegrityError, sqlite3.DataError, sqlite3.NotSupportedError)


@dataclass(frozen=True)
class _Given:
    """A value of a statement: by name, or asked for as it is executed."""

    name: str
    asked: Callable[[], Any] | None
    write: _Change

    def of(self, values: Mapping[str, Any]) -> Any:
        value = values[self.name] if self.asked is None else self.asked()
        return value if self.write is None else self.write(value)


@dataclass(frozen=True)
class _Ready:
    """A statement as SQLite reads it."""

    text: str
    given: tuple[_Given, ...]
    columns: tuple[tuple[str, _Change], ...]


@dataclass
class OneRow:
    """A statement that finds one row at most."""

    statement: Select[Any]
    _ready: _Ready | None = field(default=None, init=False, repr=False)

    def find(self, engine: Engine, values: Mapping[str, Any]) -> Any:
        """The row, with its columns by name; None where there is none. Raises Unavailable."""
        if engine.dialect.name != "sqlite":
            with reading(engine) as connection:
                return connection.execute(self.statement, values).one_or_none()
        ready = self._ready = self._ready or _made_ready(self.statement, engine.dialect)
        with translated():
            found = _asked(engine, ready.text, [each.of(values) for each in ready.given])
        if found is None:
            return None
        columns = zip(ready.columns, found, strict=True)
        return SimpleNamespace(
            **{name: value if read is None else read(value) for (name, read), value in columns}
        )


def _asked(engine: Engine, text: str, values: list[Any]) -> tuple[Any, ...] | None:
    try:
        connection = engine.raw_connection()
        try:
            found: list[tuple[Any, ...]] = connection.dbapi_connection.execute(text, values).fetchall()  # type: ignore[union-attr]  # of sqlite3
        finally:
            connection.close()
    except _OURS:
        raise
    except sqlite3.Error as error:  # also where no connection could be made: nobody wraps that one
        raise exc.DBAPIError(None, None, error) from None
    return found[0] if found else None


def _made_ready(statement: Select[Any], dialect: Dialect) -> _Ready:
    compiled: Any = statement.compile(dialect=dialect)
    given = tuple(
        _Given(bound.key, bound.callable, _of(bound.type, dialect).bind_processor(dialect))
        for bound in (compiled.binds[name] for name in compiled.positiontup)
    )
    columns = tuple(
        (str(column.key), _of(column.type, dialect).result_processor(dialect, None))
        for column in statement.selected_columns
    )
    return _Ready(compiled.string, given, columns)


def _of(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)
