"""How old a patient is, and whom the age rule of a treatment asks to ring."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

from screening.core.answers import date_span
from screening.core.rules import RuleSet
from screening.core.sources import Age
from screening.core.stored import Stored

BIRTH_DATE = "birth_date"
Outside = Literal["under", "over"]
AgeBounds = Mapping[Outside, int]  # under, and over, how many full years somebody is outside
BOUND_OF: Mapping[Outside, Literal["at_least", "at_most"]] = MappingProxyType(
    {"under": "at_least", "over": "at_most"}
)


def years_old(born: date, day: date) -> int:
    """Full years on that day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def asks_birth_date(rule_set: RuleSet) -> str | None:
    """The question that asks for the patient's date of birth; None where there is none."""
    return rule_set.by_contact.get(BIRTH_DATE)


def bounds(age: Age | None) -> AgeBounds:
    """Those that are written; a side without one is left out."""
    written = {side: getattr(age, key, None) for side, key in BOUND_OF.items()}
    return {side: years for side, years in written.items() if years is not None}


def who_is(side: Outside, years: int) -> str:
    """For authors: whom a bound leaves outside, so that nobody wonders who is just as old as it says."""
    return f"under {years}" if side == "under" else f"{years + 1} or over"


def whom_it_asks(age: Age) -> str:
    """The age rule as a sentence for authors, without its end."""
    return f"Who is {', or '.join(who_is(*bound) for bound in bounds(age).items())} is asked to ring"


def side_of(limits: AgeBounds, born: tuple[date, date], day: date) -> Outside | None:
    """On which side somebody is outside, born between two days; whoever may be is."""
    if "under" in limits and years_old(born[1], day) < limits["under"]:
        return "under"
    if "over" in limits and years_old(born[0], day) > limits["over"]:
        return "over"
    return None


def outside_age(rule_set: RuleSet, stored: Stored, day: date) -> Outside | None:
    """On which side of the age rule the date of birth says that the patient is; None where it does not."""
    span = date_span(stored.get(asks_birth_date(rule_set) or ""))
    return side_of(bounds(rule_set.age), span, day) if span is not None else None
