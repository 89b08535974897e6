"""What becomes of requests from the first day to the last; those of today are somewhere between."""

from __future__ import annotations

from typing import NamedTuple

from screening.cli.demo_work import (
    STOPPED,
    DemoStaff,
    DeskStep,
    Later,
    answers_all,
    at_reception,
    books,
    calls,
    closes,
    marks_urgent,
    passes,
    raises,
    reviews,
    withdraws,
)
from screening.desk import bookings, reception
from screening.desk.desk import Desk
from screening.storage import standing
from screening.storage.database import reading


class WholeStory(NamedTuple):
    """One in `weight` of all; `twice`: sent a second time the day after, which is found to be a duplicate."""

    weight: int
    then: tuple[Later, ...]
    flagged: bool = False
    twice: bool = False


def _other(desk: Desk, ref: str) -> str:
    """The same person's other request."""
    with reading(desk.service.engine) as connection:
        return next(other for other in standing.with_others(connection, [ref]) if other != ref)


def _marks_duplicate(desk: Desk, staff: DemoStaff, ref: str) -> None:
    at_reception(reception.mark_duplicate, _other(desk, ref))(desk, staff, ref)


def _closes_first(desk: Desk, staff: DemoStaff, ref: str) -> None:
    closes("patient_declined")(desk, staff, _other(desk, ref))


def _day(number: float) -> float:
    return 24 * number


_PROCEED: DeskStep = reviews("proceed", "Book half an hour", "Noted, will go through it")
_ASK: DeskStep = reviews("ask_patient", question="Which dose, since when?")
_ATTENDED = closes("attended")
_unbooks = at_reception(bookings.unbook, "The room is not free that day")
_reopens = at_reception(reception.reopen, "Rang again, the pain is back")
_asks_again = at_reception(reception.ask_again, changed=False)

STORIES: tuple[WholeStory, ...] = (
    WholeStory(22, (Later(5, closes("patient_declined")),)),
    WholeStory(12, (Later(26, closes("referred_elsewhere")),)),
    WholeStory(18, (Later(3, books(5)), Later(_day(8), _ATTENDED))),
    WholeStory(6, (Later(_day(5), closes("not_going_ahead")),)),  # later than was promised
    WholeStory(
        5,
        (
            Later(3, calls("no_answer")),
            Later(25, calls("left_message")),
            Later(_day(6), closes("cannot_reach")),
        ),
    ),
    WholeStory(4, (Later(20, withdraws),)),
    WholeStory(4, (Later(27, _marks_duplicate), Later(30, _closes_first)), twice=True),
    WholeStory(
        1, (Later(4, closes("patient_declined")), Later(_day(3), _reopens), Later(_day(5), withdraws))
    ),
    WholeStory(1, (Later(5, books(60)), Later(_day(56), _asks_again), Later(_day(63), _ATTENDED))),
    WholeStory(2, (Later(3, books(8)), Later(30, _unbooks), Later(50, books(6)), Later(_day(12), _ATTENDED))),
    WholeStory(1, (Later(2, passes), Later(8, _PROCEED), Later(28, books(4)), Later(_day(8), _ATTENDED))),
    WholeStory(
        1,
        (
            Later(3, books(7)),
            Later(30, raises),
            Later(50, STOPPED),
            Later(70, _unbooks),
            Later(_day(4), closes("not_going_ahead")),
        ),
    ),
    WholeStory(8, (Later(6, _PROCEED), Later(27, books(5)), Later(_day(9), _ATTENDED)), flagged=True),
    WholeStory(
        4,
        (Later(20, _PROCEED), Later(28, calls("reached")), Later(60, books(6)), Later(_day(11), _ATTENDED)),
        flagged=True,
    ),
    WholeStory(5, (Later(9, STOPPED), Later(30, closes("not_going_ahead"))), flagged=True),
    WholeStory(
        3,
        (
            Later(8, _ASK),
            Later(26, calls("left_message", asked=True)),
            Later(_day(3), answers_all),
            Later(_day(4), _PROCEED),
            Later(_day(5), books(4)),
            Later(_day(11), _ATTENDED),
        ),
        flagged=True,
    ),
    WholeStory(
        1,
        (Later(1, marks_urgent), Later(3, _PROCEED), Later(5, books(1)), Later(_day(4), _ATTENDED)),
        flagged=True,
    ),
)
