"""One row by one statement, past what SQLAlchemy does around it: a sixth of a patient's page.

The statement is SQLAlchemy's, and so is how values are written and read. What is read has a transaction of
its own, so that it goes to the server and back once; what is changed goes with others, by `writing_past`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sqlalchemy import BindParameter, Dialect, Engine, Select, Update
from sqlalchemy.types import TypeEngine

from screening.storage.beginning import wrapped
from screening.storage.database import translated

_Change = Callable[[Any], Any] | None


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
    """A statement as the database reads it."""

    text: str
    given: tuple[tuple[str, _Given], ...]
    columns: tuple[tuple[str, _Change], ...]
    by_name: bool  # its values, or by their place

    def values(self, values: Mapping[str, Any]) -> Any:
        """As the driver takes them."""
        if self.by_name:
            return {name: each.of(values) for name, each in self.given}
        return [each.of(values) for _, each in self.given]


@dataclass
class _Statement:
    """SQLAlchemy's, made ready once for each kind of database."""

    statement: Select[Any] | Update
    _ready: dict[str, _Ready] = field(default_factory=dict, init=False, repr=False)  # by dialect

    def ready(self, engine: Engine) -> _Ready:
        """For this one."""
        ready = self._ready.get(engine.dialect.name)
        if ready is None:
            ready = self._ready[engine.dialect.name] = _made_ready(self.statement, engine.dialect)
        return ready


@dataclass
class OneRow(_Statement):
    """A statement that finds one row at most."""

    statement: Select[Any]

    def find(self, engine: Engine, values: Mapping[str, Any]) -> Any:
        """The row, with its columns by name; None where there is none. Raises Unavailable."""
        ready = self.ready(engine)
        with translated():
            found = _asked(engine, ready.text, ready.values(values))
        if found is None:
            return None
        columns = zip(ready.columns, found, strict=True)
        return SimpleNamespace(
            **{name: value if read is None else read(value) for (name, read), value in columns}
        )


@dataclass
class OneChange(_Statement):
    """A statement that changes one row at most."""

    statement: Update

    def execute(self, engine: Engine, cursor: Any, values: Mapping[str, Any]) -> bool:
        """Whether it changed one; `cursor` as `writing_past` gives it."""
        ready = self.ready(engine)
        cursor.execute(ready.text, ready.values(values))
        return bool(cursor.rowcount == 1)


def _asked(engine: Engine, text: str, values: Any) -> tuple[Any, ...] | None:
    with wrapped(engine.dialect.dbapi):  # also where no connection could be made: nobody else wraps that
        connection = engine.raw_connection()
        try:
            found: list[tuple[Any, ...]] = connection.cursor().execute(text, values).fetchall()
        finally:
            connection.close()
    return found[0] if found else None


def _made_ready(statement: Select[Any] | Update, dialect: Dialect) -> _Ready:
    compiled: Any = statement.compile(dialect=dialect)
    given = tuple(
        (name, _Given(bound.key, _asked_for(bound), _of(bound.type, dialect).bind_processor(dialect)))
        for name, bound in _in_order(compiled)
    )
    found = statement.selected_columns if isinstance(statement, Select) else ()
    columns = tuple(
        (str(column.key), _of(column.type, dialect).result_processor(dialect, None)) for column in found
    )
    return _Ready(compiled.string, given, columns, by_name=not compiled.positional)


def _asked_for(bound: BindParameter[Any]) -> Callable[[], Any] | None:
    """None where it is given each time; else it is found out then, or stands in the statement."""
    if bound.callable is not None or bound.required:
        return bound.callable
    return lambda: bound.value


def _in_order(compiled: Any) -> list[tuple[str, Any]]:
    """Its values, by the names that they have in the text."""
    if compiled.positional:
        return [(name, compiled.binds[name]) for name in compiled.positiontup]
    return [(name, bound) for bound, name in compiled.bind_names.items()]


def _of(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)
