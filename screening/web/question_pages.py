"""One question after the other, check, send, start again: the same for both doors, whoever fills it in.

A door says what differs in a `QuestionPages` of its own, and declares the routes that lead here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from flask import Response, abort, current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from screening.core import summary
from screening.core.errors import Unavailable
from screening.core.rules import Question, RuleSet
from screening.service.patient import PATIENT, Sender, Visit
from screening.service.sending import Promise
from screening.web import draft_cookie
from screening.web.answers_shown import sections
from screening.web.door import service
from screening.web.failures import Keeper
from screening.web.headers import SAFE
from screening.web.question_controls import control_for, error_address, error_of
from screening.web.question_forms import NAME, AnswerField, question_form
from screening.web.redirects import see_other


class Render(Protocol):
    """A door's page called `start`, `question`, `check` or `sent`, as markup."""

    def __call__(self, name: str, visit: Visit, **context: object) -> str: ...


@dataclass(frozen=True, slots=True)
class QuestionPages:
    """The pages of one door; each of its routes calls the method of its name.

    Every method raises 404 for a treatment or a question that is not there, and Unavailable.
    """

    prefix: str  # of the door's endpoints: its question is at `<prefix>question`
    render: Render
    first: str = "start"  # the page before the first question
    sender: Callable[[], Sender] = lambda: PATIENT
    typed_before: Callable[[], MultiDict[str, str] | None] = lambda: (
        None
    )  # on this page, in a session that ended
    may_see_draft: Callable[[], bool] = lambda: (
        True
    )  # asked after a failure, which the door's guard may not outlive

    # Where its pages are

    def address(self, page: str, treatment: str, **values: object) -> str:
        """Where a page of a treatment is; values are for the route and the query, None for none."""
        return url_for(self.prefix + page, treatment=treatment, **values)  # type: ignore[arg-type]  # Flask names its options

    def to_question(self, visit: Visit, question: str | None, **query: object) -> str:
        """Where a question is asked; without one, where the answers are checked."""
        if question is None:
            return self.address("check", visit.rule_set.id, **query)
        return self.address("question", visit.rule_set.id, question=question, **query)

    def to_change(self, visit: Visit, question: str) -> str:
        """Where a question is asked again, to come back to the check page."""
        return self.to_question(visit, question, change=1)

    def to_go_on(self, visit: Visit) -> str:
        """Where the reference is, or what is due next, or the start where nothing is kept."""
        treatment = visit.rule_set.id
        if visit.reference is not None:
            return self.address("sent", treatment)
        if visit.draft is None:
            return self.address("start", treatment, notice="expired" if visit.lost else None)
        return self.to_question(visit, visit.next_question)

    def onward(self, visit: Visit) -> Response:
        """A redirect to where this browser can go on."""
        return see_other(self.to_go_on(visit))

    # What they do

    def visit(self, treatment: str) -> Visit:
        """Where this browser stands at a treatment."""
        visit = service().visit(treatment, draft_cookie.token())
        if visit is None:
            abort(404)
        return visit

    def start(self, treatment: str) -> ResponseReturnValue:
        """What comes first; the key of a draft that is gone is forgotten."""
        visit = self.visit(treatment)
        onward = self.to_question(visit, visit.next_question)
        page = self.render(
            "start", visit, onward=onward, notice=request.args.get("notice", ""), promise=promise_to(visit)
        )
        response = current_app.make_response(page)
        return draft_cookie.forget(response, self._path(visit)) if visit.lost else response

    def question(self, treatment: str, question: str) -> ResponseReturnValue:
        """One question; an answer that can be understood is kept and leads to what is due next."""
        visit = self.visit(treatment)
        asked = question_of(visit.rule_set, question)
        asking = request.method in SAFE
        if visit.reference is not None or (asking and not within_reach(visit, question)):
            return self.onward(visit)
        typed = self.typed_before() if asking else None
        form = question_form(asked, service().circumstances(), visit.answers.get(question), typed)
        if form.validate_on_submit():
            return self._save(visit, asked, form)
        return self._question_page(visit, form), 422 if form.errors else 200

    def _save(self, visit: Visit, asked: Question, form: FlaskForm) -> Response:
        saved = service().save_answer(visit, asked.id, field_of(form).stored)
        if saved.reference is not None:
            return self.onward(saved)
        restarted = saved.lost and asked.id != saved.path.asked[0]
        onward = self.to_question(saved, saved.next_question, notice="restarted" if restarted else None)
        return draft_cookie.give(see_other(onward), saved.token, self._path(saved))

    def check(self, treatment: str) -> ResponseReturnValue:
        """All answers once more; sending keeps the request before it says so, however often it is sent."""
        visit = self.visit(treatment)
        if request.method in SAFE or not is_complete(visit):
            return self._check_page(visit) if is_complete(visit) else self.onward(visit)
        visit = service().send(visit, str(get_locale()), self.sender(), request.form.get("shown", ""))
        if not is_complete(visit):
            return self.onward(visit)
        why = _("Your answers were changed since this page was opened. Check them again, then send them.")
        return self._check_page(visit, why), 409

    def sent(self, treatment: str) -> ResponseReturnValue:
        """The reference, what happens next, and by which day."""
        visit = self.visit(treatment)
        if visit.reference is None:
            return self.onward(visit)
        notes = summary.patient_notes(visit.assessment())
        return self.render("sent", visit, notes=notes, promise=promise_to(visit))

    def start_again(self, treatment: str) -> ResponseReturnValue:
        """Forget the draft and its key; a request that was sent stays."""
        visit = self.visit(treatment)
        if visit.token is not None:
            service().delete_draft(visit.token)
        notice = "deleted" if visit.reference is None else None
        return draft_cookie.forget(
            see_other(self.address("start", treatment, notice=notice)), self._path(visit)
        )

    def _path(self, visit: Visit) -> str:
        return self.address("start", visit.rule_set.id)

    # What they show again after a failure

    def keepers(self) -> Mapping[str, Keeper]:
        """For the failures of this door: endpoint -> what shows its page again."""
        return {self.prefix + "question": self._question_again, self.prefix + "check": self._check_again}

    def _question_again(self, status: int, why: str) -> ResponseReturnValue | None:
        visit = self._visit_after_failure()
        asked = visit.rule_set.by_id.get(_in_address("question")) if visit is not None else None
        if visit is None or asked is None:
            return None
        return self._question_page(visit, question_form(asked, service().circumstances()), why), status

    def _check_again(self, status: int, why: str) -> ResponseReturnValue | None:
        visit = self._visit_after_failure()
        return (self._check_page(visit, why), status) if visit is not None and is_complete(visit) else None

    def _visit_after_failure(self) -> Visit | None:
        """As far as the database can be read, and by whoever may see it."""
        treatment = _in_address("treatment")
        try:
            if self.may_see_draft():
                return service().visit(treatment, draft_cookie.token())
        except Unavailable:
            pass
        return service().fresh_visit(treatment)

    # What they show; `why` went wrong besides the answers, and has no field

    def _question_page(self, visit: Visit, form: FlaskForm, why: str | None = None) -> str:
        field = field_of(form)
        question = field.question
        return self.render(
            "question",
            visit,
            question=question,
            control=control_for(field, about_me=_about_me(visit)).render(),
            errors=_errors(field, why),
            retry=why is not None,
            back=self._back(visit, question.id),
            position=_position(visit, question.id),
            notice=request.args.get("notice", ""),
        )

    def _back(self, visit: Visit, question: str) -> str:
        if "change" in request.args:
            return self.to_question(visit, None)
        if question not in visit.path.asked or (before := visit.path.before(question)) is None:
            return self.address(self.first, visit.rule_set.id)
        return self.to_question(visit, before)

    def _check_page(self, visit: Visit, why: str | None = None) -> str:
        return self.render(
            "check",
            visit,
            sections=sections(visit, self.to_change),
            notes=summary.patient_notes(visit.assessment()),
            shown=visit.shown,
            errors=[{"text": why}] if why is not None else [],
            back=self.to_question(visit, visit.path.asked[-1]),
        )


def promise_to(visit: Visit) -> Promise:
    """What happens next and by which day: from when it was sent, or as if it were sent now."""
    sent = visit.draft.changed_at if visit.reference is not None and visit.draft is not None else None
    return service().arrival.promise(sent or service().now())


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


def is_complete(visit: Visit) -> bool:
    """Whether it can be sent: nothing is due, and it is not sent yet."""
    return visit.draft is not None and visit.reference is None and visit.next_question is None


def field_of(form: FlaskForm) -> AnswerField:
    """The one field of a question's form."""
    return cast(AnswerField, form[NAME])


def _in_address(name: str) -> str:
    return str((request.view_args or {}).get(name, ""))


def _errors(field: AnswerField, why: str | None) -> list[dict[str, str]]:
    if why is not None:
        return [{"text": why}]
    return [{"text": error_of(field) or "", "href": error_address(field)}] if field.errors else []


def _about_me(visit: Visit) -> bool:
    """Whether whoever fills it in is the patient, as far as the questions tell."""
    return all(
        visit.rule_set.by_id[question].contact != "representative_name" for question in visit.path.asked
    )


def _position(visit: Visit, question: str) -> tuple[int, int] | None:
    asked = visit.path.asked
    return (asked.index(question) + 1, len(asked)) if question in asked else None
