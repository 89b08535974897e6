"""Days and times as pages of the desk write them: at the clinic, in its language."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import babel.dates
from flask_babel import format_date

from screening.web.at_hand import kept_at_hand
from screening.web.door import service


class _Clock(NamedTuple):
    """What days and times are written by."""

    zone: ZoneInfo
    language: str
    year: int


def _clock() -> _Clock:
    """Of the clinic; looked at once for a page."""
    at_hand = kept_at_hand()
    found: _Clock | None = at_hand.get("clock")
    if found is None:
        settings, now = service().settings, service().now()
        zone = ZoneInfo(settings.time_zone)
        found = at_hand.clock = _Clock(zone, settings.language, now.astimezone(zone).year)
    return found


def here(when: datetime) -> datetime:
    """As clocks at the clinic say it."""
    return when.astimezone(_clock().zone)


def moment(when: datetime | None) -> str:
    """Day and time at the clinic."""
    if when is None:
        return ""
    clock = _clock()
    there = when.astimezone(clock.zone)
    return f"{_in_words(there.date(), 'd MMM y', clock.language)}, {there:%H:%M}"


def near(when: datetime | None) -> str:
    """As `moment`, without the year where it is this one."""
    if when is None:
        return ""
    there = here(when)
    return f"{near_day(there.date())}, {there:%H:%M}"


def near_day(when: date) -> str:
    """As `day`, without the year where it is this one."""
    clock = _clock()
    return _in_words(when, "d MMM" if when.year == clock.year else "d MMM y", clock.language)


def short_day(when: date) -> str:
    """As `near_day`, with the year always."""
    return _in_words(when, "d MMM y", _clock().language)


@lru_cache(maxsize=1024)
def _in_words(when: date, pattern: str, language: str) -> str:
    """Made once for each day: lists have a hundred of them."""
    return str(babel.dates.format_date(when, pattern, locale=language))


def day(when: date | str) -> str:
    """A day in words."""
    return str(format_date(date.fromisoformat(when) if isinstance(when, str) else when, "d MMMM y"))


def day_of(when: datetime) -> str:
    """The day at the clinic, in words."""
    return str(format_date(when, "d MMMM y"))
