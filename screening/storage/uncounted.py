"""Requests that were kept before they were found, or counted, as they are now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from screening.storage.sites import also_here, here, of_reference
from screening.storage.tables import requests
from screening.storage.together import made_once

_C = requests.c


def unindexed(connection: Connection, but: Collection[str], size: int) -> list[str]:
    """Requests kept before they were found as they are now, and not among those that cannot be opened."""
    waits = also_here(requests) & (_C.indexed_as == 0)
    found = select(_C.reference).where(waits, _C.reference.not_in(but))
    return list(connection.scalars(found.limit(size)))


@made_once
def not_indexed_query() -> Select[Any]:
    """How many requests are not found by name yet, to be asked with something else."""
    return select(func.count()).select_from(requests).where(also_here(requests), _C.indexed_as == 0)


def to_index(connection: Connection, reference: str) -> tuple[datetime, str | None] | None:
    """When it came, and the person it is known to be of; None where it is found meanwhile, or gone.

    Others wait who would do the same.
    """
    waits = of_reference(requests, reference) & (_C.indexed_as == 0)
    row = connection.execute(select(_C.received_at, _C.person).where(waits).with_for_update()).one_or_none()
    return (row.received_at, row.person) if row is not None else None


def uncounted(connection: Connection, but: Collection[str], size: int) -> list[str]:
    """Requests kept before their figures were, and not among those that cannot be opened."""
    waits = also_here(requests) & (_C.counted == 0)
    found = select(_C.reference).where(waits, _C.reference.not_in(but))
    return list(connection.scalars(found.limit(size)))


def open_after(connection: Connection, after: str, size: int) -> list[str]:
    """Requests that go on, by reference."""
    open_here = here(requests) & (_C.finished == 0)
    found = select(_C.reference).where(open_here, _C.counted == 1, _C.reference > after)
    return list(connection.scalars(found.order_by(_C.reference).limit(size)))
