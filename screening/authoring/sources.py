"""The rules of a rule set, which are what has a source on the page."""

from __future__ import annotations

from screening.core.rules import Flag, Indicator, RuleSet

Rule = Indicator | Flag


def rules_of(rule_set: RuleSet) -> tuple[Rule, ...]:
    """Indicators and flags, in order."""
    rules: list[Rule] = [*rule_set.indicators]
    rules += rule_set.flags
    return tuple(rules)
