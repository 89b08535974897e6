"""Filling in for a patient, on the phone or from paper: the patient's own journey, marked with who did it."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_wtf import FlaskForm

from screening.accounts import access
from screening.accounts.access import CLINICIAN, RECEPTION, person, staff, who_may
from screening.core import summary
from screening.service.patient import Sender, Visit
from screening.staff.after_sign_in import kept
from screening.staff.showing import page
from screening.web.answers_shown import sections
from screening.web.door import service
from screening.web.question_forms import question_form
from screening.web.question_pages import Journey, question_of, see_other, token, within_reach

journey = Journey("staff.entry_")


@staff.get("/entry")
@who_may(RECEPTION, CLINICIAN)
def entry() -> ResponseReturnValue:
    """Which treatment: on the screen, or as a form to print."""
    return page("entry", treatments=service().treatments())


@staff.get("/entry/<treatment>", strict_slashes=False)
@who_may(RECEPTION, CLINICIAN)
def entry_start(treatment: str) -> ResponseReturnValue:
    """What to say to the patient first, and when they should get help now instead."""
    visit = journey.visit(treatment)
    onward = journey.to_question(visit, visit.next_question)
    return _page("entry_start", visit, onward=onward, notice=request.args.get("notice", ""))


def _page(name: str, visit: Visit, **context: Any) -> str:
    return page(name, visit=visit, rule_set=visit.rule_set, **context)


@staff.get("/entry/<treatment>/get-help-now")
@who_may(RECEPTION, CLINICIAN)
def entry_urgent(treatment: str) -> ResponseReturnValue:
    """The way back from the first question."""
    return see_other(journey.address("start", treatment))


@staff.route("/entry/<treatment>/<question>", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_question(treatment: str, question: str) -> ResponseReturnValue:
    """One question, as the patient would see it."""
    visit = journey.visit(treatment)
    asked = question_of(visit.rule_set, question)
    if visit.reference is not None:
        return see_other(journey.address("sent", treatment))
    typed = kept() if request.method == "GET" else None
    form = question_form(asked, service().circumstances(), visit.answers.get(question), typed)
    if form.validate_on_submit():
        return journey.save(visit, asked, form)
    if request.method == "GET" and not within_reach(visit, question):
        return journey.onward(visit)
    return _question_page(visit, form), 422 if form.errors else 200


def _question_page(visit: Visit, form: FlaskForm, why: str | None = None) -> str:
    return _page("entry_question", visit, **journey.question_context(visit, form, why))


@staff.route("/entry/<treatment>/check-your-answers", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_check(treatment: str) -> ResponseReturnValue:
    """All answers once more, to read out; sending keeps the request before it says so."""
    visit = journey.visit(treatment)
    if visit.reference is None and (visit.draft is None or visit.next_question is not None):
        return journey.onward(visit)
    if visit.reference is None and request.method == "POST":
        sender = Sender(person().id, person().name, request.remote_addr or "")
        visit = service().send(visit, str(get_locale()), sender)
        if visit.reference is None:
            return journey.onward(visit)
    if visit.reference is not None:
        return see_other(journey.address("sent", treatment))
    return _check_page(visit)


def _check_page(visit: Visit, why: str | None = None) -> str:
    notes = summary.patient_notes(visit.assessment())
    errors = [{"text": why}] if why else []
    back = journey.to_question(visit, visit.path.asked[-1])
    answers = sections(visit, journey.to_change)
    return _page("entry_check", visit, sections=answers, notes=notes, errors=errors, back=back)


@staff.get("/entry/<treatment>/request-sent")
@who_may(RECEPTION, CLINICIAN)
def entry_sent(treatment: str) -> ResponseReturnValue:
    """The reference to give the patient; the key of the draft is forgotten here."""
    visit = journey.visit(treatment)
    if visit.reference is None:
        return journey.onward(visit)
    notes = summary.patient_notes(visit.assessment())
    return _page("entry_sent", visit, notes=notes, reply_days=service().settings.reply_days)


@staff.post("/entry/<treatment>/start-again")
@who_may(RECEPTION, CLINICIAN)
def entry_delete(treatment: str) -> ResponseReturnValue:
    """Forget what was filled in, or go on to the next patient."""
    visit = journey.visit(treatment)
    if visit.token is not None:
        service().delete_draft(visit.token)
    return journey.without_cookie(see_other(journey.address("start", treatment)), treatment)


def keep_typed(status: int, why: str) -> ResponseReturnValue | None:
    """After a failed save: the same question with everything typed on it."""
    values = {name: str(value) for name, value in (request.view_args or {}).items()}
    visit = service().visit(values.get("treatment", ""), token()) if status != 503 else None
    visit = visit or service().fresh_visit(values.get("treatment", ""))
    asked = visit.rule_set.by_id.get(values.get("question", "")) if visit is not None else None
    if visit is None or asked is None:
        return None
    return _question_page(visit, question_form(asked, service().circumstances()), why), status


access.keepers["staff.entry_question"] = keep_typed
