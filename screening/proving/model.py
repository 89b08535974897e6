"""The finite model of a rule set: what it makes of every possible patient, part by part.

The meaning is the engine's (`core.journey`, `core.assessment`), said once more over parts of a
space instead of one patient; random rule sets hold the two together in the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from screening.core.answers import NOT_SURE
from screening.core.conditions import JOINING, All, AnyOf, Chosen, Condition, Leaf, leaves
from screening.core.rules import Flag, Indicator, Question, RuleSet
from screening.proving.patient_sets import Space

Reasons = tuple[int, int, int]  # raised for: answered, not sure, not answered


def some_of(question: Question, answers: Iterable[str]) -> Chosen | None:
    """The leaf that these answers meet; None where there are none."""
    named = tuple(answers)
    return Chosen(question.id, named) if named else None


def unsure(question: Question) -> Chosen | None:
    """Met by "not sure", alone or among others."""
    return some_of(question, (answer.id for answer in question.answers if answer.id == NOT_SURE))


def sure(question: Question) -> Chosen | None:
    """Met by any answer but "not sure"."""
    return some_of(question, (answer.id for answer in question.answers if answer.id != NOT_SURE))


def not_clear(question: Question) -> Chosen | None:
    """Met by an answer that does not clear, alone or among others."""
    return some_of(question, (answer.id for answer in question.answers if not answer.clears))


def about_the_same(rule_set: RuleSet, question: str) -> frozenset[str]:
    """The safety questions whose clearing answers say something of this one: of its subject, or flag."""
    subject = rule_set.by_id[question].subject
    shared = {name for flag in rule_set.flags if question in flag.looks_at for name in flag.looks_at}
    return frozenset(
        each.id
        for each in rule_set.questions
        if each.safety and (each.id in shared or each.subject == subject)
    )


def named(rule: Question | Indicator | Flag) -> str:
    """A question, an indicator or a flag, as messages name it."""
    return f'{type(rule).__name__.lower()} "{rule.id}"'


class Cones:
    """Which questions decide whether a question is asked, itself among them: bit n is question n."""

    def __init__(self, rule_set: RuleSet) -> None:
        self._names = [question.id for question in rule_set.questions]
        self._at = {name: at for at, name in enumerate(self._names)}
        self.leaves: dict[str, tuple[Leaf, ...]] = {}
        self._bits: dict[str, int] = {}
        for at, question in enumerate(rule_set.questions):
            # what names a question below is never met there, since that one has no answer yet
            above = tuple(leaf for leaf in leaves(question.ask_when) if self.above(leaf, at))
            self.leaves[question.id] = above
            self._bits[question.id] = 1 << at | self.bits(leaf.question for leaf in above)

    def above(self, leaf: Leaf, at: int) -> bool:
        """Whether the leaf names a question that stands above number `at`."""
        return self._at.get(leaf.question, at) < at

    def position(self, question: str) -> int:
        """The number of a question, counted from 0."""
        return self._at[question]

    def bits(self, names: Iterable[str]) -> int:
        """The cones of all these questions together."""
        together = 0
        for name in names:
            together |= self._bits.get(name, 0)
        return together

    def names(self, bits: int) -> list[str]:
        """The questions of a cone, in order."""
        found = []
        while bits:
            lowest = bits & -bits
            found.append(self._names[lowest.bit_length() - 1])
            bits ^= lowest
        return found


class World:
    """What one rule set makes of the patients of a space; every answer is a part of the space."""

    def __init__(self, rule_set: RuleSet, cones: Cones, space: Space) -> None:
        self.rule_set = rule_set
        self.space = space
        self._cones = cones
        self._asked: dict[str, int] = {}
        self._open: dict[frozenset[str] | None, dict[str, int]] = {}
        self._unclear: dict[str, int] = {}
        self._complete: dict[str, int] = {}

    def asked(self, question: str) -> int:
        """Those who are asked the question."""
        if question not in self._asked:
            # in order and not by recursion: a chain of follow-ups may be a thousand long
            for name in self._cones.names(self._cones.bits([question])):
                if name not in self._asked:
                    self._asked[name] = self._asks(name)
        return self._asked[question]

    def _asks(self, name: str) -> int:
        question = self.rule_set.by_id[name]
        if question.ask_when is None:
            return self.space.everyone
        return self.joined(question.ask_when, self.values(question.ask_when, question))

    def values(self, condition: Condition | None, question: Question | None = None) -> list[int]:
        """Those who meet each leaf of a condition; for an `ask_when`, of this question."""
        at = len(self._cones.leaves) if question is None else self._cones.position(question.id)
        return [
            self.leaf(leaf) if self._cones.above(leaf, at) else self.space.nobody
            for leaf in leaves(condition)
        ]

    def leaf(self, leaf: Leaf | None) -> int:
        """Those who are asked the question of a leaf and whose answer meets it."""
        if leaf is None:
            return self.space.nobody
        return self.space.every((self.asked(leaf.question), self.space.held(leaf)))

    def joined(self, condition: Condition, values: Sequence[int]) -> int:
        """Those who meet a condition, given those who meet each of its leaves."""
        return self._join(condition, iter(values))

    def _join(self, condition: Condition, values: Iterator[int]) -> int:
        if isinstance(condition, JOINING):
            parts = [self._join(part, values) for part in condition.parts]
            return self.space.every(parts) if isinstance(condition, All) else self.space.some(parts)
        return next(values)

    def met(self, condition: Condition | None) -> int:
        """Those who meet a condition of an indicator or a flag."""
        return self.space.nobody if condition is None else self.joined(condition, self.values(condition))

    def answered(self, question: str) -> int:
        """Those whose answer to the question counts."""
        return self.space.every((self.asked(question), self.space.answered(question)))

    def unclear(self, question: str) -> int:
        """Those who are asked the question and leave it open, or are not sure."""
        if question not in self._unclear:
            doubt = self.leaf(unsure(self.rule_set.by_id[question]))
            there = self.space.some((doubt, self.space.but(self.space.answered(question))))
            self._unclear[question] = self.space.every((self.asked(question), there))
        return self._unclear[question]

    def raised(self, flag: Flag) -> int:
        """Those whose answers raise the flag, unclear ones to its safety questions included."""
        open_ones = [self.unclear(question) for question in self.rule_set.safety_of[flag.id]]
        return self.space.some([self.met(flag.raise_when), *open_ones])

    def reasons(self, flag: Flag) -> Reasons:
        """Those who raise the flag, by the strongest reason; no patient is in two of the three parts."""
        said, wondered = [], []
        safety = self.rule_set.safety_of[flag.id]
        values = self.values(flag.raise_when)
        for name in flag.looks_at:
            parts = [
                self._speaks(flag.raise_when, values, name),
                *([self.unclear(name)] if name in safety else []),
            ]
            speaks, plain = self.space.some(parts), self.space.answered(name)
            doubt = self._only_unsure(self.rule_set.by_id[name])
            said.append(self.space.every((speaks, plain, self.space.but(doubt))))
            wondered.append(self.space.every((speaks, plain, doubt)))
        answered = self.space.some(said)
        not_sure = self.space.every((self.space.some(wondered), self.space.but(answered)))
        either = self.space.but(self.space.some((answered, not_sure)))
        return answered, not_sure, self.space.every((self.raised(flag), either))

    def _speaks(self, condition: Condition, values: Sequence[int], question: str) -> int:
        """Those for whom the answer to `question` is among what meets the condition."""
        own = [
            value if leaf.question == question else self.space.nobody
            for leaf, value in zip(leaves(condition), values, strict=True)
        ]
        return self._join_own(condition, iter(values), iter(own))[1]

    def _join_own(self, condition: Condition, values: Iterator[int], own: Iterator[int]) -> tuple[int, int]:
        if not isinstance(condition, JOINING):
            return next(values), next(own)
        parts = [self._join_own(part, values, own) for part in condition.parts]
        by_own = self.space.some(mine for _, mine in parts)
        if isinstance(condition, AnyOf):
            return self.space.some(met for met, _ in parts), by_own
        met = self.space.every(met for met, _ in parts)
        return met, self.space.every((met, by_own))

    def _only_unsure(self, question: Question) -> int:
        doubt, other = unsure(question), sure(question)
        if doubt is None:
            return self.space.nobody
        others = self.space.nobody if other is None else self.space.held(other)
        return self.space.every((self.space.held(doubt), self.space.but(others)))

    def states(self, indicator: Indicator) -> tuple[int, int]:
        """Those for whom the indicator is matched, and those for whom it is possible."""
        matched = self.met(indicator.matched_when)
        return matched, self.space.every((self.met(indicator.possible_when), self.space.but(matched)))

    def complete(self, names: Iterable[str]) -> int:
        """Those who leave no required one of these questions, and of those before them, open."""
        wanted = list(names)
        for name in self._cones.names(self._cones.bits(wanted)):
            if name not in self._complete:
                before = [self._complete[leaf.question] for leaf in self._cones.leaves[name]]
                self._complete[name] = self.space.every([*before, self._settled(name)])
        return self.space.every(self._complete[name] for name in wanted)

    def _settled(self, name: str) -> int:
        if not self.rule_set.by_id[name].required:
            return self.space.everyone
        return self.space.some((self.space.but(self.asked(name)), self.space.answered(name)))

    def cleared(self, question: str, by: frozenset[str] | None = None) -> int:
        """Those for whom what hides this question is a clearing answer to a safety question.

        Everyone is in it who is asked; so is who would be, had all clearing answers met what they miss.
        `by` are the only questions whose clearing answers count; None for every safety question.
        """
        known = self._open.setdefault(by, {})
        for name in self._cones.names(self._cones.bits([question])):
            if name not in known:
                known[name] = self._clears(self.rule_set.by_id[name], known, by)
        return known[question]

    def _clears(self, question: Question, known: dict[str, int], by: frozenset[str] | None) -> int:
        if question.ask_when is None:
            return self.space.everyone
        values = self.values(question.ask_when, question)
        at = self._cones.position(question.id)
        lifted = [
            self.space.some((value, self._lifts(leaf.question, known, by)))
            if self._cones.above(leaf, at)
            else value
            for leaf, value in zip(leaves(question.ask_when), values, strict=True)
        ]
        return self.joined(question.ask_when, lifted)

    def _lifts(self, name: str, known: dict[str, int], by: frozenset[str] | None) -> int:
        question = self.rule_set.by_id[name]
        hidden = self.space.every((self.space.but(self.asked(name)), known[name]))
        if not question.safety or not question.kind.chosen or (by is not None and name not in by):
            return hidden
        clear = self.space.every((self.answered(name), self.space.but(self.leaf(not_clear(question)))))
        return self.space.some((hidden, clear))
