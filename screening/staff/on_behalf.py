"""Filling in for patients, on the phone or from paper: the patient's own journey, marked with who did it.

Staff fill in for several patients at once, at any computer. They are trained, so this door asks in groups
(`core.grouping`): the journey says what is asked, and only where it stands is another. Who it is and how to
reach them comes first, so that nobody is asked about their health before it is known whose form this is.
"""

from __future__ import annotations

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from screening.accounts.access import CLINICIAN, RECEPTION, person, staff, who_may
from screening.core.entries import SPOKEN
from screening.core.grouping import WHOM, groups
from screening.service.visit import Visit
from screening.staff import being_filled_in as filling
from screening.staff import desk_words
from screening.staff.after_sign_in import taken_up
from screening.staff.entry_pages import asking, entry_page
from screening.staff.fields import ChoiceField, errors_of, needed, render
from screening.staff.showing import page
from screening.web.door import service
from screening.web.headers import SAFE
from screening.web.question_controls import draw_control
from screening.web.question_forms import AnswerField, fields_of, page_form
from screening.web.redirects import see_other
from screening.web.visits import promise_to
from screening.web.words import lazy_gettext as _l

OLD_PAGES = frozenset({"check-your-answers", "request-sent", "start-again"})  # had no draft in their address


class StartForm(FlaskForm):  # type: ignore[misc]  # WTForms ships no types
    """How they are told, which says how the patient agreed."""

    how = ChoiceField(
        _l("How does the patient tell you this?"),
        needed(_l("Select how the patient tells you this")),
        offered=desk_words.TOLD_TO_STAFF,
    )


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
    typed = taken_up()
    form, whom = StartForm(typed) if typed is not None else StartForm(), _whom(visit, typed)
    if not form.validate_on_submit():
        drawn = (draw_control(field, about_me=False, alone=False) for field in whom)
        fields = [render(form.how), *drawn]
        context = {"rule_set": visit.rule_set, "promise": promise_to(visit), "fields": fields}
        return page("entry_start", errors=errors_of(form), **context), 422 if form.errors else 200
    if form.how.data == "paper":
        return see_other(url_for("staff.entry_from_paper", treatment=treatment))
    if filling.is_full():
        return filling.list_page(asking.to_go_on, full=True), 409
    answers = {field.question.id: field.stored for field in whom if field.validate(form)}
    return see_other(asking.to_go_on(service().begin(visit, person().id, SPOKEN, answers)))


def _whom(visit: Visit, typed: MultiDict[str, str] | None) -> list[AnswerField]:
    """The question for whom it is, which may be answered on the start page already."""
    asked = [visit.rule_set.by_id[one] for one in groups(visit.rule_set)[0]]
    first = [question for question in asked if question.contact == WHOM]
    return fields_of(page_form(visit.rule_set, first, service().circumstances(), {}, typed)) if first else []


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
    if not visit.waits:
        return asking.onward(visit)
    if request.method in SAFE and filling.is_a_colleagues(visit):
        return asking.onward(visit)
    if request.method in SAFE:
        return entry_page("delete", visit, onward=asking.to_go_on(visit))
    return asking.start_again(treatment)
