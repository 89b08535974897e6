"""A day at the clinic begins where the one before ended, whatever its clocks do at midnight."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from screening.settings import Settings
from screening.settings.clinic_time import calendar_of, day_of, end_of, promised_by, reviewed_by, start_of
from screening.settings.environment import load_settings

ZONES = (
    "Europe/London",
    "Pacific/Auckland",
    "America/St_Johns",
    "America/Havana",  # clocks go forward at midnight
    "Africa/Cairo",  # they do, and go back to the evening before
    "Australia/Lord_Howe",  # half an hour
    "Pacific/Kiritimati",
)
CLINICS = [
    load_settings(time_zone=zone, working_hours=hours, holidays="none")
    for zone in ZONES
    for hours in ("Mon-Fri 09:00-17:00", "Mon-Sun 00:00-23:59", "Mon-Sun 00:15-00:45")
]
clinics = st.sampled_from(CLINICS)
days = st.dates(date(2024, 1, 1), date(2034, 12, 31))
INSTANT = timedelta(microseconds=1)


@given(clinics, days)
def test_each_moment_is_of_one_day(clinic: Settings, day: date) -> None:
    assert day_of(clinic, start_of(clinic, day)) == day
    assert day_of(clinic, end_of(clinic, day) - INSTANT) == day
    assert end_of(clinic, day) == start_of(clinic, day + timedelta(days=1))


@given(clinics, days, st.integers(0, 24 * 60 - 1))
def test_what_is_promised_is_of_a_later_day_and_the_next_opening_is_open(
    clinic: Settings, day: date, minutes: int
) -> None:
    now = start_of(clinic, day) + timedelta(minutes=minutes)
    opening = calendar_of(clinic).next_opening(now)
    assert opening > now
    assert calendar_of(clinic).is_open(opening)
    today = day_of(clinic, now)
    assert min(day_of(clinic, until(clinic, now)) for until in (promised_by, reviewed_by)) > today
