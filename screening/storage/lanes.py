"""Lanes of the audit: chains beside each other, so that whoever appends to one waits for nobody in another.

A database has one lane, and goes on with it where only one writes at a time. `open_many` makes more, once and
for all: how many there are is in the database alone and the kept heads name them, so no setting changes it.
A transaction keeps to one lane, that of its first event: it never waits for one while it holds another.

Numbers are one order for all lanes. One is drawn while the rows that changed are locked, so of two events
about the same thing the later has the higher number. Some are never used: their transactions failed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, insert, select, text

from screening.storage.tables import event_head, event_joins, events

FIRST = 1  # the chain of before there were lanes
MANY = 16
JOINED = 0  # not a lane: what joins the heads of all of them, see `joins`
BEGINNING = "0" * 64
_NONE = 0  # no event and no link has this number
_MINE, _SEEN = "screening.lane", "screening.lanes_seen"


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


class SeenHeads(NamedTuple):
    """What there is: the last event of each lane and, if there are several, the last link that joins them;
    which heads of those that are kept elsewhere are not there, or others are."""

    ends: Heads
    gone: frozenset[Head]


def lock(connection: Connection, concerns: str, kept: Collection[Head] = ()) -> LockedLane:
    """This transaction's lane; others in that lane wait from here to its end.

    The lane of its first event is drawn from what that one concerns; later ones follow it. What else is seen
    in the same look, of the `kept` heads too, is there for `seen`.
    """
    own = connection.info.get(_MINE)
    lane = _drawn(concerns) if own is None else own
    rows = connection.execute(_locking(drawn=own is None), _looked_for(kept) | {"lane": lane}).all()
    last = Head(rows[0].number, rows[0].hash, rows[0].id)
    looked = _seen(rows, kept)
    connection.info[_MINE] = last.lane
    if kept or seen(connection) is None:
        connection.info[_SEEN] = looked
    return LockedLane(last, max(row.each_number for row in rows))


def seen(connection: Connection) -> SeenHeads | None:
    """What was seen as this transaction locked its lane; None where it holds none."""
    found: SeenHeads | None = connection.info.get(_SEEN)
    return found


def look(connection: Connection, kept: Collection[Head]) -> SeenHeads:
    """The same, and nobody waits."""
    return _seen(connection.execute(_looking(), _looked_for(kept)).all(), kept)


_OWN, _EACH, _KEPT = event_head.alias("own"), event_head.alias("each"), events.alias("kept")
_LAST, _LINKS = event_joins.alias("last"), event_joins.alias("links")


@cache
def _looking() -> Select[Any]:
    """A row for each lane, more of them where several kept heads are of one; read by primary keys alone."""
    of_lane = (_KEPT.c.lane == _EACH.c.id) & _KEPT.c.number.in_(bindparam("numbers", expanding=True))
    newest = select(func.max(event_joins.c.number)).scalar_subquery()
    return (
        select(
            _EACH.c.id.label("each"), _EACH.c.number.label("each_number"), _EACH.c.hash.label("each_hash"),
            _KEPT.c.number.label("kept_number"), _KEPT.c.hash.label("kept_hash"),
            _LAST.c.number.label("last_number"), _LAST.c.hash.label("last_hash"),
            _LINKS.c.number.label("link_number"), _LINKS.c.hash.label("link_hash"),
        )
        .select_from(_EACH)
        .outerjoin(_KEPT, of_lane)
        .outerjoin(_LAST, _LAST.c.number == newest)
        .outerjoin(_LINKS, _LINKS.c.number.in_(bindparam("links", expanding=True)))
    )  # fmt: skip


@cache
def _locking(*, drawn: bool) -> Select[Any]:
    """With the one lane beside it that is locked. SQLite has one writer anyway; PostgreSQL makes the next one
    wait for this row, and then sees it as it is."""
    lanes = select(func.count()).select_from(event_head).scalar_subquery()
    given = bindparam("lane", type_=event_head.c.id.type)
    lane = given % lanes + FIRST if drawn else given
    own = _looking().add_columns(_OWN.c.id, _OWN.c.number, _OWN.c.hash)
    return own.join(_OWN, _OWN.c.id == lane).with_for_update(of=_OWN)


def _looked_for(kept: Collection[Head]) -> dict[str, Any]:
    """Never none at all: for an empty list SQLite makes an index of all events by their lanes, each time."""
    numbers = {head.number for head in kept if head.lane != JOINED} or {_NONE}
    links = {head.number for head in kept if head.lane == JOINED} or {_NONE}
    return {"numbers": [*numbers], "links": [*links]}


def _seen(rows: Sequence[Row[Any]], kept: Collection[Head]) -> SeenHeads:
    ends = {row.each: Head(row.each_number, row.each_hash, row.each) for row in rows}
    there = {Head(row.kept_number, row.kept_hash, row.each) for row in rows}
    there |= {Head(row.link_number, row.link_hash, JOINED) for row in rows}
    if len(ends) > 1:
        last = rows[0]
        ends[JOINED] = Head(last.last_number or 0, last.last_hash or BEGINNING, JOINED)
    wanted = {head for head in kept if head.number}
    return SeenHeads(tuple(ends[lane] for lane in sorted(ends)), frozenset(wanted - there))


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
    for name in (_MINE, _SEEN):
        connection.info.pop(name, None)


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
