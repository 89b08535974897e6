"""What runs by itself: begun by one of the servers at a time, and when it was done last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from screening.storage.database import insert_or_ignore
from screening.storage.sites import this_site
from screening.storage.tables import upkeep

_OF_SITE = "@"
SKEW = timedelta(minutes=5)  # of the clocks of several servers


@dataclass(frozen=True, slots=True)
class Upkept:
    """`figure` and `detail` are the job's own; `done_at` is absent until it was done."""

    name: str
    begun_at: datetime | None
    done_at: datetime | None
    figure: int
    detail: str


def here(name: str) -> str:
    """A job that is done for each site, as the site's is called."""
    site = this_site()
    return f"{name}{_OF_SITE}{site}" if site else name


def of_all_sites(kept: Mapping[str, Upkept], name: str) -> int:
    """The figure of a job that is done for each site, in all."""
    return sum(job.figure for job in kept.values() if job.name.partition(_OF_SITE)[0] == name)


def claim(connection: Connection, name: str, now: datetime, every: timedelta) -> Upkept | None:
    """The job as it was done last, where it is due and nobody else does it; from now on somebody does."""
    connection.execute(insert_or_ignore(connection, upkeep).values(name=name))
    query = select(upkeep).where(upkeep.c.name == name).with_for_update(skip_locked=True)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    ahead = min(every, SKEW)  # one that was begun later than that was begun by a clock that was fast
    if row.begun_at is not None and row.begun_at - ahead <= now < row.begun_at + every:
        return None
    connection.execute(update(upkeep).where(upkeep.c.name == name).values(begun_at=now))
    return _upkept(row)


def done(connection: Connection, name: str, now: datetime, figure: int, detail: str = "") -> None:
    """Note what came of it."""
    values = {"done_at": now, "figure": figure, "detail": detail}
    connection.execute(insert_or_ignore(connection, upkeep).values(name=name))
    connection.execute(update(upkeep).where(upkeep.c.name == name).values(values))


def note(connection: Connection, name: str, detail: str) -> None:
    """Keep what was said first; no work was done."""
    connection.execute(insert_or_ignore(connection, upkeep).values(name=name, detail=detail))


def failed(connection: Connection, name: str, again_at: datetime, every: timedelta) -> None:
    """Nothing came of it: it is due again then."""
    connection.execute(update(upkeep).where(upkeep.c.name == name).values(begun_at=again_at - every))


def find(connection: Connection, name: str) -> Upkept | None:
    """One of them."""
    row = connection.execute(select(upkeep).where(upkeep.c.name == name)).one_or_none()
    return None if row is None else _upkept(row)


def all_of(connection: Connection) -> Mapping[str, Upkept]:
    """By name."""
    return {row.name: _upkept(row) for row in connection.execute(select(upkeep))}


def _upkept(row: object) -> Upkept:
    return Upkept(**{name: getattr(row, name) for name in Upkept.__dataclass_fields__})
