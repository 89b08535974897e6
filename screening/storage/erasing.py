"""Erasing a request: every row of it but its lines in the audit, which hold no content."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Engine, delete, exists, select
from sqlalchemy.engine.interfaces import DBAPICursor

from screening.storage import binding, events
from screening.storage.sites import also_here, here, of_reference
from screening.storage.standing import others_query
from screening.storage.tables import (
    drafts,
    entries,
    lent,
    messages,
    outbox,
    presence,
    request_index,
    request_status,
    requests,
)

_TRIES, _PAUSE = 20, 0.05  # seconds
_THINGS = {outbox: (binding.NOTICE, outbox.c.id), messages: (binding.MESSAGE, messages.c.id)}
_THINGS |= {lent: (binding.LENT, lent.c.reference)}  # what events vouch for by itself
_TABLES = (
    entries,
    request_index,
    request_status,
    outbox,
    messages,
    presence,
    lent,
    drafts,
    requests,
)


def status_of(connection: Connection, reference: str) -> str | None:
    """Where it stands, locked until the transaction ends; None where there is no such request."""
    query = select(requests.c.status).where(of_reference(requests, reference)).with_for_update()
    return connection.scalar(query)


def still_there(connection: Connection, references: Sequence[str]) -> list[str]:
    """Those of these that were not erased."""
    query = select(requests.c.reference).where(also_here(requests), requests.c.reference.in_(references))
    return list(connection.scalars(query))


def erase(connection: Connection, reference: str) -> None:
    """All rows of it; the event of the same transaction says that they were erased.

    In a backup of before, events do not vouch for all of them yet, and must not begin to by this.
    """
    vouched = binding.bound_by(events.vouched_age(connection))
    binding.touch(connection, binding.REQUEST, reference)
    for table in _TABLES:
        gone = delete(table).where(of_reference(table, reference))
        if table in _THINGS:
            kind, of = _THINGS[table]
            found = connection.scalars(gone.returning(of)).all()
            binding.touch(connection, kind, *(found if kind in vouched else ()))
        else:
            connection.execute(gone)


def of_person(connection: Connection, reference: str) -> list[str]:
    """All requests of the person of this one, by name and date of birth; oldest first."""
    columns = requests.c.received_at, requests.c.reference
    query = others_query().with_only_columns(requests.c.reference).order_by(None)
    return list(connection.scalars(query.order_by(*columns), {"references": [reference]}))


def elsewhere(connection: Connection, reference: str) -> list[tuple[str, str]]:
    """Sites and references of the same person's requests at other sites, which know nothing of each other."""
    mine, others = requests.alias("mine"), requests.alias("others")
    query = select(others.c.site, others.c.reference).join(mine, mine.c.person == others.c.person)
    query = query.where(mine.c.reference == reference, others.c.site != mine.c.site)
    rows = connection.execute(query.order_by(others.c.site, others.c.reference))
    return [(row.site, row.reference) for row in rows]


def past(
    connection: Connection, *, led_to_appointment: bool, before: datetime, day: date, size: int
) -> list[str]:
    """Finished requests to which nothing happened since, which was on this `day` at the clinic; none of a
    person with one that goes on."""
    other = requests.alias()
    goes_on = exists().where(here(other), other.c.person == requests.c.person, other.c.finished == 0)
    on = requests.c.appointment_on
    query = select(requests.c.reference).where(
        here(requests),
        requests.c.finished == 1,
        requests.c.received_at < before,
        on.is_not(None) & (on < day) if led_to_appointment else on.is_(None),
        ~goes_on,
        ~_since(request_status.c.reference, request_status.c.at, before),
        ~_since(entries.c.reference, entries.c.at, before),
    )
    return list(connection.scalars(query.order_by(requests.c.received_at, requests.c.reference).limit(size)))


def _since(
    reference: ColumnElement[str], at: ColumnElement[datetime], before: datetime
) -> ColumnElement[bool]:
    return exists().where(reference == requests.c.reference, at >= before)


def empty_the_log(engine: Engine) -> bool:
    """Whether nothing of what was erased is left in SQLite's log of writes; PostgreSQL sees to its own.

    While somebody reads, it cannot be emptied. Nobody who writes waits for that: so it is tried again.
    """
    if engine.dialect.name != "sqlite":
        return True
    raw = engine.raw_connection()
    try:
        return _emptied(raw.cursor())
    finally:
        raw.close()


def _emptied(cursor: DBAPICursor) -> bool:
    cursor.execute("PRAGMA busy_timeout")
    (patience,) = cursor.fetchone() or (0,)
    cursor.execute("PRAGMA busy_timeout = 0")  # to wait here would be to keep others from writing
    try:
        for _ in range(_TRIES):
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if (cursor.fetchone() or (1,))[0] == 0:
                return True
            time.sleep(_PAUSE)
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {patience}")
    return False
