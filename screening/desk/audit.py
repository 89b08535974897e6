"""Reading the audit: what happened to a request, all that happened, and whether the record is whole."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from sqlalchemy import Connection

from screening.core.serialising import canonical
from screening.desk.desk import AUDITOR, EITHER, Desk, actor, admit, allow, standing_of
from screening.desk.shapes import File, HistoryLine, Person
from screening.exports import begun, csv, in_pieces
from screening.service import audit_head
from screening.service.recording import record
from screening.storage import events, lanes
from screening.storage.database import reading, snapshot
from screening.storage.events import Event, EventChoice

READ_AT_ONCE = 500
EVERYTHING = EventChoice()
_COLUMNS = ("number", "at", "person", "name", "from", "action", "requests", "details", "hash")


def history(desk: Desk, person: Person, reference: str) -> tuple[HistoryLine, ...]:
    """Everything that happened to a request and who looked at it, oldest first."""
    admit(desk, person, "history_read", reference, *EITHER, AUDITOR)
    with reading(desk.service.engine) as connection:
        standing_of(connection, reference)
        return history_of(connection, reference)


def history_of(connection: Connection, reference: str) -> tuple[HistoryLine, ...]:
    """A request's events, for staff to read."""
    return lines(events.of_request(connection, reference))


def lines(found: Iterable[Event]) -> tuple[HistoryLine, ...]:
    """Events, for staff to read."""
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


def events_before(
    desk: Desk, person: Person, number: int | None = None, chosen: EventChoice = EVERYTHING
) -> Iterator[Event]:
    """The chosen events before a number, or all of them, the newest first."""
    allow(person, AUDITOR)
    before = number if number is not None else _newest(desk) + 1
    while before > 1:  # some at a time: whoever reads them may have enough soon
        with reading(desk.service.engine) as connection:
            batch = events.newest(connection, chosen, before, READ_AT_ONCE)
        yield from batch
        before = batch[-1].number if len(batch) == READ_AT_ONCE else 0


def export(
    desk: Desk,
    person: Person,
    chosen: EventChoice,
    fits: Callable[[Event], bool],
    looked_for: Mapping[str, str],
    names: Mapping[str, str],
) -> File:
    """The chosen events as CSV, oldest first, with the one that says that they were taken.

    `looked_for` is what that event says of the choice; `names` are those of people, by id.
    """
    admit(desk, person, "audit_exported", None, AUDITOR)
    record(desk.service, "audit_exported", actor(person), looked_for=dict(looked_for))
    day = desk.service.today().isoformat()
    return File(
        f"audit-{day}.csv", "text/csv; charset=utf-8", begun(in_pieces(_read(desk, chosen, fits, names)))
    )


def with_names(value: object, names: Mapping[str, str]) -> object:
    """A detail of an event with people by name instead of by id, however deep."""
    if isinstance(value, Mapping):
        return {key: with_names(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_names(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


def _read(
    desk: Desk, chosen: EventChoice, fits: Callable[[Event], bool], names: Mapping[str, str]
) -> Iterator[bytes]:
    yield codecs.BOM_UTF8 + csv.line(_COLUMNS)
    with snapshot(desk.service.engine) as connection:
        found = events.oldest(connection, chosen, lanes.newest(connection))
        yield from csv.lines((_cells(event, names) for event in filter(fits, found)), desk.translate)


def _cells(event: Event, names: Mapping[str, str]) -> tuple[str, ...]:
    about = " ".join(filter(None, (event.request, *event.named)))
    details = {name: value for name, value in event.details.items() if name != "requests"}
    who = (event.actor, event.actor_name, event.origin)
    what = (event.action, about, canonical(with_names(details, names)))
    return (str(event.number), event.at.isoformat(), *who, *what, event.hash)


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
