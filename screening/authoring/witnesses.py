"""Patients for whom a claim failed, as cases that fail until the rules are mended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from screening.authoring.files import WITNESSES
from screening.core.answers import NOT_SURE
from screening.core.assessment import Assessment, assess
from screening.core.findings import Problem
from screening.core.loading import beside
from screening.core.rules import Question, RuleSet
from screening.core.serialising import Plain, as_yaml
from screening.core.stored import Stored
from screening.storage.files import write


def write_cases(file: Path, rule_set: RuleSet, problems: Sequence[Problem]) -> Path | None:
    """Writes `<id>.witnesses.cases.yaml`; None where no problem has a patient. Raises RuleSetError."""
    shown = [problem for problem in problems if problem.witness is not None]
    if not shown:
        return None
    cases = [_case(rule_set, problem, problem.witness or {}) for problem in shown]
    data = {"schema": "screening-cases/1", "rule_set": rule_set.id, "usual": {}, "cases": cases}
    path = beside(file, WITNESSES)
    write(path, as_yaml(data).encode())
    return path


def _case(rule_set: RuleSet, problem: Problem, witness: Stored) -> Plain:
    assessment = assess(rule_set, witness)
    wanted: dict[str, object] = {}
    if problem.code in ("hidden-safety", "hidden-by-another"):
        wanted = {
            "asked": [question.id for question in rule_set.questions if question.place == problem.place]
        }
    elif problem.code == "lost-answer":
        wanted = {"flags": _owed(rule_set, assessment)}
    # of the other claims only a person can say what should come of this patient
    expect = {key: value for key, value in wanted.items() if value} or _as_it_is(assessment)
    return {
        "case": f"{problem.code}: {problem.message}",
        "signed_off": None,
        "differs": dict(witness),
        "expect": expect,
    }


def _as_it_is(assessment: Assessment) -> Plain:
    return {"asked": list(assessment.path.asked)}


def _owed(rule_set: RuleSet, assessment: Assessment) -> dict[str, str]:
    """For each answer that should raise a flag and meets the condition of none: the flags that name it."""
    owed: dict[str, str] = {}
    for name, counted in assessment.path.answers.items():
        question = rule_set.by_id[name]
        if question.safety and not _clears(question, counted):
            naming = [flag for flag in rule_set.flags if name in flag.looks_at]
            if not any(flag.met(assessment.path.answers) for flag in naming):
                unsure = counted in (NOT_SURE, frozenset({NOT_SURE}))
                owed |= {flag.id: "not_sure" if unsure else "answered" for flag in naming}
    return owed


def _clears(question: Question, counted: Any) -> bool:
    chosen = counted if isinstance(counted, frozenset) else {counted}
    return all(answer.clears for answer in question.answers if answer.id in chosen)
