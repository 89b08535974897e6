"""The audit: what happened to requests and what staff read of them, each event holding the one before.

An event's hash is SHA-256 over the canonical JSON of all its other columns, the previous hash among
them. A chain alone cannot tell that its end was cut off: so the head is also kept in a file elsewhere,
and `verify` is given it. Whoever appends holds the head row until the commit: events are in one row.

An event about several requests names them in its details, as `requests`; the table `event_requests` finds
it for each of them, and `verify` holds the one against the other.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Select, insert, select, union_all, update

from screening.core.serialising import Plain, canonical
from screening.storage.tables import event_head, event_requests, events, requests

BEGINNING = "0" * 64
_HASHED = ("number", "at", "actor", "actor_name", "origin", "action", "request", "details", "previous")


@dataclass(frozen=True, slots=True)
class Head:
    """The last event: its number (0 before the first) and its hash (64 hexadecimal digits)."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that somebody did or read; `details` never holds a word about health."""

    number: int
    at: datetime
    actor: str
    actor_name: str
    origin: str
    action: str
    request: str | None
    details: Plain
    hash: str

    @property
    def named(self) -> tuple[str, ...]:
        """The requests of an event that is about several."""
        return tuple(self.details.get("requests", ()))


@dataclass(frozen=True, slots=True)
class EventChoice:
    """Which events; whatever is empty is all of them. `person` did it, or it was done to their account."""

    person: str = ""
    request: str = ""
    since: datetime | None = None
    until: datetime | None = None  # and no later than just before it


def append(
    connection: Connection,
    *,
    actor: str,
    action: str,
    request: str | None,
    details: Plain,
    origin: str,
    now: datetime,
    actor_name: str = "",
) -> Head:
    """Add an event in a `writing` transaction, best as its last step: others wait from here to its end."""
    # The lock: SQLite has one writer anyway, PostgreSQL makes the next one wait for this row.
    locked = connection.execute(select(event_head).with_for_update()).one()
    row = {
        "number": locked.number + 1,
        "at": _written(now),
        "actor": actor,
        "actor_name": actor_name,
        "origin": origin,
        "action": action,
        "request": request,
        "details": canonical(details, escaped=True),
        "previous": locked.hash,
    }
    head = Head(locked.number + 1, _hash(row))
    connection.execute(insert(events).values(**row, hash=head.hash))
    if named := sorted(set(details.get("requests", ()))):
        rows = [{"number": head.number, "reference": reference} for reference in named]
        connection.execute(insert(event_requests), rows)
    connection.execute(update(event_head).values(number=head.number, hash=head.hash))
    return head


def head(connection: Connection) -> Head:
    """The last event as the database has it, which may have been cut off: see `verify`."""
    row = connection.execute(select(event_head)).one()
    return Head(row.number, row.hash)


def of_request(connection: Connection, reference: str) -> list[Event]:
    """A request's events, those about several and those of its draft among them, oldest first."""
    query = select(events).where(_about(reference)).order_by(events.c.number)
    return [_event(row) for row in connection.execute(query)]


def since(connection: Connection, number: int, size: int | None = None) -> Iterator[Event]:
    """The events after `number`, oldest first."""
    query = select(events).where(events.c.number > number).order_by(events.c.number).limit(size)
    return (_event(row) for row in connection.execute(query.execution_options(yield_per=1000)))


def newest(connection: Connection, chosen: EventChoice, before: int, size: int) -> list[Event]:
    """At most `size` of the chosen events before a number, the newest first."""
    query = _chosen(chosen).where(events.c.number < before).order_by(events.c.number.desc()).limit(size)
    return [_event(row) for row in connection.execute(query)]


def oldest(connection: Connection, chosen: EventChoice, upto: int) -> Iterator[Event]:
    """The chosen events up to a number, the oldest first, a thousand in memory at a time."""
    query = _chosen(chosen).where(events.c.number <= upto).order_by(events.c.number)
    return (_event(row) for row in connection.execute(query.execution_options(yield_per=1000)))


def read_since(
    connection: Connection,
    actor: str,
    origin: str,
    action: str,
    references: Collection[str],
    moment: datetime,
) -> set[str]:
    """Those of the references of which this person's reading, from this address, is in the record since."""
    named = event_requests.join(events, events.c.number == event_requests.c.number)
    mine = (events.c.actor == actor) & (events.c.origin == origin) & (events.c.action == action)
    recent = mine & (events.c.at >= _written(moment)) & event_requests.c.reference.in_(references)
    return set(connection.scalars(select(event_requests.c.reference).select_from(named).where(recent)))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _about(reference: str) -> ColumnElement[bool]:
    """Its own events and those that name it, each found by an index."""
    draft = select(requests.c.draft_id).where(requests.c.reference == reference).scalar_subquery()
    own = select(events.c.number).where(events.c.request == reference)
    return events.c.number.in_(union_all(own, _naming(reference), _naming(draft)))


def _naming(reference: str | ScalarSelect[Any]) -> Select[tuple[int]]:
    return select(event_requests.c.number).where(event_requests.c.reference == reference)


def _chosen(chosen: EventChoice) -> Select[Any]:
    query = select(events)
    if chosen.request:
        query = query.where(_about(chosen.request))
    if chosen.person:
        told = events.c.details.contains(f'"person":"{chosen.person}"', autoescape=True)
        query = query.where((events.c.actor == chosen.person) | told)
    if chosen.since is not None:
        query = query.where(events.c.at >= _written(chosen.since))
    if chosen.until is not None:
        query = query.where(events.c.at < _written(chosen.until))
    return query


def verify(connection: Connection, kept: Head | None) -> list[str]:
    """Every place where the chain was broken, in words for an auditor; `kept` is the head kept elsewhere."""
    problems, last = [], Head(0, BEGINNING)
    remembered = kept is None or kept.number == 0
    query = select(events).order_by(events.c.number).execution_options(yield_per=1000)
    index = _Index(connection)
    for row in connection.execute(query):
        problems += _faults(row, last) + index.faults(row)
        last = Head(row.number, row.hash)
        if kept is not None and row.number == kept.number:
            remembered = True
            if row.hash != kept.hash:
                problems.append(f"event {row.number}: not the event that the head file remembers")
    if not remembered and kept is not None:
        problems.append(f"events up to {kept.number} were kept, the last one there is {last.number}")
    if head(connection) != last:
        problems.append(f"the head row does not name the last event, {last.number}")
    return problems


class _Index:
    """What finds events of several requests, gone through in step with the events themselves."""

    def __init__(self, connection: Connection) -> None:
        query = select(event_requests).order_by(event_requests.c.number).execution_options(yield_per=1000)
        self._groups = groupby(connection.execute(query), lambda row: row.number)
        self._step()

    def faults(self, event: Row[Any]) -> list[str]:
        """Where it leads elsewhere than the event says, which cannot be changed unnoticed."""
        found: set[str] = set()
        while self._number is not None and self._number <= event.number:
            found = self._references if self._number == event.number else set()
            self._step()
        named = set(json.loads(event.details).get("requests", ())) if '"requests"' in event.details else set()
        return [] if found == named else [f"event {event.number}: is not found by the requests that it names"]

    def _step(self) -> None:
        number, rows = next(self._groups, (None, ()))
        self._number: int | None = number
        self._references = {row.reference for row in rows}


def _faults(row: Row[Any], last: Head) -> list[str]:
    faults = []
    if row.number != last.number + 1:
        faults.append(f"event {row.number}: follows event {last.number}, events between them are gone")
    if row.previous != last.hash:
        faults.append(f"event {row.number}: does not follow from the one before it")
    if row.hash != _hash({name: getattr(row, name) for name in _HASHED}):
        faults.append(f"event {row.number}: was changed")
    return faults


def _hash(row: Plain) -> str:
    return hashlib.sha256(canonical(row, escaped=True).encode("utf-8", "surrogatepass")).hexdigest()


def _event(row: Row[Any]) -> Event:
    return Event(
        row.number,
        datetime.fromisoformat(row.at),
        row.actor,
        row.actor_name,
        row.origin,
        row.action,
        row.request,
        json.loads(row.details),
        row.hash,
    )


# The head, elsewhere.


def remember(file: Path, committed: Head) -> None:
    """Write down the head after its commit; several processes may, and it never goes back. Raises OSError."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        known = _read(opened.read())
        if known is not None and known.number >= committed.number:
            return
        # Fixed width and one write: a crash leaves the old line or the new one.
        opened.seek(0)
        opened.write(f"{committed.number:020} {committed.hash}\n")
        opened.flush()
        os.fsync(opened.fileno())


def remembered(file: Path) -> Head | None:
    """The head that was written down; None where none ever was. Raises ValueError for a garbled file."""
    try:
        text = file.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    found = _read(text)
    if found is None:
        raise ValueError(f"{file}: this is not a head of the audit")
    return found


def _read(text: str) -> Head | None:
    number, _, digest = text.strip().partition(" ")
    return Head(int(number), digest) if number.isdigit() and len(digest) == len(BEGINNING) else None
