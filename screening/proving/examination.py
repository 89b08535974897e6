"""What all claims about one rule set share while they are examined, and how messages name things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from screening.core.answers import show
from screening.core.conditions import Leaf
from screening.core.findings import ProofCode
from screening.core.rules import Question
from screening.proving.model import World, named
from screening.proving.patient_sets import Patient
from screening.proving.worlds import Book

__all__ = ["SERIOUS", "Examination", "named", "quoted"]
SERIOUS: frozenset[ProofCode] = frozenset(
    {
        "lost-answer",
        "hidden-safety",
        "hidden-by-another",
        "unproved",
        "quieter-when-worse",
        "stale-answer-counts",
    }
)


@dataclass
class Examination:
    """A rule set under examination: how many claims were checked, and what was hard."""

    book: Book
    checked: Counter[str] = field(default_factory=Counter)
    hard: dict[str, None] = field(default_factory=dict)
    owner: str = ""  # of what the claim was about that was examined last
    patients: list[Patient] = field(default_factory=list)  # who showed that a rule can appear or stay away

    def world(self, owner: str, names: Iterable[str], told_apart: Iterable[Leaf] = ()) -> World:
        """The world for a claim about `owner`."""
        self.owner = owner
        world, hard = self.book.world(names, told_apart)
        if hard:
            self.hard[owner] = None
        return world


def quoted(question: Question, stored: Any) -> str:
    """A stored answer in the words of the question."""
    if stored is None:
        return "no answer"
    return ", ".join(f"“{line}”" for line in show(question, stored))
