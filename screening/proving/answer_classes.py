"""Answers that no condition tells apart, merged: what is left of a question is a handful of classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from screening.core.answers import MAX_NUMBER, SCALE
from screening.core.conditions import Chosen, Leaf, Within, compile_condition
from screening.core.rules import Question

ONE_DAY = timedelta(days=1)
SOME_DAY = "2000-01-01"  # stands for every date where no condition looks at the date


class AnswerClass(NamedTuple):
    """One answer for all that meet the same leaves; bit i of `meets` is leaf i. Unanswered: None."""

    stored: Any
    meets: int


UNANSWERED = AnswerClass(None, 0)


def classes_of(
    question: Question, leaves: Sequence[Leaf], limit: int, home: Any = None
) -> list[AnswerClass] | None:
    """The classes under `leaves`, unanswered first; None where there are more than `limit`.

    `home` is a stored answer that stands for its own class, where it counts as an answer at all.
    """
    found = _FINDERS[question.type](question, leaves, limit)
    if found is None or len(found) >= limit:
        return None
    counted = None if home is None else question.read(home)
    if counted is not None:
        found[_meets(question.id, leaves, counted)] = home
    return [UNANSWERED, *(AnswerClass(stored, meets) for meets, stored in found.items())]


def _meets(question: str, leaves: Iterable[Leaf], counted: Any) -> int:
    answers = {question: counted}
    return sum(1 << index for index, leaf in enumerate(leaves) if compile_condition(leaf)(answers))


def _of_choices(question: Question, leaves: Sequence[Leaf], limit: int) -> dict[int, Any] | None:
    del limit  # never more classes than answers
    found: dict[int, Any] = {}
    for answer, meets in named_in(question, leaves).items():
        found.setdefault(meets, answer)
    return found


def named_in(question: Question, leaves: Sequence[Leaf]) -> dict[str, int]:
    """Answer id -> the leaves that name it."""
    named = dict.fromkeys((answer.id for answer in question.answers), 0)
    for index, leaf in enumerate(leaves):
        if isinstance(leaf, Chosen):
            for answer in set(leaf.answers) & named.keys():
                named[answer] |= 1 << index
    return named


def _of_subsets(question: Question, leaves: Sequence[Leaf], limit: int) -> dict[int, Any] | None:
    """What sets of answers can meet, each by the fewest answers; `alone` ones stand by themselves."""
    named = named_in(question, leaves)
    together: dict[int, tuple[str, ...]] = {}
    seen: set[int] = set()
    for answer in question.answers:
        meets = named[answer.id]
        if answer.alone or meets in seen:
            continue
        seen.add(meets)
        for held, chosen in [(0, ()), *together.items()]:
            fewest = together.get(held | meets)
            if fewest is None or len(fewest) > len(chosen) + 1:
                together[held | meets] = (*chosen, answer.id)
        if len(together) > limit:
            return None
    found: dict[int, Any] = {meets: list(chosen) for meets, chosen in together.items()}
    for answer in question.answers:
        if answer.alone and len(found.get(named[answer.id], "..")) > 1:
            found[named[answer.id]] = [answer.id]
    return found


def _of_candidates(
    candidates: Callable[[Question, Iterable[Any]], Iterator[Any]],
) -> Callable[[Question, Sequence[Leaf], int], dict[int, Any]]:
    """Classes of what is compared by bounds: enough candidates, each counted as the engine counts it."""

    def find(question: Question, leaves: Sequence[Leaf], limit: int) -> dict[int, Any]:
        del limit  # at most a few for each cut point
        found: dict[int, Any] = {}
        for stored in candidates(question, _cuts(leaves)):
            counted = question.read(stored)
            if counted is not None:
                found.setdefault(_meets(question.id, leaves, counted), stored)
        return found

    return find


def _cuts(leaves: Iterable[Leaf]) -> list[Any]:
    bounds = (bound for leaf in leaves if isinstance(leaf, Within) for bound in (leaf.at_least, leaf.at_most))
    return list(dict.fromkeys(bound for bound in bounds if bound is not None))


def _points(question: Question, cuts: Iterable[Any]) -> Iterator[int]:
    del question, cuts
    yield from SCALE


def _numbers(question: Question, cuts: Iterable[Any]) -> Iterator[float | int]:
    """The numbers that can be typed at, just below and just above each cut and end of the range."""
    decimals = question.decimals or 0
    step = Decimal(1).scaleb(-decimals)
    for cut in (*cuts, *(question.range or (0, -MAX_NUMBER, MAX_NUMBER))):
        below = (Decimal(str(cut)) / step).to_integral_value(ROUND_FLOOR) * step
        for number in (below, below + step, below - step):
            yield float(number) if decimals else int(number)


def _dates(question: Question, cuts: Iterable[Any]) -> Iterator[str]:
    """The days at and around each cut, and the months and years that hold them."""
    days = [day.isoformat() for cut in cuts for day in _around(date.fromisoformat(cut))]
    yield from days
    yield SOME_DAY
    if question.partial:
        yield from (day[:7] for day in days)
        yield from (day[:4] for day in days)


def _around(day: date) -> Iterator[date]:
    yield day
    if day < date.max:
        yield day + ONE_DAY
    if day > date.min:
        yield day - ONE_DAY


def _of_words(question: Question, leaves: Sequence[Leaf], limit: int) -> dict[int, Any]:
    """Conditions cannot look at words, so any words stand for all."""
    del question, leaves, limit
    return {0: "x"}


_FINDERS: Mapping[str, Callable[[Question, Sequence[Leaf], int], dict[int, Any] | None]] = {
    "choose_one": _of_choices,
    "choose_many": _of_subsets,
    "scale": _of_candidates(_points),
    "number": _of_candidates(_numbers),
    "date": _of_candidates(_dates),
    "text": _of_words,
}
