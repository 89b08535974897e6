"""Each claim fails on a planted defect, with a patient whom the engine itself sees so."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from screening.core.assessment import Assessment, assess
from screening.core.findings import FOUND_BY, Problem
from screening.core.rules import Accepted, RuleSet
from screening.proving import safety_claims, solver, worlds
from screening.proving.examination import SERIOUS
from screening.proving.prove import prove, serious
from screening.proving.safety_claims import hiding
from tests.authoring.strategies import Data, built
from tests.usual import rule_sets_in

RULES = Path(__file__).parents[2] / "rules"
YES: Data = {"id": "yes", "label": "Yes"}
NO: Data = {"id": "no", "label": "No", "clears": True}
MIGHT_BE: Data = {"id": "might_be", "label": "I might be"}
NOT_SURE: Data = {"id": "not_sure", "label": "I’m not sure", "alone": True}


def ask(name: str, *, kind: str = "choose_one", **more: Any) -> Data:
    choices = {"answers": [YES, NO, NOT_SURE]} if kind.startswith("choose") else {}
    return {"id": name, "ask": f"About {name}?", "type": kind} | choices | more


def safe(name: str, **more: Any) -> Data:
    return ask(name, safety=True, **more)


def flag(name: str, condition: Data) -> Data:
    return {"id": name, "label": name, "raise_when": condition, "handling": "arrange"}


def about(name: str, condition: Data, **more: Any) -> Data:
    return {"id": name, "label": name, "matched_when": condition} | more


def only(rule_set: RuleSet, code: str) -> Problem:
    """The one problem with this code."""
    (found,) = [problem for problem in prove(rule_set).problems if problem.code == code]
    assert found.message
    assert found.remedy
    assert found.place.file == "random.yaml"
    return found


def codes(rule_set: RuleSet) -> set[str]:
    return {problem.code for problem in prove(rule_set).problems}


def seen(rule_set: RuleSet, problem: Problem) -> Assessment:
    """What the engine makes of the witness."""
    assert problem.witness is not None
    for name, stored in problem.witness.items():
        assert rule_set.by_id[name].read(stored) is not None
    return assess(rule_set, problem.witness)


GOOD = flag("thinners", {"thinners": ["yes", "not_sure"]})


def test_the_shipped_rule_sets_prove_clean() -> None:
    for rule_set in rule_sets_in(RULES):
        proof = prove(rule_set)
        assert proof.problems == ()
        assert proof.hard == ()
        assert proof.checked.keys() == set(FOUND_BY["prove"])


def test_a_sound_rule_set_proves_clean() -> None:
    rule_set = built([safe("thinners")], [GOOD])
    assert prove(rule_set).problems == ()


def test_a_dropped_not_sure_is_a_lost_answer_although_the_engine_raises_the_flag() -> None:
    rule_set = built([safe("thinners")], [flag("thinners", {"thinners": "yes"})])
    problem = only(rule_set, "lost-answer")
    assert problem.witness == {"thinners": "not_sure"}
    assert seen(rule_set, problem).raised
    assert problem.place.line == 101


def test_an_answer_of_ones_own_that_no_flag_names_is_lost() -> None:
    rule_set = built(
        [safe("pregnant", answers=[YES, NO, MIGHT_BE, NOT_SURE])],
        [flag("pregnant", {"pregnant": ["yes", "not_sure"]})],
    )
    problem = only(rule_set, "lost-answer")
    assert problem.witness == {"pregnant": "might_be"}
    assert not seen(rule_set, problem).raised


def test_a_safety_question_without_a_flag_loses_its_answers() -> None:
    rule_set = built([safe("thinners"), ask("other")], [flag("other", {"other": "yes"})])
    problem = only(rule_set, "lost-answer")
    assert problem.place.line == 1
    assert not seen(rule_set, problem).raised


def test_a_flag_that_wants_a_symptom_too_loses_the_safety_answer() -> None:
    rule_set = built(
        [safe("thinners"), ask("symptom")],
        [flag("both", {"all": [{"thinners": ["yes", "not_sure"]}, {"symptom": "yes"}]})],
    )
    lost = [one for one in prove(rule_set).problems if one.code == "lost-answer"]
    assert {"thinners": "yes"} in [one.witness for one in lost]
    assert not assess(rule_set, {"thinners": "yes"}).raised


def test_an_answer_lost_among_many_chosen_is_found() -> None:
    answers = [
        {"id": "heart", "label": "Heart"},
        {"id": "lung", "label": "Lung"},
        {**NO, "alone": True},
        NOT_SURE,
    ]
    rule_set = built(
        [safe("ill", kind="choose_many", answers=answers)], [flag("ill", {"ill": ["heart", "not_sure"]})]
    )
    problem = only(rule_set, "lost-answer")
    assert problem.witness == {"ill": ["lung"]}
    assert not seen(rule_set, problem).raised


@pytest.mark.parametrize(
    ("parent", "condition"),
    [
        (safe("thinners"), {"thinners": "yes"}),
        (ask("thinners"), {"thinners": ["yes", "not_sure"]}),
        (safe("thinners", required=False), {"thinners": ["yes", "not_sure"]}),
        (safe("thinners"), {"all": [{"thinners": ["yes", "not_sure"]}, {"pain": {"at_least": 5}}]}),
    ],
    ids=["by not sure", "by what is no safety question", "by an empty answer", "by a scale beside it"],
)
def test_a_safety_question_hidden_without_a_clearing_answer_is_found(parent: Data, condition: Data) -> None:
    rule_set = built(
        [ask("pain", kind="scale"), parent, safe("allergies", ask_when=condition)],
        [GOOD, flag("allergies", {"allergies": ["yes", "not_sure"]})],
    )
    problem = only(rule_set, "hidden-safety")
    assert problem.place.line == 3
    assert "allergies" not in seen(rule_set, problem).path.asked


HIDDEN = safe("bleeds", ask_when={"thinners": ["yes", "not_sure"]})
BLEEDS = flag("bleeds", {"bleeds": ["yes", "not_sure"]})
EITHER = flag("either", {"any": [{"thinners": ["yes", "not_sure"]}, {"bleeds": ["yes", "not_sure"]}]})


@pytest.mark.parametrize("about_it", [{"about": "thinners"}, {}], ids=["by subject", "by flag"])
def test_a_safety_question_may_be_hidden_by_an_answer_that_clears_the_same_thing(about_it: Data) -> None:
    flags = [GOOD, BLEEDS] if about_it else [BLEEDS, EITHER]
    rule_set = built([safe("thinners"), HIDDEN | about_it], flags)
    assert not {code for code in codes(rule_set) if code.startswith("hidden")}
    assert hiding(rule_set) == ["bleeds, by a clearing answer to: thinners"]


def test_what_clears_one_thing_hides_no_other() -> None:
    rule_set = built([safe("thinners"), HIDDEN], [GOOD, BLEEDS])
    problem = only(rule_set, "hidden-by-another")
    assert problem.witness == {"thinners": "no"}
    assert problem in serious(prove(rule_set))


def test_somebody_may_say_why_one_thing_hides_another() -> None:
    rule_set = built([safe("thinners"), HIDDEN], [GOOD, BLEEDS])
    reason = Accepted(code="hidden-by-another", where="questions.bleeds", reason="Only asked of these.")
    assert "hidden-by-another" not in codes(rule_set.model_copy(update={"accept": (reason,)}))


def pigeons(many: int) -> RuleSet:
    """Each pigeon in a hole, one fewer; a flag where two share one: always, and hard to see."""
    holes = [{"id": f"h{at}", "label": f"Hole {at}"} for at in range(many - 1)]
    asked = [ask(f"p{at}", answers=holes) for at in range(many)]
    shared = [
        {"all": [{one["id"]: hole["id"]}, {other["id"]: hole["id"]}]}
        for one, other in combinations(asked, 2)
        for hole in holes
    ]
    return built(asked, [flag("shared", {"any": shared})])


def test_what_is_too_large_to_prove_is_told_by_its_rule_and_never_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solver, "BUDGET", 200)
    found = [problem for problem in prove(pigeons(11)).problems if problem.code == "unproved"]
    assert {problem.place.line for problem in found} == {101}
    assert all(problem in serious(prove(pigeons(11))) for problem in found)


@pytest.mark.parametrize(("many", "claimed"), [(300, True), (1100, False)])
def test_many_cut_points_on_the_path_of_the_solver_are_right_or_refused(
    monkeypatch: pytest.MonkeyPatch, many: int, claimed: bool
) -> None:
    monkeypatch.setattr(worlds, "LARGEST", 0)
    bounds = [{"n": {"at_least": 2 * at, "at_most": 2 * at}} for at in range(many)]
    asked = {"id": "n", "ask": "N?", "type": "number", "range": [0, 10_000]}
    found = {p.code for p in prove(built([asked], [flag("even", {"any": bounds})])).problems}
    assert found == (set() if claimed else {"unproved"})


def test_a_flag_that_goes_away_when_it_gets_worse_is_found() -> None:
    rule_set = built([safe("thinners")], [flag("thinners", {"thinners": "not_sure"})])
    problem = only(rule_set, "quieter-when-worse")
    assert problem.witness == {"thinners": "not_sure"}
    assert seen(rule_set, problem).raised
    assert not assess(rule_set, {"thinners": "yes"}).raised
    assert "lost-answer" in codes(rule_set)


def test_a_flag_behind_a_follow_up_of_the_clear_answer_goes_away_when_it_gets_worse() -> None:
    rule_set = built(
        [safe("thinners"), ask("aspirin", ask_when={"thinners": "no"})],
        [GOOD, flag("aspirin", {"aspirin": "yes"})],
    )
    problem = only(rule_set, "quieter-when-worse")
    assert [one.id for one in seen(rule_set, problem).raised] == ["aspirin"]


def test_a_question_that_nobody_can_reach_is_found() -> None:
    rule_set = built([
        ask("one"), ask("two"), ask("three", ask_when={"all": [{"one": "yes"}, {"one": "no"}]}),
    ])  # fmt: skip
    problem = only(rule_set, "never-asked")
    assert problem.place.line == 3
    assert problem.witness is None


@pytest.mark.parametrize(
    ("kind", "more", "condition"),
    [
        ("scale", {}, {"all": [{"n": {"at_least": 6}}, {"n": {"at_most": 5}}]}),
        ("number", {"range": [0, 7]}, {"n": {"at_least": 8}}),
        ("number", {"decimals": 1}, {"all": [{"n": {"at_least": 1.01}}, {"n": {"at_most": 1.09}}]}),
        ("date", {}, {"all": [{"n": {"at_least": "2020-02-01"}}, {"n": {"at_most": "2020-01-31"}}]}),
        ("choose_many", {}, {"all": [{"n": "not_sure"}, {"n": "yes"}]}),
    ],
)
def test_a_flag_that_nobody_can_raise_is_found(kind: str, more: Data, condition: Data) -> None:
    rule_set = built([ask("n", kind=kind, **more)], [flag("f", condition)])
    assert only(rule_set, "never-raised").place.line == 101


@pytest.mark.parametrize(
    ("kind", "more", "condition"),
    [
        ("scale", {}, {"all": [{"n": {"at_least": 5}}, {"n": {"at_most": 5}}]}),
        ("number", {"decimals": 1}, {"all": [{"n": {"at_least": 1.01}}, {"n": {"at_most": 1.1}}]}),
        (
            "date",
            {"partial": True},
            {"all": [{"n": {"at_least": "2020-02-01"}}, {"n": {"at_most": "2020-01-31"}}]},
        ),
        ("choose_many", {}, {"all": [{"n": "yes"}, {"n": "no"}]}),
    ],
)
def test_bounds_that_one_answer_meets_are_not_reported(kind: str, more: Data, condition: Data) -> None:
    rule_set = built([ask("n", kind=kind, **more)], [flag("f", condition)])
    assert prove(rule_set).problems == ()


def test_rules_that_appear_for_everybody_are_found() -> None:
    rule_set = built(
        [safe("one"), ask("pain", kind="scale")],
        [flag("one", {"one": ["yes", "no", "not_sure"]})],
        [about("pain", {"pain": {"at_least": 0}})],
    )
    found = [one for one in prove(rule_set).problems if one.code == "always-raised"]
    assert [one.place.line for one in found] == [101, 201]
    assert [one.id for one in seen(rule_set, found[0]).raised] == ["one"]
    assert seen(rule_set, found[1]).indicators[0].state == "matched"


def test_an_indicator_that_is_never_only_possible_is_found() -> None:
    rule_set = built([ask("one")], (), [about("i", {"one": ["yes", "no"]}, possible_when={"one": "yes"})])
    assert only(rule_set, "never-raised").place.line == 201


@pytest.mark.parametrize(
    "condition",
    [
        {"any": [{"one": "yes"}, {"one": ["yes", "no"]}]},
        {"all": [{"one": ["yes", "no"]}, {"one": "yes"}]},
        {"any": [{"one": "yes"}, {"all": [{"one": "yes"}, {"two": "yes"}]}]},
        {"all": [{"one": ["yes", "no", "not_sure"]}, {"two": "yes"}]},
        {"any": [{"pain": {"at_least": 4}}, {"pain": {"at_least": 6}}]},
    ],
)
def test_a_part_that_decides_for_nobody_is_found(condition: Data) -> None:
    questions = [ask("one"), ask("two"), ask("pain", kind="scale")]
    assert codes(built(questions, [flag("f", condition)])) == {"idle-condition"}


def test_an_ask_when_that_holds_nobody_back_is_found() -> None:
    rule_set = built([ask("one"), ask("two", ask_when={"one": ["yes", "no", "not_sure"]})])
    problem = only(rule_set, "idle-condition")
    assert "two" in seen(rule_set, problem).path.asked


def test_an_answer_that_decides_for_nobody_is_found() -> None:
    rule_set = built(
        [ask("one"), ask("two", ask_when={"one": "yes"})],
        [flag("f", {"any": [{"two": "yes"}, {"one": ["no", "yes"]}]})],
    )
    assert "idle-condition" in codes(rule_set)


def test_rules_that_always_come_out_the_same_are_found_however_they_are_written() -> None:
    rule_set = built(
        [ask("one"), ask("two")],
        [
            flag("f", {"all": [{"one": "yes"}, {"two": ["yes", "no"]}]}),
            flag(
                "g",
                {
                    "any": [
                        {"all": [{"one": "yes"}, {"two": "no"}]},
                        {"all": [{"two": "yes"}, {"one": "yes"}]},
                    ]
                },
            ),
            flag("h", {"one": "yes"}),
        ],
    )
    problem = only(rule_set, "same-rule")
    assert problem.place.line == 102
    assert [one.id for one in seen(rule_set, problem).raised] == ["f", "g", "h"]


def test_a_required_question_without_any_answer_is_endless() -> None:
    rule_set = built([ask("n", kind="number", range=[0.2, 0.8])])
    assert only(rule_set, "endless").place.line == 1
    assert "n" in assess(rule_set, {"n": 0.5}).path.due


def test_a_question_that_waits_for_one_below_it_is_endless() -> None:
    rule_set = built([ask("one", ask_when={"two": "yes"}), ask("two")])
    assert only(rule_set, "endless").place.line == 1


def test_an_engine_that_counts_unasked_answers_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rule_set = built([ask("one"), ask("two", ask_when={"one": "yes"})], [flag("f", {"two": "yes"})])
    always = built([ask("one"), ask("two")], [flag("f", {"two": "yes"})])
    assert "stale-answer-counts" not in codes(rule_set)

    def forgetful(_: RuleSet, stored: Data) -> Assessment:
        seen = assess(always, stored)
        path = assess(rule_set, {}).path
        return Assessment(path, seen.indicators, seen.flags)

    monkeypatch.setattr(safety_claims, "assess", forgetful)
    problem = only(rule_set, "stale-answer-counts")
    assert problem.witness == {"two": "yes"}
    assert problem.place.line == 2


def test_only_the_claims_d_to_g_keep_a_live_rule_set_from_being_served() -> None:
    rule_set = built([safe("thinners"), ask("n", kind="scale")], [
        flag("thinners", {"thinners": "yes"}), flag("f", {"n": {"at_least": 0}}),
    ])  # fmt: skip
    proof = prove(rule_set)
    assert {one.code for one in proof.problems} == {"lost-answer", "always-raised"}
    assert {one.code for one in serious(proof)} == {"lost-answer"}
    assert set(FOUND_BY["prove"]) > SERIOUS


def test_a_problem_is_data_for_machines() -> None:
    rule_set = built([safe("thinners")], [flag("thinners", {"thinners": "yes"})])
    data = only(rule_set, "lost-answer").data()
    assert list(data) == ["file", "line", "column", "code", "message", "remedy", "witness"]


def test_a_cone_too_large_to_enumerate_is_solved_and_called_hard() -> None:
    names = [f"q{at}" for at in range(40)]
    first = [flag("any", {"any": [{name: ["yes", "not_sure"]} for name in names]})]
    sound = built([safe(name) for name in names], first)
    assert prove(sound).problems == ()
    assert prove(sound).hard
    lost = built(
        [safe(name) for name in names],
        [flag("all", {"any": [{"all": [{name: ["yes", "not_sure"]}, {"q0": "yes"}]} for name in names]})],
    )
    found = [
        one for one in prove(lost).problems if one.code == "lost-answer" and "never lets" not in one.message
    ]
    assert len(found) == 39
    for problem in found:
        assert "yes" in (problem.witness or {}).values()
        assert not seen(lost, problem).raised
