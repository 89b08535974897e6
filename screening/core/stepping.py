"""One step of one request: the act is checked, its entries count, and what follows by itself follows.

The desk makes every change through `step`, and the proof over all histories tries the same function.
Pure: nothing here knows a database, a clock or a key.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from screening.core import owed, workflow
from screening.core.dealings import Dealings, fold
from screening.core.entries import Written
from screening.core.owed import ContactClock, ReviewClock
from screening.core.workflow import BOOKABLE, Doer, Facts, Figures, is_finished

# After these the patient waits for something new.
FRESH = frozenset({"reach", "wait_for_patient", "book", "unbook", "cancel", "reopen"})


@dataclass(frozen=True, slots=True)
class Position:
    """Where a request stands: its status and what the desk made of it. Hashable, with value equality."""

    status: str
    dealings: Dealings
    _hash: int = field(init=False, repr=False, compare=False)  # worked out once: searches look much up

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.status, self.dealings)))

    def __hash__(self) -> int:
        return self._hash

    def figures(self, others_open: int = 0) -> Figures:
        """What it amounts to; `others_open` counts what is in the way at the same person's other requests."""
        dealings = self.dealings
        finished = is_finished(self.status)
        open_flags = stopped = unsettled = 0
        waiting = len(dealings.unread) + (dealings.closing is not None)
        for item in dealings.items:  # one look at each: the proof over all histories comes by here most
            open_flags += item.open
            stopped += item.stopped
            unsettled += item.unsettled
            waiting += item.waits
        if self.status == "needs_review" and not dealings.asked:
            waiting = max(waiting, 1)  # somebody passed it on, and nobody has sent it back
        return Figures(
            open_flags=open_flags,
            stopped_flags=stopped,
            unsettled=unsettled,
            unread=len(dealings.unread),
            to_review=0 if finished else waiting,
            questions=0 if finished else len(dealings.asked),
            with_patient=0 if finished else sum(asked.put for asked in dealings.asked),
            others_open=0 if finished else others_open,
            appointment=dealings.booking.what if dealings.booking is not None else "",
            identity_checked=int(dealings.identity),
        )

    def facts(self, others_open: int = 0, given: Collection[str] = ()) -> Facts:
        """What the workflow's predicates look at."""
        figures = self.figures(others_open)
        return Facts(figures, self.dealings.identity, given=frozenset(given))

    def in_the_way(self) -> int:
        """How many things of this request stand in the way of the same person's other ones."""
        figures = self.figures()
        return 0 if is_finished(self.status) else figures.unread + figures.open_flags + figures.stopped_flags


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step came to; `moved` is the way to another status, where there was one."""

    position: Position
    figures: Figures
    work_list: str
    moved: str | None
    contact: ContactClock
    review: ReviewClock
    notices: frozenset[str] = field(default=frozenset())


def begun(position: Position, others_open: int = 0) -> Outcome:
    """A request as it arrives: both clocks as they start, and the notices it owes."""
    figures = position.figures(others_open)
    found = owed.work_list(position.status, figures)
    return Outcome(
        position,
        figures,
        found,
        None,
        "renew",
        owed.review_clock("", found),
        owed.notices("", found, was_urgent=False, urgent=False),
    )


def step(
    position: Position,
    name: str,
    roles: Collection[Doer | str],
    written: Sequence[Written] = (),
    *,
    others_open: int = 0,
    given: Collection[str] = (),
) -> Outcome:
    """Make one move of the table, with the entries that go with it. Raises Refused.

    Whatever leaves something in the way of a request in reception's hands takes it back to review.
    """
    facts = position.facts(others_open, given)
    move = workflow.check(name, position.status, roles, facts)
    status = move.to or position.status
    made = Position(status, fold(position.dealings, written))
    moved = move.name if move.to is not None else None
    if made.status in BOOKABLE and made.figures().in_the_way:
        made, moved = Position("needs_review", made.dealings), "call_back_to_review"
    return outcome(position, made, names=(name,), moved=moved, was_open=others_open, others_open=others_open)


def outcome(
    was: Position,
    made: Position,
    *,
    names: Collection[str] = (),
    moved: str | None = None,
    was_open: int = 0,
    others_open: int = 0,
) -> Outcome:
    """What all moves of one change came to, and what the same person's other requests make of it."""
    figures = made.figures(others_open)
    before = owed.work_list(was.status, was.figures(was_open))
    now = owed.work_list(made.status, figures)
    return Outcome(
        made,
        figures,
        now,
        moved,
        owed.contact_clock(before, now, fresh=not FRESH.isdisjoint(names)),
        owed.review_clock(before, now),
        owed.notices(before, now, was_urgent=bool(was.dealings.urgent), urgent=bool(made.dealings.urgent)),
    )
