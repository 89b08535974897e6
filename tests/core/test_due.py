"""What comes next is something that can be done: no row and no page offers what the workflow refuses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from screening.core import waiting, workflow
from screening.core.due import DUE, OTHER_FIRST, due, reasons
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


SEEN: dict[str, Any] = {"appointment": "consultation", "identity_checked": 1}
UNSEEN = SEEN | {"identity_checked": 0}
STOPPED = {"stopped_flags": 1}


@pytest.mark.parametrize(
    ("listed", "status", "figures", "act"),
    [
        ("to_book", "new", {}, "book"),
        ("to_book", "contacted", {"others_open": 1}, ""),
        ("to_book", "needs_review", SEEN, "let_stand"),
        ("to_book", "needs_review", UNSEEN, "check_identity"),
        ("booked_but_stopped", "booked", UNSEEN, "check_identity"),
        ("booked_but_stopped", "booked", SEEN | {"others_open": 1}, ""),
        ("booked_but_stopped", "booked", UNSEEN | STOPPED | {"others_open": 1}, "unbook"),
        ("booked_but_stopped", "needs_review", SEEN | STOPPED, "cancel"),
        ("booked_but_stopped", "withdrawn", UNSEEN, "cancel"),
        ("to_review", "needs_review", UNSEEN | {"others_open": 1}, "decide"),
        ("to_tell", "new", STOPPED | {"others_open": 1}, "close"),
        ("booked", "booked", SEEN, ""),
    ],
)
def test_of_several_things_the_one_comes_next_without_which_the_others_mean_nothing(
    listed: str, status: str, figures: dict[str, Any], act: str
) -> None:
    assert due(listed, status, Figures(**figures)).act == act


def test_reasons_name_what_there_is_of_and_how_much() -> None:
    found = dict(reasons(Figures(open_flags=2, unread=1, appointment="consultation")))
    assert sorted(found.values()) == [1, 1, 2]
    assert reasons(Figures(identity_checked=1)) == ()
