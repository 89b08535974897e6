"""Codes of terminologies: looked up, with where they were found, or openly to be verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.core.codings import adds_up
from screening.core.errors import RuleSetError
from screening.core.loading import load, rule_files
from screening.core.questions import Coding
from tests.authoring.writing import SHIPPED, loaded, question, small

DIABETES = {"system": "snomed", "code": "73211009", "display": "Diabetes mellitus", "source": "a value set"}


def coded(codings: object) -> dict[str, object]:
    data = small()
    data["questions"][0] = question("hurts", ask="Does it hurt?", codings=codings)
    return data


@pytest.mark.parametrize(
    ("system", "code"), [("snomed", "73211009"), ("snomed", "152231000119106"), ("loinc", "72514-3")]
)
def test_a_digit_that_was_mistyped_is_told_by_the_check_digit(system: str, code: str) -> None:
    assert adds_up(system, code)
    for at, digit in enumerate(code):
        if digit.isdigit():
            other = str((int(digit) + 1) % 10)
            assert not adds_up(system, f"{code[:at]}{other}{code[at + 1 :]}")


def test_a_code_says_where_it_was_found_or_that_it_is_open(tmp_path: Path) -> None:
    held = loaded(tmp_path, coded([DIABETES])).by_id["hurts"].codings
    assert isinstance(held, tuple)
    assert held[0].code == "73211009"
    assert loaded(tmp_path, coded("to be verified")).by_id["hurts"].codings == "to be verified"


@pytest.mark.parametrize(
    "codings",
    [
        "surely right",
        [],
        [{**DIABETES, "code": "73211008"}],
        [{**DIABETES, "system": "loinc"}],
        [{key: held for key, held in DIABETES.items() if key != "source"}],
    ],
)
def test_what_is_no_code_or_does_not_say_its_source_is_refused(tmp_path: Path, codings: object) -> None:
    with pytest.raises(RuleSetError):
        loaded(tmp_path, coded(codings))


def test_the_codes_that_are_shipped_are_those_of_the_reference() -> None:
    rule_sets = [load(file) for file in rule_files(SHIPPED)]
    held = [question.codings for each in rule_sets for question in each.questions]
    codes = {code.code for each in held if isinstance(each, tuple) for code in each}
    assert codes == {"72514-3", "82810-3", "73211009", "36349006", "128200000"}
    assert all(isinstance(code, Coding) for each in held if isinstance(each, tuple) for code in each)
