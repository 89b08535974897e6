"""Reading the audit: what happened to a request, all that happened, and whether the record is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from screening.desk.desk import AUDITOR, EITHER, Desk, actor, admit, allow, standing_of
from screening.desk.shapes import HistoryLine, Person
from screening.service import audit_head
from screening.service.recording import record
from screening.storage import lanes, reading_events
from screening.storage.database import reading
from screening.storage.reading_events import Event, EventChoice

READ_AT_ONCE = 500
EVERYTHING = EventChoice()


def history(desk: Desk, person: Person, reference: str) -> tuple[HistoryLine, ...]:
    """Everything that happened to a request and who looked at it, oldest first."""
    admit(desk, person, "history_read", reference, *EITHER, AUDITOR)
    with reading(desk.service.engine) as connection:
        standing_of(connection, reference)
        return history_of(connection, reference)


def history_of(connection: Connection, reference: str) -> tuple[HistoryLine, ...]:
    """A request's events, for staff to read."""
    return lines(reading_events.of_request(connection, reference))


def lines(found: Iterable[Event]) -> tuple[HistoryLine, ...]:
    """Events, for staff to read."""
    return tuple(_line(event) for event in found)


def _line(event: Event) -> HistoryLine:
    """What is said about it, without the other requests that the event is about."""
    details = {name: value for name, value in event.details.items() if name != "requests"}
    return HistoryLine(event.at, event.actor_name or event.actor, event.action, details)


def events_before(
    desk: Desk, person: Person, number: int | None = None, chosen: EventChoice = EVERYTHING
) -> Iterator[Event]:
    """The chosen events before a number, or all of them, the newest first."""
    allow(person, AUDITOR)
    before = number if number is not None else _newest(desk) + 1
    while before > 1:  # some at a time: whoever reads them may have enough soon
        with reading(desk.service.engine) as connection:
            batch = reading_events.newest(connection, chosen, before, READ_AT_ONCE)
        yield from batch
        before = batch[-1].number if len(batch) == READ_AT_ONCE else 0


def verify(desk: Desk, person: Person) -> list[str]:
    """Every place where the record, or what it vouches for, was changed, in words; that it was asked is an
    event too."""
    allow(person, AUDITOR)
    faults, _ends = audit_head.findings(desk.settings, desk.service.engine, desk.service.now())
    record(desk.service, "audit_verified", actor(person), problems=len(faults))
    return faults


def _newest(desk: Desk) -> int:
    with reading(desk.service.engine) as connection:
        return lanes.newest(connection)
