"""What every page has in common: headers, languages, refusals, logs, health."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    has_request_context,
    render_template,
    request,
)
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, ServiceUnavailable

from screening.core.errors import Unavailable
from screening.logs import log, log_failure
from screening.service import Service
from screening.settings import EXAMPLE_PHONE, Settings

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
TRANSPORT = "max-age=63072000; includeSubDomains"
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_BODY = 64 * 1024  # the longest text a question allows, percent-encoded, with room
MAX_FIELDS = 200
RETRY_AFTER = 5  # seconds
SECRET_FIELDS = frozenset(  # never shown again, on no page
    {"csrf_token", "password", "new_password", "new_password_confirm", "code", "credential"}
)

csrf = CSRFProtect()
babel = Babel()
monitoring = Blueprint("monitoring", __name__)


class Keeper(Protocol):
    """Shows a page again with what was typed on it; None where nothing was typed there."""

    def __call__(self, status: int, why: str) -> ResponseReturnValue | None: ...


@dataclass(frozen=True, slots=True)
class Clinic:
    """What templates say about the clinic; None where it is not set."""

    name: str
    phone: str
    email: str | None
    address: str | None
    opening_hours: str | None
    logo_url: str | None
    stylesheet: str | None


@dataclass(frozen=True, slots=True)
class Language:
    """What templates need of the locale."""

    language: str
    dir: str


def service() -> Service:
    """The current app's one service."""
    return service_of(current_app)


def service_of(app: Flask) -> Service:
    """An app's one service."""
    found: Service = app.extensions["screening"]
    return found


def origin() -> str | None:
    """The address that whoever acts now comes from, for the audit."""
    return request.remote_addr if has_request_context() else None


def on_this_machine() -> bool:
    """Whether the page was asked for by a name of this machine: only then may cookies go without TLS."""
    return (urlsplit(f"//{request.host}").hostname or "") in {name.strip("[]") for name in LOCAL}


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie; Secure everywhere but on localhost."""

    def get_cookie_secure(self, app: Flask) -> bool:
        del app  # it depends on the request
        return not on_this_machine()


def init_app(app: Flask, settings: Settings) -> None:
    """Register all of it."""
    app.session_interface = Sessions()
    babel.init_app(
        app, locale_selector=lambda: settings.language, timezone_selector=lambda: settings.time_zone
    )
    app.before_request(_begin)
    app.before_request(_refuse_oversize)
    app.before_request(_refuse_foreign)
    csrf.init_app(app)
    app.after_request(_finish)
    app.context_processor(lambda: _context(settings))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Unavailable, _unavailable)
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(Exception, _our_fault)
    app.register_blueprint(monitoring)


def _context(settings: Settings) -> dict[str, object]:
    locale = get_locale()
    direction = locale.text_direction if locale is not None else "ltr"
    return {
        "clinic": clinic(settings),
        "example_phone": settings.clinic_phone == EXAMPLE_PHONE,
        "locale": Language(str(locale).replace("_", "-") if locale else "en", direction),
        "trial": not service().library.all_signed(),
    }


def clinic(settings: Settings) -> Clinic:
    """The clinic's own words; None for each that is not set."""
    return Clinic(
        settings.clinic_name,
        settings.clinic_phone,
        settings.clinic_email or None,
        settings.clinic_address or None,
        settings.clinic_hours or None,
        settings.clinic_logo or None,
        settings.clinic_stylesheet or None,
    )


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = secrets.token_hex(8)


def _refuse_oversize() -> None:
    """Flask bounds a body's size, but not how many urlencoded fields it holds."""
    if request.method in SAFE or request.mimetype != "application/x-www-form-urlencoded":
        return
    if request.get_data(cache=True, parse_form_data=False).count(b"&") >= MAX_FIELDS:
        raise BadRequest


def _refuse_foreign() -> None:
    """A form is sent from our own pages only, whatever token it carries."""
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if site not in ("same-origin", "none") or foreign:
        raise Forbidden


def _finish(response: Response) -> Response:
    response.headers.update(HEADERS)
    if not on_this_machine():
        response.headers["Strict-Transport-Security"] = TRANSPORT
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    _log_request(response.status_code)
    return response


def _log_request(status: int) -> None:
    """The rule of the address, never the address: what people type into one is theirs."""
    took = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
    log.info("request", endpoint=request.endpoint, method=request.method, status=status, milliseconds=took)


def _keep_typed(status: int, why: str) -> ResponseReturnValue | None:
    """The page again with everything typed on it, where its door knows how."""
    keepers: dict[str, Keeper] = current_app.extensions["screening_keepers"]
    keeper = keepers.get(request.blueprint or "")
    if keeper is None or request.method in SAFE:
        return None
    try:
        return keeper(status, why)
    except Exception as error:  # whatever failed first must not take the page below with it
        log_failure("page could not be kept", error)
        return None


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error
    heading, paragraphs = _words(status)
    return _error_page(status, heading, paragraphs)


def _words(status: int) -> tuple[str, list[str]]:
    if status == 404:
        return _("Page not found"), [
            _("If you typed the address, check that it is right."),
            _("You can start again from the list of treatments, or call us."),
        ]
    if status == 413:
        return _("That was too long"), [_("Go back, make what you wrote shorter, and send it again.")]
    if status == 403:
        return _("This form was not sent from our page"), [_("Go back to our page and send it from there.")]
    if status == 429:
        return _("Please wait a little"), [
            _("We have had many requests from you. Try again in a few minutes.")
        ]
    return _("Something is not right with this page"), [_("Go back and try again, or call us.")]


def _unavailable(error: Unavailable) -> ResponseReturnValue:
    log_failure("database unavailable", error)
    why = _("We could not save this just now. It is still on this page. Wait a few seconds, then try again.")
    kept = _keep_typed(503, why)
    if kept is None:
        paragraphs = [_("Wait a few seconds, then load this page again. Your answers are still there.")]
        kept = _error_page(503, _("We cannot show this page just now"), paragraphs, retry=True)
    response = current_app.make_response(kept)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _form_expired(_error: CSRFError) -> ResponseReturnValue:
    why = _(
        "This page was open for a long time, or cookies are off in your browser. Check it and send it again."
    )
    kept = _keep_typed(400, why)
    return kept if kept is not None else _error_page(400, _("Please send this page again"), [why], retry=True)


def _our_fault(error: Exception) -> ResponseReturnValue:
    log_failure("unexpected error", error)
    why = _("Something went wrong on our side. What you typed is still on this page. Please try again.")
    kept = _keep_typed(500, why)
    if kept is not None:
        return kept
    paragraphs = [_("Try again in a few minutes, or call us.")]
    return _error_page(500, _("Something went wrong on our side"), paragraphs, retry=True)


def _error_page(
    status: int, heading: str, paragraphs: list[str], *, retry: bool = False
) -> ResponseReturnValue:
    """The last resort: even here what was typed is shown, and can be sent again."""
    posted = [(name, text) for name, text in _posted() if name not in SECRET_FIELDS]
    context = {
        "heading": heading,
        "paragraphs": paragraphs,
        "action": {"text": _("See all treatments"), "href": "/"},
        "typed": [text for _name, text in posted if text],
        "retry": (posted or [("again", "1")]) if retry and request.method == "POST" else None,
    }
    return render_template("shared/error.html", **context), status


def _posted() -> list[tuple[str, str]]:
    try:
        return list(request.form.items(multi=True))
    except HTTPException:  # the form itself is what was refused
        return []


@monitoring.get("/health")
def health() -> ResponseReturnValue:
    """Alive: this process answers."""
    return {"status": "alive"}


@monitoring.get("/ready")
def ready() -> ResponseReturnValue:
    """Ready: a request could be kept now, and there is something to ask."""
    checks = {"database": _database_writable(), "rule_sets": len(service().library) > 0}
    status = 200 if all(checks.values()) else ServiceUnavailable.code
    return {"status": "ready" if status == 200 else "not ready", "checks": checks}, status


def _database_writable() -> bool:
    try:
        service().check_ready()
    except Unavailable:
        return False
    return True
