"""What stands around every answer: which are refused unread, the security headers, the log line."""

from __future__ import annotations

import secrets
import time
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import BadRequest, Forbidden

from screening.logs import log

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
MAX_BODY = 256 * 1024  # so much is read, and shown again beside what must be shorter
TAKEN = 1024 * 1024  # so much is taken off the line, to be refused on a page of ours
MAX_FIELDS = 200


def on_this_machine() -> bool:
    """Whether the page was asked for by a name of this machine: only then may cookies go without TLS."""
    return (urlsplit(f"//{request.host}").hostname or "") in {name.strip("[]") for name in LOCAL}


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie; Secure everywhere but on localhost."""

    def get_cookie_secure(self, app: Flask) -> bool:
        del app  # it depends on the request
        return not on_this_machine()


def init_app(app: Flask) -> None:
    """Before each request: refuse; after each: headers and a line in the log."""
    app.session_interface = Sessions()
    app.before_request(_begin)
    app.before_request(_refuse_oversize)
    app.before_request(_refuse_foreign)
    app.after_request(_finish)


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
