"""Of one thing nobody is told as of several."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from screening.cli import main
from screening.core.wording import so_many
from screening.web.door import service_of
from tests.actors import Patient
from tests.authoring.writing import small, written
from tests.conftest import MakeApp
from tests.sending import sends

OF_ONE = re.compile(r"\b1 [a-z-]+( [a-z-]+)?s\b")  # 1 requests, 1 sealed parts
SEVERAL = re.compile(r"\b1 [a-z-]+s\b|\b1 [a-z]+ (are|change|have|hold|speak|wait|were)\b")  # 1 claim hold


def test_a_number_has_its_word() -> None:
    assert [so_many(number, "request") for number in (0, 1, 2)] == ["0 requests", "1 request", "2 requests"]


def test_a_number_has_its_verb() -> None:
    said = [so_many(number, "claim", "holds", "hold") for number in (0, 1, 2)]
    assert said == ["0 claims hold", "1 claim holds", "2 claims hold"]


def test_a_rule_set_with_one_of_everything_is_told_as_of_one(tmp_path: Path) -> None:
    asks = {"id": "words", "ask": "Anything else?", "type": "text"}
    file = written(tmp_path, small(questions=[asks], indicators=[], flags=[]))
    cases = {"schema": "screening-cases/1", "rule_set": "thumb", "usual": {"words": "No."}}
    only = {"case": "All is well.", "expect": {"asked": ["words"]}}
    written(tmp_path, {**cases, "cases": [only]}, "thumb.cases.yaml")
    said = {
        command: CliRunner().invoke(main, ["rules", command, str(file)]).output
        for command in ("check", "prove", "cases", "next")
    }
    assert all(re.search(r"\b1\b", said[command]) for command in ("prove", "cases"))
    assert not any(map(SEVERAL.search, said.values())), said


def test_commands_that_find_one_thing_say_one(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = sends(service_of(make_app()))
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "instance"))

    def says(*line: str) -> str:
        return CliRunner().invoke(main, [*line]).output

    who = ("--i-am", "Alex Frost")
    said = [
        says("audit", "verify", "--head", "1-0"),
        says("person", "export", reference, *who, "--to", str(tmp_path / "copy")),
        says("person", "correct", reference, *who, "--says", "The surname is Quince."),
    ]
    assert all(re.search(r"\b1\b", each) for each in said)
    assert not any(map(OF_ONE.search, said)), said


@pytest.mark.parametrize("hours", [1, 2])
def test_patients_are_told_of_one_hour_as_of_one(make_app: MakeApp, hours: int) -> None:
    page = Patient(make_app(draft_hours=hours)).client.get("/privacy").get_data(as_text=True)
    assert bool(re.search(r"\b1 hour\b", page)) == (hours == 1)
    assert not OF_ONE.search(page)
