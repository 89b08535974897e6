"""The settings that there are; the table of docs/settings.md is held to this file by a test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from screening.settings.kinds import (
    LanguageName,
    MailAddresses,
    Networks,
    PublicHolidays,
    Region,
    SecureAddress,
    TimesOfDay,
    TimeZone,
    WorkingHours,
    addresses,
)

PREFIX = "SCREENING_"
SHORTEST_SECRET = 32  # characters
PACKAGE = Path(__file__).parents[1]
TRANSLATIONS = PACKAGE / "translations"
EXAMPLE_PHONE = "01632 960 000"  # from the range kept for fiction: it rings nowhere


def shipped(folder: str) -> Path:
    """A folder that stands beside the package in a checkout, and inside it in a wheel."""
    inside = PACKAGE / folder
    return inside if inside.is_dir() else PACKAGE.parent / folder


class Settings(BaseModel):
    """Each field is the variable SCREENING_<NAME>; its description is what docs/settings.md says."""

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
        "but the public one; `staff`, without the pages of patients. Both are reached at one address, where "
        "`/staff` leads to the staff's process (deploy/nginx.conf); where SCREENING_PUBLIC_ADDRESS is set, "
        "links from its pages to patients' go there",
    )
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        0, description="port on 127.0.0.1 where `screening serve` tells metrics to Prometheus; 0: none"
    )
    threads: Annotated[int, Field(ge=1, le=256)] = Field(8, description="threads that answer requests")
    workers: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="processes of `screening serve` that answer requests, each with so many threads"
    )
    proxies: Annotated[int, Field(ge=0, le=5)] = Field(
        0, description="how many reverse proxies in front set X-Forwarded-For, -Proto and -Host"
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
    clinic_logo: str = Field(
        "", description="address of the clinic's logo, on this host, such as `/logo.svg`"
    )
    clinic_stylesheet: str = Field(
        "", description="address of a style sheet that sets the clinic's colours, on this host"
    )
    clinic_networks: Networks = Field(
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
    region: Region = Field("GB", description="country of phone numbers without a country code")
    time_zone: TimeZone = Field("Europe/London", description="time zone of the clinic")
    language: LanguageName = Field("en_GB", description="language of the pages")
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
    working_hours: WorkingHours = Field(
        "Mon-Fri 09:00-17:00",
        description="when the clinic works, such as `Mon-Thu 09:00-17:00, Fri 09:00-13:00`",
    )
    promise_hours: Annotated[int, Field(ge=0, le=1000)] = Field(
        0,
        description="working hours after which a request is overdue; 0: what SCREENING_REPLY_DAYS makes",
    )
    holidays: PublicHolidays = Field(
        "GB-ENG",
        description="public holidays: a country, or country-part as in `GB-SCT`; `none`: no holidays",
    )
    places: str = Field(
        "", description="where appointments are, offered when booking, with semicolons between"
    )
    usual_times: TimesOfDay = Field(
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
    mail_from: MailAddresses = Field(
        "", description="address that notices come from; needed with SCREENING_SMTP_HOST"
    )
    mail_return: MailAddresses = Field(
        "",
        description="address that mails to patients come back to when they fail, as `NAME+TOKEN@...` "
        "(docs/messages.md); empty: they come to SCREENING_MAIL_FROM",
    )
    mail_reception: MailAddresses = Field(
        "", description="addresses told of new requests, and daily of what waits, with commas between"
    )
    mail_clinicians: MailAddresses = Field(
        "", description="addresses told of what needs review, daily as long as it waits"
    )
    mail_managers: MailAddresses = Field(
        "", description="addresses told, as clinicians are, when a rule set is to be reviewed"
    )
    mail_digest_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        30, description="minutes for which requests that need review are collected into one mail"
    )
    public_address: str = Field(
        "", description="address of this service, such as `https://forms.example.org`, for links in notices"
    )
    link_days: Annotated[int, Field(ge=1, le=60)] = Field(
        7, description="days for which a link to a question, sent to a patient, works"
    )
    sms_url: SecureAddress = Field(
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
    fhir_send_to: SecureAddress = Field(
        "",
        description="FHIR server of the clinic that gets requests, https or on this machine; empty: none",
    )
    fhir_send_when: Literal["received", "reviewed"] = Field(
        "reviewed", description="when: `received`, or `reviewed`, each time it becomes ready to book"
    )
    fhir_token_file: Path | None = Field(None, description="file with the token for that server; empty: none")
    letter_logo: Path | None = Field(
        None, description="PNG, JPEG or SVG file of the logo on letters, 1 MB at most"
    )
    log_level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="lowest level that is logged"
    )
    log_file: Path | None = Field(
        None,
        description="file of the log, begun anew at 10 MB with five kept before it; empty: standard error",
    )

    _path: str = PrivateAttr("")  # what the addresses of a site begin with

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
        return tuple(variable(name) for name in told if not getattr(self, name))

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


def variable(field: str) -> str:
    """What a setting is called in the environment."""
    return f"{PREFIX}{field.upper()}"
