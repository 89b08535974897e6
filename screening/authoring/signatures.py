"""Which generated cases stand, with their signatures, when they are generated again."""

from __future__ import annotations

from collections.abc import Iterator

from screening.authoring.cases import Case, Cases, check_cases, run_case
from screening.core.conditions import leaves
from screening.core.errors import RuleSetError
from screening.core.rules import RuleSet


def standing(rule_set: RuleSet, before: Cases, now: Cases) -> list[Case]:
    """The cases of `before` that come out as expected of the usual patient of `now`, the signed ones first.

    A case speaks of the answers in which it differs, and of each rule and question it expects something
    of, with the answers these look at. Whatever else is added or changed leaves it, and its signature, alone.
    """
    found = [case for case in before.cases if _stands(rule_set, before, now, case)]
    return sorted(found, key=lambda case: case.signed_off is None)


def _stands(rule_set: RuleSet, before: Cases, now: Cases, case: Case) -> bool:
    try:
        check_cases(rule_set, now.model_copy(update={"cases": (case,)}))
    except RuleSetError:
        return False
    then, today = before.answers(case), now.answers(case)
    same = all(then.get(name) == today.get(name) for name in _spoken_of(rule_set, case))
    return same and not any(run_case(rule_set, now, case))


def _spoken_of(rule_set: RuleSet, case: Case) -> Iterator[str]:
    """The questions whose answers a case is about; the rule set has all that the case names."""
    yield from case.differs
    expected = {*case.expect.flags, *case.expect.indicators}
    for rule in rule_set.rules:
        if rule.id in expected:
            yield from rule.looks_at
    for name in (*case.expect.asked, *case.expect.not_asked):
        yield from (leaf.question for leaf in leaves(rule_set.by_id[name].ask_when))
