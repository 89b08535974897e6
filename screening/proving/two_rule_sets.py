"""Two rule sets over the same patients: each reads a stored answer as it would itself.

Exact: for every question in the cone of a rule, in either rule set, all answers that no condition of
the two and no reading of theirs tells apart are merged, and every combination is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from screening.core.answers import Bounds
from screening.core.conditions import Leaf, Within, compile_condition
from screening.core.rules import Question, RuleSet
from screening.core.stored import Stored
from screening.proving.answer_classes import AnswerClass, candidates_of, cuts_of
from screening.proving.model import Cones, World
from screening.proving.patient_sets import Enumerated
from screening.proving.worlds import all_leaves, safety_leaves

LARGEST = 1 << 18  # combinations; above it nothing is claimed
AnswerReading = tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """What each rule set makes of the same numbered patients."""

    old: World
    new: World


class _Side(Enumerated):
    """Patients as one of the two rule sets reads them."""

    def __init__(
        self,
        rule_set: RuleSet,
        values: Mapping[str, list[Any]],
        leaves: Mapping[str, list[Leaf]],
        home: Stored,
    ) -> None:
        self._readable: dict[str, list[int]] = {}
        classes = {}
        for name, stored in values.items():
            question = rule_set.by_id.get(name)
            counted = [_counted(question, answer) for answer in stored]
            self._readable[name] = [at for at, read in enumerate(counted) if read is not None]
            classes[name] = [
                AnswerClass(
                    answer,
                    sum(1 << bit for bit, met in enumerate(_meets(question, leaves[name], read)) if met),
                )
                for answer, read in zip(stored, counted, strict=True)
            ]
        super().__init__(classes, leaves, {name: home[name] for name in values if name in home})

    def answered(self, question: str) -> int:
        return self._with(question, self._readable[question])


class Joint:
    """Finds the space in which a rule of the one can be held against the same rule of the other."""

    def __init__(self, old: RuleSet, new: RuleSet, home: Stored | None = None) -> None:
        self.old, self.new = old, new
        self._home = home or {}
        self._cones = Cones(old), Cones(new)
        self._leaves: dict[str, dict[Leaf, None]] = {}
        for rule_set in (old, new):
            asked = (leaf for question in rule_set.questions for leaf in safety_leaves(question))
            for leaf in (*all_leaves(rule_set), *asked):
                self._leaves.setdefault(leaf.question, {})[leaf] = None
        self._values: dict[str, list[Any]] = {}

    def cone(self, names: Iterable[str]) -> list[str]:
        """The questions that decide about these, in either rule set."""
        wanted = list(names)
        found: dict[str, None] = {}
        for cones, rule_set in zip(self._cones, (self.old, self.new), strict=True):
            there = [name for name in wanted if name in rule_set.by_id]
            found |= dict.fromkeys(cones.names(cones.bits(there)))
        return list(found)

    def pair(self, names: Iterable[str]) -> Pair | None:
        """Both rule sets over every combination of answers to these; None where there are too many."""
        values = {}
        size = 1
        for name in self.cone(names):
            values[name] = self.values(name)
            size *= len(values[name])
            if size > LARGEST:
                return None
        leaves = {name: list(self._leaves.get(name, ())) for name in values}
        sides = (_Side(rule_set, values, leaves, self._home) for rule_set in (self.old, self.new))
        worlds = zip((self.old, self.new), self._cones, sides, strict=True)
        return Pair(*(World(rule_set, cones, side) for rule_set, cones, side in worlds))

    def values(self, name: str) -> list[Any]:
        """One stored answer for each way in which the two rule sets can take it; None first."""
        if name not in self._values:
            seen: dict[AnswerReading, Any] = {((), ()): None}
            for stored in self._candidates(name):
                seen.setdefault(self._signature(name, stored), stored)
            nothing = self._signature(name, None)
            self._values[name] = [
                None,
                *(stored for key, stored in seen.items() if stored is not None and key != nothing),
            ]
        return self._values[name]

    def _signature(self, name: str, stored: Any) -> AnswerReading:
        leaves = list(self._leaves.get(name, ()))
        return tuple(
            (counted is not None, *_meets(question, leaves, counted))
            for question in (rule_set.by_id.get(name) for rule_set in (self.old, self.new))
            for counted in (_counted(question, stored),)
        )

    def _candidates(self, name: str) -> Iterator[Any]:
        """Enough stored answers for every signature; the usual patient's stands for its own."""
        if name in self._home:
            yield self._home[name]
        questions = [rule_set.by_id[name] for rule_set in (self.old, self.new) if name in rule_set.by_id]
        if any(question.kind.several for question in questions):
            yield from self._sets([question for question in questions if question.kind.chosen])
        cuts = [
            *cuts_of(self._leaves.get(name, ())),
            *(end for question in questions for end in _ends(question)),
        ]
        for question in questions:
            yield from (answer.id for answer in question.answers)
            yield from candidates_of(question, cuts)

    def _sets(self, questions: Sequence[Question]) -> Iterator[list[str]]:
        """Sets of answers: one for each signature, grown answer by answer."""
        answers = dict.fromkeys(answer.id for question in questions for answer in question.answers)
        reached: dict[Any, tuple[str, ...]] = {}
        for answer in answers:
            for chosen in [(), *reached.values()]:
                grown = (*chosen, answer)
                key = tuple(self._grown(question, grown) for question in questions)
                if key not in reached or len(reached[key]) > len(grown):
                    reached[key] = grown
        yield from map(list, reached.values())

    def _grown(self, question: Question, chosen: Sequence[str]) -> tuple[Any, ...]:
        """What matters of a set of answers for itself and for every set that grows out of it."""
        offered = {answer.id: answer for answer in question.answers}
        counted = frozenset(chosen)
        alone = any(answer in offered and offered[answer].alone for answer in chosen)
        strange = any(answer not in offered for answer in chosen)
        return (
            *_meets(question, self._leaves.get(question.id, ()), counted),
            alone,
            strange,
            len(chosen) > 1,
        )


def _ends(question: Question) -> Sequence[Any]:
    comparison = question.kind.comparison
    return comparison.ends(question) if isinstance(comparison, Bounds) else ()


def _counted(question: Question | None, stored: Any) -> Any:
    return None if question is None or stored is None else question.read(stored)


def _meets(question: Question | None, leaves: Iterable[Leaf], counted: Any) -> tuple[bool, ...]:
    return tuple(
        question is not None
        and counted is not None
        and _can_be_said(question, leaf)
        and bool(compile_condition(leaf)({question.id: counted}))
        for leaf in leaves
    )


def _can_be_said(question: Question, leaf: Leaf) -> bool:
    """Whether a comparison is one of this question, not of the other version, which asks in another way."""
    comparison = question.kind.comparison
    if isinstance(comparison, Bounds) and isinstance(leaf, Within):
        bounds = (bound for bound in (leaf.at_least, leaf.at_most) if bound is not None)
        return all(comparison.fits(question, bound) for bound in bounds)
    return comparison.takes(leaf)
