"""What was typed comes back: after a failure on the page itself, after a lost session in a sealed draft.

The draft is a patient's draft in kind: the server keeps it sealed and only the browser's cookie opens
it. It is given back once, on the page where it was typed, to the person who typed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from flask import Response, abort, current_app, g, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from screening.accounts import sessions
from screening.accounts.access import person, staff, who_may
from screening.accounts.places import PREFIX
from screening.accounts.typed_words import KEPT_FOR, TypedForm, give_back, keep, whose_session
from screening.core.workflow import ROLES
from screening.staff.action_forms import ActionForm, AnswerForm
from screening.staff.actions import ACTIONS
from screening.staff.fields import ChoiceField, drawn, render
from screening.staff.review_forms import DecisionForm, ReviewForm
from screening.staff.showing import page, signed_in
from screening.web import failures
from screening.web.door import service
from screening.web.headers import on_this_machine
from screening.web.words import gettext as _

COOKIE = "typed"
LONGEST = 64 * 1024  # bytes of a form that are kept for later
PAGES = frozenset({"staff.act", "staff.answer", "staff.review"})
KEEPING = "staff.keep_words"
# Whose forms are kept for later, and the page that each comes back on.
COMES_BACK = {
    name: name
    for name in (
        *PAGES,
        "staff.send_question",
        "staff.entry_question",
        "staff.entry_check",
        "staff.entry_start",
    )
} | {
    "staff.add_person": "staff.add_person",
    "staff.person_page": "staff.person_page",
    "staff.agree_to_rules": "staff.rule_set",
    "staff.second_rules": "staff.rule_set",
}
MOST = 5  # forms of one browser that are kept at a time, the newest
BETWEEN = "~"  # stands between their keys in the cookie


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
    fields = [*_of_items(), *drawn(form)]
    return page("again", heading=heading, fields=fields, seen=form.seen, errors=[{"text": why}]), status


def comes_back(endpoint: str, heading: object, form: Callable[[], FlaskForm], *carried: str) -> None:
    """Say of a page with one form that what is typed there comes back, after a failure and after signing in.

    `carried`: fields that are no part of the form. The page itself takes it up, with `take_up`.
    """
    COMES_BACK[endpoint] = endpoint

    def shown(status: int, why: str) -> ResponseReturnValue | None:
        if signed_in() is None and status != 503:
            return None
        typed = form()
        _offer_chosen(typed)
        hidden = [(name, text) for name in carried for text in request.form.getlist(name)]
        seen = typed.seen if isinstance(typed, ActionForm) else None
        context = {"heading": heading, "fields": drawn(typed), "seen": seen, "errors": [{"text": why}]}
        return page("again", hidden=hidden, **context), status

    failures.keepers[endpoint] = shown


SomeForm = TypeVar("SomeForm", bound=FlaskForm)


def take_up(form: Callable[..., SomeForm], **given: Any) -> SomeForm:
    """A page's form, with what this person typed into it before their session ended; the page says so."""
    typed = taken_up()
    return form(typed, **given) if typed is not None else form(**given)


def taken_up() -> MultiDict[str, str] | None:
    """The same, for a page that has no form of that kind; None where there is nothing."""
    typed = kept() if request.method == "GET" else None
    g.restored = typed is not None
    return typed


_PARTS = frozenset({"decision", "note", "question"})  # fields of DecisionForm


def _of_items() -> Iterator[Markup]:
    """The parts of a review page's form, each under the id of its item, and what stood there to be read."""
    names = (name.rsplit("-", 1) for name, text in request.form.items() if text)
    for item in dict.fromkeys(name[0] for name in names if len(name) == 2 and name[1] in _PARTS):
        yield Markup('<h2 class="govuk-heading-m">{}</h2>').format(item.replace("_", " "))
        yield from (render(field) for field in DecisionForm(request.form, prefix=f"{item}-"))
    for thing in request.form.getlist("seen"):
        yield Markup('<input type="hidden" name="seen" value="{}">').format(thing)


def _typed_form() -> tuple[Any, ActionForm] | None:
    """The form that was sent, and what it is called; built without the database, which may be away."""
    if request.endpoint == "staff.review":
        return _("Review"), ReviewForm()
    if request.endpoint == "staff.answer":
        return _("Enter the patient’s answer"), AnswerForm()
    action = ACTIONS.get(str((request.view_args or {}).get("action", "")))
    if action is None:
        return None
    form = action.form()
    _offer_chosen(form)
    return action.label, form


def _offer_chosen(form: FlaskForm) -> None:
    """Of each list that only the database knows, what was chosen."""
    for field in form:
        if isinstance(field, ChoiceField) and not field.offered:
            field.offered = {field.data or "": _("What you chose")}


@staff.url_value_preprocessor
def remember_session(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Runs before the guard, which empties the cookie of a session that is over."""
    g.session_token = session.get(sessions.KEY)


@staff.after_request
def keep_for_later(response: Response) -> Response:
    """A form from somebody whose session ended: kept until they have signed in again."""
    if (
        response.status_code != 401
        or request.endpoint not in (KEEPING, *COMES_BACK)
        or len(request.get_data()) > LONGEST
    ):
        return response  # other refusals came from elsewhere, or came with the page that was sent
    who = whose_session(service(), g.get("session_token"))
    if who is not None:
        _keep(response, who)
        context = {"retry": [], "typed": [], "onward": _typed_at(), "still_in": False}
        response.set_data(page("ended", **context))  # the words are safe, so they leave the screen
    return response


@staff.post("/keep-words")
@who_may(*ROLES, polls=True)
def keep_words() -> ResponseReturnValue:
    """Keeps what is half typed for its writer, and can do nothing else: pages send it when their time ends.

    It saves nothing and puts no end off. Of somebody whose session is over already, `keep_for_later` does.
    """
    if len(request.get_data()) > LONGEST:
        abort(413)
    response = Response(status=204)
    _keep(response, person().id)
    return response


def _typed_at() -> str:
    """The page on which it was typed: it says so where it was sent to be kept."""
    sent_to = request.script_root + request.path
    return shown_at(request.form.get("kept_for", "") if request.endpoint == KEEPING else sent_to)


def shown_at(path: str) -> str:
    """The page to come back to from where a form went; the beginning where that is none to open."""
    below = path.removeprefix(request.script_root)
    sent, opened = _route(below, "POST"), _route(below, "GET")
    if sent is not None and sent[0] in COMES_BACK:
        return url_for(COMES_BACK[sent[0]], **sent[1])
    theirs = opened is not None and sent in (None, opened)
    return path if theirs else url_for("staff.home")


def _route(path: str, method: str) -> tuple[str, Mapping[str, Any]] | None:
    try:
        return current_app.url_map.bind("").match(path, method=method)
    except HTTPException:
        return None


def _keep(response: Response, who: str) -> None:
    aside = failures.SECRET_FIELDS | {"kept_for"}
    typed = {name: request.form.getlist(name) for name in request.form if name not in aside}
    keep_for(response, who, _typed_at(), typed)


def keep_for(response: Response, who: str, page: str, typed: TypedForm) -> None:
    """What somebody typed, to stand on a page when they open it next. Raises Unavailable."""
    cookie = {
        "path": request.script_root + PREFIX,
        "httponly": True,
        "samesite": "Lax",
        "secure": not on_this_machine(),
    }
    kept_in = BETWEEN.join([keep(service(), who, page, typed), *_keys()][:MOST])
    response.set_cookie(COOKIE, kept_in, max_age=KEPT_FOR, **cookie)  # type: ignore[arg-type]  # mixed values


def _keys() -> list[str]:
    return [key for key in request.cookies.get(COOKIE, "").split(BETWEEN) if key]


failures.keepers.update(dict.fromkeys(PAGES, keep_typed))


def kept() -> MultiDict[str, str] | None:
    """What this person typed on this page before their session ended; given back once."""
    for key in _keys():
        typed = give_back(service(), key, person().id, request.script_root + request.path)
        if typed is not None:
            return MultiDict((name, text) for name, texts in typed.items() for text in texts)
    return None
