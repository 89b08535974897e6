"""Answers that are numbers: a point on a scale, or a number that is typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from screening.core.answers.answer_type import (
    AnswerType,
    Bounds,
    Circumstances,
    Fault,
    Mistake,
    Reader,
    Typed,
    Wish,
    as_kept,
    as_typed,
    no_faults,
    no_wish,
    text_of,
    whole_number,
)
from screening.core.answers.controls import Box, Option, Ticks
from screening.core.questions import QuestionShape

SCALE = range(11)
MAX_NUMBER = 10**12
USUAL_NUMBER = 3


# scale


def _read_scale(_question: QuestionShape) -> Reader:
    return lambda stored: stored if type(stored) is int and stored in SCALE else None


def _understand_scale(_question: QuestionShape, typed: Typed, _: Circumstances) -> int:
    point = whole_number(text_of(typed), 2)
    if point is None or point not in SCALE:
        raise Mistake("not_offered")
    return point


def _show_scale(_question: QuestionShape, stored: Any) -> tuple[str, ...]:
    return (f"{stored} / {SCALE[-1]}",)


def _points(question: QuestionShape) -> Ticks:
    ends = {SCALE[0]: question.low, SCALE[-1]: question.high}
    labels = {point: f"{point} – {ends[point]}" if ends.get(point) else str(point) for point in SCALE}
    return Ticks(tuple(Option(str(point), label) for point, label in labels.items()), in_a_row=True)


def _wish_ends(question: QuestionShape) -> Wish | None:
    if question.low and question.high:
        return None
    return Wish(f"does not say what {SCALE[0]} and {SCALE[-1]} stand for.", "Write low: ... and high: ...")


def _is_point(_question: QuestionShape, bound: object) -> bool:
    return type(bound) is int and bound in SCALE


def _points_beside(_question: QuestionShape, bound: int) -> Iterator[int]:
    return (point for point in (bound - 1, bound + 1) if point in SCALE)


_SCALE_WORDS = f"Write a whole number from {SCALE[0]} to {SCALE[-1]}."

SCALE_TYPE = AnswerType(
    keys=frozenset({"low", "high"}),
    needs=frozenset(),
    faults=no_faults,
    wish=_wish_ends,
    possible=lambda _: _SCALE_WORDS,
    example=lambda _: SCALE[len(SCALE) // 2],
    control=_points,
    missing=lambda _: "scale",
    understand=_understand_scale,
    typed_of=as_typed,
    reader=_read_scale,
    show=_show_scale,
    reads_as=as_kept,
    own_words=False,
    comparison=Bounds(
        fits=_is_point,
        fitting=_SCALE_WORDS,
        schema={"type": "number"},
        beside=_points_beside,
        ends=lambda _: (),
        candidates=lambda _question, _cuts: iter(SCALE),
    ),
)


# number


def _range(question: QuestionShape) -> tuple[float, float]:
    return question.range or (-MAX_NUMBER, MAX_NUMBER)


def _read_number(question: QuestionShape) -> Reader:
    low, high = _range(question)
    decimals = question.decimals or 0

    def read(stored: Any) -> float | int | None:
        if type(stored) not in (int, float) or not low <= stored <= high:
            return None
        number: float | int = stored
        return number if round(number, decimals) == number else None

    return read


def _understand_number(question: QuestionShape, typed: Typed, _: Circumstances) -> float | int:
    text = unicodedata.normalize("NFKC", text_of(typed)).replace("\N{MINUS SIGN}", "-").replace(" ", "")
    if not re.fullmatch(r"[+-]?[0-9]{1,12}(\.[0-9]{1,6}|,[0-9]{1,2})?", text):
        raise Mistake("not_a_number")  # "1,500" too: one and a half to some, to others a thousand times more
    value = float(text.replace(",", "."))
    decimals = question.decimals or 0
    if round(value, decimals) != value:
        raise Mistake("too_precise" if decimals else "not_whole", figures={"decimals": decimals})
    low, high = _range(question)
    if not low <= value <= high:
        raise Mistake("out_of_range", figures={"low": low, "high": high, "unit": question.unit or ""})
    return int(value) if value.is_integer() else value


def _typed_number(_question: QuestionShape, stored: Any) -> Typed:
    return {"": [f"{Decimal(str(stored)):f}".removesuffix(".0")]}


def _show_number(question: QuestionShape, stored: Any) -> tuple[str, ...]:
    return (f"{stored} {question.unit or ''}".strip(),)


def _number_box(question: QuestionShape) -> Box:
    keyboard = "decimal" if question.decimals else "numeric"
    return Box(longest=20, width=5, keyboard=keyboard, suffix=question.unit)


def _number_faults(question: QuestionShape) -> Iterator[Fault]:
    low, high = _range(question)
    if low > high:
        yield Fault("range", "The range ends before it begins.", "Write [lowest, highest].")


def _usual_number(question: QuestionShape) -> float | int:
    """3, or else the least number of the range."""
    if _read_number(question)(USUAL_NUMBER) is not None:
        return USUAL_NUMBER
    return _rounded(question, _range(question)[0], ROUND_CEILING)


def _step(question: QuestionShape) -> Decimal:
    return Decimal(1).scaleb(-(question.decimals or 0))


def _rounded(question: QuestionShape, number: float, how: str) -> float | int:
    step = _step(question)
    return _plain(question, (Decimal(str(number)) / step).to_integral_value(how) * step)


def _plain(question: QuestionShape, number: Decimal) -> float | int:
    return float(number) if question.decimals else int(number)


def _is_number(_question: QuestionShape, bound: object) -> bool:
    return type(bound) in (int, float)


def _numbers_beside(question: QuestionShape, bound: float) -> Iterator[float | int]:
    decimals = question.decimals or 0
    step = 10**-decimals if decimals else 1
    return (round(shifted, decimals) if decimals else shifted for shifted in (bound - step, bound + step))


def _ends(question: QuestionShape) -> Sequence[float | int]:
    return question.range or ()


def _numbers(question: QuestionShape, cuts: Iterable[Any]) -> Iterator[float | int]:
    """The numbers that can be typed at, just below and above each cut and end of the range.

    Two steps of them: a question with fewer decimals takes at most one of two neighbours.
    """
    step = _step(question)
    for cut in (*cuts, *(question.range or (0, -MAX_NUMBER, MAX_NUMBER))):
        below = (Decimal(str(cut)) / step).to_integral_value(ROUND_FLOOR) * step
        for steps in (0, 1, -1, 2, -2):
            yield _plain(question, below + steps * step)


NUMBER = AnswerType(
    keys=frozenset({"unit", "range", "decimals"}),
    needs=frozenset(),
    faults=_number_faults,
    wish=no_wish,
    possible=lambda _: "Write a number within the question's range.",
    example=_usual_number,
    control=_number_box,
    missing=lambda _: "number",
    understand=_understand_number,
    typed_of=_typed_number,
    reader=_read_number,
    show=_show_number,
    reads_as=as_kept,
    own_words=False,
    comparison=Bounds(
        fits=_is_number,
        fitting="Write a number.",
        schema={"type": "number"},
        beside=_numbers_beside,
        ends=_ends,
        candidates=_numbers,
    ),
)
