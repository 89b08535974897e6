"""The usual patient of a treatment, as its cases file has them: a new question costs the tests nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from screening.authoring.cases import Case, load_cases
from screening.core.journey import walk
from screening.core.loading import CASES, beside, load
from screening.core.rules import Question, RuleSet
from screening.settings import shipped

TREATMENT = "lumbar-sympathetic-block"
NOBODY_ELSE = Case.model_construct(case="usual", differs={})


@cache
def rules_of(treatment: str) -> RuleSet:
    """A shipped rule set, read once."""
    return load(shipped("rules") / f"{treatment}.yaml")


@cache
def usual_of(treatment: str) -> Mapping[str, Any]:
    """Question id -> stored answer of the usual patient of a shipped treatment."""
    return load_cases(beside(shipped("rules") / f"{treatment}.yaml", CASES)).answers(NOBODY_ELSE)


USUAL = dict(usual_of(TREATMENT))


def said(question: Question, answers: Mapping[str, Any]) -> Any:
    """What this patient answers; None leaves an optional question empty.

    Fails for a required question that nobody has an answer to, so that no loop over a form runs for ever.
    """
    stored = answers.get(question.id)
    if stored is None and question.required:
        raise AssertionError(f'the usual patient of the cases file has no answer to "{question.id}"')
    return stored


def whole(rule_set: RuleSet, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What these answers say to every question that they lead to, with None for what is left empty."""
    stored: dict[str, Any] = {}
    while due := walk(rule_set, stored).due:
        assert due[0] not in stored, f'"{due[0]}" does not take {stored[due[0]]!r}'
        stored[due[0]] = said(rule_set.by_id[due[0]], answers)
    return stored
