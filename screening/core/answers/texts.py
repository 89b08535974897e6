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
    no_faults,
    no_wish,
    text_of,
)
from screening.core.answers.controls import Box
from screening.core.questions import QuestionShape

LONG_TEXT = 100  # characters; above it a text is a box of several lines
DEFAULT_LIMIT = 500
MOST_PHONES = 3  # of one answer, in their normal form
_BETWEEN = ", "  # two of them
NORMAL = phonenumbers.PhoneNumberFormat.INTERNATIONAL


def _limit(question: QuestionShape) -> int:
    return question.limit or DEFAULT_LIMIT


def _read(question: QuestionShape) -> Reader:
    limit = _limit(question) + (FORMATS[question.format].room if question.format else 0)
    return lambda stored: stored if type(stored) is str and stored.strip() and len(stored) <= limit else None


def _understand(question: QuestionShape, typed: Typed, circumstances: Circumstances) -> str:
    text = unicodedata.normalize("NFC", text_of(typed).replace("\r\n", "\n").replace("\r", "\n"))
    limit = _limit(question)
    if len(text) > limit:
        raise Mistake("too_long", figures={"limit": limit, "over": len(text) - limit})
    return FORMATS[question.format].kept(text, circumstances) if question.format else text


def _show(_question: QuestionShape, stored: Any) -> tuple[str, ...]:
    return tuple(str(stored).split("\n"))


def _typed_of(question: QuestionShape, stored: Any) -> Typed:
    return {"": [typed_part(str(stored)) if question.format else str(stored)]}


def _kept_email(text: str, _: Circumstances) -> str:
    try:
        email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError:
        raise Mistake("not_an_email") from None
    return text


def _kept_phone(text: str, circumstances: Circumstances) -> str:
    """As typed; where words stand around it, with the number in its normal form on a line below."""
    text = " ".join(text.split())
    found = phones_in(text, circumstances.region)
    if not found:
        raise Mistake("not_a_phone")
    numbers = [phonenumbers.format_number(number, NORMAL) for number in found[:MOST_PHONES]]
    return text if _is_bare(text) and len(found) == 1 else f"{text}\n{_BETWEEN.join(numbers)}"


def phones_in(text: str, region: str) -> list[phonenumbers.PhoneNumber]:
    """Every number in a text that may be dialled, of `region` where no country is typed."""
    finder = phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.POSSIBLE)
    return [match.number for match in finder if _may_be_dialled(match.number)]


def _may_be_dialled(number: phonenumbers.PhoneNumber) -> bool:
    reason = phonenumbers.is_possible_number_with_reason(number)
    return bool(reason == phonenumbers.ValidationResult.IS_POSSIBLE)


def _is_bare(text: str) -> bool:
    """Whether there is nothing around a number but what separates its digits."""
    return all(character.isdigit() or character in "+()-./ " for character in text)


def typed_part(stored: str) -> str:
    """Of a phone number as it is kept: what was typed."""
    return stored.split("\n")[0]


def normal_parts(stored: str) -> list[str]:
    """Of a phone number as it is kept: what can be dialled, each number by itself."""
    return stored.split("\n")[-1].split(_BETWEEN)


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A named kind of text; authors choose one by name and never write patterns."""

    kept: Callable[[str, Circumstances], str]  # typed -> stored, or raises Mistake
    input_type: str
    example: str
    room: int = 0  # characters that are kept beside what was typed


FORMATS = {
    "email": TextFormat(_kept_email, "email", "sam@example.com"),
    "phone": TextFormat(_kept_phone, "tel", "+44 808 157 0192", room=100),
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
    typed_of=_typed_of,
    reader=_read,
    show=_show,
    reads_as=as_kept,
    own_words=True,
    comparison=Incomparable(any_answer="x"),
)
