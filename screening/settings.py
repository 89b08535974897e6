"""Settings, from environment variables SCREENING_*; the README's table is held to this file by a test."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import email_validator
from babel import Locale, UnknownLocaleError
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator

from screening.core.errors import NotReady
from screening.core.working_hours import Calendar, parse_hours
from screening.days_off import holidays_of

PREFIX = "SCREENING_"
TESTS = f"{PREFIX}TEST_"  # what the test suite is told, not the service
SHORTEST_SECRET = 32  # characters
LONGEST_RETURN = 21  # characters before the @ of the return address: a token goes in
PACKAGE = Path(__file__).parent
TRANSLATIONS = PACKAGE / "translations"
EXAMPLE_PHONE = "01632 960 000"  # from the range kept for fiction: it rings nowhere


def shipped(folder: str) -> Path:
    """A folder that stands beside the package in a checkout, and inside it in a wheel."""
    inside = PACKAGE / folder
    return inside if inside.is_dir() else PACKAGE.parent / folder


class Settings(BaseModel):
    """Each field is the variable SCREENING_<NAME>; its description is what the README says."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    instance: Path = Field(
        Path("instance"), description="folder for the database and the secrets; made when absent"
    )
    database_url: str = Field(
        "",
        description="`sqlite:///path` or `postgresql://...`, behind pgbouncer with `?pooler=transaction`; "
        "empty: SQLite in the instance folder",
    )
    rules: Path = Field(default_factory=lambda: shipped("rules"), description="folder of the rule sets")
    secret_key: str = Field(
        "",
        description="signs cookies and form tokens and encrypts second factors, 32 characters or more; "
        "empty: kept in the instance folder",
    )
    secret_key_before: str = Field(
        "",
        repr=False,
        description="the secret key of before, while it is being changed; empty: in the instance folder, "
        "where there is one",
    )
    sealing_key: Path | None = Field(
        None, description="file of the public key that seals requests; empty: in the instance folder"
    )
    host: str = Field("127.0.0.1", description="address that `screening serve` listens on")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8000, description="port that `screening serve` listens on; 0: any free one"
    )
    doors: Literal["both", "patient", "staff"] = Field(
        "both",
        description="which pages this process serves: `both`; `patient`, without `/staff` and with no key "
        "but the public one; `staff`, without the pages of patients",
    )
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        0, description="port on 127.0.0.1 where `screening serve` tells metrics to Prometheus; 0: none"
    )
    threads: Annotated[int, Field(ge=1, le=256)] = Field(8, description="threads that answer requests")
    workers: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="processes of `screening serve` that answer requests, each with so many threads"
    )
    proxies: Annotated[int, Field(ge=0, le=5)] = Field(
        0, description="how many reverse proxies in front set X-Forwarded-* headers"
    )
    trial: bool = Field(
        True,
        description="serve also what no clinician signed off, and say so on its pages; "
        "`false` serves only what was published and has begun, and needs a clinic's name and phone",
    )
    stop_past_review: bool = Field(
        False, description="`true`: nobody starts a rule set after its `review_by`; who has begun may finish"
    )
    sites: Path | None = Field(
        None, description="file of the clinics of a group (docs/sites.md); empty: there is one clinic"
    )
    clinic_name: str = Field("The clinic", description="the clinic's name, on every page")
    clinic_phone: str = Field(EXAMPLE_PHONE, description="phone number for patients, on every page")
    clinic_email: str = Field("", description="email address for patients")
    clinic_address: str = Field("", description="the clinic's postal address")
    data_contact: str = Field(
        "", description="who at the clinic answers questions about personal data, and how to reach them"
    )
    lawful_basis: str = Field(
        "", description="the lawful basis on which the clinic uses patients' data, as its privacy notice says"
    )
    data_complaints: str = Field(
        "the Information Commissioner’s Office, ico.org.uk, phone 0303 123 1113",
        description="where patients can complain about the use of their data",
    )
    clinic_hours: str = Field(
        "", description="when the phone is answered, such as `Monday to Friday, 9am to 5pm`"
    )
    clinic_logo: str = Field("", description="address of the clinic's logo, on this host")
    clinic_stylesheet: str = Field(
        "", description="address of a style sheet that sets the clinic's colours, on this host"
    )
    clinic_networks: str = Field(
        "",
        description="the clinic's own networks, such as `203.0.113.0/24`, with commas between: "
        "many patients may send from there within an hour",
    )
    reply_days: Annotated[int, Field(ge=1, le=60)] = Field(
        3, description="working days within which the clinic gets in touch"
    )
    review_requests: Literal["anything", "all"] = Field(
        "anything",
        description="which requests a doctor or nurse reads before anything is booked: `anything`, those "
        "with a flag, own words or something that does not fit; `all`, every one",
    )
    review_days: Annotated[int, Field(ge=1, le=60)] = Field(
        2, description="working days within which a clinician looks at what waits for review"
    )
    region: str = Field(
        "GB", pattern="^[A-Z]{2}$", description="country of phone numbers without a country code"
    )
    time_zone: str = Field("Europe/London", description="time zone of the clinic")
    language: str = Field("en_GB", description="language of the pages")
    draft_minutes: Annotated[int, Field(ge=5, le=1440)] = Field(
        60, description="minutes without use after which a draft is deleted"
    )
    draft_hours: Annotated[int, Field(ge=1, le=72)] = Field(
        12, description="hours after which a draft is deleted in any case"
    )
    staff_idle_minutes: Annotated[int, Field(ge=3, le=15)] = Field(
        15, description="minutes without use after which staff are signed out"
    )
    staff_hours: Annotated[int, Field(ge=1, le=12)] = Field(
        12, description="hours after which staff are signed out in any case"
    )
    opening_keys: Path | None = Field(
        None,
        description="file of the private keys that open requests, for staff; empty: in the instance folder",
    )
    index_key: Path | None = Field(
        None, description="file of the secret key that finds sealed names; empty: in the instance folder"
    )
    audit_head: Path | None = Field(
        None,
        description="file that remembers the last audit event, best on another disk; empty: in the instance",
    )
    audit_copy: Path | None = Field(
        None, description="second file that remembers it, such as on another machine's disk; empty: none"
    )
    audit_key: Path | None = Field(
        None, description="file of the key that signs what they remember; empty: in the instance folder"
    )
    keep_not_taken_days: Annotated[int, Field(ge=0, le=36500)] = Field(
        0,
        description="days after which a finished request that led to no appointment is erased, "
        "counted from what happened to it last; 0: it is kept",
    )
    keep_finished_days: Annotated[int, Field(ge=0, le=36500)] = Field(
        0, description="the same, for a finished request that led to an appointment; 0: it is kept"
    )
    backup_to: Path | None = Field(
        None,
        description="folder of the backups that `screening serve` makes, best on another disk; empty: none",
    )
    backup_hours: Annotated[int, Field(ge=1, le=168)] = Field(24, description="hours between two backups")
    backup_days: Annotated[int, Field(ge=2, le=3650)] = Field(
        35, description="days after which a backup is deleted; so long does what was erased live on in it"
    )
    backup_key: Path | None = Field(
        None, description="file of the public key that backups are sealed to; empty: in the instance folder"
    )
    reception_sees_health: bool = Field(False, description="show patients' health answers to reception too")
    working_hours: str = Field(
        "Mon-Fri 09:00-17:00",
        description="when the clinic works, such as `Mon-Thu 09:00-17:00, Fri 09:00-13:00`",
    )
    promise_hours: Annotated[int, Field(ge=0, le=1000)] = Field(
        0,
        description="working hours after which a request is overdue; 0: what SCREENING_REPLY_DAYS makes",
    )
    holidays: str = Field(
        "GB-ENG",
        description="public holidays: a country, or country-part as in `GB-SCT`; `none`: no holidays",
    )
    places: str = Field(
        "", description="where appointments are, offered when booking, with semicolons between"
    )
    usual_times: str = Field(
        "", description="times offered when booking, such as `09:00, 09:30`, with commas between"
    )
    smtp_host: str = Field("", description="mail server for notices; empty: no mail is written")
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = Field(587, description="port of the mail server")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="`starttls`, `tls`, or `none` for a mail server on this machine only"
    )
    smtp_ca: Path | None = Field(
        None,
        description="file of certificates that the mail server's is checked against; empty: the system's",
    )
    smtp_user: str = Field("", description="user at the mail server; empty: does not sign in")
    smtp_password: str = Field("", repr=False, description="password at the mail server")
    mail_from: str = Field("", description="address that notices come from; needed with SCREENING_SMTP_HOST")
    mail_return: str = Field(
        "",
        description="address that mails to patients come back to when they fail, as `NAME+TOKEN@...` "
        "(docs/messages.md); empty: they come to SCREENING_MAIL_FROM",
    )
    mail_reception: str = Field(
        "", description="addresses told of new requests, and daily of what waits, with commas between"
    )
    mail_clinicians: str = Field(
        "", description="addresses told of what needs review, daily as long as it waits"
    )
    mail_managers: str = Field(
        "", description="addresses told, as clinicians are, when a rule set is to be reviewed"
    )
    mail_digest_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        30, description="minutes for which requests that need review are collected into one mail"
    )
    public_address: str = Field(
        "", description="address of this service, such as `https://forms.example.org`, for links in notices"
    )
    link_days: Annotated[int, Field(ge=1, le=60)] = Field(
        7, description="days for which a link to a question works that was sent to a patient"
    )
    sms_url: str = Field(
        "",
        description="gateway that takes text messages to patients (docs/messages.md), https or on this "
        "machine; empty: none",
    )
    sms_token_file: Path | None = Field(None, description="file with the token for that gateway; empty: none")
    sms_secret_file: Path | None = Field(
        None,
        description="file with the secret that it signs delivery reports with; empty: none are taken",
    )
    sms_from: str = Field("", description="whom text messages come from, as the gateway takes it")
    fhir_rules: Literal["staff", "public"] = Field(
        "staff", description="who reads flags and indicators as PlanDefinitions: `staff`, or the `public` too"
    )
    fhir_send_to: str = Field(
        "",
        description="FHIR server of the clinic that gets requests, https or on this machine; empty: none",
    )
    fhir_send_when: Literal["received", "reviewed"] = Field(
        "reviewed", description="when: `received`, or `reviewed`, each time it becomes ready to book"
    )
    fhir_token_file: Path | None = Field(None, description="file with the token for that server; empty: none")
    letter_logo: Path | None = Field(None, description="PNG, JPEG or SVG file of the logo on letters")
    log_level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="least level that is logged"
    )
    log_file: Path | None = Field(
        None,
        description="file of the log, begun anew at 10 MB with five kept before it; empty: standard error",
    )

    _path: str = PrivateAttr("")  # what the addresses of a site begin with

    @field_validator("time_zone")
    @classmethod
    def _is_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("not a time zone, such as Europe/London") from None
        return name

    @field_validator("fhir_send_to", "sms_url")
    @classmethod
    def _is_kept_secret(cls, address: str) -> str:
        where = urlsplit(address)
        here = where.scheme == "http" and where.hostname in ("localhost", "127.0.0.1", "::1")
        if address and not (where.hostname and (where.scheme == "https" or here)):
            raise ValueError("not an https address, or one on this machine")
        return address

    def of_site(self, path: str, own: Mapping[str, str]) -> Settings:
        """Those of one site, whose addresses begin with `path`."""
        found = self.model_copy(update=own)
        found._path = path  # a copy of ours
        return found

    @property
    def own_address(self) -> str:
        """The address of the site for links in notices; empty where the service has none."""
        return f"{self.public_address.rstrip('/')}{self._path}" if self.public_address else ""

    @property
    def unsaid(self) -> tuple[str, ...]:
        """The variables without which the privacy notice leaves something out."""
        told = ("clinic_address", "clinic_email", "data_contact", "lawful_basis")
        return tuple(_variable(name) for name in told if not getattr(self, name))

    @property
    def opens(self) -> bool:
        """Whether this process may have the private keys."""
        return self.doors != "patient"

    @property
    def database(self) -> str:
        """The address of the database, the embedded default included."""
        return self.database_url or f"sqlite:///{(self.instance / 'screening.sqlite3').resolve()}"

    @property
    def forms_at(self) -> str:
        """What addresses of Questionnaires begin with; empty where this service has no name."""
        return f"{self.public_address.rstrip('/')}/fhir" if self.public_address else ""

    @property
    def places_offered(self) -> list[str]:
        """Where appointments are."""
        return [part.strip() for part in self.places.split(";") if part.strip()]

    @property
    def times_offered(self) -> list[str]:
        """When they begin."""
        return addresses(self.usual_times)

    @field_validator("working_hours")
    @classmethod
    def _is_hours(cls, text: str) -> str:
        parse_hours(text)
        return text

    @field_validator("holidays")
    @classmethod
    def _is_country(cls, name: str) -> str:
        holidays_of(name)
        return name

    @field_validator("language")
    @classmethod
    def _is_language(cls, name: str) -> str:
        try:
            Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            raise ValueError("not a language that is known, such as en_GB or de") from None
        return name

    @field_validator("usual_times")
    @classmethod
    def _are_times(cls, text: str) -> str:
        for part in addresses(text):
            if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", part):
                raise ValueError(f"{part} is no time such as 09:30")
        return text

    @field_validator("mail_from", "mail_return", "mail_reception", "mail_clinicians", "mail_managers")
    @classmethod
    def _are_addresses(cls, text: str) -> str:
        for address in addresses(text):
            email_validator.validate_email(address, check_deliverability=False, test_environment=True)
        return text

    @field_validator("clinic_networks")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        networks(text)
        return text

    @property
    def keys(self) -> Path:
        """The folder of the sealing keys that the embedded default makes."""
        return self.instance / "keys"

    @property
    def draft_idle(self) -> timedelta:
        """How long an untouched draft is kept."""
        return timedelta(minutes=self.draft_minutes)

    @property
    def draft_longest(self) -> timedelta:
        """How long any draft is kept."""
        return timedelta(hours=self.draft_hours)

    @property
    def staff_idle(self) -> timedelta:
        """How long staff stay signed in without doing anything."""
        return timedelta(minutes=self.staff_idle_minutes)

    @property
    def staff_longest(self) -> timedelta:
        """How long staff stay signed in at most."""
        return timedelta(hours=self.staff_hours)


def addresses(text: str) -> list[str]:
    """The addresses in a list with commas between."""
    return [part.strip() for part in text.split(",") if part.strip()]


def networks(text: str) -> list[IPv4Network | IPv6Network]:
    """The networks in a list with commas between. Raises ValueError."""
    return [ip_network(part.strip()) for part in text.split(",") if part.strip()]


def calendar_of(settings: Settings) -> Calendar:
    """When the clinic works."""
    return _calendar(settings.working_hours, settings.time_zone, settings.holidays)


@lru_cache(maxsize=16)  # the same until the settings change
def _calendar(hours: str, zone: str, days_off: str) -> Calendar:
    return Calendar(parse_hours(hours), ZoneInfo(zone), holidays_of(days_off))


def promised_by(settings: Settings, received_at: datetime) -> datetime:
    """The moment until which the clinic gets in touch, in UTC. Raises ValueError when it is never open."""
    calendar = calendar_of(settings)
    if settings.promise_hours:
        return calendar.after(received_at, timedelta(hours=settings.promise_hours))
    return _closes_after(settings, calendar.day_of(received_at), settings.reply_days)


def reviewed_by(settings: Settings, since: datetime) -> datetime:
    """The moment until which a clinician looks at what waits for review since then, in UTC."""
    return _closes_after(settings, calendar_of(settings).day_of(since), settings.review_days)


def _closes_after(settings: Settings, day: date, days: int) -> datetime:
    return _closing(settings.working_hours, settings.time_zone, settings.holidays, day, days)


@lru_cache(maxsize=256)  # one for each day that is asked for
def _closing(hours: str, zone: str, days_off: str, day: date, days: int) -> datetime:
    return _calendar(hours, zone, days_off).closes_after(day, days)


def load_settings(**given: Any) -> Settings:
    """Settings from the environment, `given` first.

    Raises NotReady that names every variable that is wrong or unknown, each with what to do; a name that
    was given counts as its variable.
    """
    wrong = list(_unknown([*os.environ, *map(_variable, given)]))
    try:
        settings = Settings(**(_in_environment() | given))
    except ValidationError as error:
        wrong += [
            f"{_variable(str(fault['loc'][0]))}: {fault['msg']}."
            for fault in error.errors()
            if fault["type"] != "extra_forbidden"  # `_unknown` says it, with a remedy
        ]
        raise NotReady("\n".join(wrong)) from None
    wrong += _at_odds(settings)
    if wrong:
        raise NotReady("\n".join(wrong))
    return settings


def _in_environment() -> dict[str, Any]:
    """What is set there, of the settings that there are; an empty one is as if it were not."""
    found = {name.upper(): text for name, text in os.environ.items() if text}
    return {name: found[_variable(name)] for name in Settings.model_fields if _variable(name) in found}


def _variable(field: str) -> str:
    return f"{PREFIX}{field.upper()}"


def _unknown(environment: Iterable[str]) -> Iterator[str]:
    """A misspelt variable would leave its default on, silently."""
    known = list(map(_variable, Settings.model_fields))
    for name in environment:
        if name.upper().startswith(PREFIX) and name.upper() not in known and not name.startswith(TESTS):
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.6)
            remedy = f"Did you mean {near[0]}?" if near else "Unset it: the README lists those there are."
            yield f"{name}: there is no such setting. {remedy}"


def _at_odds(settings: Settings) -> Iterator[str]:
    """Settings that are right by themselves and not together."""
    if not settings.trial and {"clinic_name", "clinic_phone"} - settings.model_fields_set:
        yield (
            "SCREENING_TRIAL=false: patients need somebody to call. "
            "Set SCREENING_CLINIC_NAME and SCREENING_CLINIC_PHONE."
        )
    try:
        promised_by(settings, datetime.now(UTC))
    except ValueError as error:
        yield f"SCREENING_PROMISE_HOURS: cannot be kept, {error}. Lower it, or mend SCREENING_WORKING_HOURS."
    if settings.smtp_host and not settings.mail_from:
        yield "SCREENING_SMTP_HOST: mail needs a sender. Set SCREENING_MAIL_FROM beside it."
    if len(settings.mail_return.partition("@")[0]) > LONGEST_RETURN or "," in settings.mail_return:
        yield (
            "SCREENING_MAIL_RETURN: 42 letters go into it, and 64 are the most before the @. "
            f"Use one address with {LONGEST_RETURN} letters or fewer there."
        )
    if settings.smtp_tls == "none" and settings.smtp_host not in ("", "localhost", "127.0.0.1", "::1"):
        yield (
            "SCREENING_SMTP_TLS: without TLS the mail server must be on this machine. "
            "Set SCREENING_SMTP_TLS=starttls."
        )
    if settings.secret_key and len(settings.secret_key) < SHORTEST_SECRET:
        yield f"SCREENING_SECRET_KEY: is too short. Use {SHORTEST_SECRET} random characters or more."
