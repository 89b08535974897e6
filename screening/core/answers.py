"""The question types: what each may hold, how an answer is read, understood and shown.

Three forms of an answer: *typed* (what a person put into the fields of a form: name -> texts),
*stored* (JSON: an id, a list of ids, a number, a date `YYYY-MM-DD`, text) and *counted* (what
conditions look at: an id, a frozenset of ids, a number, a span of dates, text).
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import email_validator
import phonenumbers

from screening.core.questions import QuestionShape

Typed = Mapping[str, Sequence[str]]  # "" for the field itself; "day", "month", "year" for its parts
Reader = Callable[[Any], Any]  # stored -> counted, None for "counts as unanswered"

NOT_SURE = "not_sure"
DATE_PARTS = ("day", "month", "year")
LONG_TEXT = 100  # characters; above it a text is a box of several lines
DEFAULT_LIMIT = 500
SCALE = range(11)
MAX_NUMBER = 10**12

READY_MADE: dict[str, list[dict[str, Any]]] = {
    "yes_no": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No", "clears": True}],
    "yes_no_not_sure": [
        {"id": "yes", "label": "Yes"},
        {"id": "no", "label": "No", "clears": True},
        {"id": NOT_SURE, "label": "I’m not sure", "alone": True},
    ],
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What reading typed words depends on, besides the question: the day, and the country of a phone."""

    today: date
    region: str = "GB"


@dataclass(eq=False)  # not frozen: whatever passes an exception on sets its traceback
class Mistake(Exception):
    """Why typed words are no answer: a code for the words on the screen, the parts at fault, and figures."""

    code: str
    parts: tuple[str, ...] = ()
    figures: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnswerType:
    """Everything that differs between question types."""

    control: str  # how it is asked: radios, checkboxes, input, textarea, date
    reader: Callable[[QuestionShape], Reader]
    understand: Callable[[QuestionShape, Typed, Circumstances], Any]  # typed -> stored, or raises Mistake
    show: Callable[[QuestionShape, Any], tuple[str, ...]]  # stored -> lines, as the patient saw them
    compares: str = ""  # what conditions may say: "choices", "bounds" or nothing
    keys: frozenset[str] = frozenset()  # keys of a question that only this type has
    needs: frozenset[str] = frozenset()


# choose_one and choose_many


def _read_one(question: QuestionShape) -> Reader:
    offered = frozenset(answer.id for answer in question.answers)
    return lambda stored: stored if type(stored) is str and stored in offered else None


def _read_many(question: QuestionShape) -> Reader:
    offered = frozenset(answer.id for answer in question.answers)
    alone = frozenset(answer.id for answer in question.answers if answer.alone)

    def read(stored: Any) -> frozenset[str] | None:
        if type(stored) is str:
            stored = [stored]
        if type(stored) is not list or not stored or not all(type(one) is str for one in stored):
            return None
        chosen = frozenset(stored)
        if not chosen <= offered or (len(chosen) > 1 and not chosen.isdisjoint(alone)):
            return None
        return chosen

    return read


def _understand_one(question: QuestionShape, typed: Typed, _: Circumstances) -> str:
    chosen = _texts(typed)
    if len(chosen) != 1 or question.answer(chosen[0]) is None:
        raise Mistake("not_offered")
    return chosen[0]


def _understand_many(question: QuestionShape, typed: Typed, _: Circumstances) -> list[str]:
    chosen = set(_texts(typed))
    ordered = [answer.id for answer in question.answers if answer.id in chosen]
    if len(ordered) < len(chosen):
        raise Mistake("not_offered")
    if len(ordered) > 1:
        for answer in question.answers:
            if answer.alone and answer.id in chosen:
                raise Mistake("alone", figures={"label": answer.label})
    return ordered


def _show_choices(question: QuestionShape, stored: Any) -> tuple[str, ...]:
    chosen = [stored] if isinstance(stored, str) else list(stored)
    return tuple(answer.label for answer in question.answers if answer.id in chosen)


# scale and number


def _read_scale(question: QuestionShape) -> Reader:
    del question  # every scale is the same eleven points
    return lambda stored: stored if type(stored) is int and stored in SCALE else None


def _read_number(question: QuestionShape) -> Reader:
    low, high = question.range or (-MAX_NUMBER, MAX_NUMBER)
    decimals = question.decimals or 0

    def read(stored: Any) -> float | int | None:
        if type(stored) not in (int, float) or not low <= stored <= high:
            return None
        number: float | int = stored
        return number if round(number, decimals) == number else None

    return read


def _understand_scale(question: QuestionShape, typed: Typed, _: Circumstances) -> int:
    del question
    text = _text(typed)
    point = _whole(text, 2)
    if point is None or point not in SCALE:
        raise Mistake("not_offered")
    return point


def _understand_number(question: QuestionShape, typed: Typed, _: Circumstances) -> float | int:
    text = unicodedata.normalize("NFKC", _text(typed)).replace("\N{MINUS SIGN}", "-").replace(" ", "")
    if not re.fullmatch(r"[+-]?[0-9]{1,12}(\.[0-9]{1,6}|,[0-9]{1,2})?", text):
        raise Mistake("not_a_number")  # "1,500" too: one and a half to some, to others a thousand times more
    value = float(text.replace(",", "."))
    decimals = question.decimals or 0
    if round(value, decimals) != value:
        raise Mistake("too_precise" if decimals else "not_whole", figures={"decimals": decimals})
    low, high = question.range or (-MAX_NUMBER, MAX_NUMBER)
    if not low <= value <= high:
        raise Mistake("out_of_range", figures={"low": low, "high": high, "unit": question.unit or ""})
    return int(value) if value.is_integer() else value


def _show_scale(question: QuestionShape, stored: Any) -> tuple[str, ...]:
    del question
    return (f"{stored} / {SCALE[-1]}",)


def _show_number(question: QuestionShape, stored: Any) -> tuple[str, ...]:
    return (f"{stored} {question.unit or ''}".strip(),)


# date: stored as YYYY-MM-DD, and as YYYY-MM or YYYY where part of a date is enough

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def date_span(text: Any) -> tuple[date, date] | None:
    """First and last day of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; None where it is no such date."""
    found = _DATE.fullmatch(text) if type(text) is str else None
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return first, first
    return first, date(first.year, month or 12, monthrange(first.year, month or 12)[1])


def _read_date(question: QuestionShape) -> Reader:
    partial = bool(question.partial)

    def read(stored: Any) -> tuple[date, date] | None:
        span = date_span(stored)
        return span if span is not None and (partial or len(stored) == 10) else None

    return read


def _understand_date(question: QuestionShape, typed: Typed, circumstances: Circumstances) -> str:
    texts = {part: _text(typed, part) for part in DATE_PARTS}
    enough = _enough(texts) if question.partial else not _missing(texts)
    if not enough:
        raise Mistake("date_incomplete", _missing(texts))
    year = _whole(texts["year"], 4)
    month = _month(texts["month"])
    day = _whole(texts["day"], 2)
    read = zip(DATE_PARTS, (day, month, year), strict=True)
    wrong = tuple(part for part, value in read if texts[part] and not value)
    stored = f"{year or 0:04}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if month and day else "")
    span = date_span(stored)
    if wrong or span is None or (year or 0) < 1000:
        raise Mistake("not_a_date", wrong or DATE_PARTS[: len(texts)])
    if question.past and span[0] > circumstances.today:
        raise Mistake("in_the_future", DATE_PARTS)
    return stored


def _missing(texts: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(part for part in DATE_PARTS if not texts[part])


def _enough(texts: Mapping[str, str]) -> bool:
    """Whether a partial date can stand: a year; with a day, the month too."""
    return bool(texts["year"]) and (bool(texts["month"]) or not texts["day"])


_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


def _month(text: str) -> int | None:
    word = text.casefold().removesuffix(".")
    if len(word) < 3 or not word.isalpha():
        return _whole(text, 2)
    return next((number for number, name in enumerate(_MONTHS, 1) if name.startswith(word)), None)


def _whole(text: str, digits: int) -> int | None:
    text = unicodedata.normalize("NFKC", text)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def _show_date(question: QuestionShape, stored: Any) -> tuple[str, ...]:
    del question
    return (str(stored),)


# text


def _read_text(question: QuestionShape) -> Reader:
    limit = question.limit or DEFAULT_LIMIT
    return lambda stored: stored if type(stored) is str and stored.strip() and len(stored) <= limit else None


def _understand_text(question: QuestionShape, typed: Typed, circumstances: Circumstances) -> str:
    text = unicodedata.normalize("NFC", _text(typed).replace("\r\n", "\n").replace("\r", "\n"))
    limit = question.limit or DEFAULT_LIMIT
    if len(text) > limit:
        raise Mistake("too_long", figures={"limit": limit, "over": len(text) - limit})
    if question.format:
        FORMATS[question.format].check(text, circumstances)
    return text


def _show_text(question: QuestionShape, stored: Any) -> tuple[str, ...]:
    del question
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


FORMATS = {"email": TextFormat(_check_email, "email"), "phone": TextFormat(_check_phone, "tel")}


def _texts(typed: Typed) -> list[str]:
    return [text for text in typed.get("", ()) if text]


def _text(typed: Typed, part: str = "") -> str:
    return next((text for text in typed.get(part, ()) if text.strip()), "").strip()


TYPES: dict[str, AnswerType] = {
    "choose_one": AnswerType(
        "radios",
        _read_one,
        _understand_one,
        _show_choices,
        "choices",
        frozenset({"answers"}),
        frozenset({"answers"}),
    ),
    "choose_many": AnswerType(
        "checkboxes",
        _read_many,
        _understand_many,
        _show_choices,
        "choices",
        frozenset({"answers"}),
        frozenset({"answers"}),
    ),
    "scale": AnswerType(
        "radios", _read_scale, _understand_scale, _show_scale, "bounds", frozenset({"low", "high"})
    ),
    "number": AnswerType(
        "input",
        _read_number,
        _understand_number,
        _show_number,
        "bounds",
        frozenset({"unit", "range", "decimals"}),
    ),
    "date": AnswerType(
        "date", _read_date, _understand_date, _show_date, "bounds", frozenset({"partial", "past"})
    ),
    "text": AnswerType("input", _read_text, _understand_text, _show_text, "", frozenset({"limit", "format"})),
}


def is_empty(typed: Typed) -> bool:
    """Whether nothing at all was put into the field."""
    return not any(text.strip() for texts in typed.values() for text in texts)


def understand(question: QuestionShape, typed: Typed, circumstances: Circumstances) -> Any:
    """The stored answer that `typed` means; None for an optional question left empty. Raises Mistake."""
    parts = DATE_PARTS if question.type == "date" else ("",)
    typed = {part: typed.get(part, ()) for part in parts}
    if is_empty(typed):
        if question.required:
            raise Mistake("missing", DATE_PARTS if question.type == "date" else ())
        return None
    return TYPES[question.type].understand(question, typed, circumstances)


def show(question: QuestionShape, stored: Any) -> tuple[str, ...]:
    """A stored answer in the words the patient saw; dates stay `YYYY-MM-DD` for the reader's language."""
    return TYPES[question.type].show(question, stored)
