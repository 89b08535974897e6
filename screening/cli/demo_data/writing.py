"""Writing what was copied, in the order in which it happened, some thousand requests in one transaction."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import chain, count

from sqlalchemy import Connection, Engine

from screening.cli.demo_data.copies import CopiedStep
from screening.cli.demo_data.templates import APPENDED, columns_of
from screening.service import audit_head
from screening.service.patient import Service
from screening.storage import bulk, events, standing, upkeep
from screening.storage.database import writing
from screening.storage.tables import requests

MADE = "demo_data"  # in the table of what runs by itself: up to which request all are made
_PLACES = {name: place for place, name in enumerate(columns_of(requests))}


class BatchWriter:
    """Keeps what has not happened yet, and writes what has: each `flush` leaves a record that is whole."""

    def __init__(self, service: Service, engine: Engine) -> None:
        self._service = service
        self._engine = engine
        self._waiting: list[tuple[datetime, int, CopiedStep]] = []
        self._order = count()

    def add(self, steps: Iterable[CopiedStep]) -> None:
        """Of one copy."""
        for step in steps:
            heapq.heappush(self._waiting, (step.at, next(self._order), step))

    def flush(self, until: datetime, upto: int) -> None:
        """Write all that happened before then, and that requests are made `upto` this number.

        Raises Unavailable; then nothing of it is kept.
        """
        happened = []
        while self._waiting and self._waiting[0][0] < until:
            happened.append(heapq.heappop(self._waiting)[2])
        if not happened:
            return
        with writing(self._engine) as connection:
            _write_requests(connection, happened)
            for name, table in APPENDED.items():
                rows = sorted(chain.from_iterable(step.appended[name] for step in happened))
                bulk.add(connection, table, rows)
            events.append_all(connection, chain.from_iterable(step.events for step in happened))
            standing.count_more(connection, _statuses(happened))
            upkeep.done(connection, upkeep.here(MADE), self._service.now(), upto)
            heads = audit_head.committed(self._service.settings, connection)
        audit_head.remember(self._service.settings, heads)


def _write_requests(connection: Connection, happened: Iterable[CopiedStep]) -> None:
    """Those that are new, as they stand in the end; and what became of earlier ones."""
    new: dict[object, list[object]] = {}
    changed: dict[str, dict[str, object]] = {}
    for step in happened:
        new |= {row[0]: list(row) for row in step.new}
        for reference, values in step.changed.items():
            if reference in new:
                for name, value in values.items():
                    new[reference][_PLACES[name]] = value
            else:
                changed.setdefault(reference, {}).update(values)
    bulk.add(connection, requests, map(tuple, new.values()))
    bulk.change(connection, requests, "reference", changed)


def _statuses(happened: Iterable[CopiedStep]) -> Counter[str]:
    found = Counter[str]()
    for step in happened:
        found.update(step.statuses)
    return Counter({status: number for status, number in found.items() if number})
