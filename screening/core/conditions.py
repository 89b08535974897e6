"""When something applies: conditions as data, and as closures.

A condition is met, or it is not; there is no "not" and no third value. A question that was not
asked or not answered meets nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from screening.core.findings import Place, Problem
from screening.core.nodes import Node

Answers = Mapping[str, Any]  # question id -> counted answer, as `answers.AnswerType.reader` gives it
Test = Callable[[Answers], tuple[str, ...]]  # the questions whose answers meet it; empty: not met

LOGIC = ("all", "any")
CONDITIONS = ("ask_when", "matched_when", "possible_when", "raise_when")  # keys that hold one
BOUNDS = ("at_least", "at_most")
RESERVED = (*LOGIC, *BOUNDS)
EVERYONE = Place("")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Met when the answer to `question` is one of `answers`, or holds one of them."""

    question: str
    answers: tuple[str, ...]
    place: Place = field(default=EVERYONE, compare=False)


@dataclass(frozen=True, slots=True)
class Within:
    """Met when the answer lies within the bounds, ends included; an open end is None."""

    question: str
    at_least: Any = None
    at_most: Any = None
    place: Place = field(default=EVERYONE, compare=False)


@dataclass(frozen=True, slots=True)
class All:
    """Met when every part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Met when at least one part is."""

    parts: tuple[Condition, ...]


Leaf = Chosen | Within
Condition = Chosen | Within | All | AnyOf
JOINING = (All, AnyOf)  # as a tuple: a union would be made anew at each look


def leaves(condition: Condition | None) -> tuple[Leaf, ...]:
    """The single comparisons, in the order they are written."""
    if condition is None:
        return ()
    if isinstance(condition, JOINING):
        return tuple(chain.from_iterable(map(leaves, condition.parts)))
    return (condition,)


def compile_condition(condition: Condition) -> Test:
    """One closure for the whole condition; what it gives is true when the condition is met."""
    if isinstance(condition, JOINING):
        return _join(isinstance(condition, All), tuple(map(compile_condition, condition.parts)))
    return _chosen(condition) if isinstance(condition, Chosen) else _within(condition)


def _chosen(leaf: Chosen) -> Test:
    question, wanted, met = leaf.question, frozenset(leaf.answers), (leaf.question,)

    def test(answers: Answers) -> tuple[str, ...]:
        answer = answers.get(question)
        if type(answer) is frozenset:
            return () if wanted.isdisjoint(answer) else met
        return met if answer in wanted else ()

    return test


def _within(leaf: Within) -> Test:
    question, low, high = leaf.question, leaf.at_least, leaf.at_most

    def test(answers: Answers) -> tuple[str, ...]:
        span = answers.get(question)
        if span is None:
            return ()
        first, last = span if type(span) is tuple else (span, span)
        inside = (low is None or last >= low) and (high is None or first <= high)
        return (question,) if inside else ()

    return test


def _join(every: bool, parts: tuple[Test, ...]) -> Test:
    def test(answers: Answers) -> tuple[str, ...]:
        questions: tuple[str, ...] = ()
        for part in parts:
            met = part(answers)
            if every and not met:
                return ()
            questions += met
        return questions

    return test


def parse_condition(node: Node, problems: list[Problem]) -> Condition | None:
    """The condition written at `node`; None, with the problems added, where it is malformed."""
    if not isinstance(node.value, dict) or not node.value:
        problems.append(
            Problem(node.place, "format", "A condition is missing here.", "Write {question: answer}.")
        )
        return None
    if len(node.value) > 1:
        remedy = "Write all: [{...}, {...}] where every one must hold, or any: [{...}, {...}]."
        problems.append(Problem(node.place, "format", "A condition names one question at a time.", remedy))
        return None
    ((key, inner),) = node.value.items()
    if key in LOGIC:
        return _parse_logic(key, inner, problems)
    return _parse_leaf(key, inner, node.keys[key], problems)


def _parse_logic(key: str, node: Node, problems: list[Problem]) -> Condition | None:
    if not node.items():
        problems.append(
            Problem(
                node.place,
                "format",
                f'"{key}" needs a list of conditions.',
                f"Write {key}: [{{...}}, {{...}}].",
            )
        )
        return None
    parts = [parse_condition(item, problems) for item in node.items()]
    whole = tuple(part for part in parts if part is not None)
    if not whole:
        return None  # but where some parts are sound, their questions are still checked
    return All(whole) if key == "all" else AnyOf(whole)


def _as_written(item: Node) -> str:
    return str(item.value).lower() if isinstance(item.value, bool) else str(item.plain())


def _parse_leaf(question: str, node: Node, place: Place, problems: list[Problem]) -> Condition | None:
    if isinstance(node.value, dict):
        return _parse_within(question, node, place, problems)
    wanted = node.items() if isinstance(node.value, list) else [node]
    wrong = [item for item in wanted if not isinstance(item.value, str)]
    for item in wrong:
        what = f'"{_as_written(item)}" is not the id of an answer.'
        remedy = "Name answers by id, such as yes or no; for numbers write {at_least: ...}."
        problems.append(Problem(item.place, "format", what, remedy))
    if not wanted:
        problems.append(
            Problem(node.place, "format", "No answer is named here.", "Name at least one answer.")
        )
    if wrong or not wanted:
        return None
    return Chosen(question, tuple(str(item.value) for item in wanted), place)


def _parse_within(question: str, node: Node, place: Place, problems: list[Problem]) -> Condition | None:
    bounds = node.plain()
    unknown = [key for key in bounds if key not in BOUNDS]
    if unknown and question == "not":
        remedy = "Name the answers that count."
        problems.append(Problem(place, "format", 'There is no "not" in conditions.', remedy))
        return None
    for key in unknown:
        what = f'"{key}" is not a comparison.'
        problems.append(Problem(node.keys[key], "format", what, "Write at_least or at_most."))
    if not bounds:
        problems.append(
            Problem(node.place, "format", "No comparison is named here.", "Write at_least or at_most.")
        )
    empty = [key for key in BOUNDS if key in bounds and bounds[key] is None]
    remedy = "Write a number, a date or the like after it."
    problems.extend(Problem(node.keys[key], "format", f'"{key}" is empty.', remedy) for key in empty)
    if unknown or empty or not bounds:
        return None
    return Within(question, bounds.get("at_least"), bounds.get("at_most"), place)
