"""What a rule set must pass before patients may start it: check, prove, cases, and the page if given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from screening.authoring.check import check_file
from screening.authoring.coverage import failed
from screening.authoring.files import cases_beside
from screening.core.findings import Problem
from screening.core.loading import CASES, beside
from screening.core.rules import RuleSet
from screening.proving.prove import prove
from screening.tracing.trace import trace


def refusals(file: Path, rule_set: RuleSet, page: Path | None, today: date) -> Iterator[Problem]:
    """Everything that stands in the way, whoever signed it off. Raises RuleSetError for unreadable files."""
    yield from check_file(file, today, going_live=True).problems
    yield from prove(rule_set).problems
    yield from _failed_cases(file, rule_set)
    if page is not None:
        yield from trace(file, rule_set, page).problems


def _failed_cases(file: Path, rule_set: RuleSet) -> Iterator[Problem]:
    found = cases_beside(file, rule_set)
    if not any(file.cases for file in found):
        what = "There are no cases for this rule set."
        remedy = (
            f"Write {beside(file, CASES).name} beside it: a usual patient, and what differs in each case."
        )
        yield Problem(rule_set.place, "case-missing", what, remedy)
    yield from failed(rule_set, found)
