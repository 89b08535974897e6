"""An appointment for a calendar: the moment in every time zone, lines as the standard wants them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from screening.core.calendar_file import CalendarClinic, calendar_file
from screening.core.entries import Booking

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CLINIC = CalendarClinic("The clinic", "1 High Street\nTown", "01632 960 000")


def written(booking: Booking, clinic: CalendarClinic = CLINIC) -> list[bytes]:
    return calendar_file(booking, clinic, "ABC-DEF-GHJK", "Europe/London", NOW, 2).split(b"\r\n")


def test_a_time_is_the_clinics_summer_and_winter() -> None:
    assert b"DTSTART:20270703T083000Z" in written(Booking(date(2027, 7, 3), "09:30", "Room 7"))
    assert b"DTSTART:20270303T093000Z" in written(Booking(date(2027, 3, 3), "09:30", "Room 7"))


def test_a_day_without_a_time_is_the_whole_day() -> None:
    lines = written(Booking(date(2027, 12, 31), "", "Room 7"))
    assert b"DTSTART;VALUE=DATE:20271231" in lines
    assert b"DTEND;VALUE=DATE:20280101" in lines


@given(st.text(max_size=200))
def test_whatever_is_typed_as_a_place_adds_no_line_and_comes_back_whole(place: str) -> None:
    try:
        place.encode()
    except UnicodeEncodeError:
        return
    lines = written(Booking(date(2027, 3, 3), "09:30", place))
    assert all(len(line) <= 75 for line in lines)
    whole = b"\r\n".join(lines).replace(b"\r\n ", b"").decode()
    unfolded = whole.split("\r\n")
    assert [line.split(":")[0] for line in unfolded].count("LOCATION") == 1
    assert len(unfolded) == 15
