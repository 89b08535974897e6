"""Writing what was copied, in the order in which it happened, some thousand requests in one transaction."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import count

from sqlalchemy import Connection, bindparam, insert, update

from screening.cli.demo_data.copies import CopiedStep
from screening.cli.demo_data.witness import NewRow
from screening.service import audit_head
from screening.service.patient import Service
from screening.storage import events, standing, upkeep
from screening.storage.database import writing
from screening.storage.tables import entries, outbox, request_index, request_status, requests

MADE = "demo_data"  # in the table of what runs by itself: up to which request all are made
_APPENDED = (("entries", entries), ("moves", request_status), ("found", request_index), ("notices", outbox))


class BatchWriter:
    """Keeps what has not happened yet, and writes what has: each `flush` leaves a record that is whole."""

    def __init__(self, service: Service) -> None:
        self._service = service
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
        with writing(self._service.engine) as connection:
            _write_requests(connection, happened)
            for name, table in _APPENDED:
                if rows := [row for step in happened for row in getattr(step, name)]:
                    connection.execute(insert(table), rows)
            events.append_all(connection, (event for step in happened for event in step.events))
            standing.count_more(connection, _statuses(happened))
            upkeep.done(connection, MADE, self._service.now(), upto)
            heads = audit_head.committed(self._service.settings, connection)
        audit_head.remember(self._service.settings, heads)


def _write_requests(connection: Connection, happened: Iterable[CopiedStep]) -> None:
    """Those that are new, as they stand in the end; and what became of earlier ones."""
    new: dict[str, NewRow] = {}
    changed: dict[str, NewRow] = {}
    for step in happened:
        new |= {str(row["reference"]): dict(row) for row in step.new}
        for reference, values in step.changed.items():
            (new[reference] if reference in new else changed.setdefault(reference, {})).update(values)
    if new:
        connection.execute(insert(requests), list(new.values()))
    alike: dict[tuple[str, ...], list[NewRow]] = defaultdict(list)
    for reference, values in changed.items():
        alike[tuple(sorted(values))].append(
            {"mine": reference, **{f"new_{name}": values[name] for name in values}}
        )
    for names, rows in alike.items():
        of_each: NewRow = {name: bindparam(f"new_{name}") for name in names}
        connection.execute(
            update(requests).where(requests.c.reference == bindparam("mine")).values(of_each), rows
        )


def _statuses(happened: Iterable[CopiedStep]) -> Counter[str]:
    found = Counter[str]()
    for step in happened:
        found.update(step.statuses)
    return Counter({status: number for status, number in found.items() if number})
