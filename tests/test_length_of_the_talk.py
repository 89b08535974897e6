"""How long the conversation is, for three patients of the shipped treatment: the numbers are printed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import groupby
from typing import Any

import pytest

from screening.core.journey import voice_of, walk
from screening.core.questions import Answer
from screening.core.rules import Question
from tests.usual import TREATMENT, USUAL, everything, rules_of, whole

BESIDE = 4  # start, get help now, check, sent
RULES = rules_of(TREATMENT)
THINNERS = {"blood_thinners": "yes", "which_blood_thinner": ["warfarin"]}


def pages(answers: Mapping[str, Any]) -> int:
    """Pages in all, those before and after the questions among them."""
    asked = walk(RULES, whole(RULES, USUAL | dict(answers))).asked
    return BESIDE + len([page for page, _ in groupby(asked, key=RULES.pages.__getitem__)])


def words(answers: Mapping[str, Any]) -> int:
    """What stands on the pages of the questions to read: questions, hints, answers and headings."""
    stored = whole(RULES, USUAL | dict(answers))
    spoken = RULES.speaking(voice_of(RULES, stored))
    asked = [spoken.by_id[question] for question in walk(RULES, stored).asked]
    headings = {question.page for question in asked if question.page}
    texts = [*headings, *(text for question in asked for text in texts_of(question))]
    return sum(len(text.split()) for text in texts)


def texts_of(question: Question) -> list[str]:
    """Everything of a question that is read without opening anything."""
    answers: tuple[Answer, ...] = question.answers
    offered = [text for answer in answers for text in (answer.label, answer.hint) if text]
    return [text for text in (question.ask, question.hint, question.low, question.high, *offered) if text]


@pytest.mark.parametrize(
    ("who", "answers", "most"),
    [("healthy", {}, 20), ("usual", THINNERS, 24), ("carer with everything", everything(RULES), 36)],
)
def test_the_pages_of_a_patient_are_few(
    who: str, answers: dict[str, Any], most: int, record_property: Any
) -> None:
    found = pages(answers)
    sys.stdout.write(f"{who}: {found} pages, {words(answers)} words\n")
    record_property("pages", found)
    assert found <= most


def beforehand() -> int:
    """Words of the start and of the notices, as the rule set has them."""
    notices = [
        text for notice in RULES.urgent for text in (notice.heading, *notice.items, notice.after or "")
    ]
    return sum(len(text.split()) for text in (*RULES.start.about, *RULES.start.have_ready, *notices))


def test_a_usual_patient_has_little_to_read() -> None:
    assert words(THINNERS) + beforehand() <= 1800
