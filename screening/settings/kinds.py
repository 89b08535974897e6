"""Kinds of settings: what their text must be, and how to read the lists that stand in some."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import email_validator
from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator

from screening.core.answers.dialling import is_region
from screening.core.working_hours import parse_hours
from screening.days_off import holidays_of


def addresses(text: str) -> list[str]:
    """The addresses in a list with commas between."""
    return [part.strip() for part in text.split(",") if part.strip()]


def networks(text: str) -> list[IPv4Network | IPv6Network]:
    """The networks in a list with commas between. Raises ValueError."""
    return [ip_network(part.strip()) for part in text.split(",") if part.strip()]


def _is_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("not a time zone, such as Europe/London") from None
    return name


def _is_kept_secret(address: str) -> str:
    where = urlsplit(address)
    here = where.scheme == "http" and where.hostname in ("localhost", "127.0.0.1", "::1")
    if address and not (where.hostname and (where.scheme == "https" or here)):
        raise ValueError("not an https address, or one on this machine")
    return address


def _is_hours(text: str) -> str:
    parse_hours(text)
    return text


def _is_country(name: str) -> str:
    holidays_of(name)
    return name


def _has_phones(name: str) -> str:
    if not is_region(name):
        raise ValueError("not a country whose phone numbers are known, in two capital letters such as GB")
    return name


def _is_language(name: str) -> str:
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        raise ValueError("not a language that is known, such as en_GB or de") from None
    return name


def _are_times(text: str) -> str:
    for part in addresses(text):
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", part):
            raise ValueError(f"{part} is no time such as 09:30")
    return text


def _are_addresses(text: str) -> str:
    for address in addresses(text):
        try:
            email_validator.validate_email(address, check_deliverability=False, test_environment=True)
        except email_validator.EmailNotValidError:
            raise ValueError(f"{address} is no email address such as desk@example.org") from None
    return text


def _are_networks(text: str) -> str:
    networks(text)
    return text


TimeZone = Annotated[str, AfterValidator(_is_time_zone)]
SecureAddress = Annotated[str, AfterValidator(_is_kept_secret)]
WorkingHours = Annotated[str, AfterValidator(_is_hours)]
PublicHolidays = Annotated[str, AfterValidator(_is_country)]
Region = Annotated[str, AfterValidator(_has_phones)]
LanguageName = Annotated[str, AfterValidator(_is_language)]
TimesOfDay = Annotated[str, AfterValidator(_are_times)]
MailAddresses = Annotated[str, AfterValidator(_are_addresses)]
Networks = Annotated[str, AfterValidator(_are_networks)]
