"""The patient's pages: start, one question at a time, check, send, keep a copy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_datetime, get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from markupsafe import Markup

from screening.core import summary
from screening.core.answers import date_span
from screening.core.errors import Unavailable
from screening.core.rules import Question, RuleSet
from screening.patient.controls import control_for, error_address, error_of
from screening.patient.forms import NAME, AnswerField, question_form
from screening.service import Visit
from screening.storage.tokens import DraftToken
from screening.web import on_this_machine, service

COOKIE = "draft"
WARN_BEFORE = timedelta(minutes=5)

patient = Blueprint("patient", __name__)


# Where a patient stands


def _token() -> DraftToken | None:
    return DraftToken.decode(request.cookies.get(COOKIE, ""))


def _visit(treatment: str) -> Visit:
    visit = service().visit(treatment, _token())
    if visit is None:
        abort(404)
    return visit


def _question_of(rule_set: RuleSet, question: str) -> Question:
    found = rule_set.by_id.get(question)
    if found is None:
        abort(404)
    return found


def _address(visit: Visit, question: str | None, **query: Any) -> str:
    """Where a question is asked; without one, where the answers are checked."""
    if question is None:
        return url_for("patient.check", treatment=visit.rule_set.id, **query)
    return url_for("patient.question", treatment=visit.rule_set.id, question=question, **query)


def _start(treatment: str, notice: str | None = None) -> str:
    return url_for("patient.start", treatment=treatment, notice=notice)


def _page(name: str, visit: Visit, **context: Any) -> str:
    return render_template(
        f"patient/{name}.html",
        visit=visit,
        rule_set=visit.rule_set,
        expires_in=_expires_in(visit),
        warn_before=int(WARN_BEFORE.total_seconds()),
        draft_minutes=service().settings.draft_minutes,
        trial=not service().library.is_signed(visit.rule_set.digest),
        **context,
    )


def _expires_in(visit: Visit) -> int | None:
    """Seconds until the draft is deleted; None where there is none, or it has become a request."""
    if visit.draft is None or visit.reference is not None:
        return None
    return max(0, int((visit.draft.expires_at - service().now()).total_seconds()))


def _with_cookie(response: Response, visit: Visit) -> Response:
    """The key goes to the patient alone, for the pages of this treatment alone."""
    if visit.token is not None:
        response.set_cookie(
            COOKIE,
            visit.token.encode(),
            max_age=service().settings.draft_longest,
            **_cookie(visit.rule_set.id),
        )
    return response


def _without_cookie(response: Response, treatment: str) -> Response:
    response.delete_cookie(COOKIE, **_cookie(treatment))
    return response


def _cookie(treatment: str) -> dict[str, Any]:
    path = url_for("patient.start", treatment=treatment)
    return {"path": path, "httponly": True, "samesite": "Lax", "secure": not on_this_machine()}


def _redirect(address: str) -> Response:
    return cast(Response, redirect(address, 303))


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
    visit = _visit(treatment)
    response = current_app.make_response(_page("start", visit, notice=request.args.get("notice", "")))
    return _without_cookie(response, treatment) if visit.lost else response


@patient.get("/<treatment>/get-help-now")
def urgent(treatment: str) -> ResponseReturnValue:
    """The urgent notices, on a page of their own; they block nothing."""
    visit = _visit(treatment)
    return _page("urgent", visit, onward=_address(visit, visit.next_question))


# The questions


@patient.route("/<treatment>/<question>", methods=["GET", "POST"])
def question(treatment: str, question: str) -> ResponseReturnValue:
    """One question; an answer that can be understood is kept and leads to what is due next."""
    visit = _visit(treatment)
    asked = _question_of(visit.rule_set, question)
    if visit.reference is not None:
        return _redirect(url_for("patient.sent", treatment=treatment))
    form = question_form(asked, service().circumstances(), visit.answers.get(question))
    if form.validate_on_submit():
        return _save(visit, asked, form)
    if request.method == "GET" and not _within_reach(visit, question):
        return _lead_on(visit)
    return _question_page(visit, form), 422 if form.errors else 200


def _save(visit: Visit, asked: Question, form: FlaskForm) -> Response:
    saved = service().save_answer(visit, asked.id, _field(form).stored)
    if saved.reference is not None:
        return _redirect(url_for("patient.sent", treatment=saved.rule_set.id))
    notice = {"notice": "restarted"} if saved.lost and asked.id != saved.path.asked[0] else {}
    return _with_cookie(_redirect(_address(saved, saved.next_question, **notice)), saved)


def _within_reach(visit: Visit, question: str) -> bool:
    """Whether it is asked, and everything asked above it is done."""
    asked = visit.path.asked
    if question not in asked:
        return False
    return visit.next_question is None or asked.index(question) <= asked.index(visit.next_question)


def _lead_on(visit: Visit) -> Response:
    if visit.draft is None:
        return _redirect(_start(visit.rule_set.id, "expired" if visit.lost else None))
    return _redirect(_address(visit, visit.next_question))


def _field(form: FlaskForm) -> AnswerField:
    return cast(AnswerField, form[NAME])


def _question_page(visit: Visit, form: FlaskForm, why: str | None = None) -> str:
    """`why` is what went wrong besides the answer; it has no field to link to."""
    field = _field(form)
    errors = [{"text": why}] if why else []
    if not why and field.errors:
        errors = [{"text": error_of(field) or "", "href": error_address(field)}]
    asked = [visit.rule_set.by_id[question] for question in visit.path.asked]
    about_me = all(one.contact != "representative_name" for one in asked)
    return _page(
        "question",
        visit,
        question=field.question,
        control=control_for(field, about_me=about_me).render(),
        errors=errors,
        retry=bool(why),
        back=_back(visit, field.question.id),
        position=_position(visit, field.question.id),
        notice=request.args.get("notice", ""),
    )


def _position(visit: Visit, question: str) -> tuple[int, int] | None:
    asked = visit.path.asked
    return (asked.index(question) + 1, len(asked)) if question in asked else None


def _back(visit: Visit, question: str) -> str:
    if "change" in request.args:
        return _address(visit, None)
    if question not in visit.path.asked or (before := visit.path.before(question)) is None:
        return url_for("patient.urgent", treatment=visit.rule_set.id)
    return _address(visit, before)


def keep_typed(status: int, why: str) -> ResponseReturnValue | None:
    """After a failed POST: the same page with everything typed on it, and a button to try again."""
    treatment = str((request.view_args or {}).get("treatment", ""))
    try:
        visit = service().visit(treatment, _token())
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
    visit = _visit(treatment)
    if visit.reference is None and (visit.draft is None or visit.next_question is not None):
        return _lead_on(visit)
    if visit.reference is None and request.method == "POST":
        visit = service().send(visit, str(get_locale()))
        if visit.reference is None:
            return _lead_on(visit)
    if visit.reference is not None:
        return _redirect(url_for("patient.sent", treatment=treatment))
    return _check_page(visit)


def _check_page(visit: Visit, why: str | None = None) -> str:
    return _page(
        "check",
        visit,
        sections=_sections(visit, changeable=True),
        notes=summary.patient_notes(visit.assessment()),
        errors=[{"text": why}] if why else [],
        back=_address(visit, visit.path.asked[-1]),
    )


@patient.get("/<treatment>/request-sent")
def sent(treatment: str) -> ResponseReturnValue:
    """The reference, what happens next and when."""
    visit = _visit(treatment)
    if visit.reference is None:
        return _lead_on(visit)
    notes = summary.patient_notes(visit.assessment())
    return _page("sent", visit, reply_days=service().settings.reply_days, notes=notes)


@patient.get("/<treatment>/your-copy")
def copy(treatment: str) -> ResponseReturnValue:
    """The patient's own copy, to print or to save."""
    visit = _visit(treatment)
    if visit.reference is None or visit.draft is None:
        return _lead_on(visit)
    context = {
        "notes": summary.patient_notes(visit.assessment()),
        "sent_at": format_datetime(visit.draft.changed_at),
    }
    if "save" not in request.args:
        return _page("copy", visit, sections=_sections(visit, changeable=False), **context)
    text = render_template(
        "patient/copy.txt", visit=visit, rule_set=visit.rule_set, sections=_plain_sections(visit), **context
    )
    headers = {"Content-Disposition": f'attachment; filename="{visit.reference}.txt"'}
    return Response(text, mimetype="text/plain", headers=headers)


def _sections(visit: Visit, *, changeable: bool) -> list[dict[str, Any]]:
    return [
        {
            "heading": section.heading,
            "rows": [_row(visit, line, changeable=changeable) for line in section.lines],
        }
        for section in summary.sections(visit.rule_set, visit.path, visit.answers)
    ]


def _row(visit: Visit, line: summary.Line, *, changeable: bool) -> dict[str, Any]:
    said = _said(line)
    value = Markup("<br>").join(said or (_("Not provided"),))  # joining escapes what patients typed
    row: dict[str, Any] = {"key": {"text": line.question.ask}, "value": {"html": value}}
    if changeable:
        href = _address(visit, line.question.id, change=1)
        row["actions"] = {
            "items": [{"href": href, "text": _("Change"), "visuallyHiddenText": line.question.ask}]
        }
    return row


def _plain_sections(visit: Visit) -> list[tuple[str, list[tuple[str, tuple[str, ...]]]]]:
    found = summary.sections(visit.rule_set, visit.path, visit.answers)
    return [(one.heading, [(line.question.ask, _said(line)) for line in one.lines]) for one in found]


def _said(line: summary.Line) -> tuple[str, ...]:
    """The answer in the patient's words; dates as the language writes them."""
    if line.question.type == "date" and line.said:
        return (_written_date(line.said[0]),)
    return line.said


def _written_date(stored: str) -> str:
    span = date_span(stored)
    if span is None:
        return stored
    patterns = {len("2018"): "y", len("2018-08"): "LLLL y"}
    return str(format_date(span[0], patterns.get(len(stored), "long")))


# Keeping and deleting


@patient.post("/<treatment>/keep-my-answers")
def keep(treatment: str) -> ResponseReturnValue:
    """Asked for by the warning that a draft is about to be deleted."""
    left = service().keep_draft(_visit(treatment))
    if left is None:
        return {"expires_in": 0}, 410
    return {"expires_in": int(left.total_seconds())}


@patient.route("/<treatment>/delete-my-answers", methods=["GET", "POST"])
def delete(treatment: str) -> ResponseReturnValue:
    """Forget the draft, at any time, after asking once."""
    visit = _visit(treatment)
    if request.method == "GET":
        return _page("delete", visit)
    if visit.token is not None:
        service().delete_draft(visit.token)
    address = _start(treatment, None if visit.reference is not None else "deleted")
    return _without_cookie(_redirect(address), treatment)
