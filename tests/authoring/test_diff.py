"""`diff` tells what changed for whom, exactly: held against trying out every patient."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest

from screening.authoring.diff import Difference, diff
from screening.core.assessment import assess
from screening.core.loading import load
from screening.core.rules import Question, RuleSet
from tests.authoring.writing import SHIPPED, codes, compared, flag, loaded, question, small, told, with_flag

CHOICES = ["yes", "no", "not_sure", "so"]


def test_nothing_changed_is_proved(tmp_path: Path) -> None:
    found = compared(tmp_path, small(), small())
    assert found.changes == ()
    assert found.no_flag_quieter


def test_that_lines_have_moved_is_no_change(tmp_path: Path) -> None:
    file = tmp_path / "thumb.yaml"
    before = loaded(tmp_path, small())
    file.write_text("# A remark.\n\n" + file.read_text())
    assert diff(before, load(file)).changes == ()


def test_questions_added_removed_and_reworded_are_told(tmp_path: Path) -> None:
    asked = small()["questions"]
    old = small(questions=[*asked, question("gone")])
    new = small(questions=[{**asked[0], "ask": "Is it sore?"}, asked[1], question("fresh")])
    found = compared(tmp_path, old, new)
    assert told(found) == {
        ("question", "gone", "removed"),
        ("question", "fresh", "added"),
        ("question", "hurts", "reworded"),
    }
    assert found.no_flag_quieter


def test_an_answer_that_holds_for_longer_is_told(tmp_path: Path) -> None:
    asked = small()["questions"]
    old, new = (
        small(questions=[{**asked[0], "fresh_for": days}, *asked[1:]]) for days in ("7 days", "28 days")
    )
    assert told(compared(tmp_path, old, new)) == {("question", "hurts", "changed")}


def test_a_flag_that_no_longer_rises_is_shown_with_a_patient(tmp_path: Path) -> None:
    found = compared(tmp_path, with_flag("yes", "no"), with_flag("yes"))
    assert told(found) == {("flag", "fever", "no longer rises")}
    (lost,) = found.quieter
    assert (lost.code, lost.witness) == ("flag-quieter", {"hurts": "no"})


def test_a_flag_that_now_rises_is_no_loss(tmp_path: Path) -> None:
    found = compared(tmp_path, with_flag("yes"), with_flag("yes", "no"))
    assert told(found) == {("flag", "fever", "now rises")}
    assert found.no_flag_quieter


QUIETER: dict[str, dict[str, Any]] = {
    "gone": {"flags": []},
    "handled with less care": {"handling": "arrange"},
    "reception no longer told": {"say": {"clinician": "Look."}},
}


@pytest.mark.parametrize("how", QUIETER)
def test_less_said_of_a_flag_is_quieter(tmp_path: Path, how: str) -> None:
    change = QUIETER[how]
    new = small(flags=[]) if "flags" in change else with_flag("yes", **change)
    found = compared(tmp_path, with_flag("yes"), new)
    assert codes(list(found.quieter)) == {"flag-quieter"}


def test_more_care_is_no_loss(tmp_path: Path) -> None:
    assert compared(tmp_path, with_flag("yes", handling="arrange"), with_flag("yes")).no_flag_quieter


def test_a_new_clearing_answer_is_seen(tmp_path: Path) -> None:
    asked = small()["questions"]
    answers = [
        {"id": one, "label": one.title(), "clears": one in ("no", "other")}
        for one in ("yes", "no", "not_sure")
    ]
    old = small(questions=[asked[0], {**asked[1], "answers": answers}])
    more = [*answers, {"id": "other", "label": "Does not apply", "clears": True}]
    new = small(questions=[asked[0], {**asked[1], "answers": more}])
    found = compared(tmp_path, old, new)
    assert [one.witness for one in found.quieter] == [{"fever": "other"}]


def test_a_question_asked_of_fewer_takes_its_flag_along(tmp_path: Path) -> None:
    questions = [question("hurts"), question("sleep", ask_when={"hurts": ["yes", "not_sure"]})]
    flags = [flag("sleep", {"sleep": "yes"})]
    old = small(questions=questions, flags=flags)
    new = small(questions=[questions[0], {**questions[1], "ask_when": {"hurts": "yes"}}], flags=flags)
    found = compared(tmp_path, old, new)
    assert told(found) == {("question", "sleep", "no longer asked"), ("flag", "sleep", "no longer rises")}


def test_indicators_tell_from_which_state_to_which(tmp_path: Path) -> None:
    rule = small()["indicators"][0]
    new = small(indicators=[{**rule, "matched_when": {"hurts": "no"}, "possible_when": {"hurts": "yes"}}])
    moves = {(one.before, one.after) for one in compared(tmp_path, small(), new).changes}
    assert moves == {("matched", "possible"), ("not_reported", "matched")}


def _numbers(kind: str, when: dict[str, Any], **keys: Any) -> dict[str, Any]:
    asked = {"id": "n", "ask": "How much?", "type": kind, "hint": "Like this", **keys}
    return small(questions=[asked], flags=[flag("n", {"n": when})], indicators=[])


BOUNDS = [
    ("number", {"range": [0, 9]}, {"range": [0, 5]}, {"at_least": 3}, {"at_least": 3}, True),
    ("number", {}, {}, {"at_least": 3}, {"at_least": 4}, True),
    ("number", {}, {}, {"at_least": 4}, {"at_least": 3}, False),
    ("number", {"decimals": 1}, {}, {"at_least": 3}, {"at_least": 3}, True),
    ("number", {}, {"decimals": 1}, {"at_least": 3}, {"at_least": 3}, False),
    ("scale", {}, {}, {"at_most": 4}, {"at_most": 3}, True),
    ("date", {}, {}, {"at_least": "2020-01-01"}, {"at_least": "2020-01-02"}, True),
    ("date", {"partial": True}, {}, {"at_least": "2020-01-01"}, {"at_least": "2020-01-01"}, True),
    ("date", {}, {"partial": True}, {"at_least": "2020-01-01"}, {"at_least": "2020-01-01"}, False),
]


@pytest.mark.parametrize(("kind", "before", "after", "was", "now", "quieter"), BOUNDS)
def test_numbers_scales_and_dates_are_compared_at_their_cut_points(
    tmp_path: Path, kind: str, before: Any, after: Any, was: Any, now: Any, quieter: bool
) -> None:
    found = compared(tmp_path, _numbers(kind, was, **before), _numbers(kind, now, **after))
    assert bool(found.quieter) is quieter
    _holds(found)


def _holds(found: Difference) -> None:
    """Each witness is what the engine makes of it."""
    for one in found.changes:
        if one.kind == "flag" and one.witness is not None and one.what != "removed":
            before, after = (_raised(rule_set, one.witness)[one.id] for rule_set in (found.old, found.new))
            assert (before, after) == (one.what == "no longer rises", one.what == "now rises")


def _raised(rule_set: RuleSet, patient: dict[str, Any]) -> dict[str, bool]:
    return {flag.id: flag.raised for flag in assess(rule_set, patient).flags}


@pytest.mark.parametrize("seed", range(25))
def test_every_difference_is_found_and_none_is_invented(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    found = compared(tmp_path, _random(dice), _random(dice))
    _holds(found)
    told = {(one.id, one.what) for one in found.changes if one.kind == "flag" and "rises" in one.what}
    truth = set()
    for patient in _patients(found.old, found.new):
        before, after = _raised(found.old, patient), _raised(found.new, patient)
        truth |= {(name, "now rises") for name in before if after[name] and not before[name]}
        truth |= {(name, "no longer rises") for name in before if before[name] and not after[name]}
    assert told == truth


def _random(dice: random.Random) -> dict[str, Any]:
    questions: list[dict[str, Any]] = []
    for name in ("a", "b", "c"):
        kind = dice.choice(["choose_one", "choose_many"])
        offered = dice.sample(CHOICES, dice.randint(2, 3))
        safety = dice.random() < 0.5 and "not_sure" in offered
        answers = [
            {"id": one, "label": one, "alone": kind == "choose_many" and dice.random() < 0.4}
            for one in offered
        ]
        asked: dict[str, Any] = {"id": name, "ask": name, "type": kind, "answers": answers, "safety": safety}
        if questions and not safety and dice.random() < 0.6:
            asked["ask_when"] = _condition(dice, questions)
        questions.append(asked)
    flags = [flag(name, _condition(dice, questions)) for name in ("x", "y")]
    return small(questions=questions, flags=flags, indicators=[])


def _condition(dice: random.Random, questions: list[dict[str, Any]]) -> dict[str, Any]:
    leaves = []
    for asked in dice.sample(questions, dice.randint(1, len(questions))):
        offered = [answer["id"] for answer in asked["answers"]]
        leaves.append({asked["id"]: dice.sample(offered, dice.randint(1, len(offered)))})
    return {dice.choice(["all", "any"]): leaves}


def _patients(old: RuleSet, new: RuleSet) -> Iterator[dict[str, Any]]:
    """Every patient that either rule set can have."""
    each = []
    for name in old.by_id:
        held = [*_stored(old.by_id[name]), *_stored(new.by_id[name])]
        each.append([None, *(one for at, one in enumerate(held) if one not in held[:at])])
    for answers in product(*each):
        yield {name: one for name, one in zip(old.by_id, answers, strict=True) if one is not None}


def _stored(asked: Question) -> Iterator[Any]:
    ids = [answer.id for answer in asked.answers]
    yield from ids
    if asked.type == "choose_many":
        chosen = (list(those) for size in (1, 2, 3) for those in combinations(ids, size))
        yield from (those for those in chosen if asked.read(those) is not None)


def test_the_shipped_rule_set_differs_from_another_treatment() -> None:
    old, new = (
        load(SHIPPED / f"{name}.yaml") for name in ("example-knee-injection", "lumbar-sympathetic-block")
    )
    found = diff(old, new)
    assert found.no_flag_quieter  # both take their flags from the same blocks, and one has more
    assert {one.kind for one in found.changes} == {"question", "indicator", "flag", "rule set"}


URGENT = [
    {"id": "now", "level": "emergency", "heading": "Call 999 if:", "items": ["a leg is cold", "you faint"]},
    {
        "id": "soon",
        "level": "urgent",
        "heading": "Call 111 if:",
        "items": ["a leg swells"],
        "after": "Or ask.",
    },
]
WEAKER: dict[str, list[dict[str, Any]]] = {
    "all gone": [],
    "one gone": URGENT[1:],
    "less pressing": [{**URGENT[0], "level": "urgent"}, URGENT[1]],
    "another advice": [{**URGENT[0], "heading": "Wait for your GP if:"}, URGENT[1]],
    "a sign gone": [{**URGENT[0], "items": ["you faint"]}, URGENT[1]],
    "a word gone": [URGENT[0], {key: value for key, value in URGENT[1].items() if key != "after"}],
    "later": URGENT[::-1],
}


@pytest.mark.parametrize("how", WEAKER)
def test_a_notice_that_says_less_is_quieter(tmp_path: Path, how: str) -> None:
    found = compared(tmp_path, small(urgent=URGENT), small(urgent=WEAKER[how]))
    assert "notice" in {change.kind for change in found.changes}
    assert codes(list(found.quieter)) == {"notice-quieter"}


AGES: list[tuple[dict[str, int], dict[str, int], int]] = [
    ({"at_least": 18}, {"at_least": 16}, 1),
    ({"at_least": 18}, {}, 1),
    ({"at_least": 16}, {"at_least": 18}, 0),
    ({}, {"at_least": 18}, 0),
    ({"at_most": 17}, {"at_most": 18}, 1),
    ({"at_most": 17}, {}, 1),
    ({"at_most": 17}, {"at_most": 16}, 0),
    ({}, {"at_most": 17}, 0),
    ({"at_least": 5, "at_most": 17}, {"at_most": 17}, 1),
    ({"at_least": 5, "at_most": 17}, {"at_least": 5}, 1),
    ({"at_least": 5, "at_most": 17}, {"at_least": 4, "at_most": 18}, 2),
    ({"at_most": 17}, {"at_least": 18}, 1),  # a slip in the key
    ({"at_least": 5}, {"at_least": 5, "at_most": 17}, 0),
]


@pytest.mark.parametrize(("before", "after", "quieter"), AGES)
def test_an_age_rule_that_asks_fewer_to_ring_is_quieter(
    tmp_path: Path, before: dict[str, int], after: dict[str, int], quieter: int
) -> None:
    born = {"id": "born", "ask": "When?", "type": "date", "contact": "birth_date"}
    old, new = (
        {
            **small(),
            "questions": [*small()["questions"], born],
            **({"age": age} if age else {}),
        }
        for age in (before, after)
    )
    found = compared(tmp_path, old, new)
    assert {change.kind for change in found.changes} == {"rule set"}
    assert len(found.quieter) == quieter


def test_a_notice_that_says_more_is_no_loss(tmp_path: Path) -> None:
    more = [{**URGENT[0], "items": [*URGENT[0]["items"], "you cannot speak"]}, URGENT[1]]
    found = compared(tmp_path, small(urgent=URGENT[:1]), small(urgent=more))
    assert {change.kind for change in found.changes} == {"notice"}
    assert found.no_flag_quieter
