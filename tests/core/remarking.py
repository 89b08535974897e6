"""What is pointed out in the requests of usual patients, by the shipped rules and word lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from screening.core import remarks
from screening.core.assessment import assess
from screening.core.kept import KeptRequest, keep
from screening.core.loading import load_words
from screening.core.remarks import Remark
from screening.core.rules import RuleSet
from screening.settings import shipped
from tests.usual import TREATMENT, USUAL, rules_of

DAY = date(2026, 11, 25)
LISTS = load_words(shipped("rules"))
RULES = rules_of(TREATMENT)


def kept_of(rules: RuleSet, answers: Mapping[str, Any]) -> KeptRequest:
    return keep(rules, assess(rules, answers), answers)


def found(**given: Any) -> tuple[Remark, ...]:
    return remarks.find(kept_of(RULES, {**USUAL, **given}), RULES, LISTS, DAY)
