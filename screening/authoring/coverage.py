"""What the cases of a rule set speak of: each rule appeared and stayed away, each answer, each follow-up.

Only what a case *expects* counts: that something came out unlooked-at proves nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from screening.authoring.cases import NOT_RAISED, USUAL, Case, Cases, Surprise, reason_of, run
from screening.authoring.files import GENERATED
from screening.core.assessment import Assessment, Reason, assess
from screening.core.findings import Place, Problem
from screening.core.rules import Indicator, IndicatorState, Question, RuleSet
from screening.core.sources import AGE_RULE
from screening.core.stored import Stored
from screening.proving.examination import named

CaseCounts = Mapping[str, Mapping[str, int]]  # id -> what came of it -> in how many cases
FOLLOW_UP = ("asked", "not_asked")


@dataclass(frozen=True)
class Coverage:
    """How many cases expect each thing that can come of each rule, answer and follow-up."""

    indicators: CaseCounts
    flags: CaseCounts
    follow_ups: CaseCounts
    answers: CaseCounts

    def data(self) -> dict[str, dict[str, dict[str, int]]]:
        """The counts as JSON data."""
        return {key: {name: dict(found) for name, found in getattr(self, key).items()} for key in _PARTS}

    def share(self) -> tuple[int, int]:
        """How many of all these things some case speaks of, and how many there are."""
        counts = [
            count for key in _PARTS for found in getattr(self, key).values() for count in found.values()
        ]
        return sum(1 for count in counts if count), len(counts)


_PARTS = ("indicators", "flags", "follow_ups", "answers")


def coverage(rule_set: RuleSet, cases: Sequence[Cases]) -> Coverage:
    """Counts what the cases expect."""
    found = Coverage(
        {indicator.id: Counter(dict.fromkeys(_states(indicator), 0)) for indicator in rule_set.indicators},
        {flag.id: Counter(dict.fromkeys(_reasons(rule_set, flag.id), 0)) for flag in rule_set.flags},
        {
            question.id: Counter(dict.fromkeys(FOLLOW_UP, 0))
            for question in rule_set.questions
            if question.ask_when
        },
        {
            question.id: Counter(dict.fromkeys((a.id for a in question.answers), 0))
            for question in rule_set.questions
            if question.answers
        },
    )
    for file in cases:
        for case in file.cases:
            _count(found, case, assess(rule_set, file.answers(case)))
    return found


def _states(indicator: Indicator) -> list[str]:
    return [
        state
        for state in get_args(IndicatorState)
        if state != "possible" or indicator.possible_when is not None
    ]


def _reasons(rule_set: RuleSet, flag: str) -> list[str]:
    asked = [rule_set.by_id[name] for name in rule_set.safety_of[flag]]
    unsure = any(question.answer("not_sure") for question in asked)
    each = [
        reason
        for reason in get_args(Reason)
        if reason == "answered" or (asked and (reason != "not_sure" or unsure))
    ]
    return [*each, NOT_RAISED]


def _count(found: Coverage, case: Case, assessment: Assessment) -> None:
    for indicator in assessment.indicators:
        if case.expect.indicators.get(indicator.id) == indicator.state:
            _add(found.indicators, indicator.id, indicator.state)
    for flag in assessment.flags:
        expected = case.expect.flags.get(flag.id)
        if (expected is not None and expected.reason) or (expected is None and case.expect.no_other_flags):
            _add(found.flags, flag.id, reason_of(flag))
    asked = set(assessment.path.asked)
    for word, names in zip(FOLLOW_UP, (case.expect.asked, case.expect.not_asked), strict=True):
        for name in names:
            if (name in asked) == (word == "asked"):
                _add(found.follow_ups, name, word)
    for name, counted in assessment.path.answers.items():
        for answer in counted if isinstance(counted, frozenset) else (counted,):
            _add(found.answers, name, answer)


def _add(counts: CaseCounts, name: str, word: object) -> None:
    inner = counts.get(name)
    if isinstance(inner, Counter) and word in inner:
        inner[word] += 1


def missing(rule_set: RuleSet, found: Coverage) -> Iterator[Problem]:
    """A warning for each rule and follow-up of which no case expects everything that can come of it."""
    follow_ups = [question for question in rule_set.questions if question.id in found.follow_ups]
    parts = (
        (found.indicators, rule_set.indicators),
        (found.flags, rule_set.flags),
        (found.follow_ups, follow_ups),
    )
    for counts, rules in parts:
        for rule in rules:
            none = [word for word, count in counts[rule.id].items() if not count]
            if none:
                what = f"No case of {rule_set.id} expects of the {named(rule)}: {', '.join(none)}."
                remedy = "Write a case for each, or let --generate find them."
                yield Problem(rule.place, "case-missing", what, remedy)


@dataclass(frozen=True, slots=True)
class Failure:
    """A surprise, with the place of the rule that it speaks of."""

    surprise: Surprise
    rule: Place
    answers: Stored

    def problem(self) -> Problem:
        """The failure as every command reports it."""
        surprise = self.surprise
        what = f"{surprise.case.case} {surprise.about}: expected {surprise.expected}, got {surprise.got}."
        remedy = f"Mend the rule at {self.rule}, or the case if it is wrong."
        return Problem(surprise.case.place, "case-failed", what, remedy, dict(self.answers))


def failures(rule_set: RuleSet, cases: Cases) -> Iterator[Failure]:
    """Everything in which a case got something else than it expected, and where its rule stands.

    What comes only of an answer that the usual patient lacks is left to `unanswered`.
    """
    places = {
        **{f"question {question.id}": question.place for question in rule_set.questions},
        **{f"indicator {indicator.id}": indicator.place for indicator in rule_set.indicators},
        **{f"flag {flag.id}": flag.place for flag in rule_set.flags},
        AGE_RULE: rule_set.at("age"),
    }
    for surprise in (found for found in run(rule_set, cases) if not found.missing):
        about = surprise.about.split(",")[0]
        yield Failure(surprise, places.get(about, rule_set.place), cases.answers(surprise.case))


def no_cases(rule_set: RuleSet, own: Path, files: Sequence[Cases]) -> Iterator[Problem]:
    """Whether there is not a single case; `own` is the file that an author writes."""
    if not any(cases.cases for cases in files):
        remedy = f"Write {own.name} beside it: a usual patient, and what differs in each case"
        if own.exists():
            remedy = f"Write them in {own.name}: what differs in each case"
        remedy += "; or have them drafted: screening rules cases --generate."
        yield Problem(rule_set.place, "case-missing", "There are no cases for this rule set.", remedy)


def unanswered(rule_set: RuleSet, files: Sequence[Cases]) -> Iterator[Problem]:
    """The answers that the usual patient lacks, where a case fails by nothing else: each told once."""
    told: set[str] = set()
    by_hand = [each for each in files if not each.place.file.endswith(GENERATED)]
    for cases in files:
        names = {name for surprise in run(rule_set, cases) for name in surprise.missing} - told
        told |= names
        where = by_hand[0] if by_hand else cases  # the other is written anew from it
        yield from (_lacks(question, where) for question in rule_set.questions if question.id in names)


def lacking(rule_set: RuleSet, cases: Cases) -> Iterator[Problem]:
    """The safety questions that the usual patient meets and `usual` says nothing of."""
    lacks = set(assess(rule_set, cases.answers(USUAL)).path.unanswered) - cases.usual.keys()
    yield from (
        _lacks(question, cases) for question in rule_set.questions if question.safety and question.id in lacks
    )


def _lacks(question: Question, cases: Cases) -> Problem:
    what = f"The usual patient does not answer the safety {named(question)}, which raises a flag."
    clear = next((answer.id for answer in question.answers if answer.clears), "...")
    return Problem(cases.at("usual"), "usual-missing", what, f"Write it under usual: {question.id}: {clear}.")


def failed(rule_set: RuleSet, files: Sequence[Cases]) -> list[Problem]:
    """Everything that is wrong with the cases of a rule set."""
    each = [failure.problem() for cases in files for failure in failures(rule_set, cases)]
    return [*unanswered(rule_set, files), *each]
