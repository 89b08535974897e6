"""Conditions as FHIRPath over a QuestionnaireResponse: fixed paths, and always true or false, never empty.

`repeat()` and `descendants()` give nothing, silently, in an engine that is widely used: flags stay down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from screening.core.answers import NOT_SURE
from screening.core.conditions import Condition
from screening.core.rules import Flag, RuleSet
from screening.core.serialising import Plain
from screening.exports.fhir.closing import Clause, ClosedConditions, Demand
from screening.exports.fhir.codes import coding_of

Places = Mapping[str, tuple[str, ...]]  # link id -> the link ids from the root down to it


def places(items: Sequence[Plain], above: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """Where each item of a questionnaire stands; answers stand in the same places."""
    found: dict[str, tuple[str, ...]] = {}
    for item in items:
        here = (*above, item["linkId"])
        found[item["linkId"]] = here
        found |= places(item.get("item", ()), here)
    return found


class Expressions:
    """The conditions of one rule set, for answers that stand in these places."""

    def __init__(self, rule_set: RuleSet, closing: ClosedConditions, places: Places) -> None:
        self._rule_set = rule_set
        self._closing = closing
        self._places = places
        self._order = {link: at for at, link in enumerate(places)}

    def met(self, condition: Condition) -> str:
        """Whether the closed condition is met. Raises TooEntangled."""
        return self._all(self._closing.clauses(condition))

    def raised(self, flag: Flag) -> str:
        """Whether a flag is: its condition, or a safety question that is asked and not clearly answered."""
        unclear = (self._unclear(question) for question in self._rule_set.safety_of[flag.id])
        return " or ".join(f"({part})" for part in (self.met(flag.raise_when), *unclear))

    def _unclear(self, question: str) -> str:
        unsure = self._any((Demand(question, "=", NOT_SURE),))
        unanswered = f"{self._items(question)}.answer.empty()"
        return " and ".join((*self._each(self._closing.asked(question)), f"({unanswered} or {unsure})"))

    def _all(self, clauses: Iterable[Clause]) -> str:
        return " and ".join(self._each(clauses))

    def _each(self, clauses: Iterable[Clause]) -> Iterator[str]:
        for clause in clauses:
            found = self._any(clause)
            yield f"({found})" if " or " in found else found

    def _any(self, clause: Clause) -> str:
        ordered = sorted(clause, key=lambda demand: self._order[demand.question])
        grouped = groupby(ordered, key=lambda demand: demand.question)
        return " or ".join(self._answered(question, tuple(demands)) for question, demands in grouped)

    def _answered(self, question: str, demands: Iterable[Demand]) -> str:
        tests = " or ".join(map(self._test, demands))
        return f"{self._items(question)}.answer.value.where({tests}).exists()"

    def _test(self, demand: Demand) -> str:
        asked = self._rule_set.by_id[demand.question]
        if demand.operator == "=":
            found = asked.answer(demand.value)
            label = found.label if found is not None else ""
            code = coding_of(self._rule_set.id, asked.id, demand.value, label)["code"]
            return f"code = '{code}'"
        return f"$this {demand.operator} {literal(demand.value)}"

    def _items(self, question: str) -> str:
        return ".".join(f"item.where(linkId = '{link}')" for link in self._places[question])


def literal(value: object) -> str:
    """A bound: a day as FHIRPath writes it, or a number without an exponent."""
    if isinstance(value, str):
        return f"@{value}"
    return f"{Decimal(str(value)):f}"
