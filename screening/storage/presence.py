"""Who has a request open now: soon forgotten, and no part of the audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, select, update

from screening.storage.database import insert_or_ignore
from screening.storage.sites import also_here, of_reference
from screening.storage.tables import presence

FORGOTTEN = timedelta(seconds=10)  # after a page was last heard of; its script asks more often
WITHOUT_SCRIPT = timedelta(seconds=60)  # a page that was opened, and maybe cannot say that it still is


class Presence(NamedTuple):
    """Somebody has it open, since when."""

    reference: str
    name: str
    since: datetime


def look(
    connection: Connection, reference: str, person: str, name: str, now: datetime, *, lasts: timedelta
) -> list[Presence]:
    """Note that somebody looks, until `lasts` from now; the others who do, longest first."""
    until = now + lasts
    connection.execute(delete(presence).where(also_here(presence), presence.c.until <= now))
    row = {"reference": reference, "person": person, "name": name, "since": now, "until": until}
    if connection.execute(insert_or_ignore(connection, presence).values(row)).rowcount != 1:
        mine = _is(reference, person)
        connection.execute(update(presence).where(mine).values(until=until))
    return [found for found in others(connection, person, now) if found.reference == reference]


def others(connection: Connection, person: str, now: datetime) -> Sequence[Presence]:
    """Whatever somebody else has open now, longest first."""
    query = select(presence.c.reference, presence.c.name, presence.c.since)
    theirs = also_here(presence) & (presence.c.person != person) & (presence.c.until > now)
    return [Presence(*row) for row in connection.execute(query.where(theirs).order_by(presence.c.since))]


def leave(connection: Connection, reference: str, person: str) -> None:
    """Forget at once that somebody looks."""
    connection.execute(delete(presence).where(_is(reference, person)))


def _is(reference: str, person: str) -> ColumnElement[bool]:
    return of_reference(presence, reference) & (presence.c.person == person)
