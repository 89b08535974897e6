"""All rows of a database as lines of text, the same from either engine and for either."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table, delete, func, insert, inspect, select

from screening.storage.moment import Moment
from screening.storage.tables import metadata

_MANY = 500
_MUST_BE_EMPTY = ("requests", "events", "people", "drafts")


def lines(connection: Connection, *, as_it_is: bool = False) -> Iterator[bytes]:
    """One line for each table, and one for each of its rows; of one state, in a `snapshot`.

    `as_it_is`: with the tables that are there, where these are not yet those of this program.
    """
    for table in (_there(connection) if as_it_is else metadata).sorted_tables:
        yield _line({"table": table.name, "columns": [column.name for column in table.columns]})
        rows = connection.execute(select(table).execution_options(yield_per=_MANY))
        for row in rows:
            yield _line([_plain(value) for value in row])


def _there(connection: Connection) -> MetaData:
    """Our tables as they are there, of whichever version; another program's beside them are its own."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _of: name in metadata.tables)
    return found


def is_empty(connection: Connection) -> bool:
    """Whether nothing was ever kept there, in tables of any version."""
    there = inspect(connection).get_table_names()
    tables = [metadata.tables[name] for name in _MUST_BE_EMPTY if name in there]
    return not any(connection.scalar(select(func.count()).select_from(table)) for table in tables)


def empty(connection: Connection) -> MetaData:
    """No row is left in any table of ours; the tables, as they are there."""
    found = _there(connection)
    for table in reversed(found.sorted_tables):
        connection.execute(delete(table))
    return found


class Filling:
    """Puts lines into the tables of an empty database, of the version that the lines are of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known = empty(connection)  # of what a new database begins with
        self._table: Table | None = None
        self._columns: Sequence[str] = ()
        self._rows: list[dict[str, Any]] = []
        self.counts: dict[str, int] = {}

    def add(self, line: bytes) -> None:
        """Raises ValueError, LookupError for what is no such line."""
        found = json.loads(line)
        if isinstance(found, dict):
            self.flush()
            self._table, self._columns = self._known.tables[found["table"]], found["columns"]
            self.counts[self._table.name] = 0
            return
        values = (self._value(value) for value in found)
        self._rows.append(dict(zip(self._columns, values, strict=True)))
        if len(self._rows) == _MANY:
            self.flush()

    def flush(self) -> None:
        """Write what was added."""
        if self._rows and self._table is not None:
            self._connection.execute(insert(self._table), self._rows)
            self.counts[self._table.name] += len(self._rows)
        self._rows = []

    def _value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        ((kind, text),) = value.items()
        if kind == "moment":
            return Moment().process_bind_param(datetime.fromisoformat(text), self._connection.dialect)
        return base64.b64decode(text) if kind == "bytes" else date.fromisoformat(text)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return {"moment": moment.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {"bytes": base64.b64encode(bytes(value)).decode()}
    return value


def _line(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def complete(texts: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines out of pieces of text."""
    rest = b""
    for text in texts:
        *whole, rest = (rest + text).split(b"\n")
        yield from whole
    if rest:
        yield rest
