"""A person's own pages: where to begin, their account, staying signed in, the quick lock."""

from __future__ import annotations

from typing import NamedTuple

from flask import Flask, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf import FlaskForm

from screening.accounts import sessions
from screening.accounts.access import ANYBODY, clinics, ends_in, is_open, person, staff, who_may
from screening.accounts.forms import ConfirmPasswordForm, own_password_is_right
from screening.accounts.places import PREFIX
from screening.core.workflow import ROLES
from screening.desk.desk import actor
from screening.service.recording import record
from screening.staff import work_lists
from screening.staff.after_sign_in import shown_at
from screening.web.addresses import asked_for
from screening.web.door import service
from screening.web.redirects import see_other
from screening.web.words import gettext as _

WARN_BEFORE = 120  # seconds
# Without a script a page leaves by itself, and with it all that was typed: not from pages to write on.
WRITING = frozenset(
    {
        "staff.act",
        "staff.answer",
        "staff.entry_question",
        "staff.rule_set",
        "staff.message_template",
        "staff.entry_from_paper",
        "staff.do_many",
        "staff.exports",
        "staff.add_person",
        "staff.person_page",
        "security.wan_register",
    }
)
# Where each role begins; together with RULES and MESSAGES, the links on top of each page.
RULES, MESSAGES = "staff.rule_sets", "staff.message_list"
BEGINNINGS = {
    "reception": "staff.inbox",
    "clinician": "staff.reviews",
    "manager": "staff.people",
    "auditor": "staff.audit_log",
}


def init_app(app: Flask) -> None:
    """What layout.html needs."""
    app.jinja_env.globals.update(
        staff_links=links,
        staff_keyed_lists=work_lists.keyed,
        staff_clinics=clinics,
        staff_person=lambda: g.get("person"),
        staff_ends_in=ends_in,
        staff_warning=WARN_BEFORE,
        staff_onward=_onward,
        staff_restored=lambda: g.get("restored", False),
        keeps_typed=lambda: request.endpoint in WRITING,
    )


class Link(NamedTuple):
    """A page that this person may go to; `here` for the one they are on."""

    text: str
    href: str
    here: bool


def links() -> list[Link]:
    """In the order of the navigation."""
    words = {
        "staff.inbox": _("Requests"),
        "staff.reviews": _("To review"),
        "staff.people": _("People"),
        "staff.audit_log": _("Audit"),
        RULES: _("Rule sets"),
        MESSAGES: _("Messages"),
    }
    found = [name for name in (*BEGINNINGS.values(), RULES, MESSAGES) if is_open(name)]
    return [Link(words[name], url_for(name), request.endpoint == name) for name in found]


@staff.get("", strict_slashes=False)
@who_may(*ROLES)
def home() -> ResponseReturnValue:
    """To the first page of their role."""
    first = next(page for role, page in BEGINNINGS.items() if person().has(role))
    return see_other(url_for(first))


@staff.get("/account")
@who_may(*ROLES)
def account() -> ResponseReturnValue:
    """Password, second factor, recovery codes, passkeys."""
    return render_template("staff/account.html", codes_left=len(current_user.mf_recovery_codes or ()))


@staff.post("/stay-signed-in")
@who_may(*ROLES)
def stay() -> ResponseReturnValue:
    """Asked for by the warning that the session is about to end; coming here has put it off."""
    g.pop("staff_session", None)
    return {"expires_in": ends_in()}


@staff.get("/time-left")
@who_may(*ROLES, polls=True)
def time_left() -> ResponseReturnValue:
    """Asked for by the script when the time of its page is over: another page may have put that off."""
    return {"expires_in": ends_in()}


@staff.get("/ended")
@who_may(ANYBODY, polls=True)
def ended() -> ResponseReturnValue:
    """Where pages go by themselves when the time is over: nothing of a patient stays on the screen."""
    path, mark, query = _inside(request.args.get("next", "")).partition("?")
    onward = shown_at(path) + mark + query
    context = {"retry": [], "typed": [], "onward": onward, "still_in": "person" in g}
    return render_template("staff/ended.html", **context)


@staff.post("/lock")
@who_may(*ROLES)
def lock() -> ResponseReturnValue:
    """Somebody else wants to look at the screen: nothing more is shown without the password."""
    sessions.lock()
    record(service(), "locked", actor(person()))
    return see_other(url_for("staff.locked", next=_inside(request.form.get("next", ""))))


@staff.route("/locked", methods=["GET", "POST"])
@who_may(*ROLES)
def locked() -> ResponseReturnValue:
    """The password again, and back to the page that was open."""
    onward = _inside(request.values.get("next", ""))
    form = UnlockForm()
    if not form.is_submitted() or not (form.validate() and own_password_is_right(form.password)):
        return render_template("staff/locked.html", form=form, onward=onward), 422 if form.errors else 200
    sessions.go_on(person().id)
    record(service(), "unlocked", actor(person()))
    return see_other(onward)


class UnlockForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The password of whoever locked it."""

    password = ConfirmPasswordForm.password


def _onward() -> str:
    """The page to come back to after signing in again: the one that is open, where it is one to open."""
    return asked_for() if request.method == "GET" else url_for("staff.home")


def _inside(address: str) -> str:
    """An address of the staff door and nothing else; its start page for all others."""
    door = request.script_root + PREFIX
    inside = address.startswith((f"{door}/", f"{door}?"))
    harmless = inside and "\\" not in address and address.isprintable()
    return address if harmless else url_for("staff.home")
