"""Conditions: met, or not; nothing unanswered meets anything."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core.conditions import All, AnyOf, Chosen, Condition, Within, compile_condition, leaves
from screening.core.errors import RuleSetError
from tests.core.making import flag, load_data, question, rule_set


def parts(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[tuple[Condition, ...]]:
    return st.lists(inner, min_size=1, max_size=3).map(tuple)


leaf = st.builds(
    Chosen, st.sampled_from("pq"), st.lists(st.sampled_from("abc"), min_size=1).map(tuple)
) | st.builds(Within, st.just("n"), st.none() | st.integers(0, 9), st.none() | st.integers(0, 9))
conditions: st.SearchStrategy[Condition] = st.recursive(
    leaf, lambda inner: st.builds(All, parts(inner)) | st.builds(AnyOf, parts(inner)), max_leaves=8
)
answers = st.fixed_dictionaries(
    {},
    optional={
        "p": st.sampled_from("abc"),
        "q": st.frozensets(st.sampled_from("abc"), min_size=1),
        "n": st.integers(0, 9),
    },
)


@given(conditions)
def test_nothing_is_met_by_no_answers(condition: Condition) -> None:
    assert not compile_condition(condition)({})


@given(conditions, answers)
def test_what_met_a_condition_is_among_the_questions_it_names_and_answered(
    condition: Condition, given_answers: dict[str, Any]
) -> None:
    met = compile_condition(condition)(given_answers)
    assert set(met) <= {one.question for one in leaves(condition)} & set(given_answers)


@given(conditions, answers, answers)
def test_an_answer_to_another_question_changes_nothing(
    condition: Condition, given_answers: dict[str, Any], others: dict[str, Any]
) -> None:
    named = {one.question for one in leaves(condition)}
    kept = {name: answer for name, answer in given_answers.items() if name in named}
    test = compile_condition(condition)
    unnamed = {name: answer for name, answer in others.items() if name not in named}
    assert test(kept) == test(kept | unnamed)


@given(conditions, answers)
def test_a_further_answer_never_unmeets_a_condition(
    condition: Condition, given_answers: dict[str, Any]
) -> None:
    test = compile_condition(condition)
    for name in given_answers:
        fewer = {key: answer for key, answer in given_answers.items() if key != name}
        assert not test(fewer) or test(given_answers)


@pytest.mark.parametrize(
    ("kind", "bounds", "met", "unmet"),
    [
        ("scale", {"at_least": 4}, [4, 10], [0, 3]),
        ("scale", {"at_most": 4}, [0, 4], [5]),
        ("number", {"at_least": 2, "at_most": 3}, [2, 3], [1, 4]),
        (
            "date",
            {"at_least": "2024-03-01"},
            ["2024-03-01", "2025", "2024-03", "2024"],
            ["2024-02-29", "2023"],
        ),
        (
            "date",
            {"at_most": "2024-03-01"},
            ["2024-03-01", "2024-03", "2024"],
            ["2024-03-02", "2024-04", "2025"],
        ),
    ],
)
def test_bounds_hold_at_their_ends_and_a_partial_date_is_the_whole_of_its_time(
    kind: str, bounds: dict[str, Any], met: list[Any], unmet: list[Any]
) -> None:
    keys = {"partial": True} if kind == "date" else {}
    loaded = load_data(rule_set([question("n", kind, **keys)], flags=[flag("f", {"n": bounds})]))
    asked, test = loaded.questions[0], loaded.flags[0].met
    assert [one for one in met + unmet if test({"n": asked.read(one)})] == met


def test_one_of_several_choices_is_enough() -> None:
    loaded = load_data(
        rule_set(
            [question("q", "choose_many", answers=[{"id": name, "label": name} for name in "abc"])],
            flags=[flag("f", {"q": ["a", "b"]})],
        )
    )
    read, test = loaded.questions[0].read, loaded.flags[0].met
    assert [bool(test({"q": read(one)})) for one in (["a", "c"], ["b"], ["c"])] == [True, True, False]


def test_a_question_may_be_called_not_and_no_condition_says_it() -> None:
    asked = [question("not"), question("b")]
    raised = load_data(rule_set(asked, flags=[flag("f", {"not": "yes"})])).flags[0]
    assert raised.looks_at == ("not",)
    with pytest.raises(RuleSetError) as caught:
        load_data(rule_set(asked, flags=[flag("f", {"not": {"b": "yes"}})]))
    assert len(caught.value.problems) == 1
