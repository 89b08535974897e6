"""What time makes of a request: lists that begin at a moment, times that run out, who is reminded.

These tables stand beside `owed.WORK_LISTS`. The storage makes its conditions from them, so that
what a page counts, lists and marks, and what a reminder says, is the same. Pure: `now` is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from screening.core.owed import WORK_LISTS
from screening.core.wording import marked
from screening.core.workflow import DESK, Role

ClockColumn = Literal["due_at", "review_due_at", "ask_again_at"]  # columns of a request's row
URGENT: Literal["marked_urgent"] = "marked_urgent"  # since somebody said so, whatever day it is


class Dated(Protocol):
    """A request's row, as far as time makes anything of it."""

    @property
    def work_list(self) -> str: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def review_due_at(self) -> datetime | None: ...
    @property
    def ask_again_at(self) -> datetime | None: ...
    @property
    def rank(self) -> int: ...


@dataclass(frozen=True, slots=True)
class TimedList:
    """Requests of the list `of`, marked urgent or from a moment on; `who` may do what they wait for."""

    name: str
    label: str
    who: tuple[Role, ...]
    of: str
    since: ClockColumn | Literal["marked_urgent"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something owed until a moment; not on the list `but`, where that moment says something else."""

    name: str
    label: str
    until: ClockColumn
    but: str = ""

    @property
    def elsewhere(self) -> tuple[str, str]:
        """The lists on which nothing is owed by it: that of finished requests, and `but`."""
        return ("", self.but)


TIMED_LISTS: tuple[TimedList, ...] = (  # the first whose moment has come is the request's
    # Asking the patient begins the promise to get in touch anew: when it runs out, they are asked again.
    TimedList("no_answer_yet", marked("No answer yet"), DESK, "waiting_for_patient", "due_at"),
    # The promise of a booked request runs until the end of the day of its appointment.
    TimedList("appointment_over", marked("Appointment over"), ("reception", "clinician"), "booked", "due_at"),
    TimedList(
        "to_ask_again",
        marked("To ask again before the day"),
        ("reception", "clinician"),
        "booked",
        "ask_again_at",
    ),
    # What was booked rests until its day; what somebody was told and marked urgent does not wait for it.
    TimedList("urgent_before_the_day", marked("Booked, and marked urgent"), DESK, "booked", URGENT),
)
DEADLINES: tuple[Deadline, ...] = (
    Deadline("late_contact", marked("Contact is late"), "due_at", but="booked"),
    Deadline("late_review", marked("Review is late"), "review_due_at"),
)
ALL_LISTS: Mapping[str, str] = {  # name -> label, in the order in which they are shown
    **{found.name: found.label for found in WORK_LISTS if found.name not in ("booked", "to_book")},
    **{found.name: found.label for found in TIMED_LISTS},
    **{found.name: found.label for found in WORK_LISTS if found.name in ("booked", "to_book")},
}
RESTING = "booked"  # nothing is to be done until one of its timed lists begins
# Who is told each working day, as long as there is any, how many there are.
REMINDERS: Mapping[Role, tuple[str, ...]] = {
    "reception": (
        "late_contact",
        "to_ask",
        "no_answer_yet",
        "booked_but_stopped",
        "to_tell",
        "to_ask_again",
        "appointment_over",
        "urgent_before_the_day",
    ),
    "clinician": ("late_review", "to_review", "urgent_before_the_day"),
}


def _come(row: Dated, moment: ClockColumn, now: datetime) -> bool:
    found: datetime | None = getattr(row, moment)
    return found is not None and found <= now


def _begun(row: Dated, timed: TimedList, now: datetime) -> bool:
    return row.rank == 0 if timed.since == URGENT else _come(row, timed.since, now)


def list_now(row: Dated, now: datetime) -> str:
    """The one list that a request is on now; empty for a finished one without an appointment."""
    timed = (found for found in TIMED_LISTS if found.of == row.work_list and _begun(row, found, now))
    return next((found.name for found in timed), row.work_list)


def late(row: Dated, now: datetime) -> frozenset[str]:
    """The names of the deadlines that have run out."""
    return frozenset(
        found.name
        for found in DEADLINES
        if row.work_list not in found.elsewhere and _come(row, found.until, now)
    )
