"""In which order a door asks what a patient's path holds, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from screening.service.patient import Visit


@dataclass(frozen=True, slots=True)
class Order:
    """The pages that are asked, each as its questions, and the questions that are still due."""

    pages: tuple[tuple[str, ...], ...]
    due: frozenset[str]

    @property
    def next(self) -> str | None:
        """The first question of the first page that has one due; None when everything is answered."""
        return next((page[0] for page in self.pages if self.due.intersection(page)), None)

    def reaches(self, question: str) -> bool:
        """Whether it is asked, and every page above its own is done."""
        return any(question in page for page in self.pages[: self.position(self.next)])

    def position(self, question: str | None) -> int:
        """Of its page, counted from 1; that of the last for a question that is not asked."""
        found = (number for number, page in enumerate(self.pages, 1) if question in page)
        return next(found, len(self.pages))

    def before(self, question: str | None) -> str | None:
        """The first question of the page before; None for the first page, the last one's for no question."""
        at = self.position(question) - (1 if question is None else 2)
        return self.pages[at][0] if at >= 0 else None


def order_of(visit: Visit, first: tuple[str, ...] = ()) -> Order:
    """The path's own order, but for the pages with kinds of contact that come `first`."""
    by_id, together = visit.rule_set.by_id, visit.rule_set.pages
    pages = [tuple(page) for _, page in groupby(visit.path.asked, key=together.__getitem__)]
    ahead = [page for kind in first for page in pages if any(by_id[asked].contact == kind for asked in page)]
    return Order(tuple(dict.fromkeys([*ahead, *pages])), frozenset(visit.path.due))
