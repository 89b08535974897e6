"""Who has a request open now: soon forgotten, and no part of the audit."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from screening.storage.database import insert_or_ignore
from screening.storage.tables import presence

FORGOTTEN = timedelta(seconds=60)


def look(
    connection: Connection, reference: str, person: str, name: str, now: datetime
) -> list[tuple[str, datetime]]:
    """Note that somebody looks; the others within FORGOTTEN by name, and since when, longest first."""
    connection.execute(delete(presence).where(presence.c.seen_at <= now - FORGOTTEN))
    row = {"reference": reference, "person": person, "name": name, "since": now, "seen_at": now}
    if connection.execute(insert_or_ignore(connection, presence).values(row)).rowcount != 1:
        mine = (presence.c.reference == reference) & (presence.c.person == person)
        connection.execute(update(presence).where(mine).values(seen_at=now))
    others = (presence.c.reference == reference) & (presence.c.person != person)
    query = select(presence.c.name, presence.c.since).where(others).order_by(presence.c.since)
    return [(found.name, found.since) for found in connection.execute(query)]


def leave(connection: Connection, reference: str, person: str) -> None:
    """Forget at once that somebody looks."""
    mine = (presence.c.reference == reference) & (presence.c.person == person)
    connection.execute(delete(presence).where(mine))
