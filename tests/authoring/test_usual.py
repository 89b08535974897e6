"""The usual patient is drafted from the questions: whole, and without anything to look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.authoring import coverage
from screening.authoring.cases import check_cases, load_cases
from screening.authoring.usual import usual_of, write_usual
from screening.core.assessment import assess
from screening.core.journey import walk
from screening.core.loading import load
from tests.authoring.writing import SHIPPED, loaded, question, small


@pytest.mark.parametrize("name", ["lumbar-sympathetic-block", "example-knee-injection"])
def test_of_a_shipped_treatment_the_usual_patient_answers_all_and_raises_nothing(name: str) -> None:
    rule_set = load(SHIPPED / f"{name}.yaml")
    usual = usual_of(rule_set)
    found = assess(rule_set, usual)
    assert found.raised == ()
    due = walk(rule_set, usual).due
    assert not [each for each in due if rule_set.by_id[each].required or rule_set.by_id[each].safety]


def test_where_yes_is_the_good_news_the_usual_patient_says_so(tmp_path: Path) -> None:
    answers = [
        {"id": "no", "label": "No"},
        {"id": "yes", "label": "Yes", "clears": True},
        {"id": "not_sure", "label": "I’m not sure"},
    ]
    weight = {"id": "weight", "ask": "How heavy are you?", "type": "number", "range": [20, 300]}
    data = small(
        questions=[
            question("fever", safety=True, answers=answers),
            {**weight, "safety": True, "required": False},
        ]
    )
    data["flags"][0]["raise_when"] = {"any": [{"fever": ["no", "not_sure"]}, {"weight": {"at_least": 100}}]}
    data["indicators"] = []
    usual = usual_of(loaded(tmp_path, data))
    assert usual["fever"] == "yes"
    assert usual["weight"] == 20


def test_what_is_written_can_be_read_and_what_is_there_stays(tmp_path: Path) -> None:
    rule_set = loaded(tmp_path, small())
    path = write_usual(tmp_path / "thumb.yaml", rule_set)
    assert path is not None
    assert list(coverage.lacking(rule_set, check_cases(rule_set, load_cases(path)))) == []
    assert write_usual(tmp_path / "thumb.yaml", rule_set) is None
