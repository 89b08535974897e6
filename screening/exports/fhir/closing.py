"""Conditions closed over their own questions' conditions, in the form that `enableWhen` can say.

A client may keep the answer of a question that it hides again. So each comparison also demands that
its question is asked: what is then true does not depend on what a client keeps.

FHIR joins comparisons by "all" or by "any" and knows no brackets. A closed condition is therefore in
conjunctive form: every clause must hold, and a clause holds by any of its demands.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, reduce
from typing import Any, NamedTuple

from screening.core.conditions import All, AnyOf, Chosen, Condition, Leaf
from screening.core.questions import QuestionShape
from screening.core.rules import RuleSet

MAX_CLAUSES = 400  # far more than anybody would read


class Demand(NamedTuple):
    """A question's answer held against one value: `=` an answer's id, or `>=` or `<=` a bound."""

    question: str
    operator: str
    value: Any


Clause = tuple[Demand, ...]


class TooEntangled(Exception):
    """A condition that would need more than MAX_CLAUSES clauses."""


class ClosedConditions:
    """The closed conditions of one rule set."""

    def __init__(self, rule_set: RuleSet) -> None:
        self._questions = rule_set.by_id
        self.asked = cache(self._asked)

    def _asked(self, question: str) -> tuple[Clause, ...]:
        """When a question is asked; none: always. Raises TooEntangled."""
        condition = self._questions[question].ask_when
        return () if condition is None else self.clauses(condition)

    def clauses(self, condition: Condition) -> tuple[Clause, ...]:
        """The closed condition. Raises TooEntangled."""
        if isinstance(condition, All):
            return _fewest(clause for part in condition.parts for clause in self.clauses(part))
        if isinstance(condition, AnyOf):
            return reduce(_either, (self.clauses(part) for part in condition.parts))
        own = _demands(self._questions[condition.question], condition)
        return _fewest((*self.asked(condition.question), *own))


def _demands(question: QuestionShape, leaf: Leaf) -> Iterator[Clause]:
    if isinstance(leaf, Chosen):
        yield tuple(Demand(leaf.question, "=", answer) for answer in dict.fromkeys(leaf.answers))
        return
    for operator, bound in ((">=", leaf.at_least), ("<=", leaf.at_most)):
        if bound is not None:
            yield tuple(Demand(leaf.question, operator, value) for value in _precisions(question, bound))


def _precisions(question: QuestionShape, bound: Any) -> tuple[Any, ...]:
    """A month or a year meets a bound that lies in it, and FHIR compares only what is equally precise."""
    return (bound, bound[:7], bound[:4]) if question.partial else (bound,)


def _either(first: tuple[Clause, ...], second: tuple[Clause, ...]) -> tuple[Clause, ...]:
    return _fewest(tuple(dict.fromkeys((*one, *other))) for one in first for other in second)


def _fewest(found: Iterator[Clause] | tuple[Clause, ...]) -> tuple[Clause, ...]:
    """Without clauses that hold whenever another one does."""
    kept: dict[frozenset[Demand], Clause] = {}
    for clause in found:
        demands = frozenset(clause)
        if any(other <= demands for other in kept):
            continue
        kept = {other: held for other, held in kept.items() if not demands <= other}
        kept[demands] = clause
        if len(kept) > MAX_CLAUSES:
            raise TooEntangled
    return tuple(kept.values())
