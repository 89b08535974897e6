"""What somebody sees when something failed: what to do, with everything they typed still there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, TooManyRequests

from screening.core.errors import Unavailable
from screening.logs import log_failure
from screening.web.headers import CUT_SHORT, SAFE
from screening.web.words import gettext as _

RETRY_AFTER = 5  # seconds
RETRY_LATER = 600  # seconds
SECRET_FIELDS = frozenset(  # never shown again, on no page
    {"csrf_token", "password", "new_password", "new_password_confirm", "code", "credential"}
)
CARRIED_FIELDS = frozenset(
    {"version", "seen", "shown", "draft", "patient", "under", "opened", "asked", "voice", "anew", "told"}
)  # nobody typed them


class Keeper(Protocol):
    """Shows a page again with what was typed on it, after a POST that failed; None where it cannot.

    It gets the HTTP status to answer with, and in words why it failed.
    """

    def __call__(self, status: int, why: str) -> ResponseReturnValue | None: ...


keepers: dict[str, Keeper] = {}  # endpoint -> its keeper; whatever page has one puts it here when imported

Telling = Callable[[int], ResponseReturnValue]  # answers a failure of this HTTP status
machines: dict[str, Telling] = {}  # a path that programs read, with all below it -> how a failure is told


def init_app(app: Flask) -> None:
    """Our pages for every failure."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Unavailable, _unavailable)
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(TooManyRequests, _too_many)
    app.register_error_handler(RequestEntityTooLarge, _too_long)
    app.register_error_handler(Exception, _our_fault)


def _keep_typed(status: int, why: str) -> ResponseReturnValue | None:
    keeper = keepers.get(request.endpoint or "")
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
        paragraphs = [_("If you typed the address, check that it is right.")]
        if not _of_staff():
            paragraphs.append(_("You can start again from the list of treatments, or call us."))
        return _("Page not found"), paragraphs
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


def _too_many(error: TooManyRequests) -> ResponseReturnValue:
    why = _("We have had many requests from you. What you typed is still on this page. Wait, or call us.")
    kept = _keep_typed(429, why)
    response = current_app.make_response(kept if kept is not None else _http_error(error))
    response.headers["Retry-After"] = str(RETRY_LATER)
    return response


def _too_long(error: RequestEntityTooLarge) -> ResponseReturnValue:
    why = _("What you wrote is far too long. Only its beginning is shown here. Make it shorter, or call us.")
    kept = _keep_typed(413, why) if CUT_SHORT in request.environ else None
    return kept if kept is not None else _http_error(error)


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
    if tell := machines.get("/" + request.path.split("/")[1]):
        return tell(status)
    posted = _fit_to_show()
    context = {
        "heading": heading,
        "paragraphs": paragraphs,
        "action": _way_on(),
        "typed_words": typed_words(),
        "retry": (posted or [("again", "1")]) if retry and request.method == "POST" else None,
    }
    return render_template("shared/error.html", **context), status


def _of_staff() -> bool:
    return request.path.startswith("/staff")


def _way_on() -> dict[str, str]:
    if _of_staff():
        return {"text": _("Go to the start"), "href": f"{request.script_root}/staff"}
    return {"text": _("See all treatments"), "href": f"{request.script_root}/"}


def typed_words() -> list[str]:
    """What a person typed in the form that was sent just now; nothing where none was."""
    return [text for name, text in _fit_to_show() if text and name not in CARRIED_FIELDS]


def _fit_to_show() -> list[tuple[str, str]]:
    return [(name, text) for name, text in _posted() if name not in SECRET_FIELDS]


def _posted() -> list[tuple[str, str]]:
    try:
        return list(request.form.items(multi=True))
    except HTTPException:  # the form itself is what was refused
        return []
