"""The audit as a file for whoever looks through it with other tools."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Mapping

from screening.core.serialising import canonical
from screening.desk.desk import AUDITOR, Desk, actor, admit
from screening.desk.shapes import File, Person
from screening.exports import begun, csv, in_pieces
from screening.service.recording import record
from screening.storage import lanes, reading_events
from screening.storage.database import snapshot
from screening.storage.reading_events import Event, EventChoice

_COLUMNS = ("number", "at", "person", "name", "from", "action", "requests", "details", "hash")


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
        found = reading_events.oldest(connection, chosen, lanes.newest(connection))
        yield from csv.lines((_cells(event, names) for event in filter(fits, found)), desk.translate)


def _cells(event: Event, names: Mapping[str, str]) -> tuple[str, ...]:
    about = " ".join(filter(None, (event.request, *event.named)))
    details = {name: value for name, value in event.details.items() if name != "requests"}
    who = (event.actor, event.actor_name, event.origin)
    what = (event.action, about, canonical(with_names(details, names)))
    return (str(event.number), event.at.isoformat(), *who, *what, event.hash)
