"""The appointments of a day: who comes when, and what is still in the way of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from screening.core.dealings import Dealings, fold
from screening.core.entries import Booking
from screening.core.errors import CannotOpen
from screening.desk.desk import EITHER, Desk, actor, allow
from screening.desk.queues import LARGEST, page_of
from screening.desk.shapes import Person, Row
from screening.service.recording import record_reading
from screening.storage import entries
from screening.storage.database import reading
from screening.storage.queue import Wanted


@dataclass(frozen=True, slots=True)
class DayLine:
    """Somebody who is expected; `booking` is absent where what was written does not open."""

    row: Row
    booking: Booking | None

    @property
    def at(self) -> str:
        """`HH:MM`, or empty where no time was given."""
        return self.booking.at if self.booking is not None else ""


def day_list(desk: Desk, person: Person, day: date) -> tuple[DayLine, ...]:
    """Every appointment that stands on this day, by time; whose they are is audited."""
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        found = page_of(desk, connection, Wanted(status="all", appointment_on=day), LARGEST).rows
        lines = [DayLine(row, _booking(desk, connection, row)) for row in found]
    record_reading(desk.service, "day_read", actor(person), [line.row.reference for line in lines])
    return tuple(sorted(lines, key=lambda line: (line.at or "99", line.row.name, line.row.reference)))


def _booking(desk: Desk, connection: Connection, row: Row) -> Booking | None:
    try:
        return fold(Dealings(), entries.load(connection, desk.opening_keys, row.reference)).booking
    except CannotOpen:
        return None
