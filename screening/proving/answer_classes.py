"""Answers that no condition tells apart, merged: what is left of a question is a handful of classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from screening.core.answers import Bounds, Incomparable
from screening.core.conditions import Chosen, Leaf, Within, compile_condition
from screening.core.rules import Question


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
    if len(cuts_of(leaves)) > limit:
        return None
    found = _found(question, leaves, limit)
    if found is None or len(found) >= limit:
        return None
    counted = None if home is None else question.read(home)
    if counted is not None:
        found[_meets(question.id, leaves, counted)] = home
    return [UNANSWERED, *(AnswerClass(stored, meets) for meets, stored in found.items())]


def _found(question: Question, leaves: Sequence[Leaf], limit: int) -> dict[int, Any] | None:
    if question.kind.several:
        return _of_subsets(question, leaves, limit)
    if question.kind.chosen:
        return _of_choices(question, leaves)
    return _of_candidates(question, leaves, candidates_of(question, cuts_of(leaves)))


def _meets(question: str, leaves: Iterable[Leaf], counted: Any) -> int:
    answers = {question: counted}
    return sum(1 << index for index, leaf in enumerate(leaves) if compile_condition(leaf)(answers))


def _of_choices(question: Question, leaves: Sequence[Leaf]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for answer, meets in named_in(question, leaves).items():
        found.setdefault(meets, answer)
    return found


def named_in(question: Question, leaves: Sequence[Leaf]) -> dict[str, int]:
    """Answer id -> the leaves that name it, bit i for leaf i."""
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


def _of_candidates(question: Question, leaves: Sequence[Leaf], candidates: Iterable[Any]) -> dict[int, Any]:
    """Classes of what is not chosen: enough candidates, each counted as the engine counts it."""
    found: dict[int, Any] = {}
    tests = [compile_condition(leaf) for leaf in leaves]
    for stored in candidates:
        counted = question.read(stored)
        if counted is not None:
            answers = {question.id: counted}
            meets = sum(1 << index for index, test in enumerate(tests) if test(answers))
            found.setdefault(meets, stored)
    return found


def cuts_of(leaves: Iterable[Leaf]) -> list[Any]:
    """The bounds that are written, each once."""
    bounds = (bound for leaf in leaves if isinstance(leaf, Within) for bound in (leaf.at_least, leaf.at_most))
    return list(dict.fromkeys(bound for bound in bounds if bound is not None))


def candidates_of(question: Question, cuts: Iterable[Any]) -> Iterator[Any]:
    """Stored answers enough to tell apart what lies between these bounds; of choices, none."""
    comparison = question.kind.comparison
    if isinstance(comparison, Bounds):
        fitting = [cut for cut in cuts if comparison.fits(question, cut)]
        yield from comparison.candidates(question, fitting)
    elif isinstance(comparison, Incomparable):
        yield comparison.any_answer
