"""Filling in for patients, on the phone or from paper: the patient's own journey, marked with who did it.

Staff fill in for several patients at once. Each draft has an address and a cookie of its own; a form says
which draft and which patient it was opened for, and is refused anywhere else. Staff are trained, so this door
asks in groups (`core.grouping`): the journey says what is asked, and only where it stands is another. Who it
is and how to reach them comes first, so that nobody is asked about their health before it is known whose form
this is.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from screening.accounts import sessions
from screening.accounts.access import CLINICIAN, RECEPTION, may_see_page, person, staff, who_may
from screening.core.conditions import Answers
from screening.core.entries import SPOKEN
from screening.core.errors import Unavailable
from screening.core.grouping import WHOM, groups, may_be_asked
from screening.core.rules import Question
from screening.service.patient import Sender, Visit
from screening.service.recording import record_reading
from screening.staff import being_filled_in as filling
from screening.staff import desk_words
from screening.staff.after_sign_in import kept
from screening.staff.asked_only_if import as_data, in_words
from screening.staff.fields import ChoiceField, errors_of, needed, render
from screening.staff.showing import page
from screening.web import draft_cookie, failures
from screening.web.asking_order import Order, in_groups
from screening.web.door import service
from screening.web.headers import SAFE
from screening.web.question_controls import control_for
from screening.web.question_forms import AnswerField, fields_of, page_form
from screening.web.question_pages import Hanging, QuestionPages
from screening.web.redirects import see_other
from screening.web.stray_forms import DRAFT, Stray
from screening.web.visits import promise_to

PATIENT = "patient"  # the field of a form that says whom it was opened for, as the page said it
THEN, PARK = "then", "park"  # of the button that puts a form aside
OLD_PAGES = frozenset({"check-your-answers", "request-sent", "start-again"})  # had no draft in their address


class StartForm(FlaskForm):  # type: ignore[misc]  # WTForms ships no types
    """How they are told, which says how the patient agreed."""

    how = ChoiceField(
        _l("How does the patient tell you this?"),
        needed(_l("Select how the patient tells you this")),
        offered=desk_words.TOLD_TO_STAFF,
    )


class EntryPages(QuestionPages):
    """Several drafts in one browser, each at its own address."""

    def draft_id(self) -> str:
        """From the address."""
        return str((request.view_args or {}).get("draft", ""))

    def token(self) -> draft_cookie.DraftKey | None:
        """From the cookie of this draft."""
        return draft_cookie.token_of(self.draft_id())

    def forget_key(self, response: Response, visit: Visit) -> Response:
        """Of this draft alone."""
        del visit
        return filling.forget(response, self.draft_id())

    def address(self, page: str, visit: Visit, **values: object) -> str:
        """All begins at the list."""
        if page == "start":
            return url_for("staff.entry", **values)  # type: ignore[arg-type]  # Flask names its options
        return super().address(page, visit, draft=self._id_of(visit), **values)

    def _id_of(self, visit: Visit) -> str:
        return visit.token.public_id if visit.token is not None else self.draft_id()

    def begins_anew(self) -> bool:
        """Only the button on the start page begins one."""
        return False

    def about_me(self, visit: Visit) -> bool:
        """A browser knows the names of staff, and of patients before."""
        del visit
        return False

    def question(self, treatment: str, question: str) -> ResponseReturnValue:
        """Also puts it aside: what stands on the page is kept as it is, and the list comes next."""
        aside = request.method not in SAFE and request.form.get(THEN) == PARK
        if aside and self.with_words(self.visit(treatment)) is not None:
            return see_other(url_for("staff.entry", notice="parked"))
        return super().question(treatment, question)

    def order(self, visit: Visit) -> Order:
        """Group by group."""
        return in_groups(visit)

    def may_be_on_page(self, visit: Visit, question: str) -> tuple[str, ...]:
        """Its group."""
        return next(group for group in groups(visit.rule_set) if question in group)

    def on_page(self, visit: Visit, question: str) -> list[str]:
        """Its group, with whatever answers to it may lead to."""
        group = self.may_be_on_page(visit, question)
        return [*may_be_asked(visit.rule_set, group, self.so_far(visit, group))]

    def so_far(self, visit: Visit, here: Collection[str]) -> Answers:
        """The answers of the other pages."""
        return {asked: answer for asked, answer in visit.path.answers.items() if asked not in here}

    def hanging(self, visit: Visit, question: Question, here: Collection[str]) -> Hanging | None:
        """In the words of the questions above it."""
        follows = visit.rule_set.follows(question.id)
        if question.ask_when is None or not set(follows).intersection(here):
            return None
        when = as_data(question.ask_when, here, self.so_far(visit, here))
        return Hanging(in_words(visit.rule_set, question.ask_when), json.dumps(when))

    def heading(self, visit: Visit, here: Sequence[Question]) -> str:
        """What it is about, and which page of how many."""
        pages, about = self.order(visit), dict.fromkeys(question.section or "" for question in here)
        number = pages.position(next((q.id for q in here if q.id in visit.path.asked), None))
        what, of = ", ".join(filter(None, about)), len(pages.pages)
        return _("%(what)s (page %(number)s of %(of)s)", what=what, number=number, of=of)

    def progress(self, visit: Visit, here: Collection[str]) -> None:
        """The heading says it."""
        del visit, here

    def carries(self, visit: Visit) -> dict[str, str]:
        """The draft, and whom it is for."""
        return {DRAFT: self._id_of(visit), PATIENT: filling.who_it_is_for(visit)}

    def is_for_another(self, visit: Visit, typed: MultiDict[str, str]) -> bool:
        """Opened for another draft, or for somebody who is not this draft's patient any more."""
        same = filling.who_it_is_for(visit).startswith(typed.get(PATIENT, ""))  # less was known of them then
        return typed.get(DRAFT) != self.draft_id() or not same

    def refuse(self, visit: Visit, stray: Stray, **context: object) -> ResponseReturnValue:
        """Says which patient the form was for, and offers to put it there."""
        home = visit if stray.draft == self.draft_id() else filling.visit_of(stray.draft)
        fields: list[tuple[str, str]] = []
        send_to = None
        asked = [given.question.id for given in stray.answers]
        if asked and home is not None and all(takes(home, question) for question in asked):
            fields = [*stray.to_send_again(DRAFT, PATIENT), *self.carries(home).items()]
            send_to = self.to_question(home, asked[0])
        was_for = filling.who_it_is_for(home) if home not in (None, visit) else stray.typed.get(PATIENT, "")
        return super().refuse(
            visit, stray, home=home, was_for=was_for, send_to=send_to, fields=fields, **context
        )


def takes(visit: Visit, question: str) -> bool:
    """Whether an answer to this question may still be put into the draft."""
    return visit.draft is not None and visit.reference is None and question in visit.rule_set.by_id


def _page(name: str, visit: Visit, **context: object) -> str:
    """A page of the entry; one with all answers is in the audit, on the request that they become."""
    if name in ("check", "withdrawn"):
        _on_record(visit, shown_again=bool(context.get("errors")))
    shared = {"carried": asking.carried(visit), "patient": filling.who_it_is_for(visit), "parks": True}
    return page(f"entry_{name}", visit=visit, rule_set=visit.rule_set, **shared, **context)


def _on_record(visit: Visit, *, shown_again: bool) -> None:
    """Where nothing can be kept just now, whoever had the page gets it back all the same."""
    who = sessions.current()  # also after a failure that came before the guard
    if visit.token is None or who is None:
        return
    try:
        record_reading(service(), "entry_read", (who.person_id, who.name), [visit.token.row_id])
    except Unavailable:
        if not shown_again:
            raise


def _sender() -> Sender:
    return Sender(person().id, person().name, request.remote_addr or "")


asking = EntryPages(
    "staff.entry_", _page, sender=_sender, typed_before=kept,
    may_see_draft=may_see_page,
)  # fmt: skip
failures.keepers |= asking.keepers()


@staff.get("/entry")
@who_may(RECEPTION, CLINICIAN)
def entry() -> ResponseReturnValue:
    """What is being filled in, and which treatments there are: on the screen, or as a form to print."""
    return filling.list_page(asking.to_go_on)


@staff.route("/entry/<treatment>", methods=["GET", "POST"], strict_slashes=False)
@who_may(RECEPTION, CLINICIAN)
def entry_start(treatment: str) -> ResponseReturnValue:
    """What to say to the patient first, and when they should get help now instead; and to begin."""
    visit = service().visit(treatment, None)
    if visit is None:
        abort(404)
    form, whom = StartForm(), _whom(visit)
    if not form.validate_on_submit():
        drawn = (control_for(field, about_me=False, alone=False).render() for field in whom)
        fields = [render(form.how), *drawn]
        context = {"rule_set": visit.rule_set, "promise": promise_to(visit), "fields": fields}
        return page("entry_start", errors=errors_of(form), **context), 422 if form.errors else 200
    if form.how.data == "paper":
        return see_other(url_for("staff.entry_from_paper", treatment=treatment))
    if filling.is_full():
        return filling.list_page(asking.to_go_on, full=True), 409
    answers = {field.question.id: field.stored for field in whom if field.validate(form)}
    begun = service().begin(visit, person().id, SPOKEN, answers)
    return filling.give(see_other(asking.to_go_on(begun)), begun)


def _whom(visit: Visit) -> list[AnswerField]:
    """The question for whom it is, which may be answered on the start page already."""
    asked = [visit.rule_set.by_id[one] for one in groups(visit.rule_set)[0]]
    first = [question for question in asked if question.contact == WHOM]
    return fields_of(page_form(visit.rule_set, first, service().circumstances(), {})) if first else []


@staff.route("/entry/<treatment>/<name>", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_old(treatment: str, name: str) -> ResponseReturnValue:
    """An address without a draft, or without a question: on with the draft, or to the list."""
    found = filling.visit_of(name)
    if found is not None:
        return asking.onward(found)
    visit = service().visit(treatment, None)
    if visit is None or name not in OLD_PAGES.union(visit.rule_set.by_id):
        abort(404)
    if request.method not in SAFE and name not in OLD_PAGES:
        return asking.question(treatment, name)  # is refused, and shown
    return see_other(url_for("staff.entry"))


@staff.route("/entry/<treatment>/<draft>/<question>", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_question(treatment: str, draft: str, question: str) -> ResponseReturnValue:
    """One question, as the patient would see it."""
    del draft  # as the next ones, read by `EntryPages.draft_id`
    return asking.question(treatment, question)


@staff.route("/entry/<treatment>/<draft>/check-your-answers", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_check(treatment: str, draft: str) -> ResponseReturnValue:
    """All answers once more, to read out, and the button that sends them."""
    del draft
    return asking.check(treatment)


@staff.route("/entry/<treatment>/<draft>/questions-withdrawn", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_withdrawn(treatment: str, draft: str) -> ResponseReturnValue:
    """What was filled in under questions that were taken back since."""
    del draft
    return asking.withdrawn(treatment)


@staff.get("/entry/<treatment>/<draft>/request-sent")
@who_may(RECEPTION, CLINICIAN)
def entry_sent(treatment: str, draft: str) -> ResponseReturnValue:
    """The reference to give the patient."""
    del draft
    return asking.sent(treatment)


@staff.route("/entry/<treatment>/<draft>/delete-the-answers", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_delete(treatment: str, draft: str) -> ResponseReturnValue:
    """Forget what was filled in, after asking once."""
    del draft
    visit = asking.visit(treatment)
    if visit.draft is None or visit.reference is not None:
        return asking.onward(visit)
    if request.method in SAFE:
        return _page("delete", visit, onward=asking.to_go_on(visit))
    return asking.start_again(treatment)
