"""Questions in groups: the journey alone says what is asked, and each is asked once, whatever the answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core.grouping import MOST, WHO, groups, may_be_asked
from screening.core.journey import walk
from screening.core.rules import RuleSet
from screening.core.stored import Stored
from tests.core.generating import rule_sets, sound
from tests.core.making import load_data
from tests.usual import everything, rules_of, usual_of, whole

KINDS = sorted(WHO | {"for_whom", "needs"})


def asked_in_groups(rule_set: RuleSet, answers: Stored) -> tuple[list[str], Stored]:
    """As somebody goes who answers each page once; the questions in their order, and what is kept."""
    stored: dict[str, Any] = {}
    asked: list[str] = []
    for group in groups(rule_set):
        for question in may_be_asked(rule_set, group, walk(rule_set, stored).answers):
            if question in walk(rule_set, stored).asked:
                asked.append(question)
                stored[question] = answers.get(question)
    return asked, stored


@given(st.data())
def test_each_question_of_the_journey_is_asked_once_whatever_the_answers(data: st.DataObject) -> None:
    drawn, left = data.draw(rule_sets()), list(KINDS)  # each says at most one thing about the patient
    for question in drawn["questions"]:
        if question["type"] == "text" and left and data.draw(st.booleans()):
            question["contact"] = left.pop(data.draw(st.integers(0, len(left) - 1)))
    rule_set = load_data(drawn)
    answers = {question["id"]: data.draw(sound(question)) for question in drawn["questions"]}
    asked, stored = asked_in_groups(rule_set, answers)
    path = walk(rule_set, stored)
    assert sorted(asked) == sorted(path.asked)
    assert path.due == ()
    assert sorted(question for group in groups(rule_set) for question in group) == sorted(rule_set.by_id)


@pytest.mark.parametrize("treatment", ["lumbar-sympathetic-block", "example-knee-injection"])
def test_the_shipped_forms_take_few_pages_and_begin_with_who_it_is(treatment: str) -> None:
    rule_set = rules_of(treatment)
    found = groups(rule_set)
    assert len(found) <= 6  # with the start and the check page: eight
    contacts = [{rule_set.by_id[question].contact for question in group} for group in found]
    assert contacts[0] == {"for_whom"}
    assert {"name", "birth_date", "phone"} <= contacts[1]
    for group in found:
        assert sum(rule_set.by_id[question].ask_when is None for question in group) <= MOST
    for answers in (usual_of(treatment), {**usual_of(treatment), **everything(rule_set)}):
        asked, _stored = asked_in_groups(rule_set, whole(rule_set, answers))
        assert len(asked) == len(set(asked)) > 20
