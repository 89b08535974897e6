"""Which keys a database belongs to: their ids, since when; and which its rows were made with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, insert, select

from screening.storage import lanes
from screening.storage.tables import registered_keys, requests
from screening.storage.together import given, made_once

SEALING, INDEXING, AUDITING, SECRET = "sealing", "index", "audit", "secret"  # what a key is for
PATIENTS_SECRET = "patients_secret"  # noqa: S105  # signs cookies, where their door is a process of its own


_NEXT = timedelta(microseconds=1)


class RegisteredKey(NamedTuple):
    """A key by its id; `since` is absent where it is known from the rows alone."""

    key_id: str
    since: datetime | None


def known(connection: Connection) -> Mapping[str, tuple[RegisteredKey, ...]]:
    """Purpose -> its keys, the current one last; a database that is new has none."""
    found: dict[str, list[RegisteredKey]] = defaultdict(list)
    for row in connection.execute(_in_order()):
        found[row.purpose].append(RegisteredKey(row.key_id, row.since))
    return {purpose: tuple(keys) for purpose, keys in found.items()}


def register(connection: Connection, purpose: str, key_id: str, now: datetime) -> RegisteredKey:
    """The current key of a purpose: this one, unless another server registered its own first."""
    lanes.lock_first(connection)  # on PostgreSQL the others wait here
    before = known(connection).get(purpose)
    if before:
        return before[-1]
    connection.execute(insert(registered_keys).values(purpose=purpose, key_id=key_id, since=now))
    return RegisteredKey(key_id, now)


def current(connection: Connection, purpose: str) -> str | None:
    """The id of the key that seals, or indexes, now; None before one was registered."""
    found: str | None = connection.scalar(current_query(), {"purpose": purpose})
    return found


def currents(connection: Connection) -> Mapping[str, str]:
    """The same of every purpose that has one, in one go."""
    return {row.purpose: row.key_id for row in connection.execute(_in_order())}


@made_once
def _in_order() -> Select[Any]:
    return select(registered_keys).order_by(registered_keys.c.since)


@made_once
def current_query() -> Select[Any]:
    """That of the given purpose."""
    mine = registered_keys.c.purpose == given("purpose")
    return select(registered_keys.c.key_id).where(mine).order_by(registered_keys.c.since.desc()).limit(1)


def replace(connection: Connection, purpose: str, key_id: str, now: datetime) -> None:
    """From now on it is this one. On PostgreSQL the others wait until the transaction ends."""
    lanes.lock_first(connection)
    mine = registered_keys.c.purpose == purpose
    last = connection.scalar(
        select(registered_keys.c.since).where(mine).order_by(registered_keys.c.since.desc())
    )
    since = now if last is None or now > last else last + _NEXT  # whatever the clock says
    connection.execute(insert(registered_keys).values(purpose=purpose, key_id=key_id, since=since))


def in_use(connection: Connection, purpose: str) -> frozenset[str]:
    """The ids of the keys that requests were sealed or indexed with; it looks at every row."""
    if purpose == SEALING:  # format (1 byte), then the id (8): see `sealing.hpke`
        ids = connection.scalars(select(func.substr(requests.c.sealed_contact, 2, 8)).distinct())
        return frozenset(bytes(key_id).hex() for key_id in ids)
    return frozenset(indexed(connection)) if purpose == INDEXING else frozenset()


def indexed(connection: Connection) -> dict[str, int]:
    """Key id -> how many requests are found by it; it looks at every row."""
    key = requests.c.index_key
    query = select(key, func.count()).where(key.is_not(None)).group_by(key)
    return {str(key_id): number for key_id, number in connection.execute(query)}
