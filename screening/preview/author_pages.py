"""The preview's own addresses, all under `/-/`, and what stands before the patient's door."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from screening.authoring.cases import Case, Cases
from screening.authoring.files import cases_beside
from screening.core.errors import RuleSetError
from screening.core.rules import RuleSet
from screening.core.stored import Stored
from screening.preview.library_of_one import PreviewLibrary
from screening.web import draft_cookie
from screening.web.door import service
from screening.web.headers import on_this_machine
from screening.web.redirects import see_other

UNREADABLE = 422

preview = Blueprint("preview", __name__, url_prefix="/-")  # no treatment can be called so


def library() -> PreviewLibrary:
    """The preview's one rule set."""
    return cast(PreviewLibrary, service().library)


def guard() -> ResponseReturnValue | None:
    """Before every page: this machine and this form alone, problems first, and nothing is sent."""
    if not on_this_machine():  # a page elsewhere may have pointed its own name at this machine
        abort(403)
    if request.endpoint == "static" or request.blueprint == preview.name:
        return None
    if request.blueprint != "patient":
        abort(404)
    if library().problems:
        return render_template("preview/problems.html", problems=library().problems), UNREADABLE
    if request.endpoint == "patient.index" or _is_gone((request.view_args or {}).get("question")):
        return see_other(url_for("preview.begin"))
    if "case" in request.args:
        return _open_case(request.args["case"])
    if request.endpoint == "patient.check" and request.method == "POST":
        return render_template("preview/not-sent.html", rule_set=_shown())
    return None


def _is_gone(question: str | None) -> bool:
    """Whether the address is of a question that the author has just removed, or called otherwise."""
    return question is not None and question not in _shown().by_id


def _shown() -> RuleSet:
    found = library().shown
    if found is None:
        abort(404)
    return found


@preview.get("/")
def begin() -> ResponseReturnValue:
    """The form, or the answers that the preview was opened with."""
    given = _given_answers()
    return open_with(given) if given else see_other(url_for("patient.start", treatment=_shown().id))


def _given_answers() -> Stored:
    found: Stored = current_app.extensions["preview_answers"]
    return found


@preview.get("/edition")
def edition() -> ResponseReturnValue:
    """Counts the saves, so that an open page knows when to load itself again."""
    return {"edition": library().edition}


@preview.get("/reload.js")
def reload_script() -> ResponseReturnValue:
    """What asks for the edition."""
    return Response(render_template("preview/reload.js"), mimetype="text/javascript")


@preview.get("/witness/<int:number>")
def witness(number: int) -> ResponseReturnValue:
    """The patient of a failed claim, counted from 1."""
    findings = library().findings
    if not 0 < number <= len(findings):
        abort(404)
    return open_with(findings[number - 1].witness or {})


def _open_case(wanted: str) -> ResponseReturnValue:
    """A case by its number, counted from 1, or by words of its sentence."""
    for number, (cases, case) in enumerate(numbered_cases(), 1):
        if wanted == str(number) or (not wanted.isdigit() and wanted.casefold() in case.case.casefold()):
            return open_with(cases.answers(case))
    return abort(404)


def numbered_cases() -> list[tuple[Cases, Case]]:
    """Every case beside the rule set; none where they cannot be read: `cases` says why."""
    try:
        found = cases_beside(library().file, _shown())
    except RuleSetError:
        return []
    return [(cases, case) for cases in found for case in cases.cases]


def open_with(answers: Stored) -> Response:
    """A form filled in so, at the first question that is still due."""
    rule_set = _shown()
    visit = service().fresh_visit(rule_set.id)
    if visit is None:
        abort(404)
    for question, answer in answers.items():
        if question in rule_set.by_id:
            visit = service().save_answers(visit, {question: answer})
    for question in visit.path.due:
        if not rule_set.by_id[question].required:  # left empty, so that a whole case leads to the end
            visit = service().save_answers(visit, {question: None})
    address = url_for("patient.check", treatment=rule_set.id)
    if visit.next_question is not None:
        address = url_for("patient.question", treatment=rule_set.id, question=visit.next_question)
    return draft_cookie.give(see_other(address), visit.token, url_for("patient.start", treatment=rule_set.id))
