"""How far the desk has got with a request: each safety item, what was read, what is booked.

`Dealings` is folded from what staff wrote, one entry after the other, by one table. The desk, the
counts on a request's row and the proof over all histories use this same fold. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Literal, NamedTuple

from screening.core.entries import (
    Booking,
    Call,
    ClosingAsked,
    Decision,
    Entry,
    FlagDecision,
    IdentityCheck,
    MessageSent,
    NextStep,
    NotSame,
    PatientAnswer,
    PatientQuestion,
    Raised,
    Read,
    Reopening,
    Unbooking,
    Urgency,
    Written,
)

Gate = Literal["consultation", "treatment"]  # what may not be booked before an item is dealt with
ItemState = Literal["open", "asked", "answered", "noted", "settled", "stopped"]

# Handlings that wait for the treatment; one that is not known is as heavy as any: somebody must look.
LIGHTER = ("arrange", "discuss_at_consultation")
DECIDED: Mapping[Decision, ItemState] = {
    "proceed": "noted",
    "discuss": "noted",
    "settled": "settled",
    "ask_patient": "asked",
    "do_not_proceed": "stopped",
}


def weight(handling: str) -> int:
    """How soon somebody looks: greater is sooner."""
    return LIGHTER.index(handling) if handling in LIGHTER else len(LIGHTER)


def gate_of(handling: str) -> Gate:
    """What may not be booked before a flag that is handled so is dealt with."""
    return "treatment" if handling in LIGHTER else "consultation"


@dataclass(frozen=True, slots=True)
class Item:
    """Something for a doctor or nurse: a raised flag, or what somebody raised at the desk."""

    id: str
    gate: Gate
    state: ItemState = "open"

    @property
    def waits(self) -> bool:
        """Whether it is a clinician's turn before a consultation may be booked."""
        return self.state == "answered" or (self.state == "open" and self.gate == "consultation")

    @property
    def open(self) -> bool:
        """Whether it keeps a consultation from being booked, until somebody deals with it."""
        return self.waits or self.state == "asked"

    @property
    def stopped(self) -> bool:
        """Whether a clinician decided not to proceed."""
        return self.state == "stopped"

    @property
    def unsettled(self) -> bool:
        """Whether it must still be settled before the treatment."""
        return self.state != "settled"


class Asked(NamedTuple):
    """A question without an answer: the entry that asks, its item, and whether the patient knows of it."""

    question: str
    item: str
    put: bool = False


@dataclass(frozen=True, slots=True)
class Dealings:
    """Where a request stands besides its status; `step` is what a clinician said to do next."""

    items: tuple[Item, ...] = ()
    unread: frozenset[str] = frozenset()  # what the patient said that no clinician has read
    asked: tuple[Asked, ...] = ()
    booking: Booking | None = None  # the appointment that stands
    identity: bool = False
    urgent: str = ""  # why; empty: not marked
    closing: ClosingAsked | None = None  # reception asks a clinician to close it
    step: str | None = None
    not_same: frozenset[str] = frozenset()  # requests that somebody said are another person's

    def item(self, name: str) -> Item | None:
        """The item of this id."""
        return next((item for item in self.items if item.id == name), None)


Effect = Callable[[Dealings, Any, Written], Dealings]


def after(dealings: Dealings, written: Written) -> Dealings:
    """What one more entry makes of it; most kinds change nothing here."""
    effect = EFFECTS.get(type(written.entry))
    return dealings if effect is None else effect(dealings, written.entry, written)


def fold(begun: Dealings, written: Iterable[Written]) -> Dealings:
    """What all of them make of it, the oldest first."""
    return reduce(after, written, begun)


def travelling(gone: Dealings, kept: Dealings, reference: str) -> tuple[str, ...]:
    """What of a duplicate the request that it repeats takes over, by id: whatever nobody has dealt with.

    Words that nobody has read go over as one item, named for the duplicate's `reference`.
    """
    found = [
        item.id
        for item in gone.items
        if item.open or item.stopped or (item.unsettled and kept.item(item.id) is None)
    ]
    return (*found, *([f"words_{reference}"] if gone.unread else []))


def _with_state(dealings: Dealings, name: str, state: ItemState) -> tuple[Item, ...]:
    return tuple(replace(item, state=state) if item.id == name else item for item in dealings.items)


def _decide(dealings: Dealings, entry: FlagDecision, _line: Written) -> Dealings:
    """The newest decision stands, and what was to be done next before it does not any more."""
    return replace(
        dealings,
        items=_with_state(dealings, entry.flag, DECIDED[entry.decision]),
        asked=tuple(asked for asked in dealings.asked if asked.item != entry.flag),
        step=None,
    )


def _ask(dealings: Dealings, entry: PatientQuestion, line: Written) -> Dealings:
    return replace(dealings, asked=(*dealings.asked, Asked(line.id, entry.flag)))


def _call(dealings: Dealings, entry: Call, _line: Written) -> Dealings:
    """Whoever was asked and answers later was asked all that waits."""
    if not entry.asked:
        return dealings
    return replace(dealings, asked=tuple(asked._replace(put=True) for asked in dealings.asked))


def _message(dealings: Dealings, entry: MessageSent, _line: Written) -> Dealings:
    """Whoever was sent a question was asked it."""
    put = (asked._replace(put=asked.put or asked.question == entry.question) for asked in dealings.asked)
    return replace(dealings, asked=tuple(put))


def _answer(dealings: Dealings, entry: PatientAnswer, _line: Written) -> Dealings:
    item = next((asked.item for asked in dealings.asked if asked.question == entry.question), None)
    if item is None:
        return dealings
    rest = tuple(asked for asked in dealings.asked if asked.question != entry.question)
    answered = any(asked.item == item for asked in rest)
    return replace(
        dealings, items=dealings.items if answered else _with_state(dealings, item, "answered"), asked=rest
    )


def _raise(dealings: Dealings, entry: Raised, _line: Written) -> Dealings:
    """Open again, whatever was decided before: it is about something that came later."""
    fresh = Item(entry.item, "consultation")
    items = tuple(fresh if item.id == entry.item else item for item in dealings.items)
    if dealings.item(entry.item) is None:
        items = (*items, fresh)
    asked = tuple(asked for asked in dealings.asked if asked.item != entry.item)
    return replace(dealings, items=items, asked=asked, step=None)


def _next_step(dealings: Dealings, entry: NextStep, _line: Written) -> Dealings:
    return replace(dealings, step=entry.words, closing=None)


def _not_same(dealings: Dealings, entry: NotSame, _line: Written) -> Dealings:
    """Said, or taken back."""
    said = dealings.not_same
    return replace(dealings, not_same=said | {entry.of} if entry.on else said - {entry.of})


EFFECTS: Mapping[type[Entry], Effect] = {
    FlagDecision: _decide,
    PatientQuestion: _ask,
    Call: _call,
    MessageSent: _message,
    PatientAnswer: _answer,
    Raised: _raise,
    Read: lambda dealings, entry, _line: replace(dealings, unread=dealings.unread.difference(entry.things)),
    NextStep: _next_step,
    Booking: lambda dealings, entry, _line: replace(dealings, booking=entry),
    Unbooking: lambda dealings, _entry, _line: replace(dealings, booking=None),
    IdentityCheck: lambda dealings, entry, _line: replace(dealings, identity=entry.checked),
    Urgency: lambda dealings, entry, _line: replace(dealings, urgent=entry.reason if entry.on else ""),
    ClosingAsked: lambda dealings, entry, _line: replace(dealings, closing=entry),
    Reopening: lambda dealings, _entry, _line: replace(dealings, closing=None),  # it was closed since
    NotSame: _not_same,
}
