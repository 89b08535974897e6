"""Working time: never on a closed day, and as much of it as was asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core.working_hours import Calendar, parse_hours

LONDON = ZoneInfo("Europe/London")
CHRISTMAS = {date(2026, 12, 25), date(2026, 12, 28)}
CLINIC = Calendar(parse_hours("Mon-Thu 09:00-17:00, Fri 09:00-13:00"), LONDON, CHRISTMAS)
START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23 09:00", 8, "2026-11-23 17:00"),
        ("2026-11-23 16:00", 2, "2026-11-24 10:00"),
        ("2026-11-27 12:30", 1, "2026-11-30 09:30"),  # over a weekend
        ("2026-11-28 03:00", 1, "2026-11-30 10:00"),  # from a closed day
        ("2026-12-24 16:30", 1, "2026-12-29 09:30"),  # over Christmas
        ("2026-03-27 12:30", 1, "2026-03-30 09:30"),  # over the night when clocks go forward
    ],
)
def test_time_passes_only_while_the_clinic_is_open(start: str, hours: int, end: str) -> None:
    assert CLINIC.after(local(start), timedelta(hours=hours)) == local(end)


@given(moments, st.integers(1, 5000))
def test_a_promise_ends_within_working_hours(start: datetime, minutes: int) -> None:
    end = CLINIC.after(start, timedelta(minutes=minutes)).astimezone(LONDON)
    opens, closes = CLINIC.hours[end.weekday()]
    assert opens <= end.time() <= closes
    assert end.date() not in CHRISTMAS


@given(moments, moments, st.integers(1, 5000))
def test_who_came_first_is_promised_first(one: datetime, other: datetime, minutes: int) -> None:
    early, late = sorted((one, other))
    promise = timedelta(minutes=minutes)
    assert CLINIC.after(early, promise) <= CLINIC.after(late, promise)


@pytest.mark.parametrize("hours", ["00:30-01:30", "01:15-01:45", "01:30-02:15"])
def test_a_night_that_leaves_out_an_hour_takes_no_working_time_back(hours: str) -> None:
    night = Calendar(parse_hours(f"Mon-Sun {hours}"), LONDON)
    noon = datetime(2026, 3, 28, 12, tzinfo=UTC)
    begun = [noon + timedelta(minutes=15 * quarter) for quarter in range(96)]
    ends = [night.after(start, timedelta(hours=3)) for start in begun]
    assert ends == sorted(ends)


@pytest.mark.parametrize(
    "text",
    [
        *("", "Mon", "Mon 9-5", "Xyz 09:00-10:00", "Mon-Xyz 09:00-10:00"),
        *("Fri-Mon 09:00-17:00", "Mon 17:00-09:00", "Mon 09:00-09:00"),
    ],
)
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write it|a day"):
        parse_hours(text)


def test_a_clinic_that_never_opens_promises_nothing() -> None:
    always_off = Calendar({0: (time(9), time(17))}, LONDON, _Everything())
    with pytest.raises(ValueError, match="never open"):
        always_off.after(local("2026-11-23 09:00"), timedelta(hours=1))


class _Everything:
    def __contains__(self, _day: object) -> bool:
        return True


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-23 08:00", 3, "2026-11-26 17:00"),  # the day it comes does not count
        ("2026-11-23 16:59", 3, "2026-11-26 17:00"),
        ("2026-11-25 10:00", 2, "2026-11-27 13:00"),  # a short day is a day
        ("2026-11-27 10:00", 1, "2026-11-30 17:00"),
        ("2026-11-28 10:00", 1, "2026-11-30 17:00"),
        ("2026-12-24 10:00", 1, "2026-12-29 17:00"),
    ],
)
def test_days_are_days_however_long_each_of_them_is(start: str, days: int, end: str) -> None:
    assert CLINIC.closes_after(local(start).date(), days) == local(end)


@given(moments, st.integers(1, 60))
def test_a_promise_in_days_is_never_kept_on_the_day_it_is_made(start: datetime, days: int) -> None:
    end = CLINIC.closes_after(start.astimezone(LONDON).date(), days).astimezone(LONDON)
    assert end.date() > start.astimezone(LONDON).date()
    assert CLINIC.closes_after(start.astimezone(LONDON).date(), days + 1) > end


@given(moments)
def test_the_next_opening_is_the_first_moment_that_is_open_after_a_closed_one(now: datetime) -> None:
    opens = CLINIC.next_opening(now)
    assert opens > now
    assert CLINIC.is_open(opens)
    assert not CLINIC.is_open(opens - timedelta(minutes=1))
    if not CLINIC.is_open(now):
        assert not CLINIC.is_open(now + (opens - now) / 2)
