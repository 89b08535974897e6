"""Looking for sealed parts that do not open, some requests at a time, round and round."""

from __future__ import annotations

from sqlalchemy import Connection, select

from screening.core.errors import CannotOpen
from screening.operating.job import JobDone, JobGround
from screening.storage import entries, requests
from screening.storage.database import reading
from screening.storage.does_not_open import LookedThrough
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.sites import also_here
from screening.storage.tables import requests as rows

SIZE = 500  # requests at a time: a second's work


def look(on: JobGround, before: JobDone, size: int = SIZE) -> JobDone:
    """How many requests have such a part, as the last whole round found. Raises Unavailable."""
    if on.keys is None:
        return before
    known = LookedThrough.read(before.detail)
    with reading(on.ground.engine) as connection:
        query = select(rows.c.reference).where(also_here(rows), rows.c.reference > known.after)
        references = connection.scalars(query.order_by(rows.c.reference).limit(size)).all()
        found = [one for one in references if not opens(connection, on.keys, one)]
    if len(references) < size:  # the round is done: the next one begins
        done = known.went_on(known.after, found)
        return JobDone(done.number, done.ended().written())
    done = known.went_on(references[-1], found)
    return JobDone(max(before.figure, done.number), done.written())


def opens(connection: Connection, keys: OpeningKeys, reference: str) -> bool:
    """Whether all parts of a request open."""
    try:
        requests.load(connection, keys, reference)
        entries.load(connection, keys, reference)
    except CannotOpen:
        return False
    return True
