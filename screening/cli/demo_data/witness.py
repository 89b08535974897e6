"""What each transaction on a scratch database left: rows without their seals, and what lay under them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, event, select

from screening.core.serialising import Plain, canonical
from screening.desk.desk import Desk
from screening.service.delivery import DIGEST
from screening.storage import binding, outbox, tables
from screening.storage.database import writing
from screening.storage.options import WRITES
from screening.storage.requests import CONTACT, HEALTH
from screening.storage.sealing.plaintext import unpack

NewRow = dict[str, object]  # columns of a table


class Vouching(NamedTuple):
    """A request whose rows an event vouches for: as they stood, with so many of its entries and moves."""

    reference: str
    entries: int
    moves: int


class LivedEvent(NamedTuple):
    """An event, without its place in the chain."""

    row: Plain
    vouched: tuple[Vouching, ...]


class LivedEntry(NamedTuple):
    """What staff wrote; `said` is canonical JSON, `sha256` that of the seal it had."""

    row: Plain
    said: str
    sha256: str


@dataclass(frozen=True)
class LifeStep:
    """What one transaction left; `stands` are rows of `requests`, by reference, where it touched them."""

    at: datetime
    events: tuple[LivedEvent, ...]
    stands: Mapping[str, Plain] = field(default_factory=dict)
    entries: tuple[LivedEntry, ...] = ()
    moves: tuple[Plain, ...] = ()
    notices: tuple[Plain, ...] = ()


class Witness:
    """Looks at each transaction just before it is kept."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.steps: list[LifeStep] = []
        self.sealed: dict[
            str, dict[str, str]
        ] = {}  # reference -> column -> what lay there, as canonical JSON
        self._last = 0
        self._seen: set[object] = set()
        event.listen(desk.service.engine, "commit", self._look)

    def begin(self) -> None:
        """Another life."""
        self.steps, self.sealed = [], {}

    def deliver(self) -> None:
        """All notices are sent: none of a generated request waits. They belong to the step before."""
        service = self.desk.service
        with writing(service.engine) as connection:
            found = _rows(connection, tables.outbox, tables.outbox.c.due_at.is_not(None))
            sent_at = max((row["due_at"] for row in found), default=service.now()) + timedelta(seconds=5)
            while notice := outbox.claim(connection, self.desk.opening_keys, sent_at, timedelta()):
                outbox.sent(connection, notice, sent_at, recurs=notice.kind == DIGEST)
            ids = [row["id"] for row in found]
            fresh = _rows(connection, tables.outbox, tables.outbox.c.id.in_(ids))
        if fresh:
            self.steps[-1] = replace(self.steps[-1], notices=tuple(fresh))

    def _look(self, connection: Connection) -> None:
        if not connection.get_execution_options().get(WRITES):
            return
        happened = _rows(connection, tables.events, tables.events.c.number > self._last)
        if not happened:
            return
        self._last = happened[-1]["number"]
        references = sorted({name for row in happened for name in _bound(row)})
        mine = tables.requests.c.reference.in_(references)
        stands = {row["reference"]: row for row in _rows(connection, tables.requests, mine)}
        fresh = self._fresh(connection, tables.entries, references)
        entries = tuple(LivedEntry(_unsealed(row), *self._said(row)) for row in fresh)
        moves = self._fresh(connection, tables.request_status, references)
        for row in stands.values():
            self._open(row)
        lived = tuple(self._lived(happened, fresh, moves))
        at = lived[0].row["at"]
        stood = {name: _unsealed(row) for name, row in stands.items()}
        self.steps.append(LifeStep(at, lived, stood, entries, tuple(moves)))

    def _fresh(self, connection: Connection, table: Table, references: Sequence[str]) -> Sequence[Plain]:
        rows = _rows(connection, table, table.c.reference.in_(references))
        rows.sort(key=lambda row: (row["version"], row.get("part", 0)))
        named = [((table.name, row["reference"], row["version"], row.get("part", 0)), row) for row in rows]
        fresh = [row for name, row in named if name not in self._seen]
        self._seen.update(name for name, _row in named)
        return fresh

    def _said(self, row: Plain) -> tuple[str, str]:
        keys, cell = self.desk.opening_keys, {"table": "entries", "column": "sealed", "row": row["id"]}
        return canonical(unpack(keys.open(row["sealed"], **cell))), hashlib.sha256(row["sealed"]).hexdigest()

    def _open(self, row: Plain) -> None:
        keys, reference = self.desk.opening_keys, row["reference"]
        if reference not in self.sealed:
            self.sealed[reference] = {
                column: canonical(
                    unpack(keys.open(row[column], table="requests", column=column, row=reference))
                )
                for column in (CONTACT, HEALTH)
            }

    def _lived(
        self, happened: Sequence[Plain], entries: Sequence[Plain], moves: Sequence[Plain]
    ) -> Iterator[LivedEvent]:
        """Each with what it vouches for; of two in one transaction, the first knows not what comes after."""
        for number, row in enumerate(happened):
            later = {after["request"] for after in happened[number + 1 :]}
            written = _names(each.row for step in self.steps for each in step.entries) + _names(
                entries, later
            )
            moved = _names(each for step in self.steps for each in step.moves) + _names(moves, later)
            vouched = (Vouching(name, written.count(name), moved.count(name)) for name in _bound(row))
            yield LivedEvent({**row, "at": datetime.fromisoformat(row["at"])}, tuple(vouched))


def _rows(connection: Connection, table: Table, which: Any) -> list[Plain]:
    key = table.primary_key.columns
    return [dict(row) for row in connection.execute(select(table).where(which).order_by(*key)).mappings()]


def _bound(row: Plain) -> list[str]:
    kind = f"{binding.REQUEST}:"
    return [name.removeprefix(kind) for name in json.loads(row["bound"] or "{}") if name.startswith(kind)]


def _names(rows: Iterable[Plain], but: Iterable[str] = ()) -> list[str]:
    left_out = frozenset(but)
    return [row["reference"] for row in rows if row["reference"] not in left_out]


def _unsealed(row: Plain) -> Plain:
    return {name: value for name, value in row.items() if not name.startswith("sealed")}
