"""What the pages of questions show, drawn for a door."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from screening.core import summary
from screening.core.journey import belongs_to
from screening.core.rules import Question
from screening.service.progress import Progress
from screening.service.visit import Visit
from screening.web.answers_shown import changed_at, not_sent, sections
from screening.web.asking_order import AS_THE_RULES_SAY, Hanging
from screening.web.door import service
from screening.web.headers import SAFE
from screening.web.kept_pages import Shape, kept
from screening.web.question_controls import draw_control, error_address, error_of
from screening.web.question_door import QuestionDoor
from screening.web.question_forms import AnswerField, PageForm, fields_of, page_form
from screening.web.stray_forms import DRAFT, Stray
from screening.web.words import gettext as _

UNDER = "under"  # the field of a page's form that says what its answers belong to
ASKED = "asked"  # its fields that say which questions it showed
OPENED = "opened"  # and which answers they had then
OVER = "over"  # the notice that a draft has ended, on a form that cannot be kept yet
TOLD = ("restarted", "turned")  # what a page of questions may say of the answers before it
NOT_ITS_PLACE = 409


@dataclass(frozen=True, slots=True)
class AskedHere:
    """A question as a page shows it; `hangs` where an answer of the same page decides whether it is asked."""

    question: Question
    control: Markup
    hangs: Hanging | None = None


class DrawnQuestions(QuestionDoor):
    """`why` is what went wrong besides the answers, and has no field."""

    def form_for(self, visit: Visit, asked: Question, typed: MultiDict[str, str] | None) -> PageForm:
        """A form with the questions of that page: those it showed when it was opened, or is to show now."""
        paging = self.paging
        here = paging.on_page(visit, asked.id) if typed is None else self._shown_in(visit, asked.id, typed)
        questions = [visit.rule_set.by_id[question] for question in here]
        now, beside = service().circumstances(), paging.so_far(visit, here)
        return page_form(visit.rule_set, questions, now, visit.answers, typed, beside)

    def _shown_in(self, visit: Visit, question: str, typed: MultiDict[str, str]) -> list[str]:
        """Where a form does not say what it showed, the questions that the journey asks with this one."""
        said = typed.getlist(ASKED)
        shown = [asked for asked in self.paging.may_be_on_page(visit, question) if asked in said]
        return shown or AS_THE_RULES_SAY.on_page(visit, question)

    def question_page(
        self,
        visit: Visit,
        form: PageForm,
        why: str | None = None,
        *,
        unfinished: bool = False,
        kept: bool = False,
    ) -> str:
        """The questions of a form, with what was typed and what is wrong with it; whether that is `kept`."""
        fields, me, paging = fields_of(form), self.about_me(visit), self.paging
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
                AskedHere(question, control, paging.hanging(visit, question, ids))
                for question, control in zip(here, drawn, strict=True)
            ],
            page_heading=paging.heading(visit, here),
            errors=_errors(fields, why),
            retry=why is not None and not visit.turned,
            under=under,
            unfinished=unfinished,
            kept=kept,
            action=self._here(visit, first.id),
            opened=visit.opened(ids),
            back=self._back(visit, first.id),
            progress=None if _is_unread(visit) else _in_words(paging.progress(visit, ids), first.section),
            notice=OVER if _is_over(visit) else request.args.get("notice", ""),
        )

    def _here(self, visit: Visit, question: str) -> str:
        """The address without its `#`, which a form takes along otherwise: to the middle of the next page.

        Of what stands behind the `?` only words of our own: a stranger may have written the rest.
        """
        asked = (request.view_args or {}).get("question", question)
        notice, change = request.args.get("notice"), 1 if "change" in request.args else None
        return self.to_question(visit, asked, change=change, notice=notice if notice in TOLD else None)

    def _back(self, visit: Visit, question: str) -> str:
        if "change" in request.args:
            return self.to_question(visit, None)
        before = self.paging.order(visit).before(question)
        return self.address(self.first, visit) if before is None else self.to_question(visit, before)

    def check_page(self, visit: Visit, why: str | None = None, changed: frozenset[str] = frozenset()) -> str:
        """All answers once more; those `changed` since the page was opened are marked."""
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
            not_sent=not_sent(visit, self.to_change),
            errors=([{"text": why}] if why is not None else [])
            + [
                {"text": visit.rule_set.by_id[asked].ask, "href": "#" + changed_at(asked)}
                for asked in visit.path.asked
                if asked in changed
            ],
            back=self.to_question(visit, self.paging.order(visit).before(None)),
        )

    def refuse(
        self, visit: Visit, stray: Stray, *, status: int = NOT_ITS_PLACE, **context: object
    ) -> ResponseReturnValue:
        """Keeps nothing of a form for another draft, or for one that was sent, and shows what was typed."""
        if not self.is_for_another(visit, stray.typed) and stray.is_kept_by(visit):
            return self.onward(visit)
        return self.render("stray", visit, stray=stray, onward=self.to_go_on(visit), **context), status


def _is_unread(visit: Visit) -> bool:
    """Whether a form of a draft is shown again which could not be read: nobody knows how far it had come."""
    if request.method in SAFE:  # there is no form, and none is to be looked for
        return False
    return visit.draft is None and not visit.lost and bool(request.form.get(DRAFT))


def _is_over(visit: Visit) -> bool:
    """Whether a form is shown again whose other answers are deleted."""
    return request.method not in SAFE and visit.draft is None and visit.lost


def _in_words(found: Progress | None, section: str | None) -> Markup | None:
    if found is None:
        return None
    facts = {"part": found.part, "parts": found.parts, "section": section}
    return kept("shared/progress.html", Shape({**facts, **found.left._asdict()}))


def _errors(fields: list[AnswerField], why: str | None) -> list[dict[str, str]]:
    above = [{"text": why}] if why is not None else []
    alone = len(fields) == 1
    beside = [field for field in fields if field.errors]
    return above + [{"text": _summed_up(field, alone), "href": error_address(field)} for field in beside]


def _summed_up(field: AnswerField, alone: bool) -> str:
    """What is wrong, and with which of the questions of its page."""
    words = error_of(field) or ""
    if alone or field.says_which:
        return words
    return str(_("%(words)s: %(ask)s", words=words, ask=field.question.ask))
