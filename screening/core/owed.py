"""What is owed of a request: the one work list that it is on, which clocks run, whom to tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from screening.core.wording import marked
from screening.core.workflow import CLINICIANS, DESK, Figures, Role, is_finished


@dataclass(frozen=True, slots=True)
class WorkList:
    """Requests that wait for the same thing; `who` may do it."""

    name: str
    label: str
    who: tuple[Role, ...]
    holds: Callable[[str, Figures], bool]


WORK_LISTS: tuple[WorkList, ...] = (  # the first that holds is the request's
    WorkList("to_review", marked("To review"), CLINICIANS, lambda _status, figures: figures.to_review > 0),
    WorkList(
        "to_ask",  # where an appointment stands, the desk asks until there is an answer
        marked("To ask the patient"),
        DESK,
        lambda _status, figures: (
            figures.questions > 0 and (figures.questions > figures.with_patient or bool(figures.appointment))
        ),
    ),
    WorkList(
        "waiting_for_patient",
        marked("Waiting for the patient"),
        DESK,
        lambda _status, figures: figures.questions > 0,
    ),
    WorkList(
        "booked_but_stopped",
        marked("Booked but stopped"),
        DESK,
        lambda _status, figures: (
            bool(figures.appointment)
            and (figures.stopped_flags + figures.others_open + figures.unidentified > 0)
        ),
    ),
    WorkList("to_tell", marked("Stopped: tell the patient"), DESK, lambda _s, f: f.stopped_flags > 0),
    WorkList("booked", marked("Booked"), DESK, lambda status, _figures: status == "booked"),
    WorkList("to_book", marked("To book"), DESK, lambda _status, _figures: True),
)
LISTS = {found.name: found for found in WORK_LISTS}


def work_list(status: str, figures: Figures) -> str:
    """The list that a request is on; empty for a finished one, unless an appointment still stands."""
    if is_finished(status):
        return "booked_but_stopped" if figures.appointment and status != "closed" else ""
    return next(found.name for found in WORK_LISTS if found.holds(status, figures))


# The clocks: one for getting in touch, one for the review.

ContactClock = Literal["keep", "renew", "appointment", "stop"]
ReviewClock = Literal["keep", "start", "stop"]


def contact_clock(before: str, now: str, *, fresh: bool = False) -> ContactClock:
    """What becomes of the promise to get in touch, from work list to work list.

    It runs for as long as the request is open; of one that is booked, until the day of the appointment.
    `fresh`: the patient was reached, or told of a new day, so that a new time begins.
    """
    if not now:
        return "stop"
    if now == "booked":
        return "appointment" if fresh or before != "booked" else "keep"
    return "renew" if fresh or before in ("", "booked") else "keep"


def review_clock(before: str, now: str) -> ReviewClock:
    """It runs from when something waits for a clinician until nothing does."""
    if now != "to_review":
        return "stop"
    return "keep" if before == "to_review" else "start"


# The notices that a change owes.


def notices(before: str, now: str, *, was_urgent: bool, urgent: bool) -> frozenset[str]:
    """Whom to tell of a change of list or urgency: kinds of notices, as the outbox knows them."""
    owed = set()
    if now == "to_review" != before:
        owed.add("review_digest")
    if now == "booked_but_stopped" != before:
        owed.add("stopped_booking")
    if urgent and not was_urgent and now:
        owed.add("marked_urgent")
    return frozenset(owed)
