"""The question types: what each may hold, how an answer is read, understood and shown.

Three forms of an answer: *typed* (what a person put into the fields of a form: name -> texts),
*stored* (JSON: an id, a list of ids, a number, a date `YYYY-MM-DD`, text) and *counted* (what
conditions look at: an id, a frozenset of ids, or what compares with bounds as they are written: a
number, a text, or the first and last of what it may mean).

`TYPES` is the one table: a new type is one entry, and nothing outside this folder asks for its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from screening.core.answers.answer_type import (
    AnswerType,
    Bounds,
    Choices,
    Circumstances,
    Comparison,
    Incomparable,
    Mistake,
    Reader,
    Typed,
)
from screening.core.answers.choices import CHOOSE_MANY, CHOOSE_ONE, NOT_SURE, READY_MADE
from screening.core.answers.dates import DATE, DATE_PARTS, date_span
from screening.core.answers.dialling import home_number
from screening.core.answers.figures import NUMBER, SCALE, SCALE_TYPE
from screening.core.answers.texts import LONG_TEXT, TEXT, normal_parts, phones_in
from screening.core.questions import QuestionShape

__all__ = [
    "DATE_PARTS",
    "LONG_TEXT",
    "NOT_SURE",
    "READY_MADE",
    "SCALE",
    "TYPES",
    "AnswerType",
    "Bounds",
    "Choices",
    "Circumstances",
    "Comparison",
    "Incomparable",
    "Mistake",
    "Reader",
    "Typed",
    "date_span",
    "home_number",
    "is_empty",
    "normal_parts",
    "phones_in",
    "reads_as",
    "show",
    "typed_of",
    "understand",
]

TYPES: dict[str, AnswerType] = {
    "choose_one": CHOOSE_ONE,
    "choose_many": CHOOSE_MANY,
    "scale": SCALE_TYPE,
    "number": NUMBER,
    "date": DATE,
    "text": TEXT,
}


def is_empty(typed: Typed) -> bool:
    """Whether nothing at all was put into the field."""
    return not any(text.strip() for texts in typed.values() for text in texts)


def understand(
    question: QuestionShape, typed: Typed, circumstances: Circumstances, names: Sequence[str] | None = None
) -> Any:
    """The stored answer that `typed` means; None for an optional question left empty. Raises Mistake.

    `names`: of the fields that it is asked with, where they are known.
    """
    kind = TYPES[question.type]
    names = names or kind.control(question).names
    typed = {name: typed.get(name, ()) for name in names}
    if is_empty(typed):
        if question.required:
            raise Mistake("missing", tuple(filter(None, names)))
        return None
    return kind.understand(question, typed, circumstances)


def typed_of(question: QuestionShape, stored: Any) -> Typed:
    """What a person would have typed for this stored answer; nothing for None."""
    return {} if stored is None else TYPES[question.type].typed_of(question, stored)


def show(question: QuestionShape, stored: Any) -> tuple[str, ...]:
    """A stored answer in the words the patient saw; dates stay `YYYY-MM-DD` for the reader's language."""
    return TYPES[question.type].show(question, stored)


def reads_as(type_name: str, said: Sequence[str], stored: Any, language: str) -> tuple[str, ...]:
    """Lines as they were kept, for a reader of this language; of a type that is no more, as they are."""
    kind = TYPES.get(type_name)
    return tuple(said) if kind is None or not said else kind.reads_as(tuple(said), stored, language)


def in_own_words(type_name: str) -> bool:
    """Whether answers of this type are the patient's own words; of a type that is no more, they may be."""
    kind = TYPES.get(type_name)
    return kind is None or kind.own_words
