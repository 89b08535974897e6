"""What was kept before the desk counted it, or counted it as it does now: found by name, and on its list.

What is older than that is counted once, when a desk opens. What a clinician must read by the setting and
the word lists of now is held against what was counted, round and round while the service runs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import date

from sqlalchemy import Connection

from screening.core.errors import CannotOpen
from screening.core.freshness import ask_again_on
from screening.core.kept import KeptContact
from screening.core.owed import contact_clock, notices, review_clock, work_list
from screening.core.review import position
from screening.core.stepping import Position
from screening.desk.changes import days_asked_again
from screening.desk.desk import Desk, opened, standing_of
from screening.service.recording import recording
from screening.settings.clinic_time import day_of, start_of
from screening.storage import entries, requests, standing, uncounted
from screening.storage.database import reading
from screening.storage.sealing import blind_index
from screening.storage.standing import Standing

AT_ONCE = 200  # requests


def _each(
    desk: Desk,
    waiting: Callable[[Connection, Collection[str], int], list[str]],
    do: Callable[[Desk, str], bool],
) -> int:
    """How many were done; what cannot be opened is left."""
    done, unreadable = 0, set[str]()
    while True:
        with reading(desk.service.engine) as connection:
            found = waiting(connection, unreadable, AT_ONCE)
        if not found:
            return done
        for reference in found:
            if do(desk, reference):
                done += 1
            else:
                unreadable.add(reference)


def catch_up(desk: Desk) -> int:
    """Make requests findable that were kept where they could not be indexed; how many. Raises Unavailable."""
    return _each(desk, uncounted.unindexed, _index)


def _index(desk: Desk, reference: str) -> bool:
    key = desk.service.index_key()
    with recording(desk.service) as recorder:
        connection = recorder.connection
        waits = uncounted.to_index(connection, reference)
        if waits is None:  # another server did it meanwhile, or it was erased
            return True
        received_at, known = waits
        try:
            contact = requests.load_contact(connection, desk.opening_keys, reference) or KeptContact()
        except CannotOpen:
            return False
        blind_index.forget(connection, reference)
        blind_index.write(connection, key, reference, received_at, contact, desk.settings.region)
        if known is None:  # it came while nobody could tell whose it is
            desk.service.arrival.see_each_other(connection, desk.opening_keys, reference, recorder.now)
    return True


def count(desk: Desk) -> int:
    """Count what is unread, open and booked of requests kept before that was counted; how many.

    What nobody had to read then is on the clinicians' list now. Raises Unavailable.
    """
    return _each(desk, uncounted.uncounted, _count)


def _count(desk: Desk, reference: str) -> bool:
    key = desk.service.index_key()
    with recording(desk.service) as recorder:
        connection = recorder.connection
        try:
            kept = opened(desk, connection, reference)
            written = entries.load(connection, desk.opening_keys, reference)
        except CannotOpen:
            return False
        person = blind_index.as_one_person(connection, key, kept.contact)
        standing.save_seen(connection, reference, {"person": person})
        together = standing.with_others(connection, [reference], locked=True)
        row = together[reference]
        where = position(kept, row.status, written, desk.to_read(kept, row))
        others = _others(row, together, where)
        settings, booking = desk.settings, where.dealings.booking
        day = booking.on if booking is not None else None
        figures = where.figures(sum(other.in_the_way for other in others))
        listed = work_list(row.status, figures)
        asked = days_asked_again(desk, written)
        again = ask_again_on(kept, day_of(settings, row.received_at), asked, day)
        standing.save_seen(
            connection,
            reference,
            {
                **asdict(figures),
                "work_list": listed,
                "appointment_on": day,
                "ask_again_at": start_of(settings, again) if again is not None and listed else None,
                "counted": 1,
                **_clocks(desk, row, listed, day),
            },
        )
        # without a list it is finished, or is counted after this one, and sees it then
        listed_others = [other for other in others if other.work_list]
        more = where.in_the_way() - row.in_the_way
        desk.service.arrival.see_more(connection, listed_others, more, desk.service.now())
    return True


def _others(row: Standing, together: dict[str, Standing], where: Position) -> list[Standing]:
    return [other for other in together.values() if row.shares_person(other, where.dealings.not_same)]


def _clocks(desk: Desk, row: Standing, listed: str, day: date | None) -> dict[str, object]:
    """What is owed and had no clock gets one from now; a promise that runs goes on."""
    contact = "keep" if row.due_at is not None or not listed else "renew"
    if listed == "booked" and day is not None:
        contact = "appointment"
    return desk.service.arrival.clocks(contact, review_clock("", listed), desk.service.now(), day)


def count_again(desk: Desk, after: str = "", size: int = AT_ONCE) -> tuple[int, str]:
    """Count open requests anew whose figures or list are not those of now: how many, after which to go on.

    The clinic may since have every request read, or its word lists find more. Raises Unavailable.
    """
    with reading(desk.service.engine) as connection:
        found = uncounted.open_after(connection, after, size)
        wrong = [reference for reference in found if _differs(desk, connection, reference)]
    for reference in wrong:
        _count_anew(desk, reference)
    return len(wrong), found[-1] if len(found) == size else ""


def _differs(desk: Desk, connection: Connection, reference: str) -> bool:
    row = standing_of(connection, reference)
    try:
        figures = _where(desk, connection, row).figures(row.others_open)
    except CannotOpen:
        return False
    return (figures, work_list(row.status, figures)) != (row.figures, row.work_list)


def _where(desk: Desk, connection: Connection, row: Standing) -> Position:
    kept = opened(desk, connection, row.reference)
    written = entries.load(connection, desk.opening_keys, row.reference)
    return position(kept, row.status, written, desk.to_read(kept, row))


def _count_anew(desk: Desk, reference: str) -> None:
    """Its figures, list and clocks; nobody did anything, so its status and version stay."""
    with recording(desk.service) as recorder:
        connection, now, arrival = recorder.connection, recorder.now, desk.service.arrival
        together = standing.with_others(connection, [reference], locked=True)
        row = together[reference]
        where = _where(desk, connection, row)
        figures = where.figures(row.others_open)
        was, listed = row.work_list, work_list(row.status, figures)
        clocks = arrival.clocks(
            contact_clock(was, listed), review_clock(was, listed), now, row.appointment_on
        )
        standing.save_seen(connection, reference, {**asdict(figures), "work_list": listed, **clocks})
        owed = set(notices(was, listed, was_urgent=False, urgent=False))
        more = where.in_the_way() - row.in_the_way
        owed |= arrival.see_more(connection, _others(row, together, where), more, now)
        arrival.tell(connection, owed, reference, now)
