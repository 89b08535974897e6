"""An appointment for a calendar: the moment in every time zone, lines as the standard wants them."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from screening.core.calendar_file import CalendarClinic, calendar_file
from screening.core.entries import Booking

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CLINIC = CalendarClinic("The clinic", "1 High Street\nTown", "01632 960 000", "desk@clinic.example")


def written(booking: Booking, clinic: CalendarClinic = CLINIC) -> list[bytes]:
    return calendar_file(booking, clinic, "ABC-DEF-GHJK", "Europe/London", NOW, 2).split(b"\r\n")


def test_a_time_is_the_clinics_summer_and_winter() -> None:
    assert b"DTSTART:20270703T083000Z" in written(Booking(date(2027, 7, 3), "09:30", "Room 7"))
    assert b"DTSTART:20270303T093000Z" in written(Booking(date(2027, 3, 3), "09:30", "Room 7"))


def test_a_day_without_a_time_is_the_whole_day() -> None:
    lines = written(Booking(date(2027, 12, 31), "", "Room 7"))
    assert b"DTSTART;VALUE=DATE:20271231" in lines
    assert b"DTEND;VALUE=DATE:20280101" in lines


def test_a_calendar_is_told_whose_appointment_it_is_also_when_it_is_taken_out() -> None:
    clinic = CalendarClinic('Clinic "West"\nof: the; town', "", "1", "desk@clinic.example")
    for cancelled in (False, True):
        booking = Booking(date(2027, 3, 3), "09:30", "Room 7")
        made = calendar_file(booking, clinic, "R", "Europe/London", NOW, 1, cancelled=cancelled)
        whole = made.replace(b"\r\n ", b"").split(b"\r\n")
        said = b"ORGANIZER;CN=\"Clinic 'West' of: the; town\":mailto:desk@clinic.example"
        assert said in whole
        assert b"METHOD:CANCEL" in whole if cancelled else b"METHOD:PUBLISH" in whole
    nobody = written(Booking(date(2027, 3, 3), "09:30", "Room 7"), CalendarClinic("Clinic", "", "1"))
    assert not [line for line in nobody if line.startswith(b"ORGANIZER")]


@given(st.text(max_size=200))
@example("\x00\x0b\x85\u2028 Room \ud800")
def test_whatever_is_typed_as_a_place_adds_no_line_and_comes_back_whole(place: str) -> None:
    lines = written(Booking(date(2027, 3, 3), "09:30", place))
    assert all(len(line) <= 75 for line in lines)
    whole = b"\r\n".join(lines).replace(b"\r\n ", b"").decode()
    unfolded = whole.split("\r\n")
    assert [line.split(":")[0] for line in unfolded].count("LOCATION") == 1
    assert len(unfolded) == 16
    assert len(whole.splitlines()) == 15  # for readers to whom every end of a line is one
    assert not [one for one in whole.replace("\r\n", "") if one != "\t" and unicodedata.category(one) == "Cc"]
