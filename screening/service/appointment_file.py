"""An appointment for the patient's calendar, with what the settings say of the clinic."""

from __future__ import annotations

from datetime import datetime

from screening.core.calendar_file import CalendarClinic, calendar_file
from screening.core.entries import Booking
from screening.settings import Settings


def appointment_file(
    settings: Settings,
    booking: Booking,
    reference: str,
    version: int,
    now: datetime,
    *,
    cancelled: bool = False,
) -> bytes:
    """The same wherever it is given; `version` is that of the request then."""
    clinic = CalendarClinic(
        settings.clinic_name, settings.clinic_address, settings.clinic_phone, settings.mail_from
    )
    return calendar_file(booking, clinic, reference, settings.time_zone, now, version, cancelled=cancelled)
