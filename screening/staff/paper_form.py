"""The questions on paper: boxes to tick, and in words which questions a tick leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from screening.accounts.access import CLINICIAN, RECEPTION, staff, who_may
from screening.core.answers import DEFAULT_LIMIT, LONG_TEXT, SCALE
from screening.core.conditions import All, AnyOf, Chosen, Condition, Within, leaves
from screening.core.questions import Answer
from screening.core.rules import Question, RuleSet
from screening.staff.showing import page
from screening.web.door import service

Numbers = Mapping[str, int]  # question -> its number on the paper


@dataclass(frozen=True, slots=True)
class Box:
    """Something to tick; `leads` are the numbers of the questions to answer then."""

    label: str
    hint: str | None
    leads: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Printed:
    """A question as it stands on paper; `way` tells how it is filled in."""

    number: int
    question: Question
    only_if: str | None
    way: str  # one, many, scale, date, line or lines
    boxes: tuple[Box, ...]
    lines: int


@staff.get("/paper/<treatment>")
@who_may(RECEPTION, CLINICIAN)
def paper(treatment: str) -> ResponseReturnValue:
    """The form of a treatment, to print."""
    rule_set = next((one for one in service().treatments() if one.id == treatment), None) or abort(404)
    return page("paper", rule_set=rule_set, sections=sections(rule_set), scale=SCALE)


def sections(rule_set: RuleSet) -> list[dict[str, Any]]:
    """Every question, asked or not, under its heading; numbers run through."""
    numbers = {question.id: number for number, question in enumerate(rule_set.questions, 1)}
    found: list[dict[str, Any]] = []
    for question in rule_set.questions:
        if not found or (question.section and question.section != found[-1]["heading"]):
            found.append({"heading": question.section or "", "questions": []})
        found[-1]["questions"].append(_printed(rule_set, question, numbers))
    return found


def _printed(rule_set: RuleSet, question: Question, numbers: Numbers) -> Printed:
    boxes = tuple(_box(rule_set, question, answer, numbers) for answer in question.answers)
    only_if = _in_words(rule_set, question.ask_when, numbers) if question.ask_when is not None else None
    return Printed(numbers[question.id], question, only_if, _way(question), boxes, _lines(question))


def _way(question: Question) -> str:
    ways = {"choose_one": "one", "choose_many": "many", "scale": "scale", "date": "date"}
    return ways.get(question.type, "lines")


def _lines(question: Question) -> int:
    """Lines to write on: as much room as the screen gives, and more for long answers."""
    if question.type != "text" or question.format is not None:
        return 1
    limit = question.limit or DEFAULT_LIMIT
    return 1 if limit <= LONG_TEXT else min(8, 2 + limit // 200)


def _box(rule_set: RuleSet, question: Question, answer: Answer, numbers: Numbers) -> Box:
    leads = [
        numbers[other.id]
        for other in rule_set.questions
        if any(_names(leaf, question, answer) for leaf in leaves(other.ask_when))
    ]
    return Box(answer.label, answer.hint, tuple(leads))


def _names(leaf: Chosen | Within, question: Question, answer: Answer) -> bool:
    return isinstance(leaf, Chosen) and leaf.question == question.id and answer.id in leaf.answers


def _in_words(rule_set: RuleSet, condition: Condition, numbers: Numbers) -> str:
    """The condition as a reader of the paper follows it."""
    if isinstance(condition, All | AnyOf):
        joint = _(" and ") if isinstance(condition, All) else _(" or ")
        return joint.join(_in_words(rule_set, part, numbers) for part in condition.parts)
    number = numbers[condition.question]
    if isinstance(condition, Within):
        return _bounds(condition, number)
    labels = [one.label for one in rule_set.by_id[condition.question].answers if one.id in condition.answers]
    ticked = _(" or ").join(_("“%(label)s”", label=label) for label in labels)
    return _("you ticked %(answers)s at question %(number)s", answers=ticked, number=number)


def _bounds(condition: Within, number: int) -> str:
    figures = {"number": number, "low": condition.at_least, "high": condition.at_most}
    if condition.at_most is None:
        return _("your answer to question %(number)s is %(low)s or more", **figures)
    if condition.at_least is None:
        return _("your answer to question %(number)s is %(high)s or less", **figures)
    return _("your answer to question %(number)s is %(low)s to %(high)s", **figures)
