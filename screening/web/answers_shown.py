"""Answers in the words the patient saw, as rows of the design system's summary list."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from screening.core import summary
from screening.core.answers import reads_as
from screening.core.answers.controls import Ticks
from screening.core.rules import KnownBy
from screening.service.visit import Visit
from screening.web.summary_rows import SummaryRow, drawn
from screening.web.words import gettext as _
from screening.web.words import language

MOST_ROWS = 1024  # of one rule set, of half a kilobyte
ChangeAddress = Callable[[Visit, str], str]


@dataclass(frozen=True, slots=True)
class AnswersUnder:
    """The answers under one heading, each a row of a summary list."""

    heading: str
    rows: tuple[Markup, ...]


def sections(
    visit: Visit, change: ChangeAddress | None = None, changed: Collection[str] = (), under: str | None = None
) -> list[AnswersUnder]:
    """Every answer under its heading; with `change`, each has a link to change it; `changed` are marked.

    `under`: what these links begin with, where they are the same for everybody.
    """
    told = _Told(visit, change, changed, under)
    return [
        AnswersUnder(section.heading, told.rows_of(section.lines))
        for section in summary.sections(visit.rule_set, visit.path, visit.answers)
    ]


def answered(visit: Visit) -> list[AnswersUnder]:
    """What was answered so far, under its headings; without what is still due."""
    found = summary.sections(visit.rule_set, visit.path, visit.answers)
    said_so = [(section.heading, [line for line in section.lines if line.said]) for section in found]
    return [AnswersUnder(heading, _Told(visit).rows_of(lines)) for heading, lines in said_so if lines]


@dataclass(frozen=True, slots=True)
class NotSent:
    """Answers to questions that do not apply any more, each as (question, answer), and what decides that."""

    because: Sequence[tuple[str, str]]  # (question, where it is changed)
    answers: Sequence[tuple[str, Markup]]


def not_sent(visit: Visit, change: ChangeAddress) -> list[NotSent]:
    """What was given, and is no part of the request because another answer was changed."""
    return [
        NotSent(
            [(decides.ask, change(visit, decides.id)) for decides in left.because],
            [(line.question.ask, _given(line)) for line in left.lines],
        )
        for left in visit.no_longer_asked
    ]


def _given(line: summary.SummaryLine) -> Markup:
    """Empty for words that were no answer yet."""
    return in_lines(said(line.question.type, line.said, line.stored)) if line.said else Markup()


_Rows = dict[tuple[str, str | tuple[str, ...] | None, int], Markup]  # question, chosen, its place on its page


@lru_cache(maxsize=64)
def rows_in(_rules: KnownBy, _language: str, _under: str) -> _Rows:
    """Rows of answers that were chosen, and of none, by where links begin; never of one that was typed."""
    return {}


class _Told:
    """Answers of a visit as rows, in the language of the page."""

    def __init__(
        self,
        visit: Visit,
        change: ChangeAddress | None = None,
        changed: Collection[str] = (),
        under: str | None = None,
    ) -> None:
        self.visit, self.change, self.changed = visit, change, changed
        self.language = language()
        self.places = {asked: place for page in visit.pages for place, asked in enumerate(page)}
        self.kept = {} if under is None else rows_in(visit.rule_set.known_by, self.language, under)

    def rows_of(self, lines: Iterable[summary.SummaryLine]) -> tuple[Markup, ...]:
        rows = []
        for line in lines:  # some forty of them: each look at a row counts
            stored, asked = line.stored, line.question.id
            chosen = tuple(stored) if type(stored) is list else stored
            typed = stored is not None and type(line.question.control) is not Ticks
            found = None if typed else self.kept.get((asked, chosen, self.places[asked]))
            if found is None or asked in self.changed:
                found = self._drawn(line)
                if not typed and asked not in self.changed and len(self.kept) < MOST_ROWS:
                    self.kept[asked, chosen, self.places[asked]] = found
            rows.append(found)
        return tuple(rows)

    def _drawn(self, line: summary.SummaryLine) -> Markup:
        question = line.question
        lines = reads_as(question.type, line.said, line.stored, self.language)
        value = in_lines(lines, changed_at(question.id) if question.id in self.changed else "")
        if self.change is None:
            return drawn(SummaryRow(question.ask, value))
        href = self.change(self.visit, question.id)
        return drawn(SummaryRow(question.ask, value, (_change_in(self.language), question.ask), href))


@lru_cache(maxsize=8)
def _change_in(_language: str) -> str:
    """What stands on the links, in the language of the page."""
    words: str = _("Change")
    return words


def changed_at(question: str) -> str:
    """Where on its page the mark of a changed answer stands."""
    return f"changed-{question}"


def in_lines(lines: Sequence[str], changed: str = "") -> Markup:
    """An answer; one that changed has a mark above it, with this id. Joining escapes what patients typed."""
    said = [escape(line) for line in lines or (_("Not provided"),)]
    if changed:
        said.insert(0, Markup('<strong class="govuk-tag" id="{}">{}</strong>').format(changed, _("Changed")))
    return Markup("<br>".join(said))  # noqa: S704  # each of them is escaped


def said(question_type: str, lines: Sequence[str], stored: Any) -> tuple[str, ...]:
    """An answer's lines; dates and the like as the language of the page writes them."""
    return reads_as(question_type, lines, stored, language())
