"""Time as a clinic counts it: only while it is open, and never on a holiday."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(
    r"(?P<first>[a-z]{3})(?:\s*-\s*(?P<last>[a-z]{3}))?\s+(?P<start>\d\d:\d\d)\s*-\s*(?P<end>\d\d:\d\d)"
)
_FURTHEST = 3660  # days; a clinic that is never open for so long keeps no promise

Hours = Mapping[int, tuple[time, time]]  # weekday, Monday 0 -> when it opens and closes


def parse_hours(text: str) -> dict[int, tuple[time, time]]:
    """`Mon-Thu 09:00-17:00, Fri 09:00-13:00`. Raises ValueError for anything else."""
    hours: dict[int, tuple[time, time]] = {}
    for part in text.lower().split(","):
        found = _PART.fullmatch(part.strip())
        if found is None or found["first"] not in DAYS or (found["last"] or "mon") not in DAYS:
            raise ValueError("write it like Mon-Thu 09:00-17:00, Fri 09:00-13:00")
        start, end = time.fromisoformat(found["start"]), time.fromisoformat(found["end"])
        first = DAYS.index(found["first"])
        last = DAYS.index(found["last"]) if found["last"] else first
        if start >= end or first > last:
            raise ValueError("a day ends after it starts, and a week runs from Monday to Sunday")
        hours |= dict.fromkeys(range(first, last + 1), (start, end))
    return hours


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a clinic is open; `holidays` holds the days on which it is not."""

    hours: Hours
    zone: ZoneInfo
    holidays: Container[date] = frozenset()

    def after(self, start: datetime, working: timedelta) -> datetime:
        """The moment when `working` time has passed since `start`, in UTC.

        Raises ValueError when the clinic is not open for as long as that within ten years.
        """
        left = working
        for opens, closes in self._open_from(start):
            begun = max(opens, start)
            if left <= closes - begun:
                return (begun + left).astimezone(UTC)
            left -= closes - begun
        raise ValueError("the clinic is never open for that long")

    def closes_after(self, today: date, days: int) -> datetime:
        """When it closes on the last of `days` working days after today, in UTC.

        However long each of them is: what a patient is told in days is kept in days. Raises ValueError
        when the clinic does not work on so many days within ten years.
        """
        left = days
        for offset in range(1, _FURTHEST):
            day = today + timedelta(days=offset)
            hours = self._hours_of(day)
            left -= hours is not None
            if hours is not None and left == 0:
                return self._moment(day, hours[1])
        raise ValueError("the clinic is never open on so many days")

    def is_open(self, now: datetime) -> bool:
        """Whether it works at this moment."""
        return next(self._open_from(now))[0] <= now

    def next_opening(self, now: datetime) -> datetime:
        """When it opens next, in UTC; of the day that is open, the day after."""
        return next(opens for opens, _closes in self._open_from(now) if opens > now)

    def _open_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Each opening that ends after `start`, in UTC: so a night when clocks change counts as it is."""
        today = start.astimezone(self.zone).date()
        for offset in range(_FURTHEST):
            day = today + timedelta(days=offset)
            hours = self._hours_of(day)
            if hours is None:
                continue
            opens, closes = (self._moment(day, hour) for hour in hours)
            if closes > max(opens, start):  # both may lie in an hour that was left out
                yield opens, closes

    def _hours_of(self, day: date) -> tuple[time, time] | None:
        return None if day in self.holidays else self.hours.get(day.weekday())

    def _moment(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, tzinfo=self.zone).astimezone(UTC)
