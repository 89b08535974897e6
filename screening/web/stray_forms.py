"""A form that was opened for another draft than the one it came to: what was typed in it, to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from screening.core.answers import Mistake, show, understand
from screening.core.rules import Question
from screening.core.stored import Stored
from screening.service.visit import Visit
from screening.web.answers_shown import said
from screening.web.failures import SECRET_FIELDS
from screening.web.question_forms import AnswerField

DRAFT = "draft"  # the field that says which draft a form was opened for, by its public id


@dataclass(frozen=True, slots=True)
class StrayAnswer:
    """An answer in such a form, in the words as they would be read back."""

    question: Question
    words: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stray:
    """`typed` as the form had it; no answers where nothing was asked."""

    typed: MultiDict[str, str] = field(repr=False)
    answers: tuple[StrayAnswer, ...] = ()

    @property
    def draft(self) -> str:
        """The public id of the draft that the form was opened for; empty where there was none."""
        return self.typed.get(DRAFT, "")

    def is_kept_by(self, visit: Visit) -> bool:
        """Whether the request that this became says the very same."""
        same = (given.words == as_it_stands(given.question, visit.answers) for given in self.answers)
        return visit.reference is not None and bool(self.answers) and all(same)

    def to_send_again(self, *without: str) -> list[tuple[str, str]]:
        """The fields of the form, as hidden ones of another."""
        left_out = SECRET_FIELDS.union(without)
        return [(name, text) for name, text in self.typed.items(multi=True) if name not in left_out]


def stray_answers(asked: Iterable[AnswerField], typed: MultiDict[str, str]) -> Stray:
    """The answers in a form for another draft."""
    return Stray(typed, tuple(StrayAnswer(given.question, _words(given)) for given in asked))


def _words(asked: AnswerField) -> tuple[str, ...]:
    try:
        stored = understand(asked.question, asked.typed, asked.circumstances)
    except Mistake:
        return tuple(text for texts in asked.typed.values() for text in texts if text)
    return _read_back(asked.question, stored)


def as_it_stands(question: Question, answers: Stored) -> tuple[str, ...]:
    """What is kept as the answer, in the words as they would be read back; nothing where there is none."""
    return _read_back(question, answers.get(question.id))


def _read_back(question: Question, stored: Any) -> tuple[str, ...]:
    return () if stored is None else said(question.type, show(question, stored), stored)
