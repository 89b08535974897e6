"""One question after the other, for a door that names its pages `<prefix>start`, `question` and so on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from flask import Response, abort, redirect, request, url_for
from flask_wtf import FlaskForm

from screening.core.rules import Question, RuleSet
from screening.service.patient import Visit
from screening.storage.sealing.tokens import DraftToken
from screening.web.door import service
from screening.web.headers import on_this_machine
from screening.web.question_controls import control_for, error_address, error_of
from screening.web.question_forms import NAME, AnswerField

COOKIE = "draft"


@dataclass(frozen=True, slots=True)
class Journey:
    """The addresses of one door's questions, and the cookie that holds the key of the draft."""

    prefix: str  # of the endpoints: "patient." or the like

    def address(self, page: str, treatment: str, **values: Any) -> str:
        """Where a page of a treatment is."""
        return url_for(self.prefix + page, treatment=treatment, **values)

    def to_question(self, visit: Visit, question: str | None, **query: Any) -> str:
        """Where a question is asked; without one, where the answers are checked."""
        if question is None:
            return self.address("check", visit.rule_set.id, **query)
        return self.address("question", visit.rule_set.id, question=question, **query)

    def to_change(self, visit: Visit, question: str) -> str:
        """Where a question is asked again, to come back to the check page."""
        return self.to_question(visit, question, change=1)

    def visit(self, treatment: str) -> Visit:
        """Where this browser stands at a treatment; 404 where there is none."""
        visit = service().visit(treatment, token())
        if visit is None:
            abort(404)
        return visit

    def onward(self, visit: Visit) -> Response:
        """To what is due next, or to the start where nothing is kept."""
        if visit.draft is None:
            notice = "expired" if visit.lost else None
            return see_other(self.address("start", visit.rule_set.id, notice=notice))
        return see_other(self.to_question(visit, visit.next_question))

    def save(self, visit: Visit, asked: Question, form: FlaskForm) -> Response:
        """Keep the answer of a valid form, and go on."""
        saved = service().save_answer(visit, asked.id, field_of(form).stored)
        if saved.reference is not None:
            return see_other(self.address("sent", saved.rule_set.id))
        notice = {"notice": "restarted"} if saved.lost and asked.id != saved.path.asked[0] else {}
        return self.with_cookie(see_other(self.to_question(saved, saved.next_question, **notice)), saved)

    def question_context(self, visit: Visit, form: FlaskForm, why: str | None = None) -> dict[str, Any]:
        """What a question's template needs; `why` went wrong besides the answer, and has no field."""
        field = field_of(form)
        errors = [{"text": why}] if why else []
        if not why and field.errors:
            errors = [{"text": error_of(field) or "", "href": error_address(field)}]
        asked = [visit.rule_set.by_id[question] for question in visit.path.asked]
        about_me = all(one.contact != "representative_name" for one in asked)
        return {
            "question": field.question,
            "control": control_for(field, about_me=about_me).render(),
            "errors": errors,
            "retry": bool(why),
            "back": self._back(visit, field.question.id),
            "position": _position(visit, field.question.id),
            "notice": request.args.get("notice", ""),
        }

    def _back(self, visit: Visit, question: str) -> str:
        if "change" in request.args:
            return self.to_question(visit, None)
        if question not in visit.path.asked or (before := visit.path.before(question)) is None:
            return self.address("urgent", visit.rule_set.id)
        return self.to_question(visit, before)

    def with_cookie(self, response: Response, visit: Visit) -> Response:
        """The key goes to this browser alone, for the pages of this treatment alone."""
        if visit.token is not None:
            response.set_cookie(
                COOKIE,
                visit.token.encode(),
                max_age=service().settings.draft_longest,
                **self._cookie(visit.rule_set.id),
            )
        return response

    def without_cookie(self, response: Response, treatment: str) -> Response:
        """Forget the key."""
        response.delete_cookie(COOKIE, **self._cookie(treatment))
        return response

    def _cookie(self, treatment: str) -> dict[str, Any]:
        path = self.address("start", treatment)
        return {"path": path, "httponly": True, "samesite": "Lax", "secure": not on_this_machine()}


def token() -> DraftToken | None:
    """What the browser's cookie holds."""
    return DraftToken.decode(request.cookies.get(COOKIE, ""))


def question_of(rule_set: RuleSet, question: str) -> Question:
    """The question of an address; 404 where there is none."""
    found = rule_set.by_id.get(question)
    if found is None:
        abort(404)
    return found


def within_reach(visit: Visit, question: str) -> bool:
    """Whether it is asked, and everything asked above it is done."""
    asked = visit.path.asked
    if question not in asked:
        return False
    return visit.next_question is None or asked.index(question) <= asked.index(visit.next_question)


def field_of(form: FlaskForm) -> AnswerField:
    """The one field of a question's form."""
    return cast(AnswerField, form[NAME])


def see_other(address: str) -> Response:
    """A redirect that is always fetched by GET."""
    return cast(Response, redirect(address, 303))


def _position(visit: Visit, question: str) -> tuple[int, int] | None:
    asked = visit.path.asked
    return (asked.index(question) + 1, len(asked)) if question in asked else None
