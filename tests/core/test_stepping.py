"""Whom a request waits for, and what of it stands in the way of the same person's others."""

from __future__ import annotations

import pytest

from screening.core.dealings import Asked, Dealings, Item
from screening.core.stepping import Position
from screening.core.workflow import STATUSES, is_finished

OPEN, STOPPED = Item("x", "consultation", "open"), Item("y", "consultation", "stopped")
UNREAD = frozenset({"words:a"})


@pytest.mark.parametrize("status", STATUSES)
def test_a_finished_request_waits_for_nobody_and_is_in_no_others_way(status: str) -> None:
    at = Position(status, Dealings((OPEN,), UNREAD, (Asked("q", "x", put=True),)))
    figures = at.figures(others_open=3)
    waits = figures.to_review, figures.questions, figures.with_patient, figures.others_open, at.in_the_way()
    assert set(map(bool, waits)) == {not is_finished(status)}
    assert figures.open_flags == figures.unread == 1  # which whoever looks back still sees


@pytest.mark.parametrize(
    ("dealings", "in_the_way"),
    [
        (Dealings((OPEN,)), 1),
        (Dealings((STOPPED,)), 1),
        (Dealings(unread=UNREAD), 1),
        (Dealings((OPEN, STOPPED), UNREAD), 3),
        (Dealings((Item("x", "consultation", "settled"), Item("z", "treatment", "open"))), 0),
    ],
)
def test_what_is_open_stopped_or_unread_is_in_the_way_of_the_same_persons_others(
    dealings: Dealings, in_the_way: int
) -> None:
    assert Position("ready_to_book", dealings).in_the_way() == in_the_way
