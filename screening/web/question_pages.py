"""One page of questions after the other, check, send, start again: the same for both doors.

A door says what differs in a `QuestionPages` of its own, and declares the routes that lead here.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from werkzeug.datastructures import MultiDict

from screening.core import summary
from screening.core.ages import Outside, asks_birth_date, outside_age
from screening.core.errors import Unavailable
from screening.core.stored import Stored
from screening.core.unfinished import Unfinished
from screening.core.voices import OTHER
from screening.service.progress import minutes
from screening.service.visit import Visit
from screening.web.answers_shown import answered
from screening.web.door import service
from screening.web.failures import Keeper
from screening.web.headers import SAFE
from screening.web.question_door import VOICE
from screening.web.question_drawing import ASKED, OPENED, UNDER, DrawnQuestions
from screening.web.question_forms import PageForm, fields_of
from screening.web.redirects import see_other
from screening.web.stray_forms import SHOWN, Checked, Stray, stray_answers, stray_check
from screening.web.visits import is_complete, promise_to, question_of
from screening.web.words import gettext as _

TOO_LONG = 413
ANEW = "anew"  # the field of a form that puts what a check page showed into a new draft
NO_TOKEN = 400  # or one of another session: most often cookies are gone


class QuestionPages(DrawnQuestions):
    """The pages of one door; each of its routes calls the method of its name.

    Every method raises 404 for a treatment or a question that is not there, and Unavailable.
    """

    def visit(self, treatment: str) -> Visit:
        """Where this browser stands at a treatment."""
        visit = service().visit(treatment, self.token())
        return _as_opened(visit) if visit is not None else self.absent(treatment)

    def start(self, treatment: str) -> ResponseReturnValue:
        """What comes first; the key of a draft that is gone is forgotten.

        Not of one that has only expired, until it is deleted: a clock may be wrong for a while.
        """
        visit = self.visit(treatment)
        if visit.withdrawn:
            return self.onward(visit)
        onward = self.to_question(visit, self.paging.order(visit).next)
        page = self.render(
            "start",
            visit,
            onward=onward,
            notice=request.args.get("notice", ""),
            promise=promise_to(visit),
            minutes=minutes(visit.rule_set),
        )
        response = current_app.make_response(page)
        gone = visit.lost and not service().still_lies(self.token())
        return self.forget_key(response, visit) if gone else response

    def question(self, treatment: str, question: str) -> ResponseReturnValue:
        """The page of a question; answers that can all be understood are kept, and lead on."""
        visit = self.visit(treatment)
        asked = question_of(visit.rule_set, question)
        asking = request.method in SAFE
        typed = self.typed_before() if asking else request.form
        form = self.form_for(visit, asked, typed)
        if typed is not None and self._is_stray(visit, typed):
            return self.refuse(visit, stray_answers(fields_of(form), typed))
        over = visit.reference is not None or visit.withdrawn or self.is_held_elsewhere(visit)
        away = over or not self.paging.order(visit).reaches(question)
        if asking and away:
            return self.onward(visit)
        if not asking and form.validate():
            return self._save(visit, form)
        if form.errors:
            asked_here = [field.question.id for field in fields_of(form)]
            kept = self._keep_words(visit, form, visit.opened(asked_here))
            page = current_app.make_response((self.question_page(visit, form, kept=kept is not None), 422))
            return self.give_key(page, kept) if kept is not None and visit.token is None else page
        unfinished = typed is None and _take_up(form, visit.unfinished)
        return self.question_page(visit, form, unfinished=unfinished)

    def keep_words(self, treatment: str) -> ResponseReturnValue:
        """For the script: what stands on a page, to be shown again there, and counted for nothing."""
        visit = self.visit(treatment)
        kept = self.with_words(visit)
        if kept is None:
            return {"expires_in": 0}
        left = service().time_left(kept) or timedelta()
        answer = current_app.make_response({"expires_in": int(left.total_seconds())})
        return self.give_key(answer, kept) if visit.token is None else answer

    def with_words(self, visit: Visit) -> Visit | None:
        """The visit with what stands on the page that was sent; None where that cannot be kept."""
        asked = [question for question in request.form.getlist(ASKED) if question in visit.rule_set.by_id]
        if not asked or self._is_stray(visit, request.form):
            return None
        form = self.form_for(visit, visit.rule_set.by_id[asked[0]], request.form)
        return self._keep_words(visit, form, request.form.get(OPENED, ""))

    def _keep_words(self, visit: Visit, form: PageForm, opened: str) -> Visit | None:
        fields = fields_of(form)
        typed = {field.question.id: field.typed for field in fields}
        # The first page; not where the draft is over: a new key would take the place of its own,
        # which opens it again once a wrong clock is right; and the open page would be one of another draft.
        if visit.draft is None:
            written = any(text for field in fields for texts in field.typed.values() for text in texts)
            if visit.lost or not written or not self.paging.order(visit).reaches(fields[0].question.id):
                return None
            self.admit("draft")
        try:
            return service().keep_words(visit, typed, opened)
        except Unavailable:  # they are still on the page
            return None

    def _save(self, visit: Visit, form: PageForm) -> ResponseReturnValue:
        anew, under = self.begins_anew(), request.form.get(UNDER)
        answers = {field.question.id: field.stored for field in fields_of(form) if not field.left_out}
        if visit.draft is None:
            self.admit("draft")
        saved = service().save_answers(visit, answers, anew=anew, under=under)
        if saved.turned:
            why = _("You changed who this is for after you opened this page. Check your answer, then go on.")
            return self.question_page(saved, form, why), 409
        gone = saved.reference is not None or saved.draft is None  # just now, in another tab
        if gone or self.is_held_elsewhere(saved):
            return self.refuse(saved, stray_answers(fields_of(form), request.form))
        if self.ring_us and asks_birth_date(saved.rule_set) in answers and self.outside_age(saved):
            onward = self.address(self.ring_us, saved)
        else:
            due = self.paging.order(saved).next
            onward = self.to_question(saved, due, notice=_notice(visit, saved, answers))
        held = saved.token == self.token()  # for as long as a draft may live
        return see_other(onward) if held else self.give_key(see_other(onward), saved)

    def outside_age(self, visit: Visit) -> Outside | None:
        """On which side of the age rule this patient is, who is then asked to ring."""
        return outside_age(visit.rule_set, visit.answers, service().today())

    def _is_stray(self, visit: Visit, typed: MultiDict[str, str]) -> bool:
        nowhere = visit.draft is None and not self.begins_anew()
        return nowhere or visit.reference is not None or self.is_for_another(visit, typed)

    def check(self, treatment: str) -> ResponseReturnValue:
        """All answers once more; sending keeps the request before it says so, however often it is sent."""
        visit = self.visit(treatment)
        if request.method in SAFE:
            typed = self.typed_before()
            if typed is not None and visit.draft is None:
                return self.refuse(visit, stray_check(treatment, typed))
            shows = is_complete(visit) and not self.is_held_elsewhere(visit)
            return self.check_page(visit) if shows else self.onward(visit)
        if visit.draft is None and ANEW in request.form:
            return self._begun_again(visit)
        if visit.draft is None or self.is_for_another(visit, request.form):
            return self.refuse(visit, stray_check(treatment, request.form))
        if not is_complete(visit):
            return self.onward(visit)
        shown = request.form.get(SHOWN, "")
        if visit.reference is None:
            self.admit("request")
        visit = service().send(visit, str(get_locale()), self.sender(), shown)
        if visit.draft is None or self.is_held_elsewhere(visit):
            return self.refuse(visit, stray_check(treatment, request.form))
        if not is_complete(visit):
            return self.give_key(self.onward(visit), visit)  # the copy can be read for as long from now on
        changed = visit.differs_from(shown) if shown else frozenset()
        return self.check_page(visit, _why_again(changed), changed), 409

    def _begun_again(self, visit: Visit) -> ResponseReturnValue:
        """Where its answers are gone, what a check page showed is a new draft, to be checked again."""
        found = Checked.of(visit.rule_set.id, request.form)
        answers = found.under(visit.base) if found is not None else {}
        if not answers:
            return self.refuse(visit, Stray(request.form))
        self.admit("draft")
        begun = self.begin_again(visit, answers)
        return self.give_key(self.onward(begun), begun)

    def withdrawn(self, treatment: str) -> ResponseReturnValue:
        """What was filled in under questions that were taken back: to read, and to go on with others."""
        visit = self.visit(treatment)
        if request.method not in SAFE and visit.draft is None:
            return self.refuse(visit, stray_check(treatment, request.form))
        if not visit.withdrawn or (request.method in SAFE and self.is_held_elsewhere(visit)):
            return self.onward(visit)
        if request.method in SAFE:
            renewable = service().fresh_visit(treatment) is not None
            return self.render(
                "withdrawn", visit, sections=answered(visit), renewable=renewable, shown=visit.shown
            )
        if self.is_for_another(visit, request.form):
            return self.refuse(visit, stray_check(treatment, request.form))
        return self.onward(service().renew(visit))

    def sent(self, treatment: str) -> ResponseReturnValue:
        """The reference, what happens next, and by which day."""
        visit = self.visit(treatment)
        if visit.reference is None:
            return self.no_copy(visit)
        notes = summary.patient_notes(visit.raised())
        return self.render("sent", visit, notes=notes, promise=promise_to(visit))

    def no_copy(self, visit: Visit) -> Response:
        """Where a sent request was looked for: on with the draft, or the start, which says so."""
        if visit.draft is not None:
            return self.onward(visit)
        return see_other(self.address("start", visit, notice="gone"))

    def start_again(self, treatment: str) -> ResponseReturnValue:
        """Forget the draft and its key; a request that was sent stays."""
        visit = self.visit(treatment)
        if visit.draft is not None and self.is_for_another(visit, request.form):
            return self.refuse(visit, Stray(request.form))
        if not service().delete_draft(visit):
            return self.refuse(self.visit(treatment), Stray(request.form))
        notice = "deleted" if visit.reference is None else "copy_deleted"
        return self.forget_key(see_other(self.address("start", visit, notice=notice)), visit)

    # What they show again after a failure

    def keepers(self) -> Mapping[str, Keeper]:
        """For the failures of this door: endpoint -> what shows its page again."""
        return {self.prefix + "question": self._question_again, self.prefix + "check": self._check_again}

    def _question_again(self, status: int, why: str) -> ResponseReturnValue | None:
        visit = self._visit_after_failure()
        asked = visit.rule_set.by_id.get(_in_address("question")) if visit is not None else None
        if visit is None or asked is None:
            return None
        form = self.form_for(visit, asked, request.form)
        if status == NO_TOKEN and self.would_stray(visit):
            return self.refuse(visit, stray_answers(fields_of(form), request.form))
        if status == TOO_LONG:
            form.validate()  # the box that is too long says so
        return self.question_page(visit, form, why), status

    def _check_again(self, status: int, why: str) -> ResponseReturnValue | None:
        visit = self._visit_after_failure()
        if visit is None:
            return None
        if status == NO_TOKEN and self.would_stray(visit):
            return self.refuse(visit, stray_check(visit.rule_set.id, request.form))
        if visit.draft is None and ANEW in request.form and self.may_see_draft():
            found = stray_check(visit.rule_set.id, request.form)
            return self.refuse(visit, found, status=status, errors=[{"text": why}])
        return (self.check_page(visit, why), status) if is_complete(visit) else None

    def would_stray(self, visit: Visit) -> bool:
        """Whether this form would be refused once more: then nobody is told to send it again."""
        return self.is_for_another(visit, request.form) and self.may_see_draft()

    def _visit_after_failure(self) -> Visit | None:
        """As far as the database can be read, and by whoever may see it."""
        treatment = _in_address("treatment")
        with suppress(Unavailable):
            if self.may_see_draft():
                found = service().visit(treatment, self.token())
                return None if found is None else _as_opened(found)
        fresh = service().fresh_visit(treatment)
        return None if fresh is None else _as_opened(fresh)


def _as_opened(visit: Visit) -> Visit:
    """Where the answers of a form are out of reach, in the voice in which it was drawn."""
    if visit.draft is not None or request.method in SAFE or request.form.get(VOICE) != OTHER:
        return visit
    return replace(visit, spoken=OTHER)


def _notice(before: Visit, saved: Visit, answers: Stored) -> str | None:
    """What the next page says of what became of the answers."""
    if saved.lost and saved.path.asked[0] not in answers:
        return "restarted"
    of_health = (asked for asked in before.path.answers if before.rule_set.by_id[asked].contact is None)
    return "turned" if saved.voice != before.voice and any(of_health) else None


def _take_up(form: PageForm, words: Unfinished) -> bool:
    """Put what was typed before into the form; whether there was any."""
    left = [field for field in fields_of(form) if field.question.id in words]
    for field in left:
        field.typed = words[field.question.id]
    return bool(left)


def _in_address(name: str) -> str:
    return str((request.view_args or {}).get(name, ""))


def _why_again(changed: frozenset[str]) -> str:
    if not changed:  # the page was of an older program, say
        return _("This page is not as it was when you opened it. Read your answers again, then send them.")
    return _("Some answers changed after you opened this page. Check the marked ones, then send them.")
