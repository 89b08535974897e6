"""What a proof cannot see and may still take a flag away is doubted, until somebody says why it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from screening.authoring.doubts import MUST_ASK
from screening.core.assessment import assess
from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.proving.prove import prove
from tests.authoring.writing import codes, flag, found, loaded, question, small

Data = dict[str, Any]
WEIGHT: Data = {"id": "weight", "ask": "What do you weigh?", "type": "number", "range": [20, 300]}
HEAVY = flag("weight", {"weight": {"at_least": 150}})
REASON = "Only written for a test."


def _with(questions: list[Data], flags: list[Data], **keys: Any) -> Data:
    whole = small(**keys)
    return {**whole, "questions": [*whole["questions"], *questions], "flags": [*whole["flags"], *flags]}


def _yes_no(*labels: str, clears: str = "no") -> list[Data]:
    names = ("yes", "no", "not_sure")
    return [
        {"id": name, "label": label} | ({"clears": True} if name == clears else {})
        for name, label in zip(names, labels, strict=True)
    ]


THINNER = question("thin", ask="Do you take a blood thinner?", safety=True)
KEEP = "Keep taking your medicines unless a doctor tells you to change them."
DOUBTED: dict[str, tuple[str, str, Data]] = {
    "safety dropped from what a flag looks at": (
        "unguarded-flag", "flags.sugar", _with([question("sugar")], [flag("sugar", {"sugar": "yes"})]),
    ),
    "a flag on a number that may stay empty": ("unguarded-flag", "flags.weight", _with([WEIGHT], [HEAVY])),
    "one of two questions is not protected": (
        "unguarded-flag", "flags.two",
        _with([WEIGHT], [flag("two", {"any": [{"fever": "yes"}, {"weight": {"at_least": 150}}]})]),
    ),
    "clears on the answer that raises": (
        "clears-raises", "flags.cold",
        _with(
            [question("cold", safety=True, answers=_yes_no("Yes", "No", "I\u2019m not sure", clears="yes"))],
            [flag("cold", {"cold": ["yes", "not_sure"]})],
            accept=[{"code": "clears-unusual", "where": "questions.cold", "reason": REASON}],
        ),
    ),
    "yes clears": (
        "clears-unusual", "questions.cold",
        _with(
            [question("cold", safety=True, answers=_yes_no("Yes", "No", "I\u2019m not sure", clears="yes"))],
            [flag("cold", {"cold": ["no", "not_sure"]})],
        ),
    ),
    "pregnancy only to arrange": (
        "handling-light", "flags.baby",
        _with(
            [question("baby", ask="Are you pregnant?", safety=True)],
            [flag("baby", {"baby": ["yes", "not_sure"]}, handling="arrange")],
        ),
    ),
    "a question about blood thinners without a word of taking them": (
        "keep-taking", "questions.thin", _with([THINNER], [flag("thin", {"thin": ["yes", "not_sure"]})]),
    ),
    "a flag tells of blood thinners without a word of taking them": (
        "keep-taking", "flags.thin",
        _with(
            [{**THINNER, "hint": KEEP}],
            [flag("thin", {"thin": ["yes", "not_sure"]}, say={
                "clinician": "Look.", "reception": "Wait.", "patient": "We look at your blood thinner."})],
        ),
    ),
    "nobody says when to call 999": ("no-urgent", "rule set", small(status="live")),
    "nobody can be reached": ("no-contact", "rule set", small(status="live")),
    **{f"nothing of {name}": ("no-safety", f"safety.{name}", small(status="live")) for name in MUST_ASK},
}  # fmt: skip


def _accepting(data: Data, *allowed: tuple[str, str], reason: str = REASON) -> Data:
    there = [{"code": code, "where": where, "reason": reason} for code, where in allowed]
    return {**data, "accept": [*data.get("accept", []), *there]}


def _of(problems: list[Problem], code: str) -> list[Problem]:
    return [problem for problem in problems if problem.code == code]


@pytest.mark.parametrize("what", DOUBTED)
def test_a_doubt_is_told_with_its_place_and_can_be_let_stand_with_a_reason(tmp_path: Path, what: str) -> None:
    code, where, data = DOUBTED[what]
    before = _of(found(tmp_path, data), code)
    assert any(where in problem.remedy for problem in before)
    assert all(problem.place.file.endswith("thumb.yaml") and problem.message for problem in before)
    after = found(tmp_path, _accepting(data, (code, where)))
    assert len(_of(after, code)) == len(before) - 1
    assert not codes(after) & {"unused-exception", "no-reason"}


@pytest.mark.parametrize("reason", [".", "Fine.", "It is"])
def test_a_reason_that_says_nothing_is_told(tmp_path: Path, reason: str) -> None:
    code, where, data = DOUBTED["a flag on a number that may stay empty"]
    assert "no-reason" in codes(found(tmp_path, _accepting(data, (code, where), reason=reason)))


def test_what_is_let_stand_without_a_doubt_is_told(tmp_path: Path) -> None:
    told = found(tmp_path, _accepting(small(), ("unguarded-flag", "flags.fever")))
    assert codes(told) == {"unused-exception"}
    assert told[0].place.line > 1


def test_a_reason_is_part_of_what_is_signed(tmp_path: Path) -> None:
    code, where, data = DOUBTED["a flag on a number that may stay empty"]
    digests = {
        loaded(tmp_path, _accepting(data, (code, where), reason=reason)).digest
        for reason in (REASON, REASON, "Somebody else says why.")
    }
    assert len(digests) == 2


@pytest.mark.parametrize(
    "labels",
    [
        ("No", "Yes", "I\u2019m not sure"),
        ("Yes", "I\u2019m not sure", "No"),
        ("I\u2019m not sure", "No", "Yes, I do"),
    ],
)
def test_swapped_labels_are_told(tmp_path: Path, labels: tuple[str, ...]) -> None:
    data = _with([question("cold", safety=True, answers=_yes_no(*labels))], [flag("cold", {"cold": "yes"})])
    assert "label-contradicts" in codes(found(tmp_path, data))


@pytest.mark.parametrize("bounds", [{"at_least": "2026-11-21"}, {"at_most": "2026-11-20"}])
def test_a_day_that_nobody_can_give_yet_is_told(tmp_path: Path, bounds: Data) -> None:
    asked = {"id": "day", "ask": "When?", "type": "date", "hint": "1 1 2020", "past": True}
    data = small(questions=[*small()["questions"], asked])
    late = {"id": "late", "label": "Late", "matched_when": {"day": bounds}, "source": {"none": REASON}}
    early = {**late, "matched_when": {"day": {"at_least": "2026-11-20"}}}
    assert "beyond-today" in codes(found(tmp_path, {**data, "indicators": [late]}))
    assert found(tmp_path, {**data, "indicators": [early]}) == []


GUARDED: list[tuple[Data, Data, list[Any], list[Any]]] = [
    (WEIGHT, {"at_least": 150}, [150, None, 301, "heavy"], [149, 20]),
    ({"id": "weight", "ask": "How bad?", "type": "scale"}, {"at_least": 8}, [8, None, 11], [7]),
    (
        {"id": "weight", "ask": "When?", "type": "date"}, {"at_least": "2026-01-01"},
        ["2026-01-01", None, "2026-02-30", "2026"], ["2025-12-31"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "bounds", "raised", "quiet"), GUARDED)
def test_a_number_a_scale_and_a_date_can_be_safety_questions(
    tmp_path: Path, asked: Data, bounds: Data, raised: list[Any], quiet: list[Any]
) -> None:
    ends = {"low": "None", "high": "All", "hint": "1 1 2020"} if asked["type"] != "number" else {}
    whole = {**asked, **ends, "safety": True, "required": False}
    data = _with([whole], [flag("weight", {"weight": bounds})])
    assert found(tmp_path, {**data, "questions": [*small()["questions"], _own_keys(whole)]}) == []
    rule_set = loaded(tmp_path, {**data, "questions": [*small()["questions"], _own_keys(whole)]})
    assert prove(rule_set).problems == ()
    for stored in (*raised, *quiet):
        usual = {"hurts": "no", "fever": "no", "weight": stored}
        rose = {finding.id for finding in assess(rule_set, usual).raised}
        assert rose == ({"weight"} if stored in raised else set()), stored


def _own_keys(asked: Data) -> Data:
    other = {"scale": ("hint",), "date": ("low", "high")}.get(asked["type"], ())
    return {key: value for key, value in asked.items() if key not in other}


def test_whoever_does_not_know_a_number_can_leave_it_empty(tmp_path: Path) -> None:
    with pytest.raises(RuleSetError) as caught:
        loaded(tmp_path, _with([{**WEIGHT, "safety": True}], [HEAVY]))
    assert codes(list(caught.value.problems)) == {"not-sure-missing"}


def test_guidance_stands_where_the_page_says_nothing(tmp_path: Path) -> None:
    source = {"guidance": "NICE NG89", "reason": "Asked before every needle."}
    data = small(flags=[{**small()["flags"][0], "source": source}])
    assert found(tmp_path, data) == []
    thin = small(flags=[{**small()["flags"][0], "source": {**source, "reason": "Needles."}}])
    assert codes(found(tmp_path, thin)) == {"no-source"}
