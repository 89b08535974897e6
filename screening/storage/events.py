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
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from screening.core.serialising import Plain, canonical
from screening.storage import binding, bulk, lanes
from screening.storage.binding import Bound
from screening.storage.lanes import FIRST, Head
from screening.storage.tables import event_head, event_requests, events

HASHED = ("number", "at", "actor", "actor_name", "origin", "action", "request", "details", "previous")
VOUCHED = "rows_vouched_for"  # the action of events about all rows that were kept before events vouched
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
_IN_ORDER = itemgetter(*(column.name for column in events.columns))


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
    row["hash"] = hash_of(_hashed(row))
    return row, Head(row["number"], row["hash"], last.lane)


_MOVE = update(event_head).where(event_head.c.id == bindparam("lane"))


def _move_head(connection: Connection, head: Head) -> None:
    connection.execute(_MOVE, {"lane": head.lane, "number": head.number, "hash": head.hash})


def append_all(connection: Connection, made: Iterable[bulk.BoundRow]) -> None:
    """Add events that happened elsewhere, the oldest first: their columns by MADE, each as it is kept."""
    last, happened = {head.lane: head for head in lanes.lock_all(connection)}, list(made)
    rows, named = list[bulk.BoundRow](), list[bulk.BoundRow]()
    numbers = lanes.next_numbers(connection, len(happened), lanes.newest(connection))
    for number, event in zip(numbers, happened, strict=True):
        columns: dict[str, Any] = dict(zip(MADE, event, strict=True), number=number)
        lane = lanes.of(_concerns(columns["request"], columns["actor"], columns["action"]), len(last))
        row, last[lane] = _chained(last[lane], columns)
        rows.append(_IN_ORDER(row))
        if '"requests"' in columns["details"]:
            references = sorted(set(json.loads(columns["details"])["requests"]))
            named += [(number, reference) for reference in references]
    bulk.add(connection, events, rows)
    bulk.add(connection, event_requests, named)
    for head in last.values():
        _move_head(connection, head)


def last_said(connection: Connection, kind: str, name: str) -> binding.VouchedParts:
    """What the last event about a thing left; empty for none. It looks from the newest event backwards."""
    thing = f"{kind}:{name}"
    query = select(events.c.bound).where(events.c.bound.contains(f'"{thing}":'))
    bound = connection.scalar(query.order_by(events.c.number.desc()).limit(1))
    return (json.loads(bound)[thing] or {}) if bound else {}


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


def written_at(moment: datetime) -> str:
    """As it stands in the row and is hashed."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def hashed(row: Row[Any]) -> Plain:
    """What the hash of an event is taken over."""
    return _hashed(dict(row._mapping))


def _hashed(row: Plain) -> Plain:
    found = {name: row[name] for name in HASHED}
    if row[BOUND] is not None:
        found[BOUND] = row[BOUND]
    if row[LANE] != FIRST:
        found[LANE] = row[LANE]
    return found


def hash_of(row: Plain) -> str:
    """The hash of an event, `row` being its columns by HASHED; what it vouches for counts where it does."""
    return hashlib.sha256(canonical(row, escaped=True).encode("utf-8", "surrogatepass")).hexdigest()
