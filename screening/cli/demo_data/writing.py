"""Writing what was copied, in the order in which it happened, some thousand requests in one transaction."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from operator import attrgetter, itemgetter

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
_AT = attrgetter("at")
# In the order of an index, rows that go next to each other come after each other; all are of one site.
_BY = {
    name: itemgetter(next(place for place, column in enumerate(columns_of(table)) if column != "site"))
    for name, table in APPENDED.items()
}


class BatchWriter:
    """Keeps what has not happened yet, and writes what has: each `flush` leaves a record that is whole."""

    def __init__(self, service: Service, engine: Engine) -> None:
        self._service = service
        self._engine = engine
        self._waiting: list[CopiedStep] = []

    def add(self, steps: Iterable[CopiedStep]) -> None:
        """Of one copy."""
        self._waiting += steps

    def flush(self, until: datetime, upto: int) -> None:
        """Write all that happened before then, and that requests are made `upto` this number.

        Raises Unavailable; then nothing of it is kept.
        """
        self._waiting.sort(key=_AT)  # of two at one moment, the one that was added first
        end = bisect_left(self._waiting, until, key=_AT)
        happened, self._waiting = self._waiting[:end], self._waiting[end:]
        if not happened:
            return
        with writing(self._engine) as connection:
            _write_requests(connection, happened)
            for name, table in APPENDED.items():
                rows = chain.from_iterable(step.appended[name] for step in happened)
                bulk.add(connection, table, sorted(rows, key=_BY[name]))
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
        for row in step.new:
            new[row[0]] = list(row)
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
        for status, number in step.statuses.items():
            found[status] += number
    return Counter({status: number for status, number in found.items() if number})
