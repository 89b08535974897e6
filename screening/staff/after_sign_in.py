"""What was typed comes back: after a failure on the page itself, after a lost session in a sealed draft.

The draft is a patient's draft in kind: the server keeps it sealed and only the browser's cookie opens
it. It is given back once, on the page where it was typed, to the person who typed it.
"""

from __future__ import annotations

from typing import Any

from flask import Response, g, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from screening.accounts import sessions
from screening.accounts.access import PREFIX, person, staff
from screening.accounts.typed_words import KEPT_FOR, give_back, keep, whose_session
from screening.staff.action_forms import HIDDEN, ActionForm, AnswerForm, DecisionForm, HandOverForm
from screening.staff.actions import ACTIONS
from screening.staff.fields import render
from screening.staff.showing import page, signed_in
from screening.web import failures
from screening.web.door import service
from screening.web.headers import on_this_machine

COOKIE = "typed"
LONGEST = 16 * 1024  # bytes of a form that are kept for later
PAGES = frozenset({"staff.act", "staff.answer", "staff.decide"})
KEPT_LATER = PAGES | {"staff.entry_question"}


def keep_typed(status: int, why: str) -> ResponseReturnValue | None:
    """After a failed POST: the form with everything typed on it, and nothing that needs the database."""
    if request.endpoint not in PAGES:
        return None
    if signed_in() is None and status != 503:
        return None  # `keep_for_later` sees to it once the answer is on its way to the sign-in page
    found = _typed_form()
    if found is None:
        return None
    heading, form = found
    fields = [render(field) for field in form if field.name not in HIDDEN]
    context = {"heading": heading, "fields": fields, "seen": form.seen, "errors": [{"text": why}]}
    return page("again", **context), status


def _typed_form() -> tuple[Any, ActionForm] | None:
    """The form that was sent, and what it is called; built without the database, which may be away."""
    if request.endpoint == "staff.decide":
        return _("What do you decide on this?"), DecisionForm()
    if request.endpoint == "staff.answer":
        return _("Enter the patient’s answer"), AnswerForm()
    action = ACTIONS.get(str((request.view_args or {}).get("action", "")))
    if action is None:
        return None
    form = action.form()
    if isinstance(form, HandOverForm):
        form.to.offered = {form.to.data or "": _("The person you chose")}
    return action.label, form


@staff.url_value_preprocessor
def remember_session(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Runs before the guard, which empties the cookie of a session that is over."""
    g.session_token = session.get(sessions.KEY)


@staff.after_request
def keep_for_later(response: Response) -> Response:
    """A form from somebody whose session ended: kept until they have signed in again."""
    if response.status_code != 401 or request.endpoint not in KEPT_LATER or len(request.get_data()) > LONGEST:
        return response  # other refusals came from elsewhere, or came with the page that was sent
    who = whose_session(service(), g.get("session_token"))
    if who is not None:
        _keep(response, who)
        context = {"retry": [], "typed": [], "onward": request.path, "still_in": False}
        response.set_data(page("ended", **context))  # the words are safe, so they leave the screen
    return response


def _keep(response: Response, who: str) -> None:
    typed = {name: request.form.getlist(name) for name in request.form if name != "csrf_token"}
    cookie = {"path": PREFIX, "httponly": True, "samesite": "Lax", "secure": not on_this_machine()}
    kept_in = keep(service(), who, request.path, typed)
    response.set_cookie(COOKIE, kept_in, max_age=KEPT_FOR, **cookie)  # type: ignore[arg-type]  # mixed values


failures.keepers.update(dict.fromkeys(PAGES, keep_typed))


def kept() -> MultiDict[str, str] | None:
    """What this person typed on this page before their session ended; given back once."""
    typed = give_back(service(), request.cookies.get(COOKIE, ""), person().id, request.path)
    if typed is None:
        return None
    return MultiDict((name, text) for name, texts in typed.items() for text in texts)
