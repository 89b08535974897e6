"""What was typed comes back: after a failure on the page itself, after a lost session in a sealed draft.

The draft is a patient's draft in kind: the server keeps it sealed and only the browser's cookie opens
it. It is given back once, on the page where it was typed, to the person who typed it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, g, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from screening.accounts import sessions
from screening.accounts.access import PREFIX, person, staff
from screening.staff.action_forms import HIDDEN, ActionForm, AnswerForm, DecisionForm, HandOverForm
from screening.staff.actions import ACTIONS
from screening.staff.fields import render
from screening.staff.showing import page, signed_in
from screening.storage import drafts, staff_sessions
from screening.storage.database import reading, writing
from screening.storage.sealing.tokens import DraftToken
from screening.web import failures
from screening.web.door import service
from screening.web.headers import on_this_machine

COOKIE = "typed"
KEPT_AS = "staff:typed"  # no treatment: its id could never be one
KEPT_FOR = timedelta(minutes=30)
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
def remember_session(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Runs before the guard, which empties the cookie of a session that is over."""
    g.session_token = session.get(sessions.KEY)


@staff.after_request
def keep_for_later(response: Response) -> Response:
    """A form from somebody whose session ended: kept until they have signed in again."""
    if response.status_code != 401 or request.endpoint not in KEPT_LATER or len(request.get_data()) > LONGEST:
        return response  # other refusals came from elsewhere, or came with the page that was sent
    who = _whose_session_ended()
    if who is not None:
        _keep(response, who)
        context = {"retry": [], "typed": [], "onward": request.path, "still_in": False}
        response.set_data(page("ended", **context))  # the words are safe, so they leave the screen
    return response


def _whose_session_ended() -> str | None:
    """The person of a session that is over: nobody else may see what was typed in it."""
    token = g.get("session_token")
    if not isinstance(token, str):
        return None
    with reading(service().engine) as connection:
        found = staff_sessions.load(connection, token)
    return found.person_id if found is not None else None


def _keep(response: Response, who: str) -> None:
    token, now = DraftToken.new(), service().now()
    typed = {name: request.form.getlist(name) for name in request.form if name != "csrf_token"}
    kept = {"who": who, "path": request.path, "typed": typed}
    with writing(service().engine) as connection:
        drafts.create(
            connection, token, treatment=KEPT_AS, rule_set_digest="", answers=kept, now=now,
            expires_at=now + KEPT_FOR,
        )  # fmt: skip
    cookie = {"path": PREFIX, "httponly": True, "samesite": "Lax", "secure": not on_this_machine()}
    response.set_cookie(COOKIE, token.encode(), max_age=KEPT_FOR, **cookie)  # type: ignore[arg-type]


failures.keepers.update(dict.fromkeys(PAGES, keep_typed))


def kept() -> MultiDict[str, str] | None:
    """What this person typed on this page before their session ended; given back once."""
    token = DraftToken.decode(request.cookies.get(COOKIE, ""))
    if token is None:
        return None
    with writing(service().engine) as connection:
        draft = drafts.load(connection, token, treatment=KEPT_AS, now=service().now())
        if draft is None or draft.answers["path"] != request.path or draft.answers["who"] != person().id:
            return None
        drafts.delete(connection, token)
    typed: Any = draft.answers["typed"]
    return MultiDict((name, text) for name, texts in typed.items() for text in texts)
