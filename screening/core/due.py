"""What a request waits for now: the one act that comes next, and whose it is.

Each work list says it once, for rows and for pages; tests hold it to `MOVES`. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from screening.core.wording import marked
from screening.core.workflow import BOOKABLE, CLINICIANS, DESK, Figures, Role, is_finished


@dataclass(frozen=True, slots=True)
class NextAct:
    """`act` is a move of the workflow; empty: nobody can do anything here now."""

    words: str  # marked for translators
    act: str
    who: tuple[Role, ...] = DESK


class InTheWay(NamedTuple):
    """How much of something makes it so."""

    figure: str  # of Figures
    words: str  # with a count


DUE: Mapping[str, NextAct] = {  # by the list that a request is on now
    "to_review": NextAct(marked("Review"), "decide", CLINICIANS),
    "to_ask": NextAct(marked("Ask the patient"), "answer"),
    "waiting_for_patient": NextAct(marked("Enter the patient’s answer"), "answer"),
    "no_answer_yet": NextAct(marked("Ask the patient again"), "answer"),
    "booked_but_stopped": NextAct(marked("Cancel the appointment"), "unbook"),
    "to_tell": NextAct(marked("Tell the patient, then close it"), "close"),
    "appointment_over": NextAct(marked("Say whether the patient came"), "close"),
    "to_ask_again": NextAct(marked("Ask again before the day"), "ask_again"),
    "urgent_before_the_day": NextAct(
        marked("See to what is urgent, then take the mark off"), "unmark_urgent"
    ),
    "booked": NextAct(marked("Nothing until the day"), ""),
    "to_book": NextAct(marked("Book"), "book"),
    "": NextAct(marked("Nothing more"), ""),
}
DOES_NOT_OPEN = NextAct(marked("Tell whoever runs this service"), "")  # by no list: nobody can read for whom
PART_DOES_NOT_OPEN = NextAct(marked("It cannot be opened: tell whoever runs this service"), "")
WHO_IT_IS = NextAct(marked("Check who it is"), "check_identity")
OTHER_FIRST = NextAct(marked("Look at this person’s other request first"), "")
STILL_STANDS = NextAct(marked("Say whether the appointment still stands"), "let_stand", ("clinician",))
REASONS: tuple[InTheWay, ...] = (
    InTheWay("stopped_flags", marked("%(count)s stopped")),
    InTheWay("open_flags", marked("%(count)s to look at")),
    InTheWay("unread", marked("%(count)s to read")),
    InTheWay("questions", marked("%(count)s to ask")),
    InTheWay("unidentified", marked("nobody has checked who the appointment is for")),
    InTheWay("others_open", marked("%(count)s open in another request of this person")),
)


def due(listed: str, status: str, figures: Figures) -> NextAct:
    """What comes next on the list that a request is on now."""
    found = DUE[listed]
    waits = listed in ("to_book", "booked_but_stopped") and not figures.stopped_flags
    if waits and figures.unidentified and not is_finished(status):
        return WHO_IT_IS
    if waits and figures.others_open:
        return OTHER_FIRST
    if (
        listed == "to_book" and figures.appointment and status not in BOOKABLE
    ):  # it was stopped, and is not any more
        return STILL_STANDS
    return replace(found, act="cancel") if found.act == "unbook" and status != "booked" else found


def reasons(figures: Figures) -> tuple[tuple[str, int], ...]:
    """Why, in words with a count each; nothing where nothing is in the way."""
    found = ((reason.words, getattr(figures, reason.figure)) for reason in REASONS)
    return tuple((words, count) for words, count in found if count)
