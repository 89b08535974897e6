"""The questions on paper: boxes to tick, and in words which questions a tick leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from screening.accounts.access import CLINICIAN, RECEPTION, staff, who_may
from screening.core.answers.controls import Box, Control, Part, Parts, Ticks
from screening.core.conditions import All, AnyOf, Chosen, Condition, Within, leaves
from screening.core.rules import Question, RuleSet
from screening.staff.showing import page
from screening.web.door import service
from screening.web.question_controls import label_of

Numbers = Mapping[str, int]  # question -> its number on the paper


@dataclass(frozen=True, slots=True)
class PaperBox:
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
    way: str  # one, many, row, parts or lines
    boxes: tuple[PaperBox, ...]
    points: tuple[str, ...]
    parts: tuple[Part, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class PaperSection:
    """The questions under one heading."""

    heading: str
    questions: list[Printed]


@staff.get("/paper/<treatment>")
@who_may(RECEPTION, CLINICIAN)
def paper(treatment: str) -> ResponseReturnValue:
    """The form of a treatment, to print."""
    rule_set = next(
        (offered for offered in service().treatments() if offered.id == treatment), None
    ) or abort(404)
    return page("paper", rule_set=rule_set, sections=sections(rule_set), label_of=label_of)


def sections(rule_set: RuleSet) -> list[PaperSection]:
    """Every question, asked or not, under its heading; numbers run through."""
    numbers = {question.id: number for number, question in enumerate(rule_set.questions, 1)}
    found: list[PaperSection] = []
    for question in rule_set.questions:
        if not found or (question.section and question.section != found[-1].heading):
            found.append(PaperSection(question.section or "", []))
        found[-1].questions.append(_printed(rule_set, question, numbers))
    return found


def _printed(rule_set: RuleSet, question: Question, numbers: Numbers) -> Printed:
    control = question.kind.control(question)
    boxes = _boxes(rule_set, question, control, numbers) if isinstance(control, Ticks) else ()
    points = tuple(option.value for option in control.options) if isinstance(control, Ticks) else ()
    parts = control.parts if isinstance(control, Parts) else ()
    lines = _lines(control) if isinstance(control, Box) else 0
    only_if = _in_words(rule_set, question.ask_when, numbers) if question.ask_when is not None else None
    return Printed(numbers[question.id], question, only_if, _way(control), boxes, points, parts, lines)


def _way(control: Control) -> str:
    if isinstance(control, Ticks):
        return "row" if control.in_a_row else "many" if control.several else "one"
    return "parts" if isinstance(control, Parts) else "lines"


def _lines(box: Box) -> int:
    """Lines to write on: as much room as the screen gives, and more for long answers."""
    return min(8, 2 + box.longest // 200) if box.counted else 1


def _boxes(rule_set: RuleSet, question: Question, ticks: Ticks, numbers: Numbers) -> tuple[PaperBox, ...]:
    return tuple(
        PaperBox(option.label, option.hint, _leads(rule_set, question, option.value, numbers))
        for option in ticks.options
    )


def _leads(rule_set: RuleSet, question: Question, answer: str, numbers: Numbers) -> tuple[int, ...]:
    return tuple(
        numbers[other.id]
        for other in rule_set.questions
        if any(_names(leaf, question, answer) for leaf in leaves(other.ask_when))
    )


def _names(leaf: Chosen | Within, question: Question, answer: str) -> bool:
    return isinstance(leaf, Chosen) and leaf.question == question.id and answer in leaf.answers


def _in_words(rule_set: RuleSet, condition: Condition, numbers: Numbers) -> str:
    """The condition as a reader of the paper follows it."""
    if isinstance(condition, All | AnyOf):
        joint = _(" and ") if isinstance(condition, All) else _(" or ")
        return joint.join(_in_words(rule_set, part, numbers) for part in condition.parts)
    number = numbers[condition.question]
    if isinstance(condition, Within):
        return _bounds(condition, number)
    labels = [
        answer.label
        for answer in rule_set.by_id[condition.question].answers
        if answer.id in condition.answers
    ]
    ticked = _(" or ").join(_("“%(label)s”", label=label) for label in labels)
    return _("you ticked %(answers)s at question %(number)s", answers=ticked, number=number)


def _bounds(condition: Within, number: int) -> str:
    figures = {"number": number, "low": condition.at_least, "high": condition.at_most}
    if condition.at_most is None:
        return _("your answer to question %(number)s is %(low)s or more", **figures)
    if condition.at_least is None:
        return _("your answer to question %(number)s is %(high)s or less", **figures)
    return _("your answer to question %(number)s is %(low)s to %(high)s", **figures)
