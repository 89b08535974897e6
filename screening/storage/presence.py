"""Who has a request open now: soon forgotten, and no part of the audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, delete, select, update

from screening.storage.database import insert_or_ignore
from screening.storage.sites import also_here, of_reference
from screening.storage.tables import presence
from screening.storage.together import Rows, given, made_once

FORGOTTEN = timedelta(seconds=10)  # after a page was last heard of; its script asks more often
WITHOUT_SCRIPT = timedelta(seconds=60)  # a page that was opened, and maybe cannot say that it still is
_LONGEST = timedelta(minutes=10)  # that anybody is there without a word; servers' clocks differ


class Presence(NamedTuple):
    """Somebody has it open, since when."""

    reference: str
    name: str
    since: datetime
    person: str
    until: datetime


def look(
    connection: Connection, reference: str, person: str, name: str, now: datetime, *, lasts: timedelta
) -> list[Presence]:
    """Note that somebody looks, until `lasts` from now; the others who do, longest first."""
    forget(connection, now)
    there = longest_first(connection.execute(query(), {"reference": reference}).all())
    note(connection, reference, person, name, now, lasts=lasts, there=there)
    return others_of(there, person, now)


def note(
    connection: Connection,
    reference: str,
    person: str,
    name: str,
    now: datetime,
    *,
    lasts: timedelta,
    there: Iterable[Presence],
) -> None:
    """The same where it is known who was there; somebody who did no more looks anew."""
    mine = next((found for found in there if found.person == person), None)
    times = {"since": mine.since if mine is not None and mine.until > now else now, "until": now + lasts}
    if mine is not None:
        changed = connection.execute(update(presence).where(_is(reference, person)).values(times))
        if changed.rowcount == 1:
            return
    row = {"reference": reference, "person": person, "name": name, **times}
    connection.execute(insert_or_ignore(connection, presence).values(row))


def forget(connection: Connection, now: datetime) -> None:
    """Whoever looked, and does no more by the clock of any server."""
    connection.execute(delete(presence).where(also_here(presence), presence.c.until <= now - _LONGEST))


def purge(connection: Connection, now: datetime) -> None:
    """The same, at whatever site."""
    connection.execute(delete(presence).where(presence.c.until <= now - _LONGEST))


def others(connection: Connection, person: str, now: datetime) -> list[Presence]:
    """Whatever somebody else has open now, longest first."""
    return others_of(longest_first(connection.execute(any_query()).all()), person, now)


@made_once
def any_query() -> Select[Any]:
    """Whatever anybody has open, or had a moment ago, in no order."""
    return select(*(presence.c[name] for name in Presence._fields)).where(also_here(presence))


@made_once
def query() -> Select[Any]:
    """Who has the given reference open, or had a moment ago, in no order."""
    return any_query().where(presence.c.reference == given("reference"))


def longest_first(rows: Rows) -> list[Presence]:
    """Of rows that were asked for with something else."""
    return sorted((Presence(*row) for row in rows), key=lambda found: found.since)


def others_of(there: Iterable[Presence], person: str, now: datetime) -> list[Presence]:
    """Who looks now, and is not this person; nor whom a clock has there for longer that was fast."""
    longest = now + _LONGEST
    return [found for found in there if found.person != person and now < found.until <= longest]


def leave(connection: Connection, reference: str, person: str) -> None:
    """Forget at once that somebody looks."""
    connection.execute(delete(presence).where(_is(reference, person)))


def _is(reference: str, person: str) -> ColumnElement[bool]:
    return of_reference(presence, reference) & (presence.c.person == person)
