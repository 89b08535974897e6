"""Cases: whatever a case says wrongly is a surprise, and a cases file that cannot be used is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.authoring.cases import Cases, check_cases, load_cases, run
from screening.authoring.generate import generate
from screening.authoring.written_cases import as_yaml
from screening.core.errors import RuleSetError
from screening.core.rules import RuleSet
from tests.core.making import flag, indicator, load_data, question, rule_set

SMALL = load_data(
    rule_set(
        [question("ill", safety=True), question("words", "text", ask_when={"ill": "yes"})],
        indicators=[indicator("i", {"ill": "yes"})],
        flags=[flag("f", {"ill": "yes"}, say={"clinician": "Look."}), flag("g", {"ill": "yes"})],
    )
)
HEAD = "schema: screening-cases/1\nrule_set: t\nusual: {ill: no}\ncases:\n"


def cases(folder: Path, *lines: str) -> Cases:
    file = folder / "t.cases.yaml"
    file.write_text(HEAD + "".join(f"  - {line}\n" for line in lines), encoding="utf-8")
    return load_cases(file)


def surprises(folder: Path, expect: str, differs: str = "{}", rule_set: RuleSet = SMALL) -> set[str]:
    written = cases(folder, f"{{case: One., differs: {differs}, expect: {expect}}}")
    check_cases(rule_set, written)
    return {one.about for one in run(rule_set, written)}


@pytest.mark.parametrize(
    ("differs", "expect"),
    [
        ("{}", "{indicators: {i: not_reported}, flags: {f: not_raised}, not_asked: [words]}"),
        ("{}", "{no_other_flags: true}"),
        ("{ill: yes}", "{indicators: {i: matched}, flags: {f: answered, g: answered}, asked: [words]}"),
        ("{ill: null}", "{flags: {f: not_answered, g: {reason: not_answered, handling: arrange, told: []}}}"),
        ("{ill: not_sure}", "{flags: {f: {told: [clinician]}, g: not_sure}, no_other_flags: true}"),
    ],
)  # fmt: skip
def test_what_comes_as_expected_is_no_surprise(tmp_path: Path, differs: str, expect: str) -> None:
    assert surprises(tmp_path, expect, differs) == set()


@pytest.mark.parametrize(
    ("expect", "about"),
    [
        ("{indicators: {i: not_reported}}", "indicator i"),
        ("{flags: {f: not_raised}}", "flag f, reason"),
        ("{flags: {f: not_sure}}", "flag f, reason"),
        ("{flags: {f: {handling: discuss_at_consultation}}}", "flag f, handling"),
        ("{flags: {f: {told: [patient]}}}", "flag f, told"),
        ("{flags: {f: answered}, no_other_flags: true}", "flag g"),
        ("{asked: [ill], not_asked: [words]}", "question words"),
    ],
)
def test_what_comes_otherwise_is_a_surprise(tmp_path: Path, expect: str, about: str) -> None:
    assert surprises(tmp_path, expect, "{ill: yes}") == {about}


def _labelled(*labels: str) -> RuleSet:
    """A rule set in which these are what patients read for yes, no and not sure."""
    names = ("yes", "no", "not_sure")
    answers = [{"id": name, "label": label} for name, label in zip(names, labels, strict=True)]
    return load_data(
        rule_set(
            [question("ill", safety=True, answers=answers), question("sick", "choose_many", answers=answers)],
            flags=[flag("f", {"any": [{"ill": "yes"}, {"sick": "yes"}]})],
        )
    )


@pytest.mark.parametrize("differs", ["{ill: 'Yes, I am'}", "{sick: ['Yes, I am']}"])
def test_a_case_that_speaks_in_labels_notices_that_two_were_swapped(tmp_path: Path, differs: str) -> None:
    written = cases(tmp_path, f"{{case: A., differs: {differs}, expect: {{flags: {{f: answered}}}}}}")
    right, swapped = (_labelled(*labels) for labels in (("Yes, I am", "No", "?"), ("No", "Yes, I am", "?")))
    assert not list(run(right, check_cases(right, written)))
    assert [found.about for found in run(swapped, check_cases(swapped, written))] == ["flag f, reason"]


def test_a_generated_case_speaks_in_labels() -> None:
    asked = _labelled("Yes, I am", "No", "not_sure")
    written = as_yaml(
        asked, {"ill": "no", "sick": ["yes", "no"]}, generate(asked, {"ill": "no", "sick": ["no"]}).cases
    )
    assert "ill: 'No'" in written
    assert 'sick: ["Yes, I am"' in written or "sick: ['Yes, I am', 'No']" in written


def test_whatever_the_rule_set_has_not_is_named(tmp_path: Path) -> None:
    written = cases(
        tmp_path,
        "{case: A, differs: {nobody: yes, ill: maybe}, expect: {indicators: {x: matched}, flags: {y: {}}}}",
        "{case: B., expect: {asked: [z], not_asked: [w]}}",
    )
    with pytest.raises(RuleSetError) as caught:
        check_cases(SMALL, written)
    told = [(problem.place.line, problem.message) for problem in caught.value.problems]
    for line, name in [(5, "nobody"), (5, "maybe"), (5, "x"), (5, "y"), (6, "z"), (6, "w")]:
        assert any(at == line and f'"{name}"' in what for at, what in told)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("{case: A., expect: {flags: {f: {reason: answered, colour: red}}}}", 55),
        ("{case: A., expect: {flags: {f: perhaps}}}", 36),
        ("{case: A., expect: {indicators: {i: perhaps}}}", 41),
        ("{case: A., expcet: {}, expect: {}}", 16),
        ("{case: A.}", 5),
        ("words", 5),
    ],
)
def test_a_broken_case_is_refused_where_it_stands(tmp_path: Path, line: str, column: int) -> None:
    with pytest.raises(RuleSetError) as caught:
        cases(tmp_path, line)
    assert {(one.place.line, one.place.column) for one in caught.value.problems} == {(5, column)}


def test_cases_of_another_rule_set_are_told_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(RuleSetError) as caught:
        check_cases(
            SMALL, cases(tmp_path, "{case: One., expect: {}}").model_copy(update={"rule_set": "thumb"})
        )
    assert [problem.place.line for problem in caught.value.problems] == [2]


def test_an_answer_that_is_none_is_told_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "t.cases.yaml"
    lines = [
        "schema: screening-cases/1", "rule_set: t", "usual:", "  words: x", "  ill: perhaps", "cases:",
        "  - case: One.", "    expect: {}", "    differs:", "      ill: yes", "      pregnent: yes",
    ]  # fmt: skip
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(RuleSetError) as caught:
        check_cases(SMALL, load_cases(file))
    assert [(problem.place.line, problem.place.column) for problem in caught.value.problems] == [
        (5, 3),
        (11, 7),
    ]


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"\x00", b"- a", b"words", b"cases: 5", b"cases: [5]", b"{"]
)
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "t.cases.yaml"
    file.write_bytes(content)
    with pytest.raises(RuleSetError):
        load_cases(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for file in (tmp_path / "absent", tmp_path):
        with pytest.raises(RuleSetError) as caught:
            load_cases(file)
        assert [problem.code for problem in caught.value.problems] == ["unreadable"]
