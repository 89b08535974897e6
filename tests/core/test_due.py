"""What comes next is something that can be done: no row and no page offers what the workflow refuses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from screening.core import waiting, workflow
from screening.core.due import DUE, OTHER_FIRST, due
from screening.core.owed import work_list
from screening.core.workflow import BOOKABLE, BY_NAME, GIVEN, Facts, Figures

COUNTS = ("open_flags", "stopped_flags", "unread", "to_review", "questions", "with_patient", "others_open")


def positions() -> Iterator[tuple[str, Figures]]:
    """Open states with figures that the desk can come to."""
    for status, counts, what, known in product(
        workflow.STATUSES, product((0, 1), repeat=len(COUNTS)), ("", "consultation"), (0, 1)
    ):
        given = dict(zip(COUNTS, counts, strict=True))
        figures = Figures(**given, appointment=what, identity_checked=known)
        waits = figures.to_review or (figures.questions and not figures.unread)
        if figures.with_patient > figures.questions or (status == "needs_review" and not waits):
            continue
        if workflow.is_finished(status) or (status == "booked") > bool(what):
            continue
        if (figures.in_the_way and status in BOOKABLE) or (figures.unread + figures.open_flags and not waits):
            continue
        yield status, figures


def lists_of(found: str) -> list[str]:
    """The list, and what time may make of it."""
    return [found, *(timed.name for timed in waiting.TIMED_LISTS if timed.of == found)]


def test_each_list_says_what_comes_next() -> None:
    assert set(DUE) == {"", *waiting.ALL_LISTS}


def test_what_comes_next_lacks_nothing_but_what_is_given_with_it() -> None:
    tried = 0
    for status, figures in positions():
        for listed in lists_of(work_list(status, figures)):
            found = due(listed, status, figures)
            if not found.act:
                continue
            move = BY_NAME[found.act]
            if (status, found.act) == ("new", "book"):  # made ready by the same press
                move = BY_NAME["make_ready"]
            facts = Facts(
                figures,
                identity=bool(figures.identity_checked)
                or found.act == "book",  # which says it with the booking
                by_clinician="clinician" in found.who,
                given=GIVEN - {"treatment"},
            )
            assert status in move.from_, (status, listed, found)
            assert move.missing(facts) == (), (status, listed, figures)
            assert set(found.who) <= set(move.who)
            tried += 1
    assert tried > 50


def test_nothing_is_booked_past_another_request_of_the_same_person() -> None:
    assert due("to_book", "new", Figures(others_open=1)) is OTHER_FIRST
