"""Many questions on a page, as staff ask them: the groups of `core.grouping`."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from screening.core.conditions import Answers
from screening.core.grouping import groups, may_be_asked
from screening.core.rules import Question
from screening.service.visit import Visit
from screening.staff.asked_only_if import as_data, in_words
from screening.web.asking_order import Hanging, Order, Paging
from screening.web.words import gettext as _


class GroupOrder(Order):
    """Of large pages: on with the first question that is due, wherever it stands on its page."""

    @property
    def next(self) -> str | None:
        """The first question due on the first page that has one; None when everything is answered."""
        return next((asked for page in self.pages for asked in page if asked in self.due), None)


class InGroups(Paging):
    """As staff are trained to ask them."""

    def order(self, visit: Visit) -> Order:
        """Group by group."""
        asked = frozenset(visit.path.asked)
        found = (tuple(one for one in group if one in asked) for group in groups(visit.rule_set))
        return GroupOrder(tuple(page for page in found if page), frozenset(visit.path.due))

    def may_be_on_page(self, visit: Visit, question: str) -> tuple[str, ...]:
        """Its group."""
        return next(group for group in groups(visit.rule_set) if question in group)

    def on_page(self, visit: Visit, question: str) -> list[str]:
        """Its group, with whatever answers to it may lead to."""
        group = self.may_be_on_page(visit, question)
        return [*may_be_asked(visit.rule_set, group, self.so_far(visit, group))]

    def so_far(self, visit: Visit, here: Collection[str]) -> Answers:
        """The answers of the other pages."""
        return {asked: answer for asked, answer in visit.path.answers.items() if asked not in here}

    def hanging(self, visit: Visit, question: Question, here: Collection[str]) -> Hanging | None:
        """In the words of the questions above it."""
        follows = visit.rule_set.follows(question.id)
        if question.ask_when is None or not set(follows).intersection(here):
            return None
        when = as_data(question.ask_when, here, self.so_far(visit, here))
        return Hanging(in_words(visit.rule_set, question.ask_when), json.dumps(when))

    def heading(self, visit: Visit, here: Sequence[Question]) -> str:
        """What it is about, and which page of how many."""
        pages, about = self.order(visit), dict.fromkeys(question.section or "" for question in here)
        number = pages.position(next((q.id for q in here if q.id in visit.path.asked), None))
        what, of = ", ".join(filter(None, about)), len(pages.pages)
        return _("%(what)s (page %(number)s of %(of)s)", what=what, number=number, of=of)

    def progress(self, visit: Visit, here: Collection[str]) -> None:
        """The heading says it."""
        del visit, here
