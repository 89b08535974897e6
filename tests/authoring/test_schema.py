"""The JSON Schema takes every shipped file, and refuses what the strict reader refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from screening.authoring import generate, schema, versions, written_cases
from screening.authoring.cases import load_cases
from screening.core import documents
from screening.core.errors import RuleSetError
from screening.core.loading import CASES, WORDS, rule_files
from screening.tracing.fingerprints import Signature, save
from tests.authoring.writing import SHIPPED, flag, loaded, question, small

FILES = [
    *(("rule-set", file) for file in rule_files(SHIPPED)),
    *(("block", file) for file in sorted(SHIPPED.glob("common/*.yaml"))),
    *(("words", file) for file in sorted(SHIPPED.glob(WORDS))),
    *(("cases", file) for file in sorted(SHIPPED.glob(f"*{CASES}"))),
]


def _errors(kind: str, data: Any) -> list[Any]:
    return list(Draft202012Validator(schema.KINDS[kind]()).iter_errors(data))


def _read(file: Path) -> Any:
    return documents.parse(file.read_bytes(), str(file)).plain()


@pytest.mark.parametrize("kind", schema.KINDS)
def test_each_schema_is_one(kind: str) -> None:
    Draft202012Validator.check_schema(schema.KINDS[kind]())


@pytest.mark.parametrize(("kind", "file"), FILES, ids=lambda one: getattr(one, "name", one))
def test_every_shipped_file_is_valid(kind: str, file: Path) -> None:
    assert _errors(kind, _read(file)) == []


def test_what_the_commands_write_is_valid(tmp_path: Path) -> None:
    rule_set = loaded(tmp_path, small())
    kept = Signature(schema_="screening-page/1", rule_set="thumb", version="1.0.0", sections={})
    save(tmp_path / "thumb.yaml", kept)
    assert _errors("page", _read(tmp_path / "thumb.page.yaml")) == []
    usual = {"hurts": "yes", "fever": "no"}
    text = written_cases.as_yaml(rule_set, usual, generate.generate(rule_set, usual).cases)
    (tmp_path / "thumb.generated.cases.yaml").write_text(text)
    assert _errors("cases", _read(tmp_path / "thumb.generated.cases.yaml")) == []
    assert load_cases(tmp_path / "thumb.generated.cases.yaml").cases
    versions.record(tmp_path / "thumb.yaml", rule_set)


def _asks(**changes: Any) -> dict[str, Any]:
    return small(questions=[*small()["questions"], {**question("more"), **changes}])


def _when(condition: Any) -> dict[str, Any]:
    return small(flags=[flag("fever", condition)])


def _of_age(age: dict[str, Any]) -> dict[str, Any]:
    born = {"id": "born", "ask": "When?", "type": "date", "contact": "birth_date"}
    return small(age=age, questions=[*small()["questions"], born])


@pytest.mark.parametrize("age", [{"at_least": 18}, {"at_most": 0}, {"at_least": 5, "at_most": 17}])
def test_an_age_may_have_either_bound_or_both(tmp_path: Path, age: dict[str, Any]) -> None:
    assert _errors("rule-set", _of_age(age)) == []
    assert loaded(tmp_path, _of_age(age)).age is not None


BROKEN: dict[str, dict[str, Any]] = {
    "a key that is none": small(colour="blue"),
    "another schema": small(schema="screening/2"),
    "no title": {key: value for key, value in small().items() if key != "title"},
    "no questions": small(questions=[]),
    "a version of two numbers": small(version="1.0"),
    "a status that is none": small(status="sleeping"),
    "a type that is none": _asks(type="slider"),
    "answers of no type": _asks(type="text", answers="yes_no"),
    "no answers": {**small(), "questions": [{"id": "a", "ask": "A?", "type": "choose_one"}]},
    "ready-made answers that are none": _asks(answers="yes_maybe"),
    "a scale with a range": _asks(type="scale", answers=None, range=[0, 3]),
    "an id with spaces": _asks(id="my question"),
    "a text that is a number": _asks(ask=3),
    "a safety mark that is a word": _asks(safety="yes"),
    "days without their unit": _asks(fresh_for=28),
    "no days": _asks(fresh_for="0 days"),
    "two questions in one condition": _when({"fever": "yes", "hurts": "yes"}),
    "an empty condition": _when({}),
    "a condition with no answers": _when({"fever": []}),
    "a comparison that is none": _when({"fever": {"above": 3}}),
    "all of nothing": _when({"all": []}),
    "a handling that is none": small(flags=[flag("fever", {"fever": "yes"}, handling="refuse")]),
    "an audience that is none": small(flags=[flag("fever", {"fever": "yes"}, say={"press": "Hello"})]),
    "an age of nobody": _of_age({}),
    "an age below none": _of_age({"at_most": -1}),
    "half a year": _of_age({"at_most": 17.5}),
    "an exception without a reason": small(wording={"allow": [{"word": "a", "where": "title"}]}),
}


def test_days_that_an_answer_holds_are_written_as_people_say_them(tmp_path: Path) -> None:
    data = _asks(fresh_for="28 days")
    assert _errors("rule-set", data) == []
    assert loaded(tmp_path, data).by_id["more"].fresh_for == 28


@pytest.mark.parametrize("what", BROKEN)
def test_what_the_reader_refuses_the_schema_refuses(tmp_path: Path, what: str) -> None:
    data = BROKEN[what]
    for asked in data.get("questions", []):
        if asked.get("answers", ...) is None:
            del asked["answers"]
    assert _errors("rule-set", data)
    with pytest.raises(RuleSetError):
        loaded(tmp_path, data)
