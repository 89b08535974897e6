"""How many forms came within the last hour, from each address and in all, for all servers together.

An address is kept as a keyed digest, and no longer than the hour for which it counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select, update

from screening.storage.database import insert_or_ignore
from screening.storage.tables import arrivals
from screening.storage.together import given, made_once

_SLOT, _SLOTS = 600, 6  # seconds, and how many of them count
REFUSED = "refused"
_ALL = ""  # in the place of an address


class Arrived(NamedTuple):
    """How many within the hour."""

    from_address: int
    in_all: int


def so_far(connection: Connection, kind: str, address: str, now: datetime) -> Arrived:
    """Those that were taken."""
    mine = _number(connection, (arrivals.c.kind == kind) & (arrivals.c.address == address) & _recent(now))
    return Arrived(mine, _number(connection, (arrivals.c.kind == kind) & _recent(now)))


def note(connection: Connection, kind: str, address: str, now: datetime) -> None:
    """One more."""
    row = {"kind": kind, "slot": _slot(now), "address": address}
    connection.execute(insert_or_ignore(connection, arrivals).values(**row, number=0))
    mine = [arrivals.c[name] == value for name, value in row.items()]
    connection.execute(update(arrivals).where(*mine).values(number=arrivals.c.number + 1))


def note_refused(connection: Connection, now: datetime) -> None:
    """One that was not taken, from wherever."""
    note(connection, REFUSED, _ALL, now)


def refused(connection: Connection, now: datetime) -> int:
    """How many were not taken within the hour."""
    return connection.scalar(refused_query(), recent(now)) or 0


@made_once
def refused_query() -> Select[tuple[int]]:
    """The same within `recent`, to be asked with something else."""
    return _sum(
        (arrivals.c.kind == REFUSED) & arrivals.c.slot.between(given("first_slot"), given("last_slot"))
    )


def recent(now: datetime) -> dict[str, int]:
    """The last hour. Not what is from later than now: a clock that was fast keeps nobody out."""
    return {"first_slot": _slot(now) - _SLOTS + 1, "last_slot": _slot(now) + 1}


def purge(connection: Connection, now: datetime) -> None:
    """Forget what counts no more."""
    connection.execute(delete(arrivals).where(arrivals.c.slot <= _slot(now) - _SLOTS))


def _slot(now: datetime) -> int:
    return int(now.timestamp()) // _SLOT


def _recent(now: datetime) -> ColumnElement[bool]:
    hour = recent(now)
    return arrivals.c.slot.between(hour["first_slot"], hour["last_slot"])


def _number(connection: Connection, condition: ColumnElement[bool]) -> int:
    return connection.scalar(_sum(condition)) or 0


def _sum(condition: ColumnElement[bool]) -> Select[tuple[int]]:
    return select(func.coalesce(func.sum(arrivals.c.number), 0)).where(condition)
