"""One page of questions after the other, check, send, start again: the same for both doors.

A door says what differs in a `QuestionPages` of its own, and declares the routes that lead here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple, Protocol

from flask import Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from screening.core import summary
from screening.core.ages import asks_birth_date, is_too_young
from screening.core.conditions import Answers
from screening.core.errors import Unavailable
from screening.core.journey import belongs_to
from screening.core.rules import Question
from screening.core.unfinished import Unfinished
from screening.core.voices import ME, OTHER
from screening.service.progress import Progress, minutes, progress
from screening.service.sending import PATIENT, Sender
from screening.service.visit import Visit
from screening.web import draft_cookie
from screening.web.addresses import address
from screening.web.answers_shown import answered, sections
from screening.web.asking_order import Order, order_of
from screening.web.door import service
from screening.web.failures import Keeper
from screening.web.headers import SAFE
from screening.web.kept_pages import Shape, kept
from screening.web.question_controls import draw_control, error_address, error_of
from screening.web.question_forms import AnswerField, PageForm, fields_of, page_form
from screening.web.redirects import see_other
from screening.web.stray_forms import DRAFT, Stray, stray_answers
from screening.web.visits import is_complete, promise_to, question_of
from screening.web.words import gettext as _

UNDER = "under"  # the field of a page's form that says what its answers belong to
ASKED = "asked"  # its fields that say which questions it showed
VOICE = "voice"  # in which it was drawn, where that is not the patient's own
OPENED = "opened"  # and which answers they had then
TOO_LONG = 413
NO_TOKEN = 400  # or one of another session: most often cookies are gone


class Hanging(NamedTuple):
    """When a question is asked: in words, and as data for the script."""

    words: str
    when: str


@dataclass(frozen=True, slots=True)
class AskedHere:
    """A question as a page shows it; `hangs` where an answer of the same page decides whether it is asked."""

    question: Question
    control: Markup
    hangs: Hanging | None = None


class Render(Protocol):
    """A door's page called `start`, `question`, `check`, `sent` or `stray`, as markup."""

    def __call__(self, name: str, visit: Visit, **context: object) -> str: ...


@dataclass(frozen=True, slots=True)
class QuestionPages:
    """The pages of one door; each of its routes calls the method of its name. As they are: one draft of a
    treatment in a browser. A door with several of them says in a class of its own where each is held.

    Every method raises 404 for a treatment or a question that is not there, and Unavailable.
    """

    prefix: str  # of the door's endpoints: its question is at `<prefix>question`
    render: Render
    first: str = "start"  # the page before the first question
    too_young: str = ""  # the page for who is younger than the rules say; this door may have none
    sender: Callable[[], Sender] = lambda: PATIENT
    admit: Callable[[str], None] = lambda _kind: None  # raises where too many drafts, or requests, come
    typed_before: Callable[[], MultiDict[str, str] | None] = lambda: (
        None
    )  # on this page, in a session that ended
    may_see_draft: Callable[[], bool] = lambda: (
        True
    )  # asked after a failure, which the door's guard may not outlive

    # Which draft, and where its key is

    def token(self) -> draft_cookie.DraftKey | None:
        """The key that the browser sent for the draft of this address."""
        return draft_cookie.token()

    def give_key(self, response: Response, visit: Visit) -> Response:
        """Hand the key of a draft to this browser."""
        return draft_cookie.give(response, visit.token, self.address("start", visit))

    def forget_key(self, response: Response, visit: Visit) -> Response:
        """Take it from this browser."""
        return draft_cookie.forget(response, self.address("start", visit))

    def draft_id(self) -> str:
        """The public id of the draft of this address; empty where there is none."""
        token = self.token()
        return token.public_id if token is not None else ""

    def carries(self, visit: Visit) -> dict[str, str]:
        """What every form of a visit says of the draft it is for."""
        return {DRAFT: self.draft_id()} | voice_in(visit)

    def carried(self, visit: Visit) -> dict[str, str]:
        """The same; of a form that is shown again after a failure, what it said before."""
        posted = request.form if request.method not in SAFE else {}
        return {name: posted.get(name, now) for name, now in self.carries(visit).items()}

    def is_for_another(self, visit: Visit, typed: MultiDict[str, str]) -> bool:
        """Whether a form was opened for another draft. One from before the first answer is for any."""
        del visit
        return bool(typed.get(DRAFT)) and typed.get(DRAFT) != self.draft_id()

    def is_held_elsewhere(self, visit: Visit) -> bool:
        """Whether somebody else fills it in now, so that it is theirs to go on with."""
        del visit
        return False

    def begins_anew(self) -> bool:
        """Whether an answer without a draft begins one."""
        return True

    # Where its pages are

    def address(self, page: str, visit: Visit, **values: object) -> str:
        """Where a page of a visit is; values are for the route and the query, None for none."""
        return address(self.prefix + page, treatment=visit.rule_set.id, **values)  # type: ignore[arg-type]  # an anchor is one of them

    def to_question(self, visit: Visit, question: str | None, **query: object) -> str:
        """Where a question is asked; without one, where the answers are checked."""
        if question is None:
            return self.address("check", visit, **query)
        return self.address("question", visit, question=question, **query)

    def to_change(self, visit: Visit, question: str) -> str:
        """Where a question is asked again, to come back to the check page."""
        here = self.on_page(visit, question)
        anchor = f"asks-{here.index(question) + 1}" if question in here[1:] else None  # a number is few bytes
        return self.to_question(visit, question, change=1, _anchor=anchor)

    def same_for_all(self, visit: Visit) -> str | None:
        """What those addresses begin with; None where they are of one draft."""
        return self.address("start", visit)

    def to_go_on(self, visit: Visit) -> str:
        """Where the reference is, or what is due next, or the start where nothing is kept."""
        if visit.reference is not None:
            return self.address("sent", visit)
        if visit.withdrawn:
            return self.address("withdrawn", visit)
        if visit.draft is None:
            gone = visit.lost or not self.begins_anew()
            return self.address("start", visit, notice="expired" if gone else "elsewhere")
        return self.to_question(visit, self.order(visit).next)

    def order(self, visit: Visit) -> Order:
        """In which this door asks."""
        return order_of(visit)

    def on_page(self, visit: Visit, question: str) -> list[str]:
        """The questions of a question's page, itself among them, as it is opened now."""
        page = visit.rule_set.pages[question]
        return [asked for asked in page if asked == question or asked in visit.path.asked]

    def so_far(self, visit: Visit, here: Collection[str]) -> Answers | None:
        """What counts beside a page, where this door asks questions together that hang on each other."""
        del visit, here
        return None

    def hanging(self, visit: Visit, question: Question, here: Collection[str]) -> Hanging | None:
        """When a question of a page is asked, where other answers of it say so."""
        del visit, question, here
        return None

    def heading(self, visit: Visit, here: Sequence[Question]) -> str:
        """What stands above a page of questions."""
        del visit
        return here[0].ask if len(here) == 1 else here[0].page or ""

    def progress(self, visit: Visit, here: Collection[str]) -> Progress | None:
        """How many pages may still come."""
        return progress(visit, here)

    def onward(self, visit: Visit) -> Response:
        """A redirect to where this browser can go on."""
        return see_other(self.to_go_on(visit))

    # What they do

    def visit(self, treatment: str) -> Visit:
        """Where this browser stands at a treatment."""
        visit = service().visit(treatment, self.token())
        if visit is None:
            abort(404)
        return _as_opened(visit)

    def start(self, treatment: str) -> ResponseReturnValue:
        """What comes first; the key of a draft that is gone is forgotten."""
        visit = self.visit(treatment)
        if visit.withdrawn:
            return self.onward(visit)
        onward = self.to_question(visit, self.order(visit).next)
        page = self.render(
            "start",
            visit,
            onward=onward,
            notice=request.args.get("notice", ""),
            promise=promise_to(visit),
            minutes=minutes(visit.rule_set),
        )
        response = current_app.make_response(page)
        return self.forget_key(response, visit) if visit.lost else response

    def question(self, treatment: str, question: str) -> ResponseReturnValue:
        """The page of a question; answers that can all be understood are kept, and lead on."""
        visit = self.visit(treatment)
        asked = question_of(visit.rule_set, question)
        asking = request.method in SAFE
        typed = self.typed_before() if asking else request.form
        form = self._form_for(visit, asked, typed)
        if typed is not None and self._is_stray(visit, typed):
            return self.refuse(visit, stray_answers(fields_of(form), typed))
        over = visit.reference is not None or visit.withdrawn or self.is_held_elsewhere(visit)
        away = over or not self.order(visit).reaches(question)
        if asking and away:
            return self.onward(visit)
        if not asking and form.validate():
            return self._save(visit, form)
        if form.errors:
            asked_here = [field.question.id for field in fields_of(form)]
            kept = self._keep_words(visit, form, visit.opened(asked_here))
            page = current_app.make_response((self._question_page(visit, form), 422))
            return self.give_key(page, kept) if kept is not None and visit.token is None else page
        unfinished = typed is None and _take_up(form, visit.unfinished)
        return self._question_page(visit, form, unfinished=unfinished)

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
        form = self._form_for(visit, visit.rule_set.by_id[asked[0]], request.form)
        return self._keep_words(visit, form, request.form.get(OPENED, ""))

    def _keep_words(self, visit: Visit, form: PageForm, opened: str) -> Visit | None:
        fields = fields_of(form)
        typed = {field.question.id: field.typed for field in fields}
        if visit.draft is None:  # the first page, unless the draft is gone
            written = any(text for field in fields for texts in field.typed.values() for text in texts)
            if visit.lost or not written or not self.order(visit).reaches(fields[0].question.id):
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
            why = _("You changed whom this is for since this page was opened. Check your answer, then go on.")
            return self._question_page(saved, form, why), 409
        gone = saved.reference is not None or saved.draft is None  # just now, in another tab
        if gone or self.is_held_elsewhere(saved):
            return self.refuse(saved, stray_answers(fields_of(form), request.form))
        restarted = saved.lost and saved.path.asked[0] not in answers
        if self.too_young and asks_birth_date(saved.rule_set) in answers and self.is_too_young(saved):
            onward = self.address(self.too_young, saved)
        else:
            notice = "restarted" if restarted else None
            onward = self.to_question(saved, self.order(saved).next, notice=notice)
        held = saved.token == self.token()  # for as long as a draft may live
        return see_other(onward) if held else self.give_key(see_other(onward), saved)

    def is_too_young(self, visit: Visit) -> bool:
        """Whether the rules ask this patient to ring."""
        return is_too_young(visit.rule_set, visit.answers, service().today())

    def _is_stray(self, visit: Visit, typed: MultiDict[str, str]) -> bool:
        nowhere = visit.draft is None and not self.begins_anew()
        return nowhere or visit.reference is not None or self.is_for_another(visit, typed)

    def refuse(self, visit: Visit, stray: Stray, **context: object) -> ResponseReturnValue:
        """Keeps nothing of a form for another draft, or for one that was sent, and shows what was typed."""
        if not self.is_for_another(visit, stray.typed) and stray.is_kept_by(visit):
            return self.onward(visit)
        return self.render("stray", visit, stray=stray, onward=self.to_go_on(visit), **context), 409

    def check(self, treatment: str) -> ResponseReturnValue:
        """All answers once more; sending keeps the request before it says so, however often it is sent."""
        visit = self.visit(treatment)
        if request.method not in SAFE and self.is_for_another(visit, request.form):
            return self.refuse(visit, Stray(request.form))
        if request.method in SAFE or not is_complete(visit):
            shows = is_complete(visit) and not self.is_held_elsewhere(visit)
            return self._check_page(visit) if shows else self.onward(visit)
        shown = request.form.get("shown", "")
        if visit.reference is None:
            self.admit("request")
        visit = service().send(visit, str(get_locale()), self.sender(), shown)
        if self.is_held_elsewhere(visit):
            return self.refuse(visit, Stray(request.form))
        if not is_complete(visit):
            return self.give_key(self.onward(visit), visit)  # the copy can be read for as long from now on
        why = _("Your answers were changed since this page was opened. Check what is marked, then send them.")
        return self._check_page(visit, why, visit.differs_from(shown) if shown else frozenset()), 409

    def withdrawn(self, treatment: str) -> ResponseReturnValue:
        """What was filled in under questions that were taken back: to read, and to go on with others."""
        visit = self.visit(treatment)
        if not visit.withdrawn or (request.method in SAFE and self.is_held_elsewhere(visit)):
            return self.onward(visit)
        if request.method in SAFE:
            renewable = service().fresh_visit(treatment) is not None
            return self.render("withdrawn", visit, sections=answered(visit), renewable=renewable)
        if self.is_for_another(visit, request.form):
            return self.refuse(visit, Stray(request.form))
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
        form = self._form_for(visit, asked, request.form)
        if status == NO_TOKEN and self.would_stray(visit):
            return self.refuse(visit, stray_answers(fields_of(form), request.form))
        if status == TOO_LONG:
            form.validate()  # the box that is too long says so
        return self._question_page(visit, form, why), status

    def _check_again(self, status: int, why: str) -> ResponseReturnValue | None:
        visit = self._visit_after_failure()
        if status == NO_TOKEN and visit is not None and self.would_stray(visit):
            return self.refuse(visit, Stray(request.form))
        return (self._check_page(visit, why), status) if visit is not None and is_complete(visit) else None

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

    def _form_for(self, visit: Visit, asked: Question, typed: MultiDict[str, str] | None) -> PageForm:
        """A form with the questions of that page: those it showed when it was opened, or is to show now."""
        here = self._shown_in(visit, asked.id, typed) if typed is not None else self.on_page(visit, asked.id)
        questions = [visit.rule_set.by_id[question] for question in here]
        now, beside = service().circumstances(), self.so_far(visit, here)
        return page_form(visit.rule_set, questions, now, visit.answers, typed, beside)

    def _shown_in(self, visit: Visit, question: str, typed: MultiDict[str, str]) -> list[str]:
        """Where a form does not say what it showed, the questions that the journey asks with this one."""
        said = typed.getlist(ASKED)
        shown = [asked for asked in self.may_be_on_page(visit, question) if asked in said]
        return shown or QuestionPages.on_page(self, visit, question)

    def may_be_on_page(self, visit: Visit, question: str) -> tuple[str, ...]:
        """The questions of a question's page, also those that it does not show now."""
        return visit.rule_set.pages[question]

    # What they show; `why` went wrong besides the answers, and has no field

    def _question_page(
        self, visit: Visit, form: PageForm, why: str | None = None, *, unfinished: bool = False
    ) -> str:
        fields, me = fields_of(form), self.about_me(visit)
        first, alone = fields[0].question, len(fields) == 1
        here = [field.question for field in fields]
        ids = [question.id for question in here]
        under = belongs_to(visit.rule_set, ids, visit.answers)
        if request.method not in SAFE and not visit.turned:  # one shown again says what it said when opened
            under = request.form.get(UNDER, under)
        drawn = [draw_control(field, about_me=me, alone=alone) for field in fields]
        return self.render(
            "question",
            visit,
            asked=[
                AskedHere(question, control, self.hanging(visit, question, ids))
                for question, control in zip(here, drawn, strict=True)
            ],
            page_heading=self.heading(visit, here),
            errors=_errors(fields, why),
            retry=why is not None and not visit.turned,
            under=under,
            unfinished=unfinished,
            opened=visit.opened(ids),
            back=self._back(visit, first.id),
            progress=None if _is_unread(visit) else _in_words(self.progress(visit, ids), first.section),
            notice=request.args.get("notice", ""),
        )

    def _back(self, visit: Visit, question: str) -> str:
        if "change" in request.args:
            return self.to_question(visit, None)
        before = self.order(visit).before(question)
        return self.address(self.first, visit) if before is None else self.to_question(visit, before)

    def about_me(self, visit: Visit) -> bool:
        """Whether whoever fills it in is the patient, as far as the questions tell."""
        others = {each.id for each in visit.rule_set.questions if each.contact == "representative_name"}
        return visit.voice == ME and others.isdisjoint(visit.path.asked)

    def _check_page(self, visit: Visit, why: str | None = None, changed: frozenset[str] = frozenset()) -> str:
        return self.render(
            "check",
            visit,
            sections=sections(visit, self.to_change, changed, self.same_for_all(visit)),
            notes=summary.patient_notes(visit.raised()),
            shown=visit.shown,
            unfinished=[
                (visit.rule_set.by_id[asked].ask, self.to_change(visit, asked)) for asked in visit.unfinished
            ],
            look_again=[
                (visit.rule_set.by_id[asked].ask, self.to_change(visit, asked))
                for asked in service().second_looks(visit)
            ],
            errors=[{"text": why}] if why is not None else [],
            back=self.to_question(visit, self.order(visit).before(None)),
        )


def voice_in(visit: Visit) -> dict[str, str]:
    """For a form to carry: nothing where patients are spoken to themselves."""
    return {} if visit.voice == ME else {VOICE: visit.voice}


def _as_opened(visit: Visit) -> Visit:
    """Where the answers of a form are out of reach, in the voice in which it was drawn."""
    if visit.draft is not None or request.method in SAFE or request.form.get(VOICE) != OTHER:
        return visit
    return replace(visit, spoken=OTHER)


def _is_unread(visit: Visit) -> bool:
    """Whether a form of a draft is shown again which could not be read: nobody knows how far it had come."""
    return visit.draft is None and not visit.lost and bool(request.form.get(DRAFT))


def _in_words(found: Progress | None, section: str | None) -> Markup | None:
    if found is None:
        return None
    facts = {"part": found.part, "parts": found.parts, "section": section}
    return kept("shared/progress.html", Shape({**facts, **found.left._asdict()}))


def _take_up(form: PageForm, words: Unfinished) -> bool:
    """Put what was typed before into the form; whether there was any."""
    left = [field for field in fields_of(form) if field.question.id in words]
    for field in left:
        field.typed = words[field.question.id]
    return bool(left)


def _in_address(name: str) -> str:
    return str((request.view_args or {}).get(name, ""))


def _errors(fields: list[AnswerField], why: str | None) -> list[dict[str, str]]:
    above = [{"text": why}] if why is not None else []
    beside = [(error_of(field) or "", error_address(field)) for field in fields if field.errors]
    return above + [{"text": text, "href": address} for text, address in beside]
