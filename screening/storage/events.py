"""The audit: what happened to requests and what staff read of them, each event holding the one before.

An event's hash is SHA-256 over the canonical JSON of all its other columns, the previous hash among
them. There are several chains beside each other where many write at once (`lanes`). A chain alone cannot tell
that its end was cut off: so the heads are also kept elsewhere (`kept_head`), and `verifying` is given them.

An event about several requests names them in its details, as `requests`; the table `event_requests` finds
it for each of them, and `verifying` holds the one against the other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    insert,
    select,
    union_all,
    update,
)

from screening.core.serialising import Plain, canonical
from screening.storage import binding, bulk, lanes
from screening.storage.binding import Bound
from screening.storage.lanes import FIRST, Head
from screening.storage.sites import of_reference
from screening.storage.tables import event_head, event_requests, events, requests
from screening.storage.together import Rows, given, made_once

HASHED = ("number", "at", "actor", "actor_name", "origin", "action", "request", "details", "previous")
VOUCHED = "rows_vouched_for"  # the action of events about all rows that were kept before events vouched
LINK_OPENED = "link_opened"
BOUND, LANE = "bound", "lane"  # hashed too, where there is any and not the first: events from before had none

MADE = (
    "at",
    "actor",
    "actor_name",
    "origin",
    "action",
    "request",
    "details",
    BOUND,
)  # those but of the chain
_COLUMNS = tuple(column.name for column in events.columns)


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


@dataclass(frozen=True, slots=True)
class Noted:
    """What is to be an event: who did what, to which request."""

    action: str
    actor: str
    actor_name: str
    request: str | None
    details: Plain


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
    vouched: Bound | None = None,
) -> Head:
    """Add an event in a `writing` transaction, best as its last step: others wait from here to its end.

    It vouches for all rows that the transaction touched so far, or for those of `vouched`.
    """
    noted = [Noted(action, actor, actor_name, request, details)]
    return append_each(connection, noted, origin=origin, now=now, vouched=vouched)


def append_each(
    connection: Connection,
    noted: Sequence[Noted],
    *,
    origin: str,
    now: datetime,
    vouched: Bound | None = None,
    kept: Collection[Head] = (),
) -> Head:
    """The same for several that happen at once; it is the first that vouches.

    `kept` are the heads that are kept elsewhere, for `lanes.seen` to say which of them are there.
    """
    bound = binding.written(vouched) if vouched is not None else binding.bind(connection)
    first = noted[0]
    head, newest = lanes.lock(connection, _concerns(first.request, first.actor, first.action), kept)
    rows, named = list[Plain](), list[Plain]()
    for number, each in zip(lanes.next_numbers(connection, len(noted), newest), noted, strict=True):
        columns = {**_columns(each, number, origin, now), BOUND: bound if not rows else None}
        row, head = _chained(head, columns)
        rows.append(row)
        requests = sorted(set(each.details.get("requests", ())))
        named += [{"number": number, "reference": reference} for reference in requests]
    _keep(connection, rows, named)
    _move_head(connection, head)
    return head


def _columns(noted: Noted, number: int, origin: str, now: datetime) -> Plain:
    return {
        "number": number,
        "at": written_at(now),
        "actor": noted.actor,
        "actor_name": noted.actor_name,
        "origin": origin,
        "action": noted.action,
        "request": noted.request,
        "details": canonical(noted.details, escaped=True),
    }


_INSERT, _INSERT_NAMED = insert(events), insert(event_requests)


def _keep(connection: Connection, rows: list[Plain], named: list[Plain]) -> None:
    """With the requests that they name."""
    for statement, found in ((_INSERT, rows), (_INSERT_NAMED, named)):
        if found:
            connection.execute(statement, found if len(found) > 1 else found[0])


def _concerns(request: str | None, actor: str, action: str) -> str:
    """What the lane of an event is drawn from; of several requests, or of none, whoever did it."""
    return request or actor or action


def _chained(last: Head, columns: Plain) -> tuple[Plain, Head]:
    """An event as the next one of a lane: its row, and the end of the lane from now on."""
    row = {BOUND: None, **columns, "previous": last.hash, LANE: last.lane}
    head = Head(row["number"], hash_of(_hashed(row)), last.lane)
    return {**row, "hash": head.hash}, head


_MOVE = update(event_head).where(event_head.c.id == bindparam("lane"))


def _move_head(connection: Connection, head: Head) -> None:
    connection.execute(_MOVE, {"lane": head.lane, "number": head.number, "hash": head.hash})


def append_all(connection: Connection, made: Iterable[bulk.BoundRow]) -> None:
    """Add events that happened elsewhere, the oldest first: their columns by MADE, each as it is kept."""
    last, happened = {head.lane: head for head in lanes.lock_all(connection)}, list(made)
    rows, named = list[bulk.BoundRow](), list[bulk.BoundRow]()
    numbers = lanes.next_numbers(connection, len(happened), lanes.newest(connection))
    for number, event in zip(numbers, happened, strict=True):
        columns: Plain = dict(zip(MADE, event, strict=True))
        lane = lanes.of(_concerns(columns["request"], columns["actor"], columns["action"]), len(last))
        row, last[lane] = _chained(last[lane], {"number": number, **columns})
        rows.append(tuple([row[name] for name in _COLUMNS]))
        if '"requests"' in columns["details"]:
            references = sorted(set(json.loads(columns["details"])["requests"]))
            named += [(number, reference) for reference in references]
    bulk.add(connection, events, rows)
    bulk.add(connection, event_requests, named)
    for head in last.values():
        _move_head(connection, head)


def vouch_for_all(connection: Connection, now: datetime) -> bool:
    """Once in the life of a database, for each age of `binding`: for every row kept before events did.

    Whether that was not done yet. Others wait from here to the end of the transaction.
    """
    lanes.lock_all(connection)
    age, newest = vouched_age(connection), len(binding.AGES)
    if age >= newest:
        return False
    connection.execute(update(event_head).where(event_head.c.id == FIRST).values(bound=newest))
    for rows in binding.everything(connection, binding.bound_by(newest) - binding.bound_by(age)):
        append(
            connection, actor="", action=VOUCHED, request=None, details={}, origin="", now=now, vouched=rows
        )
    return True


def all_vouched(connection: Connection) -> bool:
    """Whether `vouch_for_all` has nothing to do."""
    return vouched_age(connection) >= len(binding.AGES)


def vouched_age(connection: Connection) -> int:
    """Up to which age of `binding` all rows are vouched for."""
    return connection.scalar(select(event_head.c.bound).where(event_head.c.id == FIRST)) or 0


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
    values = told_since(actor, origin, [action], references, moment)
    return {row.reference for row in connection.execute(told_query(), values)}


@made_once
def told_query() -> Select[Any]:
    """What is in the record of `told_since`: action and reference, in no order."""
    named = event_requests.join(events, events.c.number == event_requests.c.number)
    mine = (
        events.c.actor == given("actor"),
        events.c.origin == given("origin"),
        events.c.at >= given("since"),
    )
    these = event_requests.c.reference.in_(bindparam("told", expanding=True))
    actions = events.c.action.in_(bindparam("actions", expanding=True))
    return select(events.c.action, event_requests.c.reference).select_from(named).where(*mine, actions, these)


def told_since(
    actor: str, origin: str, actions: Collection[str], references: Collection[str], moment: datetime
) -> dict[str, object]:
    """Whose readings, in which ways, of what, since when."""
    who = {"actor": actor, "origin": origin, "since": written_at(moment)}
    return {**who, "actions": list(actions), "told": list(references)}


def written_at(moment: datetime) -> str:
    """As it stands in the row and is hashed."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


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


def hashed(row: Row[Any]) -> Plain:
    """What the hash of an event is taken over."""
    return _hashed(dict(row._mapping))


def _hashed(row: Plain) -> Plain:
    bound = {BOUND: row[BOUND]} if row[BOUND] is not None else {}
    lane = {LANE: row[LANE]} if row[LANE] != FIRST else {}
    return {name: row[name] for name in HASHED} | bound | lane


def hash_of(row: Plain) -> str:
    """The hash of an event, `row` being its columns by HASHED; what it vouches for counts where it does."""
    return hashlib.sha256(canonical(row, escaped=True).encode("utf-8", "surrogatepass")).hexdigest()


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
