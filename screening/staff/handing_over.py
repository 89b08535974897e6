"""Who has a form that staff fill in: handing it over, taking it over, and who has it open now."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from screening.accounts.access import CLINICIAN, RECEPTION, person, staff, who_may
from screening.desk import away, forms_begun, opened_request
from screening.service.visit import Visit
from screening.staff import being_filled_in as filling
from screening.staff.after_sign_in import LONGEST, keep_for
from screening.staff.entry_pages import asking, entry_page
from screening.staff.fields import ListField, errors_of, needed, render
from screening.staff.owners import names_apart
from screening.staff.showing import colleagues, desk, looking_words, name_of
from screening.web.headers import SAFE
from screening.web.question_drawing import ASKED
from screening.web.redirects import see_other
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l

HELD = "held"  # the field that says who had it when the page was opened
KEPT_ASIDE = ("csrf_token", HELD)


class NextHolderForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """Who goes on with it."""

    to = ListField(_l("Who goes on with it?"), needed(_l("Select who goes on with it")), default="")

    def offer(self) -> None:
        """Everybody else at the desk who is not away."""
        names = names_apart(one for one in colleagues() if one.id != person().id)
        lines = away.absences(desk(), [one for one in colleagues() if one.id in names])
        others = {line.person.id: names[line.person.id] for line in lines if line.since is None}
        self.to.offered = {"": _("Select a person")} | others


@staff.route("/entry/<treatment>/<draft>/hand-over", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_hand_over(treatment: str, draft: str) -> ResponseReturnValue:
    """To a colleague, at whichever computer; with everything that is on it."""
    del draft
    visit, form = asking.visit(treatment), NextHolderForm()
    if not visit.waits or filling.is_a_colleagues(visit):
        return asking.onward(visit)
    form.offer()
    if form.validate_on_submit():
        done = forms_begun.pass_on(desk(), person(), visit, form.to.data, person().id)
        return see_other(url_for("staff.entry", notice="handed_over")) if done else asking.onward(visit)
    errors = errors_of(form)
    shown = entry_page(
        "hand_over", visit, fields=[render(form.to)], errors=errors, onward=asking.to_go_on(visit)
    )
    return shown, 422 if errors else 200


@staff.route("/entry/<treatment>/<draft>/who-has-it", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_held(treatment: str, draft: str) -> ResponseReturnValue:
    """Who has it, and whether they have it open; taking it over is a choice."""
    del draft
    visit = asking.visit(treatment)
    if not visit.waits or not filling.is_a_colleagues(visit):
        return asking.onward(visit)
    if request.method in SAFE:
        return _held_page(visit)
    if not forms_begun.pass_on(desk(), person(), visit, person().id, request.form.get(HELD, "")):
        return _held_page(asking.visit(treatment), changed=True), 409
    return _with_what_was_typed(asking.visit(treatment))


def _held_page(visit: Visit, *, changed: bool = False) -> str:
    """Also with what was typed before it was taken over, for the next try."""
    fields = _typed_before().items(multi=True)
    held = {"held": visit.held_by, "holder": name_of(visit.held_by)}
    return entry_page("held", visit, changed=changed, fields=list(fields), **held)


def _typed_before() -> Any:
    """What stood on the page that a colleague had taken over meanwhile."""
    typed = request.form.copy()
    for name in KEPT_ASIDE:
        typed.poplist(name)
    return typed


def _with_what_was_typed(visit: Visit) -> ResponseReturnValue:
    """On with it; where something was typed when it was not ours, on its page, to be looked at again."""
    typed = _typed_before()
    asked = next((name for name in typed.getlist(ASKED) if name in visit.rule_set.by_id), None)
    if asked is None:
        return asking.onward(visit)
    if len(request.get_data()) > LONGEST:
        abort(413)
    at = asking.to_question(visit, asked)
    response = see_other(at)
    keep_for(response, person().id, at, {name: typed.getlist(name) for name in typed})
    return response


@staff.get("/entry/<treatment>/<draft>/looking")
@who_may(RECEPTION, CLINICIAN, polls=True)
def entry_looking(treatment: str, draft: str) -> ResponseReturnValue:
    """Who else has it open, and who has taken it over; the script of an open page asks every few seconds."""
    visit = asking.visit(treatment)
    if visit.draft is None:
        return {"text": ""}
    words = looking_words(forms_begun.look(desk(), person(), draft, goes_on=True))
    if "typing" in request.args and filling.is_a_colleagues(visit):
        words = _("%(name)s has this form now. What you type here is not kept.", name=name_of(visit.held_by))
    return {"text": words}


@staff.post("/entry/<treatment>/<draft>/left")
@who_may(RECEPTION, CLINICIAN, polls=True)
def entry_left(treatment: str, draft: str) -> ResponseReturnValue:
    """The script of a page says that it was closed."""
    del treatment
    opened_request.leave(desk(), person(), draft)
    return "", 204
