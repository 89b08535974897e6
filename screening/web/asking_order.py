"""In which order a door asks what a patient's path holds."""

from __future__ import annotations

from dataclasses import dataclass

from screening.service.patient import Visit


@dataclass(frozen=True, slots=True)
class Order:
    """The questions that are asked, and those of them that are still due."""

    asked: tuple[str, ...]
    due: frozenset[str]

    @property
    def next(self) -> str | None:
        """The first that is due; None when everything is answered."""
        return next((question for question in self.asked if question in self.due), None)

    def reaches(self, question: str) -> bool:
        """Whether it is asked, and everything asked above it is done."""
        return question in self.asked[: self.position(self.next)]

    def position(self, question: str | None) -> int:
        """Counted from 1; that of the last for one that is not asked."""
        return self.asked.index(question) + 1 if question in self.asked else len(self.asked)

    def before(self, question: str) -> str | None:
        """The one asked before it; None for the first, and for one that is not asked."""
        return self.asked[self.position(question) - 2] if question in self.asked[1:] else None


def order_of(visit: Visit, first: tuple[str, ...] = ()) -> Order:
    """The path's own order, but for the kinds of contact that come `first`."""
    asked, by_id = visit.path.asked, visit.rule_set.by_id
    ahead = tuple(question for kind in first for question in asked if by_id[question].contact == kind)
    rest = tuple(question for question in asked if question not in ahead)
    return Order(ahead + rest, frozenset(visit.path.due))
