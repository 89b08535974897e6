"""What each act is for, said barely: when it may be done at all, and what is so once it was done.

A table without a claim here could let an act do nothing, or be done where it means nothing, and every
other claim would still hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from screening.core.dealings import Item
from screening.core.stepping import Position
from screening.proving.acts import SENDING, WORDS

Holds = Callable[[Position], bool]

ENDS = ("close", "close as attended", "withdraw", "the second is a duplicate of the first")


def is_open(item: Item) -> bool:
    """Whether nobody has decided on it, and a consultation waits for that."""
    return item.state in ("asked", "answered") or (item.state == "open" and item.gate == "consultation")


def _undecided(position: Position) -> bool:
    return any(map(is_open, position.dealings.items))


def _stopped(position: Position) -> bool:
    return any(item.state == "stopped" for item in position.dealings.items)


def _booked(position: Position) -> bool:
    return position.dealings.booking is not None


# Act -> what must be so before it, and what is wrong where it is not.
ONLY_WHEN: Mapping[str, tuple[Holds, str]] = {
    "hand back": (
        lambda was: _stopped(was) and not _undecided(was) and not was.dealings.unread,
        "it is handed back although nothing stops it, or a clinician has something to do",
    ),
    "ask to close": (
        lambda was: _undecided(was) or bool(was.dealings.unread),
        "a clinician is asked for what reception may do by itself",
    ),
    "ask, to be answered later": (
        lambda was: bool(was.dealings.asked),
        "it waits for the patient although there is nothing to ask",
    ),
    "cancel": (_booked, "an appointment is cancelled that does not stand"),
    "unbook": (_booked, "an appointment is cancelled that does not stand"),
    "close": (lambda was: not _booked(was), "a request ends with an appointment that nobody cancelled"),
    "withdraw": (lambda was: not _booked(was), "a request ends with an appointment that nobody cancelled"),
    "the second is a duplicate of the first": (
        lambda was: not _booked(was),
        "a duplicate ends with an appointment that nobody cancelled",
    ),
}
# Act -> what must be so after it.
DONE: Mapping[str, Holds] = {
    "check identity": lambda now: now.dealings.identity,
    "identity is wrong": lambda now: not now.dealings.identity,
    "mark urgent": lambda now: bool(now.dealings.urgent),
    "unmark urgent": lambda now: not now.dealings.urgent,
    "ask, to be answered later": lambda now: all(asked.put for asked in now.dealings.asked),
    "ask to close": lambda now: now.dealings.closing is not None,
    **dict.fromkeys(
        ("send back", "hand back", "let the booking stand", "reopen"),
        lambda now: now.dealings.closing is None,  # whoever does it has answered, or it was closed since
    ),
    "read": lambda now: WORDS not in now.dealings.unread,
    "book a consultation": _booked,
    "book a treatment": _booked,
    "cancel": lambda now: not _booked(now),
    "unbook": lambda now: not _booked(now),
    **dict.fromkeys(ENDS, lambda now: now.status in ("closed", "withdrawn", "duplicate")),
}
# Decision -> the state that its item is in afterwards.
STATES = {
    "proceed": "noted",
    "discuss": "noted",
    "settled": "settled",
    "ask_patient": "asked",
    "do_not_proceed": "stopped",
}


def _was_put(name: str, now: Position) -> bool:
    return all(asked.put for asked in now.dealings.asked if asked.item == name)


def without_need(label: str, was: Position) -> str | None:
    """What is wrong with doing it here."""
    needed = ONLY_WHEN.get(label)
    return needed[1] if needed is not None and not needed[0](was) else None


def without_effect(label: str, now: Position) -> str | None:
    """What is wrong with where it led."""
    done = DONE.get(label)
    if done is not None and not done(now):
        return f"{label}: it is not so afterwards"
    if label.startswith(SENDING) and not _was_put(label.removeprefix(SENDING), now):
        return f"{label}: the patient does not count as asked"
    decision, _, name = label.partition(": ")
    item = now.dealings.item(name) if decision in STATES else None
    if item is not None and item.state != STATES[decision]:
        return f"{decision}: its item is {item.state} afterwards"
    return None
