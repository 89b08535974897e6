"""Time at the clinic, as its settings have it: which day it is there, and until when it promises what."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from screening.core.working_hours import Calendar, parse_hours
from screening.days_off import holidays_of
from screening.settings import Settings


def day_of(settings: Settings, moment: datetime) -> date:
    """The day at the clinic."""
    return moment.astimezone(ZoneInfo(settings.time_zone)).date()


def hour_of(settings: Settings, moment: datetime) -> time:
    """The time of day at the clinic."""
    return moment.astimezone(ZoneInfo(settings.time_zone)).time()


def start_of(settings: Settings, day: date) -> datetime:
    """When a day begins at the clinic."""
    return end_of(settings, day - timedelta(days=1))


def end_of(settings: Settings, day: date) -> datetime:
    """When a day ends at the clinic."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(settings.time_zone))
    return midnight.astimezone(UTC)


def calendar_of(settings: Settings) -> Calendar:
    """When the clinic works."""
    return _calendar(settings.working_hours, settings.time_zone, settings.holidays)


@lru_cache(maxsize=16)  # the same until the settings change
def _calendar(hours: str, zone: str, days_off: str) -> Calendar:
    return Calendar(parse_hours(hours), ZoneInfo(zone), holidays_of(days_off))


def promised_by(settings: Settings, received_at: datetime) -> datetime:
    """The moment until which the clinic gets in touch, in UTC. Raises ValueError when it is never open."""
    if settings.promise_hours:
        return calendar_of(settings).after(received_at, timedelta(hours=settings.promise_hours))
    return _closes_after(settings, day_of(settings, received_at), settings.reply_days)


def reviewed_by(settings: Settings, since: datetime) -> datetime:
    """The moment until which a clinician looks at what waits for review since then, in UTC."""
    return _closes_after(settings, day_of(settings, since), settings.review_days)


def _closes_after(settings: Settings, day: date, days: int) -> datetime:
    return _closing(settings.working_hours, settings.time_zone, settings.holidays, day, days)


@lru_cache(maxsize=256)  # one for each day that is asked for
def _closing(hours: str, zone: str, days_off: str, day: date, days: int) -> datetime:
    return _calendar(hours, zone, days_off).closes_after(day, days)
