"""Lanes of the audit: chains beside each other, so that whoever appends to one waits for nobody in another.

A database has one lane, and goes on with it where only one writes at a time. `open_many` makes more, once and
for all: how many there are is in the database alone and the kept heads name them, so no setting changes it.
A transaction keeps to one lane, that of its first event: it never waits for one while it holds another.

Numbers are one order for all lanes. One is drawn while the rows that changed are locked, so of two events
about the same thing the later has the higher number. Some are never used: their transactions failed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, literal, select, text

from screening.storage.tables import event_head, events

FIRST = 1  # the chain of before there were lanes
MANY = 16
JOINED = 0  # not a lane: what joins the heads of all of them, see `joins`
BEGINNING = "0" * 64
_MINE = "screening.lane"


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a lane: its number (0 before the first) and its hash (64 hexadecimal digits)."""

    number: int
    hash: str
    lane: int = FIRST


Heads = tuple[Head, ...]


class LockedLane(NamedTuple):
    """The last event of a lane that nobody else appends to now, and the highest number of any lane."""

    last: Head
    newest: int


def lock(connection: Connection, concerns: str) -> LockedLane:
    """This transaction's lane; others in that lane wait from here to its end.

    The lane of its first event is drawn from what that one concerns; later ones follow it.
    """
    lanes = select(func.count()).select_from(event_head).scalar_subquery()
    mine = connection.info.get(_MINE)
    lane = literal(mine) if mine is not None else literal(_drawn(concerns)) % lanes + FIRST
    # SQLite has one writer anyway, PostgreSQL makes the next one wait for this row.
    newest = select(func.max(event_head.c.number)).scalar_subquery().label("newest")
    row = connection.execute(
        select(event_head, newest).where(event_head.c.id == lane).with_for_update()
    ).one()
    connection.info[_MINE] = row.id
    return LockedLane(Head(row.number, row.hash, row.id), row.newest)


def wait_for(connection: Connection, lane: int) -> None:
    """Until whoever appends to it is done."""
    connection.execute(select(event_head.c.id).where(event_head.c.id == lane).with_for_update())


def lock_first(connection: Connection) -> None:
    """Wait for whoever else does this; later events of this transaction are in the first lane."""
    wait_for(connection, FIRST)
    connection.info[_MINE] = FIRST


def lock_all(connection: Connection) -> Heads:
    """The last event of each lane, and nobody appends until this transaction ends; as its first lock."""
    found = connection.execute(select(event_head).order_by(event_head.c.id).with_for_update())
    connection.info[_MINE] = FIRST
    return tuple(Head(row.number, row.hash, row.id) for row in found)


def leave(connection: Connection) -> None:
    """At the beginning of a transaction: the lane of another one on this connection is not its own."""
    connection.info.pop(_MINE, None)


def mine(connection: Connection) -> int:
    """The lane that this transaction holds; the first one where it holds none."""
    return int(connection.info.get(_MINE, FIRST))


def of(concerns: str, lanes: int) -> int:
    """The lane of a transaction that concerns this, of so many."""
    return _drawn(concerns) % lanes + FIRST


def _drawn(concerns: str) -> int:
    digest = hashlib.sha256(concerns.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:3], "big")


def next_numbers(connection: Connection, how_many: int, newest: int) -> Sequence[int]:
    """Of the events that are appended now, their lanes being locked; in order.

    `newest` is the highest so far, which counts where nobody else can draw one now.
    """
    if connection.dialect.name == "postgresql":
        drawn = text("SELECT nextval('event_numbers') FROM generate_series(1, :how_many)")
        return sorted(connection.scalars(drawn, {"how_many": how_many}))
    return range(newest + 1, newest + 1 + how_many)


def number_on(connection: Connection) -> None:
    """Numbers go on after those of the events that are there, which came from elsewhere."""
    if connection.dialect.name == "postgresql":
        last = newest(connection)
        after = text("SELECT setval('event_numbers', :at, :used)")
        connection.execute(after, {"at": max(last, 1), "used": last > 0})


def heads(connection: Connection) -> Heads:
    """The last event of each lane as the database has it, which may have been cut off: see `verifying`."""
    found = connection.execute(select(event_head).order_by(event_head.c.id))
    return tuple(Head(row.number, row.hash, row.id) for row in found)


def newest(connection: Connection) -> int:
    """The highest number of an event; 0 before the first."""
    return connection.scalar(select(func.max(event_head.c.number))) or 0


def open_many(connection: Connection, lanes: int = MANY) -> bool:
    """Make more lanes than the first, which goes on; whether there were none yet."""
    if len(lock_all(connection)) > 1:
        return False
    fresh = [{"id": lane, "number": 0, "hash": BEGINNING} for lane in range(FIRST + 1, lanes + 1)]
    connection.execute(insert(event_head), fresh)
    return True


def latest(heads: Iterable[Head]) -> Heads:
    """Of each lane the one with the highest number, in the order of lanes."""
    found: dict[int, Head] = {}
    for head in heads:
        if head.lane not in found or found[head.lane].number < head.number:
            found[head.lane] = head
    return tuple(found[lane] for lane in sorted(found))


def count(connection: Connection) -> int:
    """How many events there are."""
    return connection.scalar(select(func.count()).select_from(events)) or 0


def first_after(connection: Connection, head: Head) -> datetime | None:
    """When the event that follows in the same lane was; None where none does."""
    later = select(events.c.at).where(_later(head)).order_by(events.c.number).limit(1)
    found = connection.scalar(later)
    return datetime.fromisoformat(found) if found is not None else None


def later(connection: Connection, head: Head) -> int:
    """How many follow in the same lane."""
    return connection.scalar(select(func.count()).select_from(events).where(_later(head))) or 0


def _later(head: Head) -> ColumnElement[bool]:
    return (events.c.number > head.number) & (events.c.lane == head.lane)


def not_there(connection: Connection, heads: Iterable[Head]) -> frozenset[Head]:
    """Those of these heads of lanes that no event is, or another one."""
    wanted = {head for head in heads if head.number}
    query = select(events.c.number, events.c.hash, events.c.lane)
    found = connection.execute(query.where(events.c.number.in_({head.number for head in wanted})))
    return frozenset(wanted - {Head(*row) for row in found})
