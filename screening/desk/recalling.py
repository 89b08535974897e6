"""A version that was found unsafe: what sound rules would have raised goes to the clinicians' list.

It is raised as anything that comes later is, by the same move of the table. A finished request is opened
again for it; what a duplicate would have raised goes to the request that it repeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from screening.core import workflow
from screening.core.assessment import FlagFinding
from screening.core.entries import Duplicate, Raised, Reopening, Written
from screening.core.errors import Changed
from screening.core.hearing import raised_more
from screening.core.rules import RuleSet
from screening.desk.changes import change
from screening.desk.desk import EITHER, RECEPTION, Desk, opened, standing_of
from screening.desk.shapes import COMMAND_LINE, Outsider, Person
from screening.storage import entries
from screening.storage.database import reading

TRIES = 20  # while others write to the same request
_FAR = 100  # duplicates of duplicates


@dataclass(frozen=True, slots=True)
class Recall:
    """Sound rules in the place of those that were found unsafe, and why."""

    sound: RuleSet
    because: str


def operator(name: str) -> Person:
    """Whoever runs a command, with no more rights than it takes to raise an item."""
    return Outsider(COMMAND_LINE, name, frozenset({RECEPTION}))


def raise_again(desk: Desk, person: Person, reference: str, recall: Recall) -> tuple[str, ...]:
    """The flags that were raised now; none where they were raised by this recall before.

    Raises Absent, CannotOpen, TooNew, Refused, Unavailable.
    """
    for attempt in range(TRIES):
        try:
            return _raise_again(desk, person, reference, recall)
        except Changed:
            if attempt == TRIES - 1:
                raise
    return ()


def _raise_again(desk: Desk, person: Person, reference: str, recall: Recall) -> tuple[str, ...]:
    home, version, found = _looked_at(desk, reference, recall)
    if not found:
        return ()
    with change(desk, person, home, version, "recalled", *EITHER) as made:
        if workflow.is_finished(made.status):
            made.act("reopen", Reopening(recall.because), given={"reason"})
        for flag in found:
            entry = Raised(flag.id, flag.label, recall.because, "recall", recall.sound.version)
            made.act("raise_item", entry, given={"reason"})
    return tuple(flag.id for flag in found)


def _looked_at(desk: Desk, reference: str, recall: Recall) -> tuple[str, int, list[FlagFinding]]:
    """Where it is to be raised, at which version of that request, and what."""
    with reading(desk.service.engine) as connection:
        kept, home = opened(desk, connection, reference), reference
        for _ in range(_FAR):
            at = standing_of(connection, home)
            written = entries.load(connection, desk.opening_keys, home)
            if at.status != "duplicate":
                break
            home = next(line.entry.of for line in reversed(written) if isinstance(line.entry, Duplicate))
    done = _raised_before(written, recall)
    return home, at.version, [flag for flag in raised_more(recall.sound, kept) if flag.id not in done]


def _raised_before(written: Sequence[Written], recall: Recall) -> set[str]:
    found = (line.entry for line in written if isinstance(line.entry, Raised))
    return {entry.item for entry in found if entry.because == "recall" and entry.of == recall.sound.version}
