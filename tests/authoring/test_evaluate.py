"""`screening rules evaluate`: exact JSON, or exit 2 with every problem named."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from screening.cli.rules import rules
from screening.core.loading import load

RULE_SET = """\
schema: screening/1
id: small
version: 1.2.3
title: Small
questions:
  - {id: ill, ask: Ill?, type: choose_one, safety: true, answers: yes_no_not_sure}
  - {id: words, ask: What?, type: text, ask_when: {ill: yes}}
  - {id: where, ask: Where?, type: choose_many, answers: [{id: leg, label: Leg}, {id: arm, label: Arm}]}
  - {id: bad, ask: How bad?, type: scale}
  - {id: nights, ask: Nights?, type: number, range: [0, 7]}
  - {id: day, ask: When?, type: date}
indicators:
  - {id: leg, label: Leg, matched_when: {where: leg}, possible_when: {bad: {at_least: 5}}}
flags:
  - {id: ill, label: Ill, raise_when: {ill: [yes, not_sure]}, handling: review_before_booking}
  - {id: nights, label: Nights, raise_when: {nights: {at_least: 3}}, handling: arrange}
"""
SOUND = {"ill": "no", "where": ["arm"], "bad": 7, "nights": 1, "day": "2026-01-31"}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(RULE_SET, encoding="utf-8")
    return file


def evaluate(rule_set: Path, answers: Path) -> Result:
    return CliRunner().invoke(rules, ["evaluate", str(rule_set), "--answers", str(answers)])


def written(folder: Path, answers: object) -> Path:
    file = folder / "answers.json"
    content = answers if isinstance(answers, bytes) else json.dumps(answers).encode()
    file.write_bytes(content)
    return file


def found(small: Path, answers: dict[str, Any]) -> Any:
    result = evaluate(small, written(small.parent, answers))
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(result: Result) -> list[str]:
    """The lines of a refusal, which is all there is: no JSON, no traceback."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines
    assert "Traceback" not in result.stderr
    return lines


def test_the_whole_answer(small: Path) -> None:
    answers = SOUND | {"ill": "not_sure", "words": "hidden", "nights": 3, "day": None}
    assert found(small, answers) == {
        "rule_set": {"id": "small", "version": "1.2.3", "digest": load(small).digest},
        "asked": ["ill", "where", "bad", "nights", "day"],
        "unanswered": ["day"],
        "ignored": ["words"],
        "indicators": {"leg": "possible"},
        "flags": {
            "ill": {
                "handling": "review_before_booking",
                "because": [{"question": "ill", "answer": "not_sure", "reason": "not_sure"}],
            },
            "nights": {
                "handling": "arrange",
                "because": [{"question": "nights", "answer": 3, "reason": "answered"}],
            },
        },
    }


def test_only_raised_flags_are_there(small: Path) -> None:
    assert found(small, SOUND)["flags"] == {}


def test_no_answers_at_all_raise_every_safety_flag(small: Path) -> None:
    data = found(small, {})
    assert data["flags"]["ill"]["because"] == [{"question": "ill", "answer": None, "reason": "not_answered"}]
    assert data["unanswered"] == data["asked"]
    assert data["indicators"] == {"leg": "not_reported"}


def test_one_id_may_stand_for_a_list_of_one(small: Path) -> None:
    assert found(small, SOUND | {"where": "leg"})["indicators"] == {"leg": "matched"}


WRONG: dict[str, Any] = {
    "ill": "perhaps", "words": "", "where": ["leg", "moon"], "bad": 11, "nights": "3", "day": "2026-02-30",
    "nobody": "yes",
}  # fmt: skip


def test_every_unknown_question_and_answer_is_named(small: Path) -> None:
    lines = refused(evaluate(small, written(small.parent, WRONG)))
    assert len(lines) == len(WRONG)
    for name in WRONG:
        assert any(f'"{name}"' in line for line in lines)


@pytest.mark.parametrize("value", [True, [], {}, [1], [["leg"]], 0.5, -1, "x" * 10_000, 10**30, {"a": "b"}])
def test_a_wrong_kind_of_answer_is_named(small: Path, value: object) -> None:
    for name in ("ill", "where", "bad", "nights", "day"):
        (line,) = refused(evaluate(small, written(small.parent, {name: value})))
        assert f'"{name}"' in line


def test_every_problem_of_a_broken_rule_set_is_named_with_its_place(small: Path) -> None:
    small.write_text(
        RULE_SET.replace("{ill: yes}", "{il: yes}").replace("arrange", "never"), encoding="utf-8"
    )
    lines = refused(evaluate(small, written(small.parent, SOUND)))
    assert [line.split(": ")[0].rsplit("small.yaml")[-1] for line in lines] == [":7:52", ":16:80"]


BROKEN = [
    b"",
    b"{",
    b'{"ill": }',
    b"[]",
    b'"words"',
    b"null",
    b"\xff\xfe",
    b"\x00",
    bytes(range(256)),
    b"[" * 100_000,
]
BROKEN += [
    b'{"ill": "\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"nights": ' + b"9" * 5_000 + b"}",
    b'{"a": 1} {"b": 2}',
]


@pytest.mark.parametrize("content", BROKEN, ids=lambda content: repr(content[:20]))
def test_broken_answers_are_refused(small: Path, content: bytes) -> None:
    assert "answers.json" in refused(evaluate(small, written(small.parent, content)))[0]


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"\x00", b"%PDF-1.7", b"a: [", b"- a", bytes(range(256))]
)
def test_broken_rule_sets_are_refused(small: Path, content: bytes) -> None:
    small.write_bytes(content)
    assert "small.yaml:" in refused(evaluate(small, written(small.parent, SOUND)))[0]


def test_not_a_number_is_not_an_answer(small: Path) -> None:
    for word in (b"NaN", b"Infinity", b"-Infinity", b"1e999"):
        refused(evaluate(small, written(small.parent, b'{"nights": ' + word + b', "bad": ' + word + b"}")))


def test_missing_files_and_folders_are_refused(small: Path) -> None:
    sound, absent, folder = written(small.parent, SOUND), small.parent / "absent", small.parent
    for rule_set, answers in [
        (absent, sound),
        (folder, sound),
        (small, absent),
        (small, folder),
        (absent, absent),
    ]:
        assert refused(evaluate(rule_set, answers))


@given(st.dictionaries(st.text(max_size=8) | st.sampled_from(list(SOUND)), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5), max_size=4))  # fmt: skip
def test_any_answers_are_evaluated_or_refused(
    tmp_path_factory: pytest.TempPathFactory, answers: dict[str, Any]
) -> None:
    small = tmp_path_factory.getbasetemp() / "small.yaml"
    small.write_text(RULE_SET, encoding="utf-8")
    result = evaluate(small, written(small.parent, answers))
    assert result.exit_code == 0 or refused(result)


def test_it_runs_from_the_command_line_and_prints_utf_8_in_any_locale(small: Path) -> None:
    arguments = [
        "rules",
        "evaluate",
        str(small),
        "--answers",
        str(written(small.parent, {"bad": 5, "é": "x"})),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "screening", *arguments],
        capture_output=True,
        env={"LC_ALL": "C", "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == b""
    assert '"é"' in done.stderr.decode("utf-8")
