"""Spaces too large to enumerate: parts are literals, asked of a SAT solver one by one."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from screening.core.answers import Choices
from screening.core.conditions import Chosen, Leaf
from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.rules import RuleSet
from screening.core.stored import Stored
from screening.proving.answer_classes import AnswerClass
from screening.proving.patient_sets import Patient

BUDGET = 100_000  # conflicts, for all claims about one rule set: a few seconds


class Satisfied:
    """Every combination of answers to any number of questions, as one incremental formula.

    `classes` gives the classes of a question that is compared by bounds, under the leaves given with
    them. What is found cannot be brought nearer to `home` by a single answer.
    """

    def __init__(
        self,
        rule_set: RuleSet,
        classes: Callable[[str], tuple[Sequence[AnswerClass], Sequence[Leaf]]],
        home: Stored,
    ) -> None:
        # loaded here: nearly every rule set does without, and the service starts faster
        self._solver: Any = importlib.import_module("pysat.solvers").Glucose4()
        self._place = rule_set.place
        self._questions = rule_set.by_id
        self._classes = classes
        self._home = home
        self._last = 1
        self._gates: dict[frozenset[int], int] = {}
        self._variables: dict[str, dict[Any, int]] = {}
        self._answered: dict[str, int] = {}
        self.everyone, self.nobody = 1, -1
        self._solver.add_clause([1])

    def held(self, leaf: Leaf) -> int:
        variables = self._of(leaf.question)
        if isinstance(leaf, Chosen):
            return self.some(variables[answer] for answer in leaf.answers if answer in variables)
        classes, leaves = self._classes(leaf.question)
        bit = 1 << leaves.index(leaf)
        return self.some(variables[at] for at, answer_class in enumerate(classes) if answer_class.meets & bit)

    def answered(self, question: str) -> int:
        if question not in self._answered:
            self._answered[question] = self.some(self._of(question).values())
        return self._answered[question]

    def every(self, parts: Iterable[int]) -> int:
        return -self.some(-part for part in parts)

    def some(self, parts: Iterable[int]) -> int:
        those = frozenset(parts) - {self.nobody}
        if self.everyone in those or any(-part in those for part in those):
            return self.everyone
        if len(those) < 2:
            return next(iter(those), self.nobody)
        if those not in self._gates:
            gate = self._gates[those] = self._new()
            self._solver.add_clause([-gate, *those])
            for part in those:
                self._solver.add_clause([gate, -part])
        return self._gates[those]

    def but(self, part: int) -> int:
        return -part

    def any(self, part: int) -> bool:
        return part != self.nobody and self._solve([part])

    def _solve(self, assumptions: Sequence[int]) -> bool:
        """Within what is left of the budget. Raises RuleSetError beyond it."""
        left = BUDGET - int(self._solver.accum_stats()["conflicts"])
        self._solver.conf_budget(max(left, 1))
        found = self._solver.solve_limited(assumptions=list(assumptions)) if left > 0 else None
        if found is None:
            what = "So many answers decide together that it cannot be proved within the budget."
            remedy = "Split its condition, or let fewer questions decide."
            raise RuleSetError([Problem(self._place, "unproved", what, remedy)])
        return bool(found)

    def find(self, part: int, *, nearest: bool = True) -> Patient | None:
        if not self.any(part):
            return None
        return self._answers(self._nearest(part) if nearest else self._model())

    def _nearest(self, part: int) -> frozenset[int]:
        """A model, brought home question by question as far as `part` lets it."""
        holds = self._model()
        settled = [part]
        for question, variables in list(self._variables.items()):
            home = self._at_home(question)
            wanted = [variable if variable in home else -variable for variable in variables.values()]
            if any((variable in holds) != (variable in home) for variable in variables.values()):
                if not self._solve([*settled, *wanted]):
                    continue
                holds = self._model()
            settled += wanted
        return holds

    def _model(self) -> frozenset[int]:
        return frozenset(literal for literal in self._solver.get_model() if literal > 0)

    def _answers(self, holds: frozenset[int]) -> Patient:
        answers = dict(self._home)
        for question, variables in self._variables.items():
            chosen = [key for key, variable in variables.items() if variable in holds]
            answers.pop(question, None)
            if chosen and {variables[key] for key in chosen} == self._at_home(question):
                answers[question] = self._home[question]
            elif chosen:
                answers[question] = self._stored(question, chosen)
        return answers

    def _stored(self, question: str, chosen: list[Any]) -> Any:
        comparison = self._questions[question].kind.comparison
        if isinstance(comparison, Choices):
            return comparison.stored(chosen)
        return self._classes(question)[0][chosen[0]].stored

    def _at_home(self, question: str) -> frozenset[int]:
        """The variables that hold for the usual patient's answer."""
        home = self._home.get(question)
        if home is None or self._questions[question].read(home) is None:
            return frozenset()
        variables = self._of(question)
        if self._questions[question].kind.chosen:
            return frozenset(variables[answer] for answer in (home if isinstance(home, list) else [home]))
        classes = self._classes(question)[0]
        return frozenset(
            variables[at] for at, answer_class in enumerate(classes) if answer_class.stored == home
        )

    def _of(self, question: str) -> dict[Any, int]:
        """The variables of a question: one for each answer, or each class of what is compared by bounds."""
        if question not in self._variables:
            asked = self._questions[question]
            keys: list[Any] = [answer.id for answer in asked.answers]
            if not asked.kind.chosen:
                keys = list(range(1, len(self._classes(question)[0])))
            alone = [answer.id for answer in asked.answers if answer.alone]
            variables = self._variables[question] = {key: self._new() for key in keys}
            if asked.kind.several:
                for key, other in _beside(alone, keys):
                    self._solver.add_clause([-variables[key], -variables[other]])
            else:
                self._at_most_one(list(variables.values()))
        return self._variables[question]

    def _at_most_one(self, variables: Sequence[int]) -> None:
        """By a ladder, whose clauses grow as the answers do and not as their pairs."""
        before = None
        for variable in variables:
            reached = self._new()
            self._solver.add_clause([-variable, reached])
            if before is not None:
                self._solver.add_clause([-before, reached])
                self._solver.add_clause([-variable, -before])
            before = reached

    def _new(self) -> int:
        self._last += 1
        return self._last


def _beside(alone: Sequence[Any], keys: Sequence[Any]) -> Iterable[tuple[Any, Any]]:
    return ((key, other) for key in alone for other in keys if key != other)
