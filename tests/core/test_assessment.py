"""What answers mean: properties over generated rule sets and answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core.assessment import Assessment, FlagFinding, assess, raised_by, states_by
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.stored import Stored
from tests.core import naive
from tests.core.generating import JUNK, Data, answers_to, rule_sets, rule_sets_and_answers
from tests.core.making import RULES, SHIPPED, flag, indicator, load_data, question, rule_set

BOTH = {"any": [{"ill": "yes"}, {"tired": "yes"}]}


def meaning(found: Assessment) -> tuple[object, ...]:
    """Everything that people are shown of an assessment."""
    return found.path.asked, found.path.answers, found.path.unanswered, found.indicators, found.flags


def finding(found: Assessment, name: str) -> FlagFinding:
    return next(one for one in found.flags if one.id == name)


@given(rule_sets_and_answers())
def test_an_independent_evaluator_agrees(drawn: tuple[Data, Data]) -> None:
    data, stored = drawn
    found = assess(load_data(data), stored)
    asked, counted = naive.walk(data, stored)
    assert list(found.path.asked) == asked
    assert list(found.path.answers) == list(counted)
    assert list(found.path.unanswered) == [one for one in asked if one not in counted]
    assert set(found.path.ignored) == {
        one for one in stored if stored[one] is not None and one not in counted
    }
    assert {one.id: one.state for one in found.indicators} == naive.states(data, counted)
    assert {one.id for one in found.raised} == naive.raised(data, stored)


@given(rule_sets_and_answers())
def test_without_reasons_the_same_is_raised(drawn: tuple[Data, Data]) -> None:
    data, stored = drawn
    rules = load_data(data)
    found = assess(rules, stored)
    assert [one.id for one in raised_by(rules, found.path)] == [one.id for one in found.raised]
    assert list(states_by(rules, found.path)) == [(one.id, one.state) for one in found.indicators]


@given(rule_sets_and_answers())
def test_an_asked_safety_question_left_unanswered_raises_every_flag_that_names_it(
    drawn: tuple[Data, Data],
) -> None:
    data, stored = drawn
    found = assess(load_data(data), stored)
    for one in data["flags"]:
        for name in naive.names(one["raise_when"]) & set(found.path.unanswered):
            if _asked(data, name).get("safety"):
                assert finding(found, one["id"]).raised
                assert (name, None, "not_answered") in finding(found, one["id"]).because


@given(rule_sets_and_answers())
def test_not_sure_raises_every_flag_that_names_the_safety_question(drawn: tuple[Data, Data]) -> None:
    data, stored = drawn
    found = assess(load_data(data), stored)
    for one in data["flags"]:
        for name in naive.names(one["raise_when"]) & set(found.path.answers):
            if _asked(data, name).get("safety") and stored[name] in ("not_sure", ["not_sure"]):
                assert finding(found, one["id"]).raised
                assert (name, stored[name], "not_sure") in finding(found, one["id"]).because


def _asked(data: Data, name: str) -> Data:
    return next(one for one in data["questions"] if one["id"] == name)


@given(rule_sets(), st.data())
def test_answers_that_count_for_nothing_change_nothing(data: Data, draw: st.DataObject) -> None:
    stored = draw.draw(answers_to(data))
    loaded = load_data(data)
    before = assess(loaded, stored)
    others = draw.draw(answers_to(data)) | {"nobody": "yes"}
    hidden = {name: answer for name, answer in others.items() if name not in before.path.asked}
    assert meaning(assess(loaded, stored | hidden)) == meaning(before)
    kept = {name: answer for name, answer in stored.items() if name not in before.path.ignored}
    assert meaning(assess(loaded, kept)) == meaning(before)


@given(rule_sets(), st.data())
def test_what_is_not_offered_counts_exactly_as_unanswered(data: Data, draw: st.DataObject) -> None:
    stored = draw.draw(answers_to(data))
    loaded = load_data(data)
    name = draw.draw(st.sampled_from(list(loaded.by_id)))
    junk = draw.draw(st.sampled_from([one for one in JUNK if not naive.counts(_asked(data, name), one)]))
    without = {key: answer for key, answer in stored.items() if key != name}
    assert meaning(assess(loaded, stored | {name: junk})) == meaning(assess(loaded, without))


@given(rule_sets_and_answers(), st.randoms())
def test_the_same_answers_mean_the_same_in_whatever_order_they_came(
    drawn: tuple[Data, Data], random: Any
) -> None:
    data, stored = drawn
    shuffled = list(stored.items())
    random.shuffle(shuffled)
    assert meaning(assess(load_data(data), dict(shuffled))) == meaning(assess(load_data(data), stored))


@given(rule_sets_and_answers())
def test_every_finding_has_reasons_that_the_answers_bear_out(drawn: tuple[Data, Data]) -> None:
    data, stored = drawn
    found = assess(load_data(data), stored)
    reasons = [one.because for one in found.indicators] + [one.because for one in found.flags]
    assert all(reasons)
    for because in reasons:
        for name, answer, reason in because:
            assert answer == (stored[name] if name in found.path.answers else None)
            assert (reason == "not_answered") == (name not in found.path.answers)


@given(rule_sets_and_answers())
def test_an_assessment_changes_no_answer(drawn: tuple[Data, Data]) -> None:
    data, stored = drawn
    before = json.dumps(stored)
    assess(load_data(data), stored)
    assert json.dumps(stored) == before


def two_safety_questions() -> RuleSet:
    asked = [
        question("ill", safety=True),
        question("tired", safety=True, ask_when={"ill": ["yes", "not_sure"]}),
    ]
    return load_data(rule_set(asked, flags=[flag("f", BOTH), flag("ill_only", {"ill": "yes"})]))


@pytest.mark.parametrize(
    ("stored", "reasons"),
    [
        ({}, {"ill": "not_answered"}),
        ({"ill": "not_sure"}, {"ill": "not_sure", "tired": "not_answered"}),
        ({"ill": "yes", "tired": "no"}, {"ill": "answered"}),
        ({"ill": "yes", "tired": "not_sure"}, {"ill": "answered", "tired": "not_sure"}),
        ({"ill": "no", "tired": "yes"}, {}),
        ({"ill": "YES"}, {"ill": "not_answered"}),
        ({"ill": None}, {"ill": "not_answered"}),
    ],
)
def test_a_flag_says_which_answers_raised_it(stored: Data, reasons: dict[str, str]) -> None:
    found = finding(assess(two_safety_questions(), stored), "f")
    assert found.raised == bool(reasons)
    if reasons:
        assert {one.question: one.reason for one in found.because} == reasons


def test_an_unanswered_safety_question_raises_its_flag() -> None:
    assert finding(assess(two_safety_questions(), {}), "ill_only").raised


def test_a_safety_question_cleared_by_another_raises_nothing() -> None:
    assert assess(two_safety_questions(), {"ill": "no"}).raised == ()


def test_all_parts_are_no_shield_against_an_unanswered_safety_question() -> None:
    asked = [question("ill", safety=True), question("pain", "scale")]
    both = {"all": [{"ill": "yes"}, {"pain": {"at_least": 5}}]}
    loaded = load_data(rule_set(asked, flags=[flag("f", both)]))
    patients: list[Stored] = [{"pain": 0}, {"ill": "no", "pain": 9}]
    assert [bool(assess(loaded, stored).raised) for stored in patients] == [
        True,
        False,
    ]


def test_an_unanswered_plain_question_raises_nothing() -> None:
    loaded = load_data(rule_set([question("ill")], flags=[flag("f", {"ill": ["yes", "not_sure"]})]))
    assert assess(loaded, {}).raised == ()
    assert assess(loaded, {"ill": "not_sure"}).raised[0].because[0].reason == "not_sure"


@pytest.mark.parametrize(("ticked", "reason"), [("not_sure", "not_sure"), ("yes", "answered"), ("no", None)])
def test_what_is_not_sure_alone_is_the_reason_also_where_several_may_be_ticked(
    ticked: str, reason: str | None
) -> None:
    asked = question("ill", "choose_many", safety=True)
    loaded = load_data(rule_set([asked], flags=[flag("f", {"ill": ["yes"]})]))
    raised = assess(loaded, {"ill": [ticked]}).raised
    assert [because.reason for one in raised for because in one.because] == ([reason] if reason else [])


def test_an_indicator_is_matched_before_it_is_possible() -> None:
    rules = [indicator("i", {"ill": "yes"}, possible_when={"ill": ["yes", "not_sure"]})]
    loaded = load_data(rule_set([question("ill")], indicators=rules))
    states = [
        assess(loaded, {"ill": answer}).indicators[0].state for answer in ("yes", "not_sure", "no", None)
    ]
    assert states == ["matched", "possible", "not_reported", "not_reported"]


def test_every_finding_names_the_line_of_its_rule() -> None:
    loaded = load(SHIPPED, root=RULES.parent)
    found = assess(loaded, {})
    rules = [(one.id, one.place) for one in found.indicators] + [(one.id, one.place) for one in found.flags]
    for name, place in rules:
        lines = (RULES.parent / place.file).read_text(encoding="utf-8").splitlines()
        assert f"id: {name}" in lines[place.line - 1]


def test_an_assessment_holds_no_score_and_no_verdict() -> None:
    assert set(FlagFinding._fields) == {"id", "label", "raised", "handling", "say", "because", "place"}
