"""Contradictions: what is named elsewhere after a clearing answer, and no common word."""

from __future__ import annotations

from typing import Any

import pytest

from screening.core import contradictions
from screening.core.assessment import assess
from screening.core.kept import keep
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.settings import shipped
from tests.usual import TREATMENT, USUAL


@pytest.fixture(scope="module")
def rule_set() -> RuleSet:
    return load(shipped("rules") / f"{TREATMENT}.yaml")


def found(rule_set: RuleSet, **given: Any) -> list[contradictions.Contradiction]:
    answers = USUAL | given
    return contradictions.find(rule_set, keep(rule_set, assess(rule_set, answers), answers).health.answers)


@pytest.mark.parametrize(
    "words", ["I take Eliquis", "apixaban!", "my WARFARIN tablets", "Heparin  injections"]
)
def test_no_blood_thinner_and_the_name_of_one_is_pointed_out(rule_set: RuleSet, words: str) -> None:
    one = found(rule_set, anything_else=words)[0]
    assert (one.question, one.other) == ("blood_thinners", "anything_else")


@pytest.mark.parametrize(
    "words", ["I take nothing", "warfarinish", "none of these", "not sure", "A rash or itching"]
)
def test_words_that_name_nothing_are_not(rule_set: RuleSet, words: str) -> None:
    assert found(rule_set, anything_else=words) == []


def test_the_usual_answers_contradict_nothing(rule_set: RuleSet) -> None:
    assert found(rule_set) == []


def test_a_yes_contradicts_nothing(rule_set: RuleSet) -> None:
    given = {"blood_thinners": "yes", "which_blood_thinner": ["warfarin"], "anything_else": "warfarin"}
    assert found(rule_set, **given) == []
