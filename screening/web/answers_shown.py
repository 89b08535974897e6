"""Answers in the words the patient saw, as the design system's rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from screening.core import summary
from screening.core.answers import reads_as
from screening.service.patient import Visit
from screening.web.components import Parameters

ChangeAddress = Callable[[Visit, str], str]


@dataclass(frozen=True, slots=True)
class AnswersUnder:
    """The answers under one heading, each a row of the design system's summary list."""

    heading: str
    rows: tuple[Parameters, ...]


def sections(
    visit: Visit, change: ChangeAddress | None = None, changed: Collection[str] = ()
) -> list[AnswersUnder]:
    """Every answer under its heading; with `change`, each has a link to change it; `changed` are marked."""
    return [
        AnswersUnder(section.heading, tuple(_row(visit, line, change, changed) for line in section.lines))
        for section in summary.sections(visit.rule_set, visit.path, visit.answers)
    ]


def answered(visit: Visit) -> list[AnswersUnder]:
    """What was answered so far, under its headings; without what is still due."""
    found = summary.sections(visit.rule_set, visit.path, visit.answers)
    told = [(section.heading, [line for line in section.lines if line.said]) for section in found]
    return [
        AnswersUnder(heading, tuple(_row(visit, line, None, ()) for line in lines))
        for heading, lines in told
        if lines
    ]


def _row(
    visit: Visit, line: summary.SummaryLine, change: ChangeAddress | None, changed: Collection[str]
) -> Parameters:
    lines = said(line.question.type, line.said, line.stored)
    row = answer_row(line.question.ask, lines, changed=line.question.id in changed)
    if change is not None:
        link = {"href": change(visit, line.question.id), "text": _("Change")}
        row["actions"] = {"items": [link | {"visuallyHiddenText": line.question.ask}]}
    return row


def answer_row(ask: str, lines: Sequence[str], *, changed: bool = False) -> Parameters:
    """A row of a summary list; one that is `changed` says so above the answer."""
    mark = [Markup('<strong class="govuk-tag">{}</strong>').format(_("Changed"))] if changed else []
    value = Markup("<br>").join(
        (*mark, *(lines or (_("Not provided"),)))
    )  # joining escapes what patients typed
    return {"key": {"text": ask}, "value": {"html": value}}


def said(question_type: str, lines: Sequence[str], stored: Any) -> tuple[str, ...]:
    """An answer's lines; dates and the like as the language of the page writes them."""
    return reads_as(question_type, lines, stored, str(get_locale()))
