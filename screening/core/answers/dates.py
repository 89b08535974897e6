"""Dates: stored as `YYYY-MM-DD`, and as `YYYY-MM` or `YYYY` where part of a date is enough.

Counted as the first and the last day that it may mean, as texts, which compare as the days do.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date

from screening.core.answers.answer_type import (
    AnswerType,
    Bounds,
    Circumstances,
    Mistake,
    Reader,
    Typed,
    Wish,
    no_faults,
    text_of,
    whole_number,
)
from screening.core.answers.controls import Part, Parts
from screening.core.questions import QuestionShape

DATE_PARTS = ("day", "month", "year")
SOME_DAY = "2000-01-01"  # stands for every date where no condition looks at the date
ONE_DAY = timedelta(days=1)
LONGEST_AGO = 130  # years: nobody alive remembers more
_CONTROL = Parts((Part("day", 2), Part("month", 2), Part("year", 4)))
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


def _read(question: QuestionShape) -> Reader:
    partial = bool(question.partial)

    def read(stored: Any) -> tuple[str, str] | None:
        span = date_span(stored)
        if span is None or not (partial or len(stored) == len(SOME_DAY)):
            return None
        return span[0].isoformat(), span[1].isoformat()

    return read


def _understand(question: QuestionShape, typed: Typed, circumstances: Circumstances) -> str:
    texts = {part: text_of(typed, part) for part in DATE_PARTS}
    enough = _enough(texts) if question.partial else not _missing(texts)
    if not enough:
        raise Mistake("date_incomplete", _missing(texts))
    if _is_short(texts["year"]):
        raise Mistake("year_digits", ("year",))
    year = whole_number(texts["year"], 4)
    month = _month(texts["month"])
    day = whole_number(texts["day"], 2)
    read = zip(DATE_PARTS, (day, month, year), strict=True)
    wrong = tuple(part for part, value in read if texts[part] and not value)
    stored = f"{year or 0:04}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if month and day else "")
    span = date_span(stored)
    if wrong or span is None or (year or 0) < 1000:
        raise Mistake("not_a_date", wrong or DATE_PARTS[: len(texts)])
    if question.past and span[0] > circumstances.today:
        raise Mistake("in_the_future", DATE_PARTS)
    if question.past and circumstances.today.year - span[0].year > LONGEST_AGO:
        raise Mistake("long_ago", ("year",), {"first": circumstances.today.year - LONGEST_AGO})
    return stored


def _is_short(year: str) -> bool:
    """Whether it is the end of a year, such as 47."""
    return len(year) < len("1947") and whole_number(year, 4) is not None


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
        return whole_number(text, 2)
    return next((number for number, name in enumerate(_MONTHS, 1) if name.startswith(word)), None)


def _typed_of(_question: QuestionShape, stored: Any) -> Typed:
    year, month, day = (*str(stored).split("-"), "", "")[:3]
    return {"day": [day.lstrip("0")], "month": [month.lstrip("0")], "year": [year]}


def _show(_question: QuestionShape, stored: Any) -> tuple[str, ...]:
    return (str(stored),)


def _reads_as(said: tuple[str, ...], stored: Any, language: str) -> tuple[str, ...]:
    span = date_span(stored)
    if span is None:
        return said
    pattern = {len("2018"): "y", len("2018-08"): "LLLL y"}.get(len(stored), "long")
    return (format_date(span[0], pattern, locale=_locale(language)),)


_locale = lru_cache(maxsize=8)(Locale.parse)  # a service speaks few languages


def _wish(question: QuestionShape) -> Wish | None:
    if question.hint is not None:
        return None
    return Wish("does not show how a date is written.", 'Write a hint, such as "For example, 31 3 1950".')


def _is_day(_question: QuestionShape, bound: object) -> bool:
    return date_span(bound) is not None and len(str(bound)) == len(SOME_DAY)


def _beside(_question: QuestionShape, bound: str) -> Iterator[str]:
    day = date.fromisoformat(bound)
    if day > date.min:
        yield (day - ONE_DAY).isoformat()
    if day < date.max:
        yield (day + ONE_DAY).isoformat()


def _candidates(question: QuestionShape, cuts: Iterable[str]) -> Iterator[str]:
    """The days at and around each cut, and the months and years that hold them."""
    days = [day for cut in cuts for day in (cut, *reversed(list(_beside(question, cut))))]
    days.append(SOME_DAY)
    yield from days
    if question.partial:
        yield from (day[:7] for day in days)
        yield from (day[:4] for day in days)


DATE = AnswerType(
    keys=frozenset({"partial", "past"}),
    needs=frozenset(),
    faults=no_faults,
    wish=_wish,
    possible=lambda _: "Write a date as YYYY-MM-DD, in quotes.",
    example=lambda _: "2024-03-27",
    control=lambda _: _CONTROL,
    missing=lambda question: "year" if question.partial else "date",
    understand=_understand,
    typed_of=_typed_of,
    reader=_read,
    show=_show,
    reads_as=_reads_as,
    own_words=False,
    comparison=Bounds(
        fits=_is_day,
        fitting=(
            "Write a date as YYYY-MM-DD. No condition knows what day it is: for what was lately, ask "
            '"in the last 3 months?" and for an age, write age: {at_least: ..., at_most: ...}.'
        ),
        schema={"type": "string", "format": "date"},
        beside=_beside,
        ends=lambda _: (),
        candidates=_candidates,
    ),
)
