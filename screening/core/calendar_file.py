"""An appointment as a file for calendars (RFC 5545): day, time and place, nothing about health. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from screening.core.entries import Booking

_LONGEST = 75  # bytes of a line
# Categories of what the standard refuses, or what programs take for the end of a line.
_NO_TEXT = ("Cc", "Cs", "Zl", "Zp")
_ESCAPED = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\r\n": "\\n", "\n": "\\n", "\r": "\\n"}


@dataclass(frozen=True, slots=True)
class CalendarClinic:
    """What it says of whom the appointment is with; `mail` is where its mails come from, or empty."""

    name: str
    address: str
    phone: str
    mail: str = ""


def calendar_file(
    booking: Booking,
    clinic: CalendarClinic,
    reference: str,
    time_zone: str,
    now: datetime,
    version: int,
    *,
    cancelled: bool = False,
) -> bytes:
    """One event; the same `reference` again replaces it in the patient's calendar, or takes it out.

    Of two a calendar keeps the one of the higher `version`: that of the request, for clocks go back.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//screening//appointment//EN",
        f"METHOD:{method_of(cancelled=cancelled)}",
        "BEGIN:VEVENT",
        f"UID:{reference}@screening",
        f"DTSTAMP:{_utc(now)}",
        f"SEQUENCE:{version}",
        *(("STATUS:CANCELLED",) if cancelled else ()),
        *_when(booking, time_zone),
        *_organizer(clinic),
        f"SUMMARY:{_escaped(clinic.name)}",
        f"LOCATION:{_escaped(', '.join(part for part in (booking.place, clinic.address) if part))}",
        f"DESCRIPTION:{_escaped(f'{clinic.phone} {reference}')}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(part for line in lines for part in _folded(line.encode()))


def method_of(*, cancelled: bool) -> str:
    """What is done with it, which the mail that it comes with says too."""
    return "CANCEL" if cancelled else "PUBLISH"


def _when(booking: Booking, time_zone: str) -> Iterator[str]:
    """A moment, or the whole day where no time is known."""
    if booking.at:
        begins = datetime.combine(booking.on, time.fromisoformat(booking.at), ZoneInfo(time_zone))
        yield f"DTSTART:{_utc(begins)}"
        return
    yield f"DTSTART;VALUE=DATE:{_day(booking.on)}"
    yield f"DTEND;VALUE=DATE:{_day(booking.on + timedelta(days=1))}"


def _organizer(clinic: CalendarClinic) -> Iterator[str]:
    """Whose appointment it is: RFC 5546 wants it for both methods."""
    if clinic.mail:
        name = _plain(clinic.name).replace('"', "'")
        yield f'ORGANIZER;CN="{name}":mailto:{clinic.mail}'


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"


def _escaped(text: str) -> str:
    for plain, written in _ESCAPED.items():
        text = text.replace(plain, written)
    return _plain(text)


def _plain(text: str) -> str:
    return "".join(" " if unicodedata.category(one) in _NO_TEXT else one for one in text)


def _folded(line: bytes) -> Iterator[bytes]:
    """No line longer than the standard allows, and no character cut in two."""
    while len(line) > _LONGEST:
        cut = _LONGEST
        while line[cut] & 0xC0 == 0x80:  # inside a character
            cut -= 1
        yield line[:cut] + b"\r\n"
        line = b" " + line[cut:]
    yield line + b"\r\n"
