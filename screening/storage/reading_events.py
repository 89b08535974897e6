"""What the audit holds, as events: of a request, of a person, of a time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, bindparam, select, union_all

from screening.core.serialising import Plain
from screening.storage.events import written_at
from screening.storage.sites import of_reference
from screening.storage.tables import event_requests, events, requests
from screening.storage.together import Rows, given, made_once

LINK_OPENED = "link_opened"


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


def last(connection: Connection) -> Event | None:
    """The last one; None before the first."""
    row = connection.execute(select(events).order_by(events.c.number.desc()).limit(1)).one_or_none()
    return _event(row) if row is not None else None


def hash_at(connection: Connection, number: int) -> str | None:
    """The hash of one event; None where there is none."""
    return connection.scalar(select(events.c.hash).where(events.c.number == number))


def of_request(connection: Connection, reference: str) -> list[Event]:
    """A request's events, those about several and those of its draft among them, oldest first."""
    return in_order(connection.execute(query(), {"reference": reference}).all())


@made_once
def query() -> Select[Any]:
    """Those of the given reference, in no order."""
    return select(events).where(_about(given("reference")))


@made_once
def links_opened_query() -> Select[Any]:
    """Of those, that the patient opened a link: a request that is read often has hundreds of others."""
    return select(events).where(events.c.request == given("reference"), events.c.action == LINK_OPENED)


def in_order(rows: Rows) -> list[Event]:
    """The same of rows that were asked for with something else."""
    return sorted(map(_event, rows), key=lambda event: event.number)


def since(connection: Connection, number: int) -> Iterator[Event]:
    """The events after `number`, oldest first."""
    query = select(events).where(events.c.number > number).order_by(events.c.number)
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
    now: datetime,
    within: timedelta,
) -> set[str]:
    """Those of the references of which this person's reading, from this address, is in the record of now."""
    values = told_within(actor, origin, [action], references, now, within)
    return {row.reference for row in connection.execute(told_query(), values)}


@made_once
def told_query() -> Select[Any]:
    """What is in the record of `told_within`: action and reference, in no order."""
    named = event_requests.join(events, events.c.number == event_requests.c.number)
    mine = (
        events.c.actor == given("actor"),
        events.c.origin == given("origin"),
        events.c.at.between(given("since"), given("until")),
    )
    these = event_requests.c.reference.in_(bindparam("told", expanding=True))
    actions = events.c.action.in_(bindparam("actions", expanding=True))
    return select(events.c.action, event_requests.c.reference).select_from(named).where(*mine, actions, these)


def told_within(
    actor: str,
    origin: str,
    actions: Collection[str],
    references: Collection[str],
    now: datetime,
    within: timedelta,
) -> dict[str, object]:
    """Whose readings, in which ways, of what; as far ahead as ago, for servers' clocks differ. What a clock
    wrote that was fast says nothing of now."""
    when = {"since": written_at(now - within), "until": written_at(now + within)}
    return {"actor": actor, "origin": origin, **when, "actions": list(actions), "told": list(references)}


def _about(reference: str) -> ColumnElement[bool]:
    """Its own events and those that name it, each found by an index."""
    draft = select(requests.c.draft_id).where(of_reference(requests, reference)).scalar_subquery()
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
        query = query.where(events.c.at >= written_at(chosen.since))
    if chosen.until is not None:
        query = query.where(events.c.at < written_at(chosen.until))
    return query


def _event(row: Any) -> Event:
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
