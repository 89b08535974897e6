"""Sets of patients as bits of one Python int: all patients of a few questions, or listed ones.

A *part* of a space is an int. What it means is the space's own business, so that the same claim
runs over enumerated patients here and over SAT literals in `satisfy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Protocol

from screening.core.conditions import Chosen, Leaf, compile_condition
from screening.core.rules import RuleSet
from screening.core.stored import Stored, StoredAnswer
from screening.proving.answer_classes import AnswerClass

Patient = dict[str, StoredAnswer | None]


class Space(Protocol):
    """Patients, and what they hold, before it is known which questions they are asked.

    A part of them is an int, which only its own space can read: bits, or a literal of a solver.
    """

    everyone: int
    nobody: int

    def held(self, leaf: Leaf) -> int:
        """Those whose stored answer meets `leaf`."""
        ...

    def answered(self, question: str) -> int:
        """Those who hold an answer that can be read."""
        ...

    def every(self, parts: Iterable[int]) -> int:
        """Those in all of `parts`."""
        ...

    def some(self, parts: Iterable[int]) -> int:
        """Those in at least one of `parts`."""
        ...

    def but(self, part: int) -> int:
        """Those not in `part`."""
        ...

    def any(self, part: int) -> bool:
        """Whether there is anybody in `part`."""
        ...

    def find(self, part: int, *, nearest: bool = True) -> Patient | None:
        """One of `part`, who differs least from the usual patient unless anybody will do; None for nobody."""
        ...


class _Bits:
    """The algebra of bit sets."""

    everyone: int
    nobody = 0

    def every(self, parts: Iterable[int]) -> int:
        left = self.everyone
        for part in parts:
            left &= part
        return left

    def some(self, parts: Iterable[int]) -> int:
        found = 0
        for part in parts:
            found |= part
        return found

    def but(self, part: int) -> int:
        return self.everyone & ~part

    def any(self, part: int) -> bool:
        return part != 0


class Enumerated(_Bits):
    """Every combination of the classes of some questions; bit n is the n-th combination.

    `classes` and `leaves` go together: `meets` of a class counts in `leaves` of its question. What is
    found differs least from `home`, and answers as `home` does where nothing speaks against it.
    """

    def __init__(
        self,
        classes: Mapping[str, Sequence[AnswerClass]],
        leaves: Mapping[str, Sequence[Leaf]],
        home: Stored,
    ) -> None:
        self._classes = classes
        self._leaves = leaves
        self._home = home
        self._strides: dict[str, int] = {}
        size = 1
        for question, those in classes.items():
            self._strides[question] = size
            size *= len(those)
        self._size = size
        self._known: dict[Leaf, int] = {}
        self._silent: dict[str, int] = {}
        self.everyone = (1 << size) - 1

    def held(self, leaf: Leaf) -> int:
        found = self._known.get(leaf)
        if found is None:
            index = self._leaves[leaf.question].index(leaf)
            found = self._known[leaf] = self._with(
                leaf.question,
                [
                    at
                    for at, answer_class in enumerate(self._classes[leaf.question])
                    if answer_class.meets >> index & 1
                ],
            )
        return found

    def answered(self, question: str) -> int:
        return self.everyone & ~self._unanswered(question)

    def just(self, question: str, answer: str) -> int:
        """Those whom no leaf tells apart from who gives this one answer and no other."""
        named = (isinstance(leaf, Chosen) and answer in leaf.answers for leaf in self._leaves[question])
        meets = sum(1 << index for index, names in enumerate(named) if names)
        classes = enumerate(self._classes[question])
        return self._with(question, [at for at, each in classes if at and each.meets == meets])

    def find(self, part: int, *, nearest: bool = True) -> Patient | None:
        layers = self._layers if nearest and part else (part,)
        layer = next((common for layer in layers if (common := part & layer)), 0)
        if not layer:
            return None
        index = (layer & -layer).bit_length() - 1
        answers = dict(self._home)
        for question, those in self._classes.items():
            index, digit = divmod(index, len(those))
            answers[question] = those[digit].stored
        return {question: stored for question, stored in answers.items() if stored is not None}

    def _with(self, question: str, digits: Iterable[int]) -> int:
        stride, first = self._strides[question], self._unanswered(question)
        return sum([first << (digit * stride) for digit in digits])

    def _unanswered(self, question: str) -> int:
        """Those of the first class, from which the others are so many strides away."""
        if question not in self._silent:
            stride = self._strides[question]
            every = _repeated(stride * len(self._classes[question]), self._size)
            self._silent[question] = ((1 << stride) - 1) * every
        return self._silent[question]

    @cached_property
    def _layers(self) -> list[int]:
        """Layer n: those who are n away from home, where no answer counts as two answers away."""
        layers = [1]
        for question, those in self._classes.items():
            stride, home = self._strides[question], self._home_of(question)
            elsewhere = [at * stride for at in range(1, len(those)) if at != home]
            same = [layer << (home * stride) for layer in layers]
            moved = [sum(layer << shift for shift in elsewhere) for layer in layers]
            silent = layers if home else [0] * len(layers)
            away = zip([*same, 0, 0], [0, *moved, 0], [0, 0, *silent], strict=True)
            layers = [stays | other | none for stays, other, none in away]
        return layers

    def _home_of(self, question: str) -> int:
        home = self._home.get(question)
        return next(
            (at for at, answer_class in enumerate(self._classes[question]) if answer_class.stored == home), 0
        )


@lru_cache(maxsize=4096)
def _repeated(period: int, size: int) -> int:
    """Bits 0, period, 2 * period, ... below `size`, which `period` divides."""
    bits, there = 1, period
    while there < size:
        bits |= bits << there
        there *= 2
    return bits & ((1 << size) - 1)


class Given:
    """A space in which everybody holds this one answer to this one question."""

    def __init__(self, space: Space, question: str, counted: Any) -> None:
        self._space = space
        self._question = question
        self._answers = {question: counted}
        self.everyone, self.nobody = space.everyone, space.nobody
        self.every, self.some, self.but = space.every, space.some, space.but
        self.any, self.find = space.any, space.find

    def held(self, leaf: Leaf) -> int:
        if leaf.question != self._question:
            return self._space.held(leaf)
        return self.everyone if compile_condition(leaf)(self._answers) else self.nobody

    def answered(self, question: str) -> int:
        return self.everyone if question == self._question else self._space.answered(question)


class ListedPatients(_Bits):
    """Patients that are given one by one; bit n is the n-th."""

    def __init__(self, rule_set: RuleSet, patients: Sequence[Stored]) -> None:
        self._patients = patients
        self._counted: dict[str, list[tuple[int, Any]]] = {}
        self.everyone = (1 << len(patients)) - 1
        for at, patient in enumerate(patients):
            for name, stored in patient.items():
                question = rule_set.by_id.get(name)
                counted = None if question is None or stored is None else question.read(stored)
                if counted is not None:
                    self._counted.setdefault(name, []).append((1 << at, counted))
        self._known: dict[Leaf, int] = {}

    def held(self, leaf: Leaf) -> int:
        found = self._known.get(leaf)
        if found is None:
            test, question = compile_condition(leaf), leaf.question
            found = self._known[leaf] = sum(
                bit for bit, counted in self._counted.get(question, ()) if test({question: counted})
            )
        return found

    def answered(self, question: str) -> int:
        return sum(bit for bit, _ in self._counted.get(question, ()))

    def find(self, part: int, *, nearest: bool = True) -> Patient | None:
        del nearest  # none of them is usual
        return dict(self._patients[(part & -part).bit_length() - 1]) if part else None

    def those(self, part: int) -> list[int]:
        """The numbers of the patients in `part`."""
        return [at for at in range(len(self._patients)) if part >> at & 1]
