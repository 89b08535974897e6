"""A form that was opened for another draft than the one it came to: what was typed in it, to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from screening.core.answers import Mistake, show, understand
from screening.core.journey import voice_of
from screening.core.rules import Question, RuleSet
from screening.core.shown import rules_in, stored_in
from screening.core.stored import Stored
from screening.service.visit import Visit
from screening.web.answers_shown import said
from screening.web.door import service
from screening.web.failures import SECRET_FIELDS
from screening.web.question_forms import AnswerField

DRAFT = "draft"  # the field that says which draft a form was opened for, by its public id
SHOWN = "shown"  # the field of a check page that holds all that it showed


@dataclass(frozen=True, slots=True)
class StrayAnswer:
    """An answer in such a form, in the words as they would be read back."""

    question: Question
    words: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stray:
    """`typed` as the form had it; no answers where nothing was asked, `checked` those of a check page."""

    typed: MultiDict[str, str] = field(repr=False)
    answers: tuple[StrayAnswer, ...] = ()
    checked: tuple[StrayAnswer, ...] = ()

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


@dataclass(frozen=True, slots=True)
class Checked:
    """What the form of a check page carries, wherever its draft is by now."""

    rule_set: RuleSet
    stored: Stored = field(repr=False)

    @classmethod
    def of(cls, treatment: str, typed: MultiDict[str, str]) -> Checked | None:
        """None where there are no such answers. Raises Unavailable."""
        text = typed.get(SHOWN, "")
        found = service().library.pinned(rules_in(text)) if text else None
        if found is None or found.id != treatment:
            return None
        stored = stored_in(found, text, service().circumstances())
        return cls(found, stored) if stored else None

    def under(self, live: RuleSet) -> Stored:
        """The answers to questions that these rules ask in the very same way."""
        return {
            asked: answer for asked, answer in self.stored.items() if self.rule_set.asks_the_same(live, asked)
        }

    def answers(self) -> tuple[StrayAnswer, ...]:
        """In the words in which the page showed them."""
        spoken = self.rule_set.speaking(voice_of(self.rule_set, self.stored))
        asked = (spoken.by_id[question] for question in self.stored)
        return tuple(StrayAnswer(question, as_it_stands(question, self.stored)) for question in asked)


def stray_check(treatment: str, typed: MultiDict[str, str]) -> Stray:
    """The form of a check page, with the answers that it showed. Raises Unavailable."""
    found = Checked.of(treatment, typed)
    return Stray(typed, checked=found.answers() if found is not None else ())


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
