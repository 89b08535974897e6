"""Looking for sealed parts that do not open, some requests at a time, round and round."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from screening.core.errors import CannotOpen
from screening.operating.job import JobDone, JobGround
from screening.storage import entries, requests
from screening.storage.database import reading
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.sites import also_here
from screening.storage.tables import requests as rows

SIZE = 500  # requests at a time: a second's work


def look(on: JobGround, before: JobDone, size: int = SIZE) -> JobDone:
    """How many requests have such a part, as the last whole round found. Raises Unavailable."""
    if on.keys is None:
        return before
    after, found = json.loads(before.detail or '["", 0]')
    with reading(on.ground.engine) as connection:
        query = select(rows.c.reference).where(also_here(rows), rows.c.reference > after)
        references = connection.scalars(query.order_by(rows.c.reference).limit(size)).all()
        found += sum(not opens(connection, on.keys, reference) for reference in references)
    if len(references) < size:  # the round is done: the next one begins
        return JobDone(found, "")
    return JobDone(max(before.figure, found), json.dumps([references[-1], found]))


def opens(connection: Connection, keys: OpeningKeys, reference: str) -> bool:
    """Whether all parts of a request open."""
    try:
        requests.load(connection, keys, reference)
        entries.load(connection, keys, reference)
    except CannotOpen:
        return False
    return True
