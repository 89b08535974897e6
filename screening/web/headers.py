"""What stands around every answer: which are refused unread, the security headers, the log line."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from os import urandom
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Request, Response, request
from flask.json.provider import DefaultJSONProvider
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from prometheus_client import Counter
from werkzeug.exceptions import BadRequest, Forbidden, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.http import HTTP_STATUS_CODES

from screening.logs import log
from screening.web.at_hand import kept_at_hand, request_at_hand
from screening.web.signing import MOST, TOKEN, session_serializer

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
# Where the host that was asked for is not known to be this machine.
EVERYWHERE = HEADERS | {"Strict-Transport-Security": TRANSPORT, "Cache-Control": "no-store"}
_OURS = tuple(HEADERS.items())
_UNKEPT = ("Cache-Control", "no-store")  # unless a page says otherwise
_NAMES = frozenset(name.lower() for name in [*HEADERS, "Strict-Transport-Security"])
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
_NAMES_OF_THIS_MACHINE = frozenset(name.strip("[]") for name in LOCAL)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_BODY = 256 * 1024  # so much is read, and shown again beside what must be shorter; the rest is not
CUT_SHORT = "screening.cut_short"  # in the environment of a form that was longer
MAX_FIELDS = 200
ALSO_AT = "SESSION_COOKIE_ALSO_AT"  # of an app's settings: more paths for its cookie
TAKE_JSON = frozenset({"gateway.report"})  # endpoints that no browser asks
LAST_PORT = 65535
_ANSWERED = Counter(
    "screening_answers", "Answers, by the rule of the address and class.", ["endpoint", "status"]
)
NOT_BEHIND_A_PROXY = (
    "a form from the https address of this service was refused, for it takes its own address for http: "
    "behind a proxy with TLS, set SCREENING_PROXIES=1"
)
_FORM = "application/x-www-form-urlencoded"
_PARTED = re.compile(rb"%[0-9A-Fa-f]?$")  # what was cut in two
_HOST = re.compile(
    r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(:(?P<port>[0-9]{1,5}))?", re.ASCII | re.IGNORECASE
)


def on_this_machine() -> bool:
    """Whether the page was asked for by a name of this machine: only then may cookies go without TLS."""
    return _is_of_this_machine(request.host)


@lru_cache(maxsize=64)  # a service has few names
def _is_of_this_machine(host: str) -> bool:
    return (urlsplit(f"//{host}").hostname or "") in _NAMES_OF_THIS_MACHINE


@lru_cache(maxsize=64)
def _ours(host: str) -> tuple[tuple[str, str], ...]:
    if _is_host(host) and _is_of_this_machine(host):
        return _OURS
    return (*_OURS, ("Strict-Transport-Security", TRANSPORT))


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie; Secure everywhere but on localhost."""

    def __init__(self, app: Flask) -> None:
        keys = [*app.config["SECRET_KEY_FALLBACKS"], app.config["SECRET_KEY"]]
        self._signing = session_serializer(keys, self.salt, self.serializer)
        self._token = lru_cache(maxsize=MOST)(self._token_in)
        self._cookie = self.get_cookie_name(app)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """As Flask does it; a cookie that was found to hold a token, and nothing else, is not read again."""
        cookie = request.cookies.get(self._cookie)
        if not cookie:
            return self.session_class()
        try:
            token, signed_at = self._token(cookie)
        except BadSignature:
            return super().open_session(app, request)
        fresh = abs(self._signing.now() - signed_at) <= app.permanent_session_lifetime.total_seconds()
        return self.session_class({TOKEN: token} if fresh else None)

    def _token_in(self, cookie: str) -> tuple[str, float]:
        """And when it was signed, in seconds; raises BadSignature for what holds more."""
        held, signed = self._signing.loads(cookie, return_timestamp=True)
        if held.keys() != {TOKEN}:
            raise BadSignature("of somebody of whom the session knows more")
        return held[TOKEN], signed.timestamp()

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer:
        """The one of this app."""
        del app
        return self._signing

    def get_cookie_secure(self, app: Flask) -> bool:
        del app  # it depends on the request
        return not on_this_machine()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """The same for each path where the door is, and for nothing beside it. Nearly always there is nothing
        to save."""
        if not session.modified and not self.should_set_cookie(app, session):
            if session.accessed:
                response.headers.add("Vary", "Cookie")
            return
        super().save_session(app, session, response)
        mine, here = f"{self.get_cookie_name(app)}=", f"; Path={self.get_cookie_path(app)};"
        given = [cookie for cookie in response.headers.getlist("Set-Cookie") if cookie.startswith(mine)]
        for path in app.config.get(ALSO_AT, ()):
            for cookie in given:
                response.headers.add("Set-Cookie", cookie.replace(here, f"; Path={path};"))


class Guarded:
    """Puts our headers on every answer, whatever it says of itself."""

    def __init__(self, inner: WSGIApplication) -> None:
        self.inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """As WSGI has it."""

        def start(status: str, given: list[tuple[str, str]], error: Any = None) -> Any:
            theirs = [each for each in given if each[0].lower() not in _NAMES]
            ours = _ours(environ.get("HTTP_HOST") or environ["SERVER_NAME"])
            if not any(name.lower() == "cache-control" for name, _ in theirs):
                ours = (*ours, _UNKEPT)
            return start_response(status, [*theirs, *ours], error)

        return self.inner(environ, start)


class NamedRight:
    """Refuses what was asked of a host that cannot be one, before anything makes an address of it."""

    def __init__(self, inner: WSGIApplication) -> None:
        self.inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """As WSGI has it."""
        host = environ.get("HTTP_HOST")
        if host is None or _is_host(host):
            return self.inner(environ, start_response)
        return plain(400)(environ, start_response)


def _is_host(text: str) -> bool:
    found = _HOST.fullmatch(text)
    return found is not None and int(found["port"] or 1) <= LAST_PORT


class CutShort:
    """Takes no more of a form than is read: so the page that refuses it still shows how it began."""

    def __init__(self, inner: WSGIApplication) -> None:
        self.inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """As WSGI has it."""
        length = str(environ.get("CONTENT_LENGTH") or "")
        form = str(environ.get("CONTENT_TYPE", "")).startswith(_FORM)
        if form and length.isascii() and length.isdecimal() and int(length) > MAX_BODY:
            begun = _PARTED.sub(b"", environ["wsgi.input"].read(MAX_BODY))
            shorter = {"wsgi.input": BytesIO(begun), "CONTENT_LENGTH": str(len(begun)), CUT_SHORT: True}
            environ.update(shorter)
        return self.inner(environ, start_response)


def plain(status: int) -> Response:
    """An answer where no page can be made, with all headers."""
    answer = Response(HTTP_STATUS_CODES[status], status, content_type="text/plain; charset=utf-8")
    answer.headers.update(EVERYWHERE)
    return answer


class Json(DefaultJSONProvider):
    """Flask's, for which a text nested too deep is no JSON."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Raises ValueError."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deep") from None


def init_app(app: Flask) -> None:
    """Before each request: refuse; after each: headers and a line in the log."""
    app.session_interface = Sessions(app)
    app.json = Json(app)
    app.wsgi_app = Guarded(NamedRight(CutShort(app.wsgi_app)))  # type: ignore[method-assign]  # Flask documents this assignment
    app.before_request(_begin)
    app.after_request(_tell)


def _begin() -> None:
    here, asked = kept_at_hand(), request_at_hand().request
    here.started = time.perf_counter()
    here.request_id = urandom(8).hex()
    if asked.method not in SAFE:
        _refuse_foreign(asked)
    if asked.method not in SAFE or asked.environ.get("CONTENT_TYPE"):
        _refuse_oversize(asked)


def _refuse_oversize(asked: Request) -> None:
    """Flask bounds a body's size, but not how many urlencoded fields it holds. No page takes JSON."""
    if asked.is_json and asked.endpoint not in TAKE_JSON:
        raise UnsupportedMediaType
    if asked.method in SAFE or asked.mimetype != _FORM:
        return
    if asked.get_data(cache=True, parse_form_data=False).count(b"&") >= MAX_FIELDS:
        raise BadRequest
    if CUT_SHORT in asked.environ:
        raise RequestEntityTooLarge


def _refuse_foreign(asked: Request) -> None:
    """A form is sent from our own pages only, whatever token it carries."""
    site = asked.headers.get("Sec-Fetch-Site", "same-origin")
    origin = asked.headers.get("Origin")
    foreign = origin is not None and origin.lower() != asked.host_url.rstrip("/").lower()
    if foreign and str(origin).lower() == f"https://{asked.host.lower()}":
        log.warning(NOT_BEHIND_A_PROXY)
    if site not in ("same-origin", "none") or foreign:
        raise Forbidden


def _tell(response: Response) -> Response:
    """The rule of the address, never the address: what people type into one is theirs."""
    asked, now, status = request_at_hand().request, time.perf_counter(), response.status_code
    took = round((now - kept_at_hand().get("started", now)) * 1000, 1)
    _counted(asked.endpoint or "none", f"{status // 100}xx").inc()
    log.info("request", endpoint=asked.endpoint, method=asked.method, status=status, milliseconds=took)
    return response


_counted = lru_cache(maxsize=None)(_ANSWERED.labels)  # of few addresses' rules
