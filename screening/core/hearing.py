"""Whether one version of the rules is heard less than another: a flag lighter, later or told to fewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from screening.core.assessment import FlagFinding, assess
from screening.core.dealings import weight
from screening.core.kept import KeptFlag, KeptRequest
from screening.core.rules import Flag, RuleSet


class Heard(NamedTuple):
    """How soon a raised flag is looked at, and who is told."""

    weight: int
    audiences: frozenset[str]


def heard_in(raised: Iterable[Flag | FlagFinding | KeptFlag]) -> dict[str, Heard]:
    """What is heard, by flag."""
    return {flag.id: _heard(flag) for flag in raised}


def _heard(flag: Flag | FlagFinding | KeptFlag) -> Heard:
    say = flag.say
    told = {"clinician": say.clinician, "reception": say.reception, "patient": say.patient}
    return Heard(weight(flag.handling), frozenset(audience for audience, words in told.items() if words))


def less(before: Mapping[str, Heard], now: Mapping[str, Heard]) -> tuple[str, ...]:
    """The flags of `before` of which somebody would hear less now, or later, or nothing."""
    return tuple(flag for flag, heard in before.items() if _is_less(heard, now.get(flag)))


def _is_less(before: Heard, now: Heard | None) -> bool:
    return now is None or now.weight < before.weight or bool(before.audiences - now.audiences)


def raised_more(rule_set: RuleSet, kept: KeptRequest) -> tuple[FlagFinding, ...]:
    """What these rules raise at a kept request, and its own did not, or less."""
    raised = assess(rule_set, kept.stored).raised
    more = less(heard_in(raised), heard_in(kept.health.raised))
    return tuple(flag for flag in raised if flag.id in more)
