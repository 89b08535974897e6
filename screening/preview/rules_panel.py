"""What stands beside a page of the preview: which rules are met, why, and on which line they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from screening.core.answers import show
from screening.core.assessment import Because, FlagFinding, IndicatorFinding
from screening.core.conditions import leaves
from screening.core.rules import Flag, Indicator, Question, RuleSet
from screening.service.visit import Visit

REASONS = {"answered": "", "not_sure": " (not sure)", "not_answered": "no answer"}


@dataclass(frozen=True, slots=True)
class RuleBeside:
    """One indicator or flag for the author's eyes; `why` names the answers it looked at."""

    kind: str
    id: str
    label: str
    state: str
    place: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything beside one page; `question` is the one that the page asks."""

    met: tuple[RuleBeside, ...]
    others: tuple[RuleBeside, ...]
    ignored: tuple[str, ...]
    question: Question | None
    used_by: tuple[str, ...]


def panel(visit: Visit, asked: str | None) -> Panel:
    """The rules for the answers so far."""
    rule_set, assessment = visit.rule_set, visit.assessment()
    met: list[RuleBeside] = []
    others: list[RuleBeside] = []
    for indicator in assessment.indicators:
        here = met if indicator.state != "not_reported" else others
        here.append(_rule(rule_set, "indicator", indicator, indicator.state))
    for flag in assessment.flags:
        state = f"raised, {flag.handling}" if flag.raised else "not raised"
        (met if flag.raised else others).append(_rule(rule_set, "flag", flag, state))
    question = rule_set.by_id.get(asked or "")
    used = tuple(_used_by(rule_set, question)) if question is not None else ()
    return Panel(tuple(met), tuple(others), assessment.path.ignored, question, used)


def _rule(rule_set: RuleSet, kind: str, found: IndicatorFinding | FlagFinding, state: str) -> RuleBeside:
    why = tuple(_why(rule_set, found.because))
    return RuleBeside(kind, found.id, found.label, state.replace("_", " "), str(found.place), why)


def _why(rule_set: RuleSet, answers: Iterable[Because]) -> Iterator[str]:
    for because in answers:
        question = rule_set.by_id[because.question]
        yield f"{question.id}: {_said(question, because.answer)}{REASONS[because.reason]}"


def _said(question: Question, stored: Any) -> str:
    return ", ".join(show(question, stored)) if stored is not None else ""


def _used_by(rule_set: RuleSet, question: Question) -> Iterator[str]:
    for other in rule_set.questions:
        if any(leaf.question == question.id for leaf in leaves(other.ask_when)):
            yield f'decides whether "{other.id}" is asked ({other.place})'
    rules: tuple[Indicator | Flag, ...] = (*rule_set.indicators, *rule_set.flags)
    for rule in rules:
        if question.id in rule.looks_at:
            yield f'{type(rule).__name__.lower()} "{rule.id}" looks at it ({rule.place})'
