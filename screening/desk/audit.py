"""Reading the audit: what happened to a request, all that happened, and whether the record is whole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from sqlalchemy import Connection

from screening.desk.desk import AUDITOR, EITHER, Desk, actor, admit, allow, standing_of
from screening.desk.shapes import HistoryLine, Person
from screening.service.recording import head_file, record
from screening.storage import events
from screening.storage.database import reading
from screening.storage.events import Event

READ_AT_ONCE = 500


def history(desk: Desk, person: Person, reference: str) -> tuple[HistoryLine, ...]:
    """Everything that happened to a request and who looked at it, oldest first."""
    admit(desk, person, "history_read", reference, *EITHER, AUDITOR)
    with reading(desk.service.engine) as connection:
        standing_of(connection, reference)
        return history_of(connection, reference)


def history_of(connection: Connection, reference: str) -> tuple[HistoryLine, ...]:
    """A request's events, for staff to read."""
    found = events.of_request(connection, reference)
    return tuple(_line(event) for event in found)


def _line(event: Event) -> HistoryLine:
    """What is said about it, without the other requests that the event is about."""
    details = {name: value for name, value in event.details.items() if name != "requests"}
    return HistoryLine(event.at, event.actor_name or event.actor, event.action, details)


def events_after(desk: Desk, person: Person, number: int = 0, size: int = 100) -> list[Event]:
    """The events after a number, oldest first."""
    allow(person, AUDITOR)
    with reading(desk.service.engine) as connection:
        return list(islice(events.since(connection, number, size), size))


def events_before(desk: Desk, person: Person, number: int | None = None) -> Iterator[Event]:
    """The events before a number, or all of them, the newest first."""
    before = number if number is not None else _newest(desk) + 1
    while before > 1:  # some at a time: the numbers have no gaps unless somebody made one
        after = max(0, before - 1 - READ_AT_ONCE)
        batch = events_after(desk, person, after, READ_AT_ONCE)
        yield from (event for event in reversed(batch) if event.number < before)
        before = after + 1


def verify(desk: Desk, person: Person) -> list[str]:
    """Every place where the chain is broken, in words; that it was asked is an event too.

    Raises ValueError or OSError where the kept head cannot be read.
    """
    allow(person, AUDITOR)
    kept = events.remembered(head_file(desk.settings))
    with reading(desk.service.engine) as connection:
        faults = events.verify(connection, kept)
    record(desk.service, "audit_verified", actor(person), problems=len(faults))
    return faults


def _newest(desk: Desk) -> int:
    with reading(desk.service.engine) as connection:
        return events.head(connection).number
