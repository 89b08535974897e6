"""The questions on paper, as PDF: boxes to tick, and in words which questions a tick leads to.

One form for both doors. Each sheet has room for whose it is, and says which of how many it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from flask import Response
from flask_babel import get_locale

from screening.core.answers.controls import Box, Control, Part, Parts, Ticks
from screening.core.conditions import All, AnyOf, Chosen, Condition, Within, leaves
from screening.core.rules import Question, RuleSet
from screening.core.serialising import Plain
from screening.settings import shipped
from screening.web.door import clinic as clinic_words
from screening.web.door import service
from screening.web.question_controls import asked, label_of
from screening.web.words import gettext as _
from screening.web.words import ngettext

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


def pdf(rule_set: RuleSet) -> Response:
    """The form as a file to print; it holds nothing of anybody."""
    made = _typeset(json.dumps(_data(rule_set)))
    name = f"{rule_set.id}-{rule_set.version}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(made, mimetype="application/pdf", headers=headers)


@lru_cache(maxsize=16)
def _typeset(data: str) -> bytes:
    """Once for all who ask: whoever asks often costs no more than once."""
    from screening.exports.typesetting import typeset  # with it comes every way out, which no page needs

    return typeset(shipped("templates") / "paper.typ", json.loads(data))


def _data(rule_set: RuleSet) -> Plain:
    clinic = clinic_words(service().settings)
    return {
        "language": str(get_locale()).partition("_")[0],
        "title": rule_set.title,
        "about": rule_set.start.about,
        "where": ", ".join(filter(None, (clinic.name, clinic.address))),
        "phone": clinic.phone,
        "urgent": [
            {"heading": notice.heading, "items": notice.items, "after": notice.after or ""}
            for notice in rule_set.urgent
        ],
        "sections": [
            {"heading": section.heading, "questions": [_plain(one) for one in section.questions]}
            for section in sections(rule_set)
        ],
        "words": {
            **_words(),
            "form": _("Form %(id)s, version %(version)s", id=rule_set.id, version=rule_set.version),
        },
    }


def _words() -> dict[str, str]:
    return {
        "ask": _("Ask for a consultation"),
        "how": _(
            "Use black ink. Tick the boxes that are right for you. Where it says “only if”, leave the question out when it does not fit. If you do not know, tick the answer that says so."  # noqa: E501
        ),
        "decides": _(
            "This form decides nothing. A doctor or nurse reads what you say before anything is planned."
        ),
        "give": _("Give or send it to:"),
        "call": _("Questions? Call us:"),
        "name": _("Patient’s name"),
        "born": _("Date of birth"),
        "page": _("Page %(number)s of %(count)s"),
        "each_page": _("Write the name and the date of birth on every page."),
        "one": _("Tick one box."),
        "many": _("Tick every box that is right."),
        "last": _("About this form"),
        "who": _("Who wrote on this form?"),
        "patient": _("The patient"),
        "else": _("Somebody else. Their name:"),
        "interpreter": _("Did somebody interpret?"),
        "no": _("No"),
        "yes": _("Yes. Their name:"),
        "date": _("On which day?"),
    }


def _plain(one: Printed) -> Plain:
    question = one.question
    ends = [words for words in (_end(one, 0), _end(one, -1)) if words]
    return {
        "number": one.number,
        "ask": asked(question),
        "only_if": _("Only if %(condition)s:", condition=one.only_if) if one.only_if else "",
        "hint": question.hint or "",
        "way": one.way,
        "boxes": [{"label": box.label, "hint": box.hint or "", "leads": _lead(box)} for box in one.boxes],
        "points": one.points,
        "ends": " ".join(ends) if one.way == "row" else "",
        "parts": [{"label": label_of(part), "width": part.width} for part in one.parts],
        "lines": one.lines,
    }


def _end(one: Printed, at: int) -> str:
    """What an end of a scale means."""
    words = (one.question.low, one.question.high)[at]
    return f"{one.points[at]}: {words}." if one.points and words else ""


def _lead(box: PaperBox) -> str:
    numbers = ", ".join(map(str, box.leads))
    return (
        ngettext(
            "Then also answer question %(list)s",
            "Then also answer questions %(list)s",
            len(box.leads),
            list=numbers,
        )
        if box.leads
        else ""
    )


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
    control = question.control
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
