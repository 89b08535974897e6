"""What a safety question with its flag costs: two YAML files, and no signature but its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from screening.authoring.cases import load_cases
from screening.authoring.files import GENERATED
from screening.cli.rules import rules
from screening.core.loading import CASES, load
from screening.tracing.trace import trace
from tests.authoring.writing import SHIPPED
from tests.thorough import THOROUGH

NAME = "lumbar-sympathetic-block"
QUESTION = """
  - id: kidney_disease
    ask: Do you have kidney disease?
    type: choose_one
    safety: true
    answers: yes_no_not_sure
"""
FLAG = """
  - id: kidney_disease
    label: May have kidney disease
    raise_when: {kidney_disease: [yes, not_sure]}
    handling: review_before_booking
    say:
      clinician: Check the kidneys before contrast dye.
      reception: A doctor or nurse must look at this request before you book.
      patient: Before we book, a doctor or nurse will look at your answer about your kidneys.
    source: {none: Asked because contrast dye is hard on weak kidneys.}
"""
CASES_OF_IT = """
  - case: Somebody with kidney disease is looked at first.
    differs: {kidney_disease: yes}
    expect: {flags: {kidney_disease: {reason: answered, handling: review_before_booking,
      told: [clinician, reception, patient]}}}
  - case: Somebody who is not sure about their kidneys is looked at first.
    differs: {kidney_disease: not_sure}
    expect: {flags: {kidney_disease: not_sure}}
  - case: Somebody who says nothing of their kidneys is looked at first.
    differs: {kidney_disease: null}
    expect: {flags: {kidney_disease: not_answered}}
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped rules, with every generated case signed."""
    folder = tmp_path / "rules"
    shutil.copytree(SHIPPED, folder)
    generated = folder / f"{NAME}{GENERATED}"
    generated.write_text(generated.read_text().replace("signed_off: null", "signed_off: Dr Robin Example"))
    return folder


def add_question_and_flag(folder: Path) -> Path:
    """The first of the two files; gives the rule set's."""
    block = folder / "common" / "injection-safety.yaml"
    block.write_text(block.read_text().replace("\nflags:\n", f"{QUESTION}\nflags:\n").rstrip() + "\n" + FLAG)
    return folder / f"{NAME}.yaml"


def add_cases(folder: Path) -> None:
    """The second."""
    file = folder / f"{NAME}{CASES}"
    text = file.read_text().replace("  allergies: no\n", "  allergies: no\n  kidney_disease: no\n", 1)
    file.write_text(text.rstrip() + "\n" + CASES_OF_IT)


def run(*arguments: str | Path, code: int = 0) -> Any:
    """What a command of `screening rules` prints for machines."""
    result = CliRunner().invoke(rules, [*map(str, arguments), "--json"])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def signed(folder: Path) -> set[str]:
    return {one.case for one in load_cases(folder / f"{NAME}{GENERATED}").cases if one.signed_off}


def test_a_safety_question_with_its_flag_costs_two_files_and_no_signature(copy: Path) -> None:
    before = signed(copy)
    file = add_question_and_flag(copy)
    add_cases(copy)
    for command in ("check", "prove", "cases"):
        assert run(command, file)["problems"] == []
    assert not [one for one in run("cases", file)["warnings"] if "kidney" in one["message"]]
    if THOROUGH:  # each makes every mistake there is
        assert not [one for one in run("mutate", file)["problems"] if "kidney" in one["message"]]
    run("cases", file, "--generate")
    assert before
    assert signed(copy) == before
    if THOROUGH:
        assert run("mutate", file)["problems"] == []


def test_a_usual_answer_that_is_missing_is_one_problem_with_one_remedy(copy: Path) -> None:
    file = add_question_and_flag(copy)
    (problem,) = run("cases", file, code=1)["problems"]
    assert (problem["code"], Path(problem["file"]).name) == ("usual-missing", f"{NAME}{CASES}")
    assert problem["line"] == load_cases(copy / f"{NAME}{CASES}").at("usual").line
    assert "kidney_disease: no" in problem["remedy"]


def test_cases_are_not_generated_from_a_usual_patient_with_a_hole(copy: Path) -> None:
    file, before = add_question_and_flag(copy), signed(copy)
    (problem,) = run("cases", file, "--generate", code=2)["problems"]
    assert problem["code"] == "usual-missing"
    assert signed(copy) == before


def test_a_flag_with_a_reason_wants_no_statement_of_the_page(copy: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(
        "Who this treatment helps\n• Pain in the leg\n\nSafety note\nTell us if you are pregnant.\n"
    )
    before = trace(copy / f"{NAME}.yaml", load(copy / f"{NAME}.yaml"), page).problems
    file = add_question_and_flag(copy)
    after = trace(file, load(file), page).problems
    assert {one.message for one in after} == {one.message for one in before}
    assert not any("kidney" in one.message for one in after)


def test_a_signature_goes_when_what_the_case_speaks_of_changes(copy: Path) -> None:
    before = signed(copy)
    block = copy / "common" / "injection-safety.yaml"
    text = block.read_text()
    block.write_text(text.replace("label: May be pregnant", "label: May be expecting a child"))
    run("cases", copy / f"{NAME}.yaml", "--generate")
    gone = before - signed(copy)
    assert gone
    assert all("May be pregnant" in sentence for sentence in gone)
