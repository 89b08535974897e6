"""In which order a door asks what a patient's path holds, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from screening.core.grouping import groups
from screening.service.visit import Visit


@dataclass(frozen=True, slots=True)
class Order:
    """The pages that are asked, each as its questions, and the questions that are still due."""

    pages: tuple[tuple[str, ...], ...]
    due: frozenset[str]

    @property
    def next(self) -> str | None:
        """The first question of the first page that has one due; None when everything is answered."""
        return next((page[0] for page in self.pages if not self.due.isdisjoint(page)), None)

    def reaches(self, question: str) -> bool:
        """Whether it is asked, and every page above its own is done."""
        return any(question in page for page in self.pages[: self.position(self.next)])

    def position(self, question: str | None) -> int:
        """Of its page, counted from 1; that of the last for a question that is not asked."""
        for number, page in enumerate(self.pages, 1):
            if question in page:
                return number
        return len(self.pages)

    def before(self, question: str | None) -> str | None:
        """The first question of the page before; None for the first page, the last one's for no question."""
        at = self.position(question) - (1 if question is None else 2)
        return self.pages[at][0] if at >= 0 else None


class GroupOrder(Order):
    """Of large pages: on with the first question that is due, wherever it stands on its page."""

    @property
    def next(self) -> str | None:
        """The first question due on the first page that has one; None when everything is answered."""
        return next((asked for page in self.pages for asked in page if asked in self.due), None)


def order_of(visit: Visit) -> Order:
    """The path's own order."""
    return Order(visit.pages, frozenset(visit.path.due))


def in_groups(visit: Visit) -> Order:
    """The order of a door that asks in groups."""
    asked = frozenset(visit.path.asked)
    found = (tuple(one for one in group if one in asked) for group in groups(visit.rule_set))
    return GroupOrder(tuple(page for page in found if page), frozenset(visit.path.due))
