"""Coverage counts what cases expect; failures lead to the rule; witnesses become cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from screening.authoring.cases import Cases, check_cases, load_cases
from screening.authoring.coverage import coverage, failures, missing
from screening.authoring.witnesses import write_cases
from screening.core import documents
from screening.core.loading import load
from screening.core.serialising import as_yaml
from screening.proving.prove import prove
from tests.authoring.writing import SHIPPED, flag, loaded, question, small

USUAL = {"hurts": "yes", "fever": "no"}


def _cases(folder: Path, *cases: dict[str, Any]) -> Cases:
    listed = [{"case": f"Case {number}.", **case} for number, case in enumerate(cases)]
    data = {"schema": "screening-cases/1", "rule_set": "thumb", "usual": USUAL, "cases": listed}
    (folder / "thumb.cases.yaml").write_text(as_yaml(data))
    return load_cases(folder / "thumb.cases.yaml")


def test_only_what_a_case_expects_counts(tmp_path: Path) -> None:
    rule_set = loaded(tmp_path, small())
    found = coverage(rule_set, [_cases(tmp_path, {"expect": {"indicators": {"pain": "matched"}}})])
    assert dict(found.indicators["pain"]) == {"matched": 1, "not_reported": 0}
    assert set(found.flags["fever"].values()) == {0}
    assert found.answers["hurts"]["yes"] == 1


def test_no_other_flags_speaks_of_every_flag(tmp_path: Path) -> None:
    found = coverage(loaded(tmp_path, small()), [_cases(tmp_path, {"expect": {"no_other_flags": True}})])
    assert found.flags["fever"]["not_raised"] == 1


def test_each_thing_that_no_case_expects_is_missing(tmp_path: Path) -> None:
    data = small(questions=[*small()["questions"], question("more", ask_when={"hurts": "yes"})])
    rule_set = loaded(tmp_path, data)
    places = {one.place for one in missing(rule_set, coverage(rule_set, []))}
    assert places == {rule_set.indicators[0].place, rule_set.flags[0].place, rule_set.questions[2].place}


def test_the_shipped_cases_leave_no_rule_of_the_page_out() -> None:
    file = SHIPPED / "lumbar-sympathetic-block.yaml"
    rule_set, cases = load(file), load_cases(file.with_suffix(".cases.yaml"))
    assert list(missing(rule_set, coverage(rule_set, [cases]))) == []
    assert list(failures(rule_set, cases)) == []


def test_a_failure_says_what_was_expected_what_came_and_where_the_rule_stands(tmp_path: Path) -> None:
    rule_set = loaded(tmp_path, small())
    expect = {"flags": {"fever": "answered"}, "indicators": {"pain": "not_reported"}, "not_asked": ["fever"]}
    found = {one.surprise.about: one for one in failures(rule_set, _cases(tmp_path, {"expect": expect}))}
    assert found["flag fever, reason"].rule == rule_set.flags[0].place
    assert (found["indicator pain"].surprise.expected, found["indicator pain"].surprise.got) == (
        "not_reported",
        "matched",
    )
    assert found["question fever"].problem().witness == USUAL


def test_a_witness_is_a_case_that_fails_until_the_rules_are_mended(tmp_path: Path) -> None:
    broken = small(flags=[flag("fever", {"all": [{"fever": ["yes", "not_sure"]}, {"hurts": "yes"}]})])
    rule_set = loaded(tmp_path, broken)
    path = write_cases(tmp_path / "thumb.yaml", rule_set, prove(rule_set).problems)
    assert path is not None
    cases = load_cases(path)
    check_cases(rule_set, cases)
    assert list(failures(rule_set, cases))
    assert not list(failures(loaded(tmp_path, small()), cases))


def test_words_that_yaml_reads_otherwise_come_back_as_they_were() -> None:
    odd = [
        "yes",
        "no",
        "on",
        "null",
        "true",
        "12:30",
        "1",
        "1.5",
        "",
        "~",
        "a: b",
        "# c",
        "- d",
        "é “x”",
        "a\nb",
        "01",
        "1e3",
    ]
    assert documents.parse(as_yaml({"a": odd}).encode(), "t").plain() == {"a": odd}
    plain: list[Any] = [1, 2.5, True, None, ["x"], {"y": {}}]
    assert documents.parse(as_yaml({"a": plain}).encode(), "t").plain() == {"a": plain}
