"""What the answers mean by the rule set: every indicator and every flag, each with its reasons.

It restates and routes; it never decides, scores or ranks. Unknown fails towards a person looking:
a safety question that is asked raises its flags when it is unanswered, and when the answer is "not
sure", whatever the rest of their conditions says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from screening.core.answers import NOT_SURE
from screening.core.findings import Place
from screening.core.journey import Path, walk
from screening.core.rules import Flag, Handling, Indicator, IndicatorState, RuleSet, Say
from screening.core.stored import Stored

Reason = Literal["answered", "not_sure", "not_answered"]


class Because(NamedTuple):
    """One answer that made a rule so; `answer` as stored, None where there is none."""

    question: str
    answer: Any
    reason: Reason


class IndicatorFinding(NamedTuple):
    """What became of an indicator; `place` is the line of its rule."""

    id: str
    label: str
    state: IndicatorState
    because: tuple[Because, ...]
    place: Place


class FlagFinding(NamedTuple):
    """What became of a flag; of one not raised, `because` holds every answer it looked at."""

    id: str
    label: str
    raised: bool
    handling: Handling
    say: Say
    because: tuple[Because, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Assessment:
    """Every rule of a rule set, in its order, for one patient's answers."""

    path: Path
    indicators: tuple[IndicatorFinding, ...]
    flags: tuple[FlagFinding, ...]

    @property
    def raised(self) -> tuple[FlagFinding, ...]:
        """The flags that somebody must look at."""
        return tuple(flag for flag in self.flags if flag.raised)


def assess(rule_set: RuleSet, stored: Stored, path: Path | None = None) -> Assessment:
    """The whole assessment; the same answers always give the same one. `path` is theirs, if known."""
    path = path or walk(rule_set, stored)
    asked = frozenset(path.asked)
    return Assessment(
        path,
        tuple(_indicator(indicator, path, stored) for indicator in rule_set.indicators),
        tuple(_flag(flag, rule_set.safety_of[flag.id], path, asked, stored) for flag in rule_set.flags),
    )


def raised_by(rule_set: RuleSet, path: Path) -> Iterator[Flag]:
    """The flags that `assess` raises, without their reasons."""
    asked = frozenset(path.asked)
    for flag in rule_set.flags:
        if _raising(flag, rule_set.safety_of[flag.id], path, asked):
            yield flag


def states_by(rule_set: RuleSet, path: Path) -> Iterator[tuple[str, IndicatorState]]:
    """How each indicator comes out in `assess`, without its reasons."""
    for indicator in rule_set.indicators:
        yield indicator.id, _reached(indicator, path)[0]


def _indicator(indicator: Indicator, path: Path, stored: Stored) -> IndicatorFinding:
    state, questions = _reached(indicator, path)
    return IndicatorFinding(
        indicator.id, indicator.label, state, _because(questions, path, stored), indicator.place
    )


def _reached(indicator: Indicator, path: Path) -> tuple[IndicatorState, tuple[str, ...]]:
    """A state, and the questions that say so."""
    for state, met in indicator.tests:
        if found := met(path.answers):
            return state, found
    return "not_reported", indicator.looks_at


def _flag(
    flag: Flag, safety: tuple[str, ...], path: Path, asked: frozenset[str], stored: Stored
) -> FlagFinding:
    questions = _raising(flag, safety, path, asked)
    because = _because(questions or flag.looks_at, path, stored)
    return FlagFinding(flag.id, flag.label, bool(questions), flag.handling, flag.say, because, flag.place)


def _raising(flag: Flag, safety: tuple[str, ...], path: Path, asked: frozenset[str]) -> tuple[str, ...]:
    """The questions whose answers raise it; none where nothing does."""
    counted = path.answers
    unclear = [question for question in safety if question in asked and _unclear(counted.get(question))]
    return flag.met(counted) + tuple(unclear)


def _unclear(counted: Any) -> bool:
    """Unanswered, or "not sure" alone or among others."""
    return counted is None or counted == NOT_SURE or (type(counted) is frozenset and NOT_SURE in counted)


def _because(questions: tuple[str, ...], path: Path, stored: Stored) -> tuple[Because, ...]:
    return tuple([_reason(question, path, stored) for question in dict.fromkeys(questions)])


def _reason(question: str, path: Path, stored: Stored) -> Because:
    counted = path.answers.get(question)
    if counted is None:
        return Because(question, None, "not_answered")
    only_unsure = counted == NOT_SURE or counted == frozenset((NOT_SURE,))
    return Because(question, stored[question], "not_sure" if only_unsure else "answered")
