"""Mutants, who notices them, and the cases that are made to notice them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from screening.authoring import generate as generate_module
from screening.authoring.cases import Case, Cases, check_cases, load_cases, reason_of, run, told
from screening.authoring.coverage import coverage, missing
from screening.authoring.files import GENERATED
from screening.authoring.generate import generate
from screening.authoring.mutants import Mutant, age_mutants, mutants
from screening.authoring.mutate import Tried, difference, mutate
from screening.authoring.signatures import standing
from screening.authoring.usual import usual_of
from screening.authoring.written_cases import as_yaml
from screening.core.assessment import assess
from screening.core.loading import load, rule_files
from screening.core.questions import tuples
from screening.core.rules import RuleSet
from screening.proving.worlds import Book
from tests.authoring.strategies import Data, built, everybody, rule_sets
from tests.authoring.writing import flag, loaded, small
from tests.thorough import usually

RULES = Path(__file__).parents[2] / "rules"
RELAXED = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
YES_NO: list[Data] = [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No", "clears": True}]
CHOICE: Data = {"type": "choose_one", "answers": [*YES_NO, {"id": "not_sure", "label": "I’m not sure"}]}


def outcome(rule_set: RuleSet, patient: dict[str, Any]) -> tuple[Any, ...]:
    """What a person would see of an assessment."""
    seen = assess(rule_set, patient)
    flags = {one.id: (reason_of(one), one.handling, told(one)) for one in seen.raised}
    return (
        seen.path.asked,
        flags,
        {one.id: one.state for one in seen.indicators if one.state != "not_reported"},
    )


@given(rule_sets(most=3))
@RELAXED
def test_a_mutant_is_called_equivalent_just_when_nobody_sees_a_difference(rule_set: RuleSet) -> None:
    everyone = list(everybody(rule_set))[::7][:300]
    book = Book(rule_set)
    for mutant in list(mutants(rule_set))[:60]:
        found = difference(book, mutant)
        if found is None:
            assert all(outcome(rule_set, one) == outcome(mutant.rule_set, one) for one in everyone), (
                mutant.what
            )
        else:
            assert outcome(rule_set, found) != outcome(mutant.rule_set, found), mutant.what


def test_a_mistake_in_the_age_rule_is_noticed_by_a_case_on_the_day() -> None:
    rule_set = load(RULES / "lumbar-sympathetic-block.yaml")
    cases = check_cases(rule_set, load_cases(RULES / "lumbar-sympathetic-block.cases.yaml"))
    timeless = tuple(case for case in cases.cases if case.expect.rings_on is None)
    book, mistakes = Book(rule_set), list(age_mutants(rule_set))
    assert len(mistakes) == 3
    for tried, noticed in ((cases, True), (cases.model_copy(update={"cases": timeless}), False)):
        file = Tried(rule_set, tried)
        assert [file.notice(book, mistake) for mistake in mistakes] == [noticed] * 3


@pytest.mark.parametrize("age", [{"at_least": 18}, {"at_most": 17}, {"at_least": 5, "at_most": 5}])
def test_generated_cases_notice_each_mistake_in_the_age_rule_and_stay_signed(
    tmp_path: Path, age: dict[str, int]
) -> None:
    born = {"id": "born", "ask": "When?", "type": "date", "contact": "birth_date"}
    rule_set = loaded(tmp_path, small(age=age, questions=[*small()["questions"], born]))
    usual = {"hurts": "no", "fever": "no", "born": "1970-06-15"}
    signed: list[Case] = []
    for _ in range(2):  # anew, and with what stood before
        made = generate(rule_set, usual, signed).cases
        assert sum(case["signed_off"] is not None for case in made) == len(signed)
        file = tmp_path / "thumb.generated.cases.yaml"
        file.write_text(as_yaml(rule_set, usual, [{**case, "signed_off": "Dr Robin"} for case in made]))
        written = check_cases(rule_set, load_cases(file))
        assert list(run(rule_set, written)) == []
        tried, book = Tried(rule_set, written), Book(rule_set)
        assert [each.what for each in age_mutants(rule_set) if not tried.notice(book, each)] == []
        signed = standing(rule_set, written, written)
    assert len(signed) == len(made)


EDGES: dict[str, Data] = {
    "at_least": {"case": "From 5 on.", "expect": {"rings_on": "2026-11-24", "no_ring_on": "2026-11-25"}},
    "at_most": {"case": "Until 18.", "expect": {"no_ring_on": "2026-11-24", "rings_on": "2026-11-25"}},
}


@pytest.mark.parametrize(
    ("age", "written", "unnoticed"),
    [
        ({"at_most": 17}, ["at_most"], set()),
        ({"at_least": 5, "at_most": 17}, ["at_least", "at_most"], set()),
        ({"at_least": 1, "at_most": 17}, ["at_most"], {"at_least 0", "at_least 2", "at_least dropped"}),
        (
            {"at_least": 5, "at_most": 17},
            ["at_least"],
            {"at_most 16", "at_most 18", "at_most dropped"},
        ),
    ],
)
def test_a_case_on_the_birthday_notices_each_mistake_in_its_bound(
    tmp_path: Path, age: dict[str, int], written: list[str], unnoticed: set[str]
) -> None:
    born = {"id": "born", "ask": "When?", "type": "date", "contact": "birth_date"}
    rule_set = loaded(tmp_path, small(age=age, questions=[*small()["questions"], born]))
    birthdays = {"at_least": "2021-11-25", "at_most": "2008-11-25"}
    cases = Cases.model_validate(
        {
            "schema_": "screening-cases/1",
            "rule_set": rule_set.id,
            "usual": {},
            "cases": tuple(EDGES[key] | {"differs": {"born": birthdays[key]}} for key in written),
        }
    )
    assert list(run(rule_set, cases)) == []
    file, book = Tried(rule_set, cases), Book(rule_set)
    missed = {each.what for each in age_mutants(rule_set) if not file.notice(book, each)}
    assert missed == {f"age rule: {what}" for what in unnoticed}


@pytest.mark.slow
@given(rule_sets(most=3))
@RELAXED
def test_generated_cases_hold_and_leave_no_mutant_unnoticed(rule_set: RuleSet) -> None:
    everyone = list(everybody(rule_set))
    usual = everyone[len(everyone) * 2 // 3]
    cases = as_cases(rule_set, usual)
    check_cases(rule_set, cases)
    assert list(run(rule_set, cases)) == []
    assert mutate(rule_set, [cases]).by_both == 1


def test_cases_are_not_joined_where_a_mistake_would_look_at_both() -> None:
    answers = [{"id": name, "label": name.title()} for name in ("yes", "no", "maybe")]
    asked = [
        {"id": "q0", "ask": "First?", "type": "choose_one", "answers": answers},
        {"id": "q1", "ask": "Second?", "type": "choose_one", "answers": answers[:2]},
    ]
    rule_set = built(asked, [], [{"id": "i", "label": "I", "matched_when": {"q0": ["yes"]}}])
    assert mutate(rule_set, [as_cases(rule_set, {"q0": "no", "q1": "no"})]).missed == ()


def as_cases(rule_set: RuleSet, usual: dict[str, Any]) -> Cases:
    """The generated cases, as they would be read back."""
    made = [case | {"differs": tuples(case["differs"])} for case in generate(rule_set, usual).cases]
    for case in made:
        case["expect"] = tuples(case["expect"])
    data = {
        "schema_": "screening-cases/1",
        "rule_set": rule_set.id,
        "usual": tuples(usual),
        "cases": tuple(made),
    }
    return Cases.model_validate(data)


SMALL = built(
    [{"id": "one", "ask": "One?", "safety": True, **CHOICE}, {"id": "pain", "ask": "Pain?", "type": "scale"}],
    [
        {
            "id": "one",
            "label": "One",
            "raise_when": {"one": ["yes", "not_sure"]},
            "handling": "arrange",
            "say": {"clinician": "Look.", "reception": "Wait."},
        }
    ],
    [{"id": "pain", "label": "Pain", "matched_when": {"pain": {"at_least": 4, "at_most": 9}}}],
)


def described(found: Iterable[Mutant]) -> set[str]:
    return {mutant.what for mutant in found}


def test_every_kind_of_mistake_is_made() -> None:
    made = described(mutants(SMALL))
    assert {
        'question "one": safety dropped',
        'question "one": clears of no dropped',
        'question "pain": asked only where one is yes',
        'flag "one": dropped',
        'flag "one": handling review_before_booking',
        'flag "one": reception no longer told',
        'flag "one": patient also told',
        'flag "one": raise_when, one no added',
        'flag "one": raise_when, one not_sure dropped',
        'indicator "pain": dropped',
        'indicator "pain": matched_when, pain at_least 5',
        'indicator "pain": matched_when, pain at_most 8',
        'indicator "pain": matched_when, pain at_most dropped',
    } <= made


def test_mutants_that_change_nothing_are_left_out() -> None:
    report = mutate(SMALL)
    left = described(mutants(SMALL)) - described(one.mutant for one in report.noticed)
    assert left == {
        'question "one": clears of no dropped',  # nothing but the claims goes by it
        'flag "one": raise_when, one not_sure dropped',  # the engine raises it all the same
    }
    assert report.equivalent == 2


def test_handling_and_audience_are_part_of_what_cases_notice() -> None:
    cases = as_cases(SMALL, {"one": "no", "pain": 2})
    report = mutate(SMALL, [cases])
    noticed = {one.mutant.what for one in report.noticed if one.by_cases}
    assert {'flag "one": reception no longer told', 'flag "one": handling review_before_booking'} <= noticed


def test_a_dropped_flag_is_noticed_by_the_claims_and_by_cases_that_name_it() -> None:
    report = mutate(SMALL, [as_cases(SMALL, {"one": "no", "pain": 2})])
    (dropped,) = [one for one in report.noticed if one.mutant.what == 'flag "one": dropped']
    assert dropped.by_prove == ("lost-answer",)
    assert dropped.by_cases


@pytest.mark.parametrize("file", rule_files(RULES), ids=lambda file: str(file.stem))
def test_generated_cases_can_be_read_back_hold_and_wait_for_a_person(file: Path, tmp_path: Path) -> None:
    rule_set = load(file)
    usual = load_cases(file.with_suffix("").with_suffix(".cases.yaml")).usual
    made = generate(rule_set, usual).cases
    written = tmp_path / f"{rule_set.id}{GENERATED}"
    written.write_text(as_yaml(rule_set, usual, made), encoding="utf-8")
    cases = check_cases(rule_set, load_cases(written))
    assert list(run(rule_set, cases)) == []
    assert len(cases.cases) == len(made) < 100
    assert {case.signed_off for case in cases.cases} == {None}
    assert len({case.case for case in cases.cases}) == len(cases.cases)
    assert rule_files(tmp_path) == []


def test_so_many_questions_that_mistakes_are_left_out_still_have_each_rule_shown_both_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make thorough` makes it 1,000 questions; docs/authoring.md has the figure."""
    number = usually(12, thorough=1_000)
    monkeypatch.setattr(generate_module, "MOST_TRIED", usually(100, thorough=generate_module.MOST_TRIED))
    asked = [
        {**CHOICE, "id": f"q{at}", "ask": f"Number {at}?", "safety": at % 2 == 0} for at in range(number)
    ]
    flags = [flag(f"q{at}", {f"q{at}": ["yes", "not_sure"]}) for at in range(0, number, 2)]
    rule_set = loaded(tmp_path, small(questions=asked, flags=flags, indicators=[]))
    usual = usual_of(rule_set)
    made = generate(rule_set, usual)
    assert made.untried > 0
    (tmp_path / "thumb.generated.cases.yaml").write_text(as_yaml(rule_set, usual, made.cases))
    cases = check_cases(rule_set, load_cases(tmp_path / "thumb.generated.cases.yaml"))
    assert list(missing(rule_set, coverage(rule_set, [cases]))) == []


def test_progress_can_be_watched() -> None:
    watched: list[str] = []

    def track(found: Iterable[Mutant]) -> Iterable[Mutant]:
        for mutant in found:
            watched.append(mutant.what)
            yield mutant

    mutate(SMALL, track=track)
    assert len(watched) == len(list(mutants(SMALL)))
