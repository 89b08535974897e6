"""Answers in the patient's own words, and the few kinds of text that have a form."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import email_validator
import phonenumbers

from screening.core.answers.answer_type import (
    AnswerType,
    Circumstances,
    Incomparable,
    Mistake,
    Reader,
    Typed,
    as_kept,
    as_typed,
    no_faults,
    no_wish,
    text_of,
)
from screening.core.answers.controls import Box
from screening.core.questions import QuestionShape

LONG_TEXT = 100  # characters; above it a text is a box of several lines
DEFAULT_LIMIT = 500


def _limit(question: QuestionShape) -> int:
    return question.limit or DEFAULT_LIMIT


def _read(question: QuestionShape) -> Reader:
    limit = _limit(question)
    return lambda stored: stored if type(stored) is str and stored.strip() and len(stored) <= limit else None


def _understand(question: QuestionShape, typed: Typed, circumstances: Circumstances) -> str:
    text = unicodedata.normalize("NFC", text_of(typed).replace("\r\n", "\n").replace("\r", "\n"))
    limit = _limit(question)
    if len(text) > limit:
        raise Mistake("too_long", figures={"limit": limit, "over": len(text) - limit})
    if question.format:
        FORMATS[question.format].check(text, circumstances)
    return text


def _show(_question: QuestionShape, stored: Any) -> tuple[str, ...]:
    return tuple(str(stored).split("\n"))


def _check_email(text: str, _: Circumstances) -> None:
    try:
        email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError:
        raise Mistake("not_an_email") from None


def _check_phone(text: str, circumstances: Circumstances) -> None:
    try:
        number = phonenumbers.parse(text, circumstances.region)
    except phonenumbers.NumberParseException:
        raise Mistake("not_a_phone") from None
    if not phonenumbers.is_valid_number(number):
        raise Mistake("not_a_phone")


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A named kind of text; authors choose one by name and never write patterns."""

    check: Callable[[str, Circumstances], None]
    input_type: str
    example: str


FORMATS = {
    "email": TextFormat(_check_email, "email", "sam@example.com"),
    "phone": TextFormat(_check_phone, "tel", "+44 808 157 0192"),
}


def _example(question: QuestionShape) -> str:
    if question.format:
        return FORMATS[question.format].example
    return "As I told my GP"[: _limit(question)].rstrip()


def _box(question: QuestionShape) -> Box:
    limit = _limit(question)
    if question.format:
        return Box(longest=min(limit, LONG_TEXT), input_type=FORMATS[question.format].input_type)
    return Box(longest=limit, counted=limit > LONG_TEXT)


TEXT = AnswerType(
    keys=frozenset({"limit", "format"}),
    needs=frozenset(),
    faults=no_faults,
    wish=no_wish,
    possible=lambda _: "Write text within the question's limit, in quotes.",
    example=_example,
    control=_box,
    missing=lambda question: question.format or "words",
    understand=_understand,
    typed_of=as_typed,
    reader=_read,
    show=_show,
    reads_as=as_kept,
    own_words=True,
    comparison=Incomparable(any_answer="x"),
)
