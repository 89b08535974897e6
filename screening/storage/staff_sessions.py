"""Where staff are signed in, and how often somebody tried; in the database, so that all servers agree."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, or_, select, text, update

from screening.storage.sites import read
from screening.storage.tables import people, sign_in_tries, staff_sessions
from screening.storage.together import given, made_once

PASSWORD, FULL = "password", "full"  # stages: what the person has shown so far

TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 20
TRIES_WITHIN = timedelta(minutes=15)
SKEW = timedelta(minutes=2)  # of the clocks of several servers
_INSTANT = timedelta(microseconds=1)
_ADVISORY_LOCK = 0x5C4EE2  # as in storage.database: any number nobody else uses


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A session of an active account, with what pages need of the person; `id` is a digest."""

    id: str
    person_id: str
    stage: str
    locked: bool
    started_at: datetime
    used_at: datetime
    email: str
    name: str
    roles: frozenset[str]
    uniquifier: str
    password_once: bool
    sites: frozenset[str]

    def ends_at(self, idle: timedelta, longest: timedelta) -> datetime:
        """When it ends if nothing more is done."""
        return min(self.used_at + idle, self.started_at + longest)


def digest(token: str) -> str:
    """A session's id, SHA-256 of the cookie's token: a stolen database yields no cookies."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(
    connection: Connection, token: str, person_id: str, stage: str, now: datetime, since: datetime
) -> None:
    """Keep a new session; `stage` is PASSWORD or FULL, and its longest time counts `since` then."""
    row = insert(staff_sessions).values(
        id=digest(token), person_id=person_id, stage=stage, locked=False, started_at=since, used_at=now
    )
    connection.execute(row)


def load(connection: Connection, token: str) -> StaffSession | None:
    """The session of a cookie, unless it was ended or the account is disabled."""
    row = connection.execute(_query(), {"id": digest(token)}).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    values["roles"] = frozenset(values["roles"].split())
    values["sites"] = read(values["sites"])
    return StaffSession(**values)


@made_once
def _query() -> Select[Any]:
    named = ("email", "name", "roles", "uniquifier", "password_once", "sites")
    of_person = tuple(people.c[name] for name in named)
    found = select(staff_sessions, *of_person).join(people, people.c.id == staff_sessions.c.person_id)
    return found.where(staff_sessions.c.id == given("id"), people.c.active)


def touch(connection: Connection, session_id: str, now: datetime) -> None:
    """Note that it was used."""
    _change(connection, session_id, used_at=now)


def lock(connection: Connection, session_id: str) -> None:
    """Nothing but the password opens it again."""
    _change(connection, session_id, locked=True)


def end(connection: Connection, session_id: str) -> None:
    """The cookie is dead."""
    connection.execute(delete(staff_sessions).where(staff_sessions.c.id == session_id))


def purge(connection: Connection, now: datetime, idle: timedelta, longest: timedelta) -> None:
    """Forget the sessions that time has ended."""
    sessions = staff_sessions.c
    old = or_(sessions.used_at < now - idle, sessions.started_at < now - longest)
    connection.execute(delete(staff_sessions).where(old))


def _change(connection: Connection, session_id: str, **values: Any) -> None:
    connection.execute(update(staff_sessions).where(staff_sessions.c.id == session_id).values(**values))


# Tries: one is counted before it is made, so that many at once are not one too many.


def begin_try(connection: Connection, account: str, address: str, now: datetime) -> int | None:
    """Count a try; its number, or None after 5 of an account or 20 of an address within TRIES_WITHIN.

    Those from later than now were made while a clock was fast: they lock nobody out once it is right again.
    """
    _one_at_a_time(connection)
    recent = sign_in_tries.c.tried_at.between(now - TRIES_WITHIN + _INSTANT, now + SKEW)
    of_account = _count(connection, recent & (sign_in_tries.c.account == account))
    of_address = _count(connection, recent & (sign_in_tries.c.address == address))
    if of_account >= TRIES_PER_ACCOUNT or of_address >= TRIES_PER_ADDRESS:
        return None
    row = insert(sign_in_tries).values(account=account, address=address, tried_at=now)
    key = connection.execute(row).inserted_primary_key
    return int(key[0]) if key is not None else None


def purge_tries(connection: Connection, now: datetime) -> None:
    """Forget those that count no more."""
    connection.execute(delete(sign_in_tries).where(sign_in_tries.c.tried_at <= now - TRIES_WITHIN))


def take_back_try(connection: Connection, number: int) -> None:
    """It succeeded, so it counts against nobody."""
    connection.execute(delete(sign_in_tries).where(sign_in_tries.c.id == number))


def _one_at_a_time(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":  # a writer on SQLite is alone as it is
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _count(connection: Connection, condition: Any) -> int:
    wanted = select(func.count()).select_from(sign_in_tries).where(condition)
    return int(connection.execute(wanted).scalar_one())
