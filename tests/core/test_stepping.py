"""Whom a request waits for, what of it is in the way of the same person's others, and who is told once."""

from __future__ import annotations

from datetime import date

import pytest

from screening.core.dealings import Asked, Dealings, Item
from screening.core.entries import Booking, Note
from screening.core.stepping import Position, begun, step
from screening.core.workflow import STATUSES, is_finished
from tests.core.kept_requests import written

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


def test_of_a_booking_that_another_request_of_the_person_stops_nothing_is_told_twice() -> None:
    booking = Booking(date(2026, 12, 1), "10:00", "Room 1")
    booked = Position("booked", Dealings(booking=booking, identity=True, urgent="The leg went cold"))
    done = step(booked, "note", {"reception"}, written(Note("They rang.")), others_open=1)
    assert (done.work_list, done.notices, done.contact) == ("booked_but_stopped", frozenset(), "keep")


def test_a_request_that_must_be_looked_at_is_told_to_clinicians_as_it_arrives() -> None:
    arrived = begun(Position("new", Dealings((OPEN,))))
    assert (arrived.work_list, arrived.review) == ("to_review", "start")
    assert "review_digest" in arrived.notices
