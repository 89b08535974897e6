"""The heads of the lanes, joined: a chain of its own, each link of which vouches for all lanes at one moment.

Whoever noted a link's number and hash can tell later that no lane was changed before it. A link holds the
head of each lane that had begun, the hash of the link before, and up to which number nothing was to come: so
nothing is put in later at the end of a lane, with a number that was never used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from screening.core.serialising import canonical
from screening.storage import lanes
from screening.storage.database import insert_or_ignore
from screening.storage.events import hash_of, written_at
from screening.storage.lanes import BEGINNING, JOINED, Head, Heads
from screening.storage.tables import event_joins

_HASHED = ("number", "at", "settled", "heads", "previous")
_SOME = 30  # links at a time
_NONE = Head(0, BEGINNING, JOINED)


def join(connection: Connection, now: datetime, settled: int) -> Head | None:
    """One more link, in a `writing` transaction; None where no lane moved, or another server was first."""
    last = _last(connection)
    before = _heads(last) if last is not None else {}
    found = {head.lane: head for head in lanes.heads(connection) if head.number}
    if found == before:
        return None
    previous = _head(last)
    row = {
        "number": previous.number + 1,
        "at": written_at(now),
        "settled": settled,
        "heads": canonical({str(lane): [head.number, head.hash] for lane, head in found.items()}),
        "previous": previous.hash,
    }
    made = Head(previous.number + 1, hash_of(row), JOINED)
    kept = connection.execute(insert_or_ignore(connection, event_joins).values(**row, hash=made.hash))
    return made if kept.rowcount else None


def head(connection: Connection) -> Head:
    """The last link; its number is 0 before the first."""
    return _head(_last(connection))


def hash_at(connection: Connection, number: int) -> str | None:
    """The hash of one link; None where there is none."""
    return connection.scalar(select(event_joins.c.hash).where(event_joins.c.number == number))


def all_heads(connection: Connection) -> Heads:
    """What is to be kept elsewhere: the last event of each lane and, if there are several, the last link."""
    found = lanes.heads(connection)
    return found if len(found) == 1 else (head(connection), *found)


def faults(connection: Connection, kept: Head | None) -> Iterator[str]:
    """Every link that was changed, put in or removed, or whose lanes are not those of now; in words."""
    last, before = _NONE, dict[int, Head]()
    missing = kept if kept is not None and kept.number else None
    for some in _links(connection):
        gone = lanes.not_there(connection, [each for row in some for each in _heads(row).values()])
        for row in some:
            yield from _link_faults(row, last)
            now = _heads(row)
            for lane in sorted({each.lane for each in gone} & now.keys()):
                if now[lane] in gone:
                    yield (
                        f"joined heads {row.number}: event {now[lane].number} of lane {lane} is gone, "
                        "or another one"
                    )
            if any(now.get(lane, _NONE).number < was.number for lane, was in before.items()):
                yield f"joined heads {row.number}: a lane ends earlier than at those before"
            last, before = Head(row.number, row.hash, JOINED), now
            missing = None if last == missing else missing
    if missing is not None:
        yield f"joined heads {missing.number}: the kept head remembers them, and they are gone, or others"


def _links(connection: Connection) -> Iterator[Sequence[Row[Any]]]:
    """All of them in order, some at a time."""
    query, last = select(event_joins).order_by(event_joins.c.number).limit(_SOME), 0
    while some := connection.execute(query.where(event_joins.c.number > last)).all():
        yield some
        last = some[-1].number


class Settled:
    """The links, gone through in step with the events themselves, by number."""

    def __init__(self, connection: Connection) -> None:
        self._links = (link for some in _links(connection) for link in some)
        self._step()

    def faults(self, event: Row[Any]) -> list[str]:
        """Whether it is in its lane beyond where that ended when no such number was to come any more."""
        while self._settled is not None and self._settled < event.number:
            self._step()
        if self._settled is None or event.number <= self._ends.get(event.lane, _NONE).number:
            return []
        return [f"event {event.number}: was put into lane {event.lane} after its time"]

    def _step(self) -> None:
        link = next(self._links, None)
        self._settled = int(link.settled) if link is not None and str(link.settled).isdigit() else None
        self._ends = _heads(link) if link is not None else {}


def _link_faults(row: Row[Any], last: Head) -> Iterator[str]:
    if (row.number, row.previous) != (last.number + 1, last.hash):
        yield f"joined heads {row.number}: do not follow from {last.number}"
    if row.hash != hash_of({name: getattr(row, name) for name in _HASHED}):
        yield f"joined heads {row.number}: were changed"


def _last(connection: Connection) -> Row[Any] | None:
    return connection.execute(
        select(event_joins).order_by(event_joins.c.number.desc()).limit(1)
    ).one_or_none()


def _head(row: Row[Any] | None) -> Head:
    return Head(row.number, row.hash, JOINED) if row is not None else _NONE


def _heads(row: Row[Any]) -> dict[int, Head]:
    """By lane; of what cannot be read, none: that it was changed is told by its hash."""
    try:
        found = json.loads(row.heads)
        return {
            int(lane): Head(int(number), str(digest), int(lane)) for lane, (number, digest) in found.items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}
