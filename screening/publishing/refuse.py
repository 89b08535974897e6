"""What a rule set must pass before anybody agrees to it, and again before patients may start it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from screening.authoring.cases import Cases
from screening.authoring.check import check_file
from screening.authoring.coverage import Coverage, coverage, failed, no_cases
from screening.authoring.files import GENERATED, cases_beside
from screening.core.findings import Problem
from screening.core.loading import CASES, beside
from screening.core.rules import Question, Rule, RuleSet
from screening.core.wording import so_many
from screening.proving.examination import named
from screening.proving.prove import Proof, prove
from screening.tracing import fingerprints
from screening.tracing.trace import trace

TRACE = "Run: screening rules trace RULESET --page PAGE --sign."


@dataclass(frozen=True)
class Examined:
    """What stands in the way, whoever agreed, and what it was found by."""

    problems: tuple[Problem, ...]
    proof: Proof
    cases: tuple[Cases, ...]


def examine(file: Path, rule_set: RuleSet, today: date) -> Examined:
    """All that can be found without the page. Raises RuleSetError for unreadable files."""
    proof, cases = prove(rule_set), tuple(cases_beside(file, rule_set))
    problems = [
        *check_file(file, today, going_live=True).problems,
        *proof.problems,
        *_cases(file, rule_set, cases),
        *page_unsigned(file, rule_set),
    ]
    return Examined(tuple(dict.fromkeys(problems)), proof, cases)


def page_refusals(file: Path, rule_set: RuleSet, page: Path | None) -> Iterator[Problem]:
    """What the treatment page says otherwise; that it was not given, where there is one."""
    if page is not None:
        yield from trace(file, rule_set, page).problems
    elif has_page(rule_set):
        what = "This rule set has a page, and it was not held against it."
        yield Problem(rule_set.at("page"), "page-not-given", what, "Give the page as it is now: --page PAGE.")


def has_page(rule_set: RuleSet) -> bool:
    """Whether it names a page, or sections of one."""
    return rule_set.page.url is not None or bool(rule_set.page.sections)


def page_unsigned(file: Path, rule_set: RuleSet) -> Iterator[Problem]:
    """Whether fingerprints of the page are missing, or were taken with other rules."""
    kept = fingerprints.load(file)
    if has_page(rule_set) and kept is None:
        what = "There are no fingerprints of the page, so nobody could tell that it has changed."
        yield Problem(rule_set.at("page"), "page-unsigned", what, TRACE)
    elif kept is not None and fingerprints.stale(kept, rule_set):
        what = "The page was traced with other sources, or not all of its statements had a rule or a reason."
        yield Problem(rule_set.at("page"), "page-unsigned", what, TRACE)


def case_problems(file: Path, rule_set: RuleSet) -> Iterator[Problem]:
    """What is wrong with the cases beside a rule set, or missing of them. Raises RuleSetError."""
    yield from _cases(file, rule_set, cases_beside(file, rule_set))


def _cases(file: Path, rule_set: RuleSet, found: Sequence[Cases]) -> Iterator[Problem]:
    yield from no_cases(rule_set, beside(file, CASES), found)
    yield from failed(rule_set, found)
    yield from _waiting(found)
    yield from _one_way(rule_set, coverage(rule_set, found))


def _waiting(found: Sequence[Cases]) -> Iterator[Problem]:
    for written in (each for each in found if each.place.file.endswith(GENERATED)):
        waiting = [case for case in written.cases if case.signed_off is None]
        if waiting:
            what = f"{so_many(len(waiting), 'generated case')} still to be called right by somebody."
            remedy = (
                "Read them; write signed_off: NAME below each that is right, and mend the rule of each other."
            )
            yield Problem(waiting[0].place, "generated-unsigned", what, remedy)


def _one_way(rule_set: RuleSet, found: Coverage) -> Iterator[Problem]:
    """Each rule appears in some case and stays away in another; each follow-up is asked, and is not."""
    listed: tuple[tuple[Rule | Question, tuple[str, ...], str], ...] = (
        *((each, ("matched", "possible"), "not_reported") for each in rule_set.indicators),
        *((each, ("answered", "not_sure", "not_answered"), "not_raised") for each in rule_set.flags),
        *((each, ("asked",), "not_asked") for each in rule_set.questions if each.ask_when),
    )
    counts = {**found.follow_ups, **found.indicators, **found.flags}
    for rule, there, away in listed:
        expected = counts[rule.id]
        ways = {
            " or ".join(there): any(expected.get(word) for word in there),
            away: bool(expected.get(away)),
        }
        lacking = [words for words, shown in ways.items() if not shown]
        if lacking:
            what = f"No case shows the {named(rule)} both ways: none expects {' and none '.join(lacking)}."
            yield Problem(rule.place, "one-way", what, "Write a case for it.")
