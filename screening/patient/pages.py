"""The patient's pages: start, one question at a time, check, send, keep a copy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime, get_locale
from flask_wtf import FlaskForm

from screening.core import summary
from screening.core.errors import Unavailable
from screening.service.patient import Visit
from screening.web.answers_shown import said, sections
from screening.web.door import service
from screening.web.question_forms import question_form
from screening.web.question_pages import Journey, question_of, see_other, token, within_reach

WARN_BEFORE = timedelta(minutes=5)

journey = Journey("patient.")
patient = Blueprint("patient", __name__)


def _start(treatment: str, notice: str | None = None) -> str:
    return journey.address("start", treatment, notice=notice)


def _page(name: str, visit: Visit, **context: Any) -> str:
    return render_template(
        f"patient/{name}.html",
        visit=visit,
        rule_set=visit.rule_set,
        expires_in=_expires_in(visit),
        warn_before=int(min(WARN_BEFORE, service().settings.draft_idle / 2).total_seconds()),
        draft_minutes=service().settings.draft_minutes,
        trial=not service().library.is_signed(visit.rule_set.digest),
        **context,
    )


def _expires_in(visit: Visit) -> int | None:
    """Seconds until the draft is deleted; None where there is none, or it has become a request."""
    if visit.draft is None or visit.reference is not None:
        return None
    return max(0, int((visit.draft.expires_at - service().now()).total_seconds()))


# Before the questions


@patient.get("/")
def index() -> ResponseReturnValue:
    """What the clinic offers to fill in, by category."""
    return render_template("patient/index.html", treatments=service().treatments())


@patient.get("/privacy")
def privacy() -> ResponseReturnValue:
    """What happens with what patients tell us."""
    settings = service().settings
    return render_template("patient/privacy.html", minutes=settings.draft_minutes, hours=settings.draft_hours)


@patient.get("/accessibility")
def accessibility() -> ResponseReturnValue:
    """How the pages can be used, and what to do when they cannot."""
    return render_template("patient/accessibility.html")


@patient.get("/<treatment>", strict_slashes=False)
def start(treatment: str) -> ResponseReturnValue:
    """What this is, what it is not, and what to have ready."""
    visit = journey.visit(treatment)
    response = current_app.make_response(_page("start", visit, notice=request.args.get("notice", "")))
    return journey.without_cookie(response, treatment) if visit.lost else response


@patient.get("/<treatment>/get-help-now")
def urgent(treatment: str) -> ResponseReturnValue:
    """The urgent notices, on a page of their own; they block nothing."""
    visit = journey.visit(treatment)
    return _page("urgent", visit, onward=journey.to_question(visit, visit.next_question))


# The questions


@patient.route("/<treatment>/<question>", methods=["GET", "POST"])
def question(treatment: str, question: str) -> ResponseReturnValue:
    """One question; an answer that can be understood is kept and leads to what is due next."""
    visit = journey.visit(treatment)
    asked = question_of(visit.rule_set, question)
    if visit.reference is not None:
        return see_other(url_for("patient.sent", treatment=treatment))
    form = question_form(asked, service().circumstances(), visit.answers.get(question))
    if form.validate_on_submit():
        return journey.save(visit, asked, form)
    if request.method == "GET" and not within_reach(visit, question):
        return journey.onward(visit)
    return _question_page(visit, form), 422 if form.errors else 200


def _question_page(visit: Visit, form: FlaskForm, why: str | None = None) -> str:
    return _page("question", visit, **journey.question_context(visit, form, why))


def keep_typed(status: int, why: str) -> ResponseReturnValue | None:
    """After a failed POST: the same page with everything typed on it, and a button to try again."""
    treatment = str((request.view_args or {}).get("treatment", ""))
    try:
        visit = service().visit(treatment, token())
    except Unavailable:
        visit = service().fresh_visit(treatment)
    if visit is None:
        return None
    if request.endpoint == "patient.check" and visit.draft is not None and visit.next_question is None:
        return _check_page(visit, why), status
    asked = visit.rule_set.by_id.get(str((request.view_args or {}).get("question", "")))
    if request.endpoint != "patient.question" or asked is None:
        return None
    return _question_page(visit, question_form(asked, service().circumstances()), why), status


# Checking and sending


@patient.route("/<treatment>/check-your-answers", methods=["GET", "POST"])
def check(treatment: str) -> ResponseReturnValue:
    """All answers once more; sending keeps the request before it says so."""
    visit = journey.visit(treatment)
    if visit.reference is None and (visit.draft is None or visit.next_question is not None):
        return journey.onward(visit)
    if visit.reference is None and request.method == "POST":
        visit = service().send(visit, str(get_locale()))
        if visit.reference is None:
            return journey.onward(visit)
    if visit.reference is not None:
        return see_other(url_for("patient.sent", treatment=treatment))
    return _check_page(visit)


def _check_page(visit: Visit, why: str | None = None) -> str:
    return _page(
        "check",
        visit,
        sections=sections(visit, journey.to_change),
        notes=summary.patient_notes(visit.assessment()),
        errors=[{"text": why}] if why else [],
        back=journey.to_question(visit, visit.path.asked[-1]),
    )


@patient.get("/<treatment>/request-sent")
def sent(treatment: str) -> ResponseReturnValue:
    """The reference, what happens next and when."""
    visit = journey.visit(treatment)
    if visit.reference is None:
        return journey.onward(visit)
    notes = summary.patient_notes(visit.assessment())
    return _page("sent", visit, reply_days=service().settings.reply_days, notes=notes)


@patient.get("/<treatment>/your-copy")
def copy(treatment: str) -> ResponseReturnValue:
    """The patient's own copy, to print or to save."""
    visit = journey.visit(treatment)
    if visit.reference is None or visit.draft is None:
        return journey.onward(visit)
    context = {
        "notes": summary.patient_notes(visit.assessment()),
        "sent_at": format_datetime(visit.draft.changed_at, "d MMMM y, HH:mm"),
    }
    if "save" not in request.args:
        return _page("copy", visit, sections=sections(visit), **context)
    text = render_template(
        "patient/copy.txt", visit=visit, rule_set=visit.rule_set, sections=_plain_sections(visit), **context
    )
    headers = {"Content-Disposition": f'attachment; filename="{visit.reference}.txt"'}
    return Response(text, mimetype="text/plain", headers=headers)


def _plain_sections(visit: Visit) -> list[tuple[str, list[tuple[str, tuple[str, ...]]]]]:
    found = summary.sections(visit.rule_set, visit.path, visit.answers)
    return [(one.heading, [_plain_line(line) for line in one.lines]) for one in found]


def _plain_line(line: summary.Line) -> tuple[str, tuple[str, ...]]:
    return line.question.ask, said(line.question.type, line.said, line.stored)


# Keeping and deleting


@patient.post("/<treatment>/keep-my-answers")
def keep(treatment: str) -> ResponseReturnValue:
    """Asked for by the warning that a draft is about to be deleted."""
    left = service().keep_draft(journey.visit(treatment))
    if left is None:
        return {"expires_in": 0}, 410
    return {"expires_in": int(left.total_seconds())}


@patient.route("/<treatment>/delete-my-answers", methods=["GET", "POST"])
def delete(treatment: str) -> ResponseReturnValue:
    """Forget the draft, at any time, after asking once."""
    visit = journey.visit(treatment)
    if request.method == "GET":
        return _page("delete", visit)
    if visit.token is not None:
        service().delete_draft(visit.token)
    address = _start(treatment, None if visit.reference is not None else "deleted")
    return journey.without_cookie(see_other(address), treatment)
