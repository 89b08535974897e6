"""How old a patient is, and whom the age rule of a treatment asks to ring."""

from __future__ import annotations

from datetime import date

from screening.core.answers import date_span
from screening.core.rules import RuleSet
from screening.core.stored import Stored

BIRTH_DATE = "birth_date"


def years_old(born: date, day: date) -> int:
    """Full years on that day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def asks_birth_date(rule_set: RuleSet) -> str | None:
    """The question that asks for the patient's date of birth; None where there is none."""
    return rule_set.by_contact.get(BIRTH_DATE)


def is_too_young(rule_set: RuleSet, stored: Stored, day: date) -> bool:
    """Whether the date of birth says so; where only a year was given, whoever may be is."""
    span = date_span(stored.get(asks_birth_date(rule_set) or ""))
    if rule_set.age is None or span is None:
        return False
    return years_old(span[1], day) < rule_set.age.at_least
