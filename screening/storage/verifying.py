"""Whether anybody changed the record, or the rows that it vouches for: each place, in words for auditors."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, func, select

from screening.core.building import from_document
from screening.core.errors import RuleSetError
from screening.storage import binding, joins, lanes, standing
from screening.storage.binding import VouchedParts
from screening.storage.events import VOUCHED, hash_of, hashed, vouched_age
from screening.storage.lanes import BEGINNING, FIRST, JOINED, Head, Heads
from screening.storage.tables import (
    event_requests,
    events,
    publications,
    requests,
    rule_sets,
    sign_offs,
)


def verify(connection: Connection, kept: Heads) -> list[str]:
    """Every place where something was changed, moved, put in or removed; `kept` are the heads kept elsewhere.

    To be called in a `reading` transaction, which sees one state of all tables.
    """
    vouched = Vouched()
    problems = [*_chains(connection, kept, vouched), *vouched.problems]
    problems += joins.faults(connection, next((head for head in kept if head.lane == JOINED), None))
    problems += _rows(connection, vouched)
    problems += _rule_sets(connection)
    problems += _counts(connection)
    return problems


@dataclass
class Vouched:
    """What the events vouch for, the last one about each thing."""

    problems: list[str] = field(default_factory=list)
    last: dict[str, tuple[int, VouchedParts | None]] = field(default_factory=dict)  # thing -> event and parts
    _began: set[str] = field(default_factory=set)  # kinds that an event vouched for by its own doing

    def add(self, row: Row[Any]) -> None:
        """One more event, the next by its number."""
        if row.bound is None:
            return
        bound = json.loads(row.bound)
        kinds = set(map(binding.kind_of, bound))
        if row.action != VOUCHED:
            self._began |= kinds
        elif self._began & kinds or self.last.keys() & bound.keys():
            self.problems.append(
                f"event {row.number}: vouches for all rows anew, so a change before it cannot be told"
            )
        for thing, parts in bound.items():
            self.last[thing] = (row.number, parts)


def _chains(connection: Connection, kept: Heads, vouched: Vouched) -> Iterator[str]:
    ends = lanes.heads(connection)
    last = {head.lane: Head(0, BEGINNING, head.lane) for head in ends}
    missing = {head.number: head for head in kept if head.number and head.lane != JOINED}
    index, settled = _Index(connection), joins.Settled(connection)
    query = select(events).order_by(events.c.number).execution_options(yield_per=1000)
    for row in connection.execute(query):
        yield from _faults(row, last.get(row.lane))
        yield from index.faults(row)
        yield from settled.faults(row)
        last[row.lane] = Head(row.number, row.hash, row.lane)
        try:
            vouched.add(row)
        except ValueError:
            yield f"event {row.number}: what it vouches for cannot be read"
        was = missing.get(row.number)
        if was is not None and was.lane == row.lane:
            del missing[row.number]
            if row.hash != was.hash:
                yield f"event {row.number}: not the event that the kept head remembers"
    yield from _ends(ends, last, [*missing.values()])


def _ends(ends: Heads, last: Mapping[int, Head], missing: Collection[Head]) -> Iterator[str]:
    """What is amiss where the lanes end, or where one is not there."""
    for head in missing:
        there = last[head.lane].number if head.lane in last else 0
        yield f"{_lane(head)}: events up to {head.number} were kept, the last one there is {there}"
    for head in ends:
        if head != last[head.lane]:
            yield f"{_lane(head)}: the head row does not name the last event, {last[head.lane].number}"
    if [head.lane for head in ends] != [*range(FIRST, FIRST + len(ends))]:
        yield "the head row of a lane is gone"


def _lane(head: Head) -> str:
    return f"lane {head.lane}"


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


def _faults(row: Row[Any], last: Head | None) -> Iterator[str]:
    if last is None:
        yield f"event {row.number}: is in lane {row.lane}, which there is not"
    elif row.previous != last.hash:
        yield (
            f"event {row.number}: does not follow from event {last.number}, the one before it in its lane: "
            "something was changed, put in, or removed between them"
        )
    if row.hash != hash_of(hashed(row)):
        yield f"event {row.number}: was changed"


def _rows(connection: Connection, vouched: Vouched) -> Iterator[str]:
    """What the last event about each thing left, against what there is."""
    missing = dict(vouched.last)
    complete = binding.bound_by(vouched_age(connection))
    if not complete.issuperset(map(binding.kind_of, vouched.last)):
        yield "the head row says that rows were never bound to events, and events say that they were"
    for chunk in binding.everything(connection):
        for thing, now in chunk.items():
            number, was = missing.pop(thing, (0, None))
            if now is not None and (number or binding.kind_of(thing) in complete):
                yield from _changed(thing, number, was, now)
    for thing, (number, was) in missing.items():
        if was is not None:
            yield f"{_called(thing)}: is gone, and no event since event {number} says that it was erased"


def _changed(thing: str, number: int, was: VouchedParts | None, now: VouchedParts) -> Iterator[str]:
    if not number:
        yield f"{_called(thing)}: no event tells how it came here"
    elif was is None:
        yield f"{_called(thing)}: was erased by event {number}, and is here again"
    else:
        for part in binding.differences(thing.partition(":")[0], was, now):
            yield f"{_called(thing)}: {part}: was changed, and no event since event {number} tells of it"


def _called(thing: str) -> str:
    return thing.replace(":", " ", 1)


def _rule_sets(connection: Connection) -> Iterator[str]:
    """Each says its own digest; those that requests and publications name are there."""
    kept = set()
    for row in connection.execute(select(rule_sets)):
        kept.add(row.digest)
        try:
            whole = from_document(row.document).digest == row.digest
        except RuleSetError:
            continue  # of a version of the format that this program does not read
        except (ValueError, LookupError, TypeError):
            whole = False
        if not whole:
            yield f"rule set {row.digest}: was changed"
    named = (
        select(requests.c.rule_set_digest)
        .distinct()
        .union(select(publications.c.digest), select(sign_offs.c.digest))
    )
    for digest in sorted(set(connection.scalars(named)) - kept):
        yield f"rule set {digest}: is gone, and there are requests, publications or sign-offs of it"


def _counts(connection: Connection) -> Iterator[str]:
    by_status = select(requests.c.status, func.count().label("number")).group_by(requests.c.status)
    found: dict[str, int] = {row.status: row.number for row in connection.execute(by_status)}
    for status, number in standing.counts(connection).items():
        if number != found.pop(status, 0):
            yield f"the number of requests that are {status}: is not how many there are"
    for status in found:
        yield f"the number of requests that are {status}: is not counted"
