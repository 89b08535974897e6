"""What a door stands on: the service behind it, the clinic's words, and everything put before its pages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from babel import Locale, localedata
from flask import Flask, has_request_context, request, request_started
from flask_babel import Babel, Domain, get_locale
from flask_wtf.csrf import CSRFProtect

from screening.service.patient import Service
from screening.settings import EXAMPLE_PHONE, Settings
from screening.storage.database import wait_anew
from screening.web import addresses, compression, failures, headers, numbers, signing, words
from screening.web.at_hand import app_at_hand, request_at_hand
from screening.web.headers import SAFE


class _Languages(Babel):  # type: ignore[misc]  # Flask-Babel ships no types
    """Reads translations once, where Flask-Babel reads them for each page."""

    @cached_property
    def domain_instance(self) -> Domain:
        return Domain(domain=self.domain)


class _Forms(CSRFProtect):  # type: ignore[misc]  # Flask-WTF ships no types
    """Asks of forms alone, and looks closer at a token that is not written as ours are."""

    def protect(self, apply_exemptions: bool = False) -> None:
        asked = request_at_hand().request
        if asked.method not in SAFE and not signing.carries_token(asked.form):
            super().protect(apply_exemptions)


csrf = _Forms()
babel = _Languages()


@dataclass(frozen=True, slots=True)
class ClinicWords:
    """What templates say about the clinic; None where it is not set."""

    name: str
    phone: str
    email: str | None
    address: str | None
    opening_hours: str | None
    logo_url: str | None
    stylesheet: str | None


@dataclass(frozen=True, slots=True)
class PageLanguage:
    """What templates need of the locale: a BCP 47 tag, and `ltr` or `rtl`."""

    language: str
    dir: str


def service() -> Service:
    """The current app's one service."""
    return service_of(app_at_hand())


def service_of(app: Flask) -> Service:
    """An app's one service."""
    found: Service = app.extensions["screening"]
    return found


def origin() -> str:
    """The address that whoever acts now comes from, for the audit."""
    return (request.remote_addr or "") if has_request_context() else "command line"


def init_app(app: Flask, settings: Settings) -> None:
    """Languages, headers, tokens against forged forms, failures, and what every template may say."""
    babel.init_app(
        app, locale_selector=lambda: settings.language, timezone_selector=lambda: settings.time_zone
    )
    localedata.load(str(Locale.parse(settings.language)))  # 4 MB, which processes of one start share
    words.init_app(app)
    request_started.connect(_begins, app)
    headers.init_app(app)
    addresses.init_app(app)
    compression.init_app(app)
    csrf.init_app(app)
    signing.init_app(app)
    failures.init_app(app)
    app.context_processor(_context)
    app.add_template_filter(numbers.with_links)
    app.add_template_filter(numbers.number_link)


def _begins(_app: Flask, **_more: object) -> None:
    wait_anew()


def _context() -> dict[str, object]:
    settings, locale = service().settings, get_locale()
    here = request.script_root if has_request_context() else ""
    elsewhere = settings.own_address if settings.doors == "staff" else ""  # of patients' pages
    direction = locale.text_direction if locale is not None else "ltr"
    return {
        "clinic": clinic(settings),
        "script_root": here,
        "patients_root": elsewhere or here,
        "example_phone": settings.clinic_phone == EXAMPLE_PHONE,
        "locale": PageLanguage(str(locale).replace("_", "-") if locale else "en", direction),
        "trial": not service().library.all_signed(),
        "british": settings.region == "GB",
    }


def clinic(settings: Settings) -> ClinicWords:
    """The clinic's own words; None for each that is not set."""
    return ClinicWords(
        settings.clinic_name,
        settings.clinic_phone,
        settings.clinic_email or None,
        settings.clinic_address or None,
        settings.clinic_hours or None,
        settings.clinic_logo or None,
        settings.clinic_stylesheet or None,
    )
