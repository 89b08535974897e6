"""Every fault that is planted in the hazard log is found, with its line; the shipped log has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from screening.core import workflow
from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.workflow import Status
from screening.hazards.check import check, state
from screening.hazards.checkout import Checkout
from screening.hazards.covering import promises
from screening.hazards.log import load_log
from screening.hazards.report import TestOutcome

from .making import DAY, LOG, ROOT, VERSION, Change, Data, changed, plain, run_of, tree, unchanged, written

TEST = "test_no_acknowledged_request_is_lost_changed_or_doubled_by_kills"


def named(hazards: list[Data], name: str) -> Data:
    return next(one for one in hazards if one["id"] == name)


def faults(folder: Path, change: Change) -> list[Problem]:
    """What is found after a change, in a run in which every test passed."""
    log = changed(folder, change)
    return list(check(log, tree(), VERSION, run_of(log)).problems)


def test_the_shipped_log_has_no_problem() -> None:
    assert faults_of_shipped() == []


def faults_of_shipped() -> list[Problem]:
    log = load_log(LOG)
    return list(check(log, tree(), VERSION, run_of(log)).problems)


def test_the_shipped_log_is_large_and_holds_the_starters_and_every_row() -> None:
    hazards = plain()["hazards"]
    sources = {source for one in hazards for source in one.get("sources", [])}
    assert len(hazards) >= 40
    assert sources == {f"H{number}" for number in range(1, 13)} | {f"row {number}" for number in range(1, 21)}


def gone(hazards: list[Data]) -> None:
    named(hazards, "request_lost")["controls"][0]["test"] = (
        "tests/faults/test_kill.py::test_that_nobody_wrote"
    )


def file_gone(hazards: list[Data]) -> None:
    named(hazards, "request_lost")["controls"][0]["test"] = "tests/faults/test_gone.py::test_it"


def not_of_tests(hazards: list[Data]) -> None:
    named(hazards, "request_lost")["controls"][0]["test"] = "screening/app.py::create_app"


def page_gone(hazards: list[Data]) -> None:
    named(hazards, "emergency_waits")["controls"][1]["page"] = "templates/patient/gone.html"


def words_gone(hazards: list[Data]) -> None:
    named(hazards, "emergency_waits")["controls"][1]["page"] = (
        "templates/patient/start.html::For emergencies."
    )


def outside(hazards: list[Data]) -> None:
    named(hazards, "emergency_waits")["controls"][1]["page"] = "docs/../Makefile"


def claim_unknown(hazards: list[Data]) -> None:
    named(hazards, "flag_not_raised")["controls"][0]["claim"] = "lost-answers"


def check_unknown(hazards: list[Data]) -> None:
    named(hazards, "taken_for_a_decision")["controls"][1]["check"] = "banned-words"


def case_unknown(hazards: list[Data]) -> None:
    named(hazards, "bleeding")["controls"][0]["case"] = "lumbar-sympathetic-block: Nobody wrote this."


def shown_by_nothing(hazards: list[Data]) -> None:
    named(hazards, "request_lost")["controls"].append({"does": "Somebody takes care."})


def worse_after(hazards: list[Data]) -> None:
    named(hazards, "request_doubled")["residual"] = {"severity": "major", "likelihood": "very_low"}


def likelier_after(hazards: list[Data]) -> None:
    named(hazards, "keys_lost")["residual"] = {"severity": "minor", "likelihood": "very_high"}


def falls_by_itself(hazards: list[Data]) -> None:
    one = named(hazards, "answers_too_old")
    del one["controls"]
    one["residual"] = one["initial"] | {"likelihood": "low"}


def falls_within_its_number(hazards: list[Data]) -> None:
    one = named(hazards, "answers_too_old")
    del one["controls"]
    one["residual"] = one["initial"] | {"severity": "major"}


def nothing_missing(hazards: list[Data]) -> None:
    del named(hazards, "wrong_side")["missing"]


def accepted(name: str, version: str) -> Change:
    def change(hazards: list[Data]) -> None:
        one = named(hazards, name)
        del one["missing"]
        one["accepted"] = {"by": "R. Example", "role": "Officer", "version": version, "because": "Why not."}

    return change


def uncovered(name: str, part: str) -> Change:
    def change(hazards: list[Data]) -> None:
        named(hazards, name)["covers"][part].pop()

    return change


def covers(part: str, what: str) -> Change:
    def change(hazards: list[Data]) -> None:
        named(hazards, "request_doubled")["covers"] = {part: [what]}

    return change


def twice(hazards: list[Data]) -> None:
    hazards.append(named(hazards, "request_doubled"))


FAULTS = [
    (gone, "control-unknown"),
    (file_gone, "control-unknown"),
    (not_of_tests, "control-unknown"),
    (page_gone, "control-unknown"),
    (words_gone, "control-unknown"),
    (outside, "control-unknown"),
    (claim_unknown, "control-unknown"),
    (check_unknown, "control-unknown"),
    (case_unknown, "control-unknown"),
    (shown_by_nothing, "control-unknown"),
    (worse_after, "risk-rose"),
    (likelier_after, "risk-rose"),
    (falls_by_itself, "fall-unshown"),
    (falls_within_its_number, "fall-unshown"),
    (nothing_missing, "risk-left"),
    (accepted("wrong_side", "0.0.9"), "risk-left"),
    (accepted("emergency_waits", VERSION), "risk-left"),
    (uncovered("bleeding", "flags"), "not-covered"),
    (uncovered("emergency_waits", "urgent"), "not-covered"),
    (uncovered("stopped_but_booked", "statuses"), "not-covered"),
    (uncovered("request_lost", "promises"), "not-covered"),
    (covers("flags", "nobody_asks"), "covers-nothing"),
    (covers("urgent", "arm_emergency"), "covers-nothing"),
    (covers("statuses", "waiting"), "covers-nothing"),
    (covers("promises", "nobody is ever late"), "covers-nothing"),
    (covers("promises", "ever"), "covers-nothing"),
    (twice, "duplicate-id"),
]


@pytest.mark.parametrize(("change", "code"), FAULTS)
def test_a_planted_fault_is_found_where_it_stands(tmp_path: Path, change: Change, code: str) -> None:
    (found,) = faults(tmp_path, change)
    assert found.code == code
    assert found.remedy
    lines = (tmp_path / "hazards.yaml").read_text(encoding="utf-8").splitlines()
    assert 1 < found.place.line <= len(lines)


@pytest.mark.parametrize(
    "name",
    [
        f"tests/{'x' * 3000}.py::test_it",
        "tests/stored/21d2bbc.tar.xz::test_it",
        "tests::test_it",
        "tests/hazards/test_check.py",
        "tests/hazards/test_check.py::faults",
        "tests/hazards/../hazards/test_check.py::test_the_shipped_log_has_no_problem",
    ],
)
def test_a_name_of_no_test_is_none_whatever_stands_there(name: str) -> None:
    assert not tree().has_test(name)
    assert not tree().has_page(name.replace("tests/", "docs/"))


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((), "control-not-run"),
        (("failed",), "control-failed"),
        (("skipped",), "control-skipped"),
        (("passed", "skipped"), "control-skipped"),
        (("passed", "skipped", "failed"), "control-failed"),
    ],
)
def test_a_test_that_showed_nothing_in_this_run_is_found(
    tmp_path: Path, outcomes: tuple[TestOutcome, ...], code: str
) -> None:
    log = unchanged(tmp_path)
    found = check(log, tree(), VERSION, run_of(log, {TEST: outcomes})).problems
    assert {one.code for one in found} == {code}
    line = (tmp_path / "hazards.yaml").read_text(encoding="utf-8").splitlines()[found[0].place.line - 1]
    assert TEST in line


def test_a_risk_does_not_fall_by_a_test_that_failed(tmp_path: Path) -> None:
    def change(hazards: list[Data]) -> None:
        one = named(hazards, "request_lost")
        one["controls"] = [{"does": "It is not lost.", "test": f"tests/faults/test_kill.py::{TEST}"}]

    log = changed(tmp_path, change)
    found = check(log, tree(), VERSION, run_of(log, {TEST: ("failed",)})).problems
    assert {one.code for one in found} == {"control-failed", "fall-unshown"}


def test_a_claim_a_check_and_a_case_that_do_not_hold_are_found(tmp_path: Path) -> None:
    names = {
        "claim": "lost-answer",
        "check": "banned-word",
        "case": "lumbar-sympathetic-block: Pregnancy is looked at before booking.",
    }
    rules = tmp_path / "rules"
    (rules / "common" / "words").mkdir(parents=True)
    for file in (ROOT / "rules").rglob("*.yaml"):
        if "example" not in file.name:
            text = file.read_text(encoding="utf-8")
            text = text.replace("{pregnancy: [yes, not_sure]}", "{pregnancy: [not_sure]}")
            text = text.replace("title: Lumbar", "title: Suitable lumbar")
            (rules / file.relative_to(ROOT / "rules")).write_text(text, encoding="utf-8")
    log = unchanged(tmp_path)
    found = check(log, replace(tree(), rules=rules), VERSION).problems
    failed = {one.message for one in found if one.code == "control-failed"}
    assert all(any(f'The {kind} "{name}"' in message for message in failed) for kind, name in names.items())


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    def change(hazards: list[Data]) -> None:
        for one in (gone, worse_after, nothing_missing, uncovered("bleeding", "flags")):
            one(hazards)

    found = faults(tmp_path, change)
    assert [one.code for one in found] == [
        one.code for one in sorted(found, key=lambda problem: problem.order)
    ]
    assert {one.code for one in found} == {"control-unknown", "risk-rose", "risk-left", "not-covered"}


def test_without_a_run_all_but_the_running_is_looked_at(tmp_path: Path) -> None:
    log = changed(tmp_path, gone)
    assert [one.code for one in check(log, tree(), VERSION).problems] == ["control-unknown"]


def test_a_risk_of_three_can_be_accepted_by_name_for_this_version(tmp_path: Path) -> None:
    assert faults(tmp_path, accepted("wrong_side", VERSION)) == []


def test_a_hazard_without_a_control_is_open_and_no_problem(tmp_path: Path) -> None:
    def change(hazards: list[Data]) -> None:
        one = named(hazards, "request_doubled")
        one |= {"controls": [], "initial": one["residual"]}

    log = changed(tmp_path, change)
    found = check(log, tree(), VERSION)
    assert found.problems == ()
    assert sum("request_doubled" in one.message for one in found.warnings) == 1
    assert {one.code for one in found.warnings} == {"hazard-open"}
    assert {one.id: state(one) for one in log.hazards}["request_doubled"] == "open"


def test_a_new_status_wants_a_hazard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(workflow.STATUSES, "put_aside", Status("Put aside"))
    (found,) = faults_of_shipped()
    assert found.code == "not-covered"
    assert "put_aside" in found.message


def test_a_new_promise_of_the_readme_wants_a_hazard(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (tmp_path / "README.md").write_text(f"{readme}\n\nNo photograph is ever lost.\n", encoding="utf-8")
    log = unchanged(tmp_path)
    found = check(log, Checkout(tmp_path, ROOT / "rules", DAY), VERSION).problems
    assert [one.message for one in found if one.code == "not-covered"] == [
        'No hazard covers the promise of the README "No photograph is ever lost.".'
    ]


def test_promises_are_whole_sentences_in_plain_words() -> None:
    readme = (
        "# A\n\nIt does. **Nothing** is\nlost; it `waits`.\n\n```\nnever this\n```\n\n| a | never b | c |\n"
    )
    assert promises(readme) == ("Nothing is lost;", "never b")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["hazards"][0]["residual"].update(risk=1),  # typed, not counted
        lambda data: data["hazards"][0]["residual"].update(severity="huge"),
        lambda data: data["hazards"][0].pop("cause"),
        lambda data: data["hazards"][0].update(signed="R. Example"),
        lambda data: data["hazards"][0]["controls"][0].update(proof="lost-answer"),
        lambda data: data["hazards"][0].update(id="With Blanks"),
        lambda data: data["hazards"][0].update(
            accepted={"by": "", "role": "a", "version": "1", "because": "b"}
        ),
        lambda data: data.update(schema="screening-hazards/2"),
        lambda data: data.pop("hazards"),
    ],
)
def test_what_is_no_log_is_refused_where_it_stands(tmp_path: Path, change: object) -> None:
    data = plain()
    assert callable(change)
    change(data)
    with pytest.raises(RuleSetError) as refused:
        written(tmp_path, data)
    assert all(one.place.file.endswith("hazards.yaml") and one.remedy for one in refused.value.problems)
