"""How far somebody has come, and how long it takes: from the rules and the answers, never typed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from screening.core.answers.controls import Box, Parts
from screening.core.rules import Question, RuleSet
from screening.proving.still_to_come import Costs, Span, from_nothing, still_to_come
from screening.service.visit import Visit

# The rule of thumb, in seconds; rules/README.md says it in words.
WORDS_A_MINUTE = 180
TURN = 5  # a page
TICK, FEW_WORDS, MANY_WORDS, PART = (
    4,
    15,
    40,
    6,
)  # an answer: chosen, a line, a box of lines, each part of a date
CHECK = 60  # reading everything once more


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a page stands: part `part` of `parts`, and how many pages with questions may come after it."""

    part: int
    parts: int
    left: Span


def progress(visit: Visit, here: Collection[str]) -> Progress | None:
    """Of the page with these questions; None where there are too many ways to know."""
    found = still_to_come(visit.rule_set, visit.answers, here, counted=visit.path.answers)
    if found is None:
        return None
    parts = _parts(visit.rule_set, found.may_be_asked.union(visit.path.asked, here))
    numbers = [parts[question] for question in here if question in parts]
    return Progress(min(numbers, default=0), max(parts.values(), default=0), found.bounds)


@lru_cache(maxsize=64)  # the same for everybody until the rules change
def minutes(rule_set: RuleSet) -> Span | None:
    """How long it takes from start to end, for who is asked least and most; None where that is not known."""
    of_questions = {question.id: seconds(question) for question in rule_set.questions}
    found = from_nothing(rule_set, Costs(TURN, of_questions))
    if found is None:
        return None
    notices = [
        text for notice in rule_set.urgent for text in (notice.heading, *notice.items, notice.after or "")
    ]
    beside = _reading([*rule_set.start.about, *notices]) + CHECK
    return Span(*(ceil((beside + bound) / 60) for bound in found.bounds))


def seconds(question: Question) -> int:
    """To read a question with its answers, and to answer it."""
    answers = [text for answer in question.answers for text in (answer.label, answer.hint or "")]
    read = _reading([question.ask, question.hint or "", question.low or "", question.high or "", *answers])
    asked_with = question.control
    if isinstance(asked_with, Parts):
        return read + PART * len(asked_with.parts)
    if isinstance(asked_with, Box):
        return read + (MANY_WORDS if asked_with.counted else FEW_WORDS)
    return read + TICK


def _reading(texts: Iterable[str]) -> int:
    return ceil(sum(len(text.split()) for text in texts) * 60 / WORDS_A_MINUTE)


def _parts(rule_set: RuleSet, possible: Collection[str]) -> dict[str, int]:
    """Question -> the number of its part: neighbours with one heading, as far as they may be asked."""
    numbers: dict[str, int] = {}
    number, heading = 0, None
    for question in rule_set.questions:
        if question.id not in possible or question.section is None:
            continue
        number += question.section != heading
        heading = question.section
        numbers[question.id] = number
    return numbers
