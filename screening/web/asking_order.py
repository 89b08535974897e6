"""Which questions stand on a page together, in which order the pages come, and what stands on them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from screening.core.conditions import Answers
from screening.core.rules import Question
from screening.service.progress import Progress, progress
from screening.service.visit import Visit


class Hanging(NamedTuple):
    """When a question is asked: in words, and as data for the script."""

    words: str
    when: str


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


class Paging:
    """As the rules say, for one question or a few at a time."""

    def order(self, visit: Visit) -> Order:
        """In which the path is asked."""
        return Order(visit.pages, frozenset(visit.path.due))

    def may_be_on_page(self, visit: Visit, question: str) -> tuple[str, ...]:
        """The questions of a question's page, also those that it does not show now."""
        return visit.rule_set.pages[question]

    def on_page(self, visit: Visit, question: str) -> list[str]:
        """The questions of a question's page, itself among them, as it is opened now."""
        page = visit.rule_set.pages[question]
        return [asked for asked in page if asked == question or asked in visit.path.asked]

    def so_far(self, visit: Visit, here: Collection[str]) -> Answers | None:
        """What counts beside a page, where questions that hang on each other stand together."""
        del visit, here
        return None

    def hanging(self, visit: Visit, question: Question, here: Collection[str]) -> Hanging | None:
        """When a question of a page is asked, where other answers of it say so."""
        del visit, question, here
        return None

    def heading(self, visit: Visit, here: Sequence[Question]) -> str:
        """What stands above a page of questions."""
        del visit
        return here[0].ask if len(here) == 1 else here[0].page or ""

    def progress(self, visit: Visit, here: Collection[str]) -> Progress | None:
        """How many pages may still come."""
        return progress(visit, here)


AS_THE_RULES_SAY = Paging()
