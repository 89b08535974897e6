"""Where requests stand after what was done with them, and how one comes to be booked."""

from __future__ import annotations

from datetime import date

from screening.core.entries import Booking
from screening.desk import bookings, opened_request, queues, reception
from screening.desk.desk import Desk
from screening.desk.shapes import Filters, Row

from .making import CLARA, RITA, clear, version

SOON = Booking(date(2026, 12, 1), "10:00", "Room 1")
WORDS = {"anything_else": "I take warfarin"}  # that no rule reads


def row(desk: Desk, reference: str) -> Row:
    return opened_request.request(desk, RITA, reference).row


def waiting(desk: Desk) -> list[str]:
    return [found.reference for found in queues.review_queue(desk, CLARA).rows]


def walk(desk: Desk, filters: Filters, size: int) -> list[str]:
    found: list[str] = []
    after: str | None = None
    while True:
        page = queues.queue(desk, RITA, filters, after, size)
        found += [row.reference for row in page.rows]
        after = page.next
        if after is None:
            return found


def booked(desk: Desk, reference: str, booking: Booking = SOON) -> int:
    """Cleared where it must be, ready, identified and booked."""
    if row(desk, reference).status == "new":
        found = opened_request.request(desk, RITA, reference)
        ready = any(move.name == "make_ready" for move in found.moves)
        now = (
            reception.make_ready(desk, RITA, reference, found.row.version)
            if ready
            else clear(desk, reference)
        )
        now = reception.check_identity(desk, RITA, reference, now, True, "all three")
    return bookings.book(desk, RITA, reference, version(desk, reference), booking, side=True)
