"""Finds the space a claim needs: enumerated where it is small, one formula where it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property

from screening.core.answers import Bounds
from screening.core.conditions import Chosen, Leaf, leaves
from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.rules import Flag, Indicator, Question, RuleSet
from screening.core.stored import Stored
from screening.proving.answer_classes import AnswerClass, classes_of
from screening.proving.model import Cones, World, named, not_clear, unsure
from screening.proving.patient_sets import Enumerated, Space
from screening.proving.solver import Satisfied

LARGEST = 1 << 16  # combinations; above it a SAT solver is quicker
MOST = 1024  # classes of one question; above it nothing is claimed
MANY = 12  # questions; above it, counting combinations is not worth while


class Book:
    """The worlds of a rule set, small or large, with the classes of answers they share.

    `home` is the usual patient. `other` is a rule set that asks the same questions (a mutant): then
    its conditions tell answers apart too, and every space serves both.
    """

    def __init__(self, rule_set: RuleSet, home: Stored | None = None) -> None:
        self.rule_set = rule_set
        self.home = home or {}
        self._rule_sets: tuple[RuleSet, ...] = (rule_set,)
        self._cones: tuple[Cones, ...] = (Cones(rule_set),)
        self._classes: dict[tuple[str, frozenset[Leaf]], list[AnswerClass] | None] = {}
        self._extras = {question.id: safety_leaves(question) for question in rule_set.questions}

    def beside(self, other: RuleSet) -> Book:
        """A book of this rule set and another; what is known of the answers is shared."""
        book = copy(self)
        book.__dict__.pop("_large", None)
        book.__dict__.pop("_bounds", None)
        book._rule_sets = (self.rule_set, other)
        book._cones = (self.cones, self._cones_of(other))
        return book

    def _cones_of(self, other: RuleSet) -> Cones:
        return self.cones if other.questions is self.rule_set.questions else Cones(other)

    @property
    def cones(self) -> Cones:
        """The cones of the first rule set."""
        return self._cones[0]

    def world(self, names: Iterable[str], told_apart: Iterable[Leaf] = ()) -> tuple[World, bool]:
        """The world of some questions and whether it is too large to enumerate.

        `told_apart` are the leaves that matter besides those that decide what is asked.
        """
        (world, *_), hard = self.worlds(names, told_apart)
        return world, hard

    def worlds(self, names: Iterable[str], told_apart: Iterable[Leaf] = ()) -> tuple[list[World], bool]:
        """The same for every rule set of the book, over one space."""
        space = self._enumerated(list(names), told_apart)
        return (self._large, True) if space is None else (self.over(space), False)

    def over(self, space: Space) -> list[World]:
        """What every rule set of the book makes of the patients of a space."""
        both = zip(self._rule_sets, self._cones, strict=True)
        return [World(rule_set, cones, space) for rule_set, cones in both]

    @cached_property
    def _large(self) -> list[World]:
        """One formula for everything too large, so that the solver learns from claim to claim."""
        return self.over(Satisfied(self.rule_set, self._by_bounds, self.home))

    def _enumerated(self, names: list[str], told_apart: Iterable[Leaf]) -> Space | None:
        bits = 0
        for cones in self._cones:
            bits |= cones.bits(names)
        if bits.bit_count() > MANY:
            return None
        cone = self.cones.names(bits)
        apart: dict[str, dict[Leaf, None]] = {name: dict.fromkeys(self._extras[name]) for name in cone}
        asking = [leaf for cones in self._cones for name in cone for leaf in cones.leaves[name]]
        for leaf in (*asking, *told_apart):
            if leaf.question in apart:
                apart[leaf.question][leaf] = None
        return self._product(apart)

    def _product(self, apart: Mapping[str, Mapping[Leaf, None]]) -> Space | None:
        classes: dict[str, Sequence[AnswerClass]] = {}
        size = 1
        ordered = {name: sorted_leaves(those) for name, those in apart.items()}
        for name, those in ordered.items():
            found = self._classes_of(name, those)
            size *= LARGEST + 1 if found is None else len(found)
            if found is None or size > LARGEST:
                return None
            classes[name] = found
        return Enumerated(classes, ordered, self.home)

    def _classes_of(self, name: str, those: Sequence[Leaf]) -> list[AnswerClass] | None:
        key = name, frozenset(those)
        if key not in self._classes:
            question = self.rule_set.by_id[name]
            self._classes[key] = classes_of(question, those, MOST, self.home.get(name))
        return self._classes[key]

    def _by_bounds(self, name: str) -> tuple[Sequence[AnswerClass], Sequence[Leaf]]:
        those = self._bounds.get(name, [])
        classes = self._classes_of(name, those)
        if classes is None:
            asked = self.rule_set.by_id[name]
            what = f"The {named(asked)} is compared with so many values that nothing can be claimed of it."
            remedy = f"Compare it with fewer than {MOST} values."
            raise RuleSetError([Problem(asked.place, "unproved", what, remedy)])
        return classes, those

    @cached_property
    def _bounds(self) -> dict[str, list[Leaf]]:
        """Every comparison by bounds in the rule sets, by question."""
        found: dict[str, dict[Leaf, None]] = {}
        for rule_set in self._rule_sets:
            for name, those in leaves_on(rule_set).items():
                if isinstance(self.rule_set.by_id[name].kind.comparison, Bounds):
                    found.setdefault(name, {}).update(dict.fromkeys(those))
        return {name: sorted_leaves(those) for name, those in found.items()}


def sorted_leaves(those: Iterable[Leaf]) -> list[Leaf]:
    """One order for one set of leaves, wherever they stand, so that classes can be kept."""
    return sorted(those, key=_spelled)


def _spelled(leaf: Leaf) -> tuple[str, ...]:
    if isinstance(leaf, Chosen):
        return leaf.question, *leaf.answers
    return leaf.question, repr(leaf.at_least), repr(leaf.at_most)


def leaves_of(rule: Question | Flag | Indicator) -> tuple[Leaf, ...]:
    """Every comparison in the conditions of one, as they are written."""
    if isinstance(rule, Question):
        return leaves(rule.ask_when)
    if isinstance(rule, Flag):
        return leaves(rule.raise_when)
    return (*leaves(rule.matched_when), *leaves(rule.possible_when))


def all_leaves(rule_set: RuleSet) -> Iterator[Leaf]:
    """Every comparison in a rule set, of questions that it has."""
    rules: tuple[Question | Flag | Indicator, ...] = (
        *rule_set.questions,
        *rule_set.flags,
        *rule_set.indicators,
    )
    for rule in rules:
        yield from (leaf for leaf in leaves_of(rule) if leaf.question in rule_set.by_id)


def leaves_on(rule_set: RuleSet) -> dict[str, list[Leaf]]:
    """Question -> every different comparison of it in the rule set."""
    found: dict[str, dict[Leaf, None]] = {}
    for leaf in all_leaves(rule_set):
        found.setdefault(leaf.question, {})[leaf] = None
    return {name: list(those) for name, those in found.items()}


def safety_leaves(question: Question) -> list[Leaf]:
    """What the engine and the claims ask of a safety question, besides its conditions."""
    if not question.safety:
        return []
    return [leaf for leaf in (unsure(question), not_clear(question)) if leaf is not None]
