"""Away and back: a colleague has somebody's requests meanwhile, and what they still have then goes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from screening.core.entries import HandOver
from screening.core.errors import Refused
from screening.core.wording import marked
from screening.desk.changes import change
from screening.desk.desk import EITHER, Desk, actor, admit, allow
from screening.desk.many import MOST, ActForEach, Dealt, Picked, each
from screening.desk.shapes import Person
from screening.service.recording import recording
from screening.storage import colleagues
from screening.storage.database import reading

WHILE_AWAY = marked("While %(name)s is away")
IS_BACK = marked("%(name)s is back")


@dataclass(frozen=True, slots=True)
class AwayLine:
    """Somebody at the desk; the rest is absent for who is here."""

    person: Person
    stand_in: Person | None = None
    since: datetime | None = None


def absences(desk: Desk, people: Sequence[Person]) -> tuple[AwayLine, ...]:
    """Who of these is away, and who stands in, in their order; a stand-in who is gone is not named."""
    known = {person.id: person for person in people}
    with reading(desk.service.engine) as connection:
        found = colleagues.absences(connection)
    return tuple(
        AwayLine(person, known.get(found[person.id].stand_in), found[person.id].since)
        if person.id in found
        else AwayLine(person)
        for person in people
    )


def refuse_away(desk: Desk, to: Person) -> None:
    """Raises Refused for somebody who is away: what they are given waits unseen."""
    with reading(desk.service.engine) as connection:
        if to.id in colleagues.absences(connection):
            raise Refused("is_away", name=to.name)


def go_away(desk: Desk, person: Person, whose: Person, stand_in: Person) -> tuple[Dealt, ...]:
    """`stand_in` has their open requests from now on; what became of each. Raises Refused.

    Anybody at the desk says it: who is ill cannot.
    """
    admit(desk, person, "went_away", None, *EITHER)
    allow(stand_in, *EITHER)
    if stand_in.id == whose.id:
        raise Refused("own_stand_in")
    refuse_away(desk, stand_in)
    with recording(desk.service) as recorder:
        if not colleagues.begin_absence(recorder.connection, whose.id, stand_in.id, recorder.now):
            raise Refused("is_away", name=whose.name)
        recorder.note("went_away", actor(person), person=whose.id, stand_in=stand_in.id)
        found = colleagues.owned_open(recorder.connection, whose.id)
    note = desk.translate(WHILE_AWAY) % {"name": whose.name}

    def lend(reference: str, version: int) -> None:
        _give(desk, person, reference, version, stand_in, note, lent_by=whose)

    return _all(desk, person, found, lend)


def come_back(desk: Desk, person: Person, whose: Person) -> tuple[Dealt, ...]:
    """What their stand-in still has of it goes back to them; what became of each. Raises Refused."""
    admit(desk, person, "came_back", None, *EITHER)
    allow(whose, *EITHER)
    with reading(desk.service.engine) as connection:
        if whose.id not in colleagues.absences(connection):
            raise Refused("is_here", name=whose.name)
        found = colleagues.still_lent(connection, whose.id)
    note = desk.translate(IS_BACK) % {"name": whose.name}

    def give_back(reference: str, version: int) -> None:
        _give(desk, person, reference, version, whose, note)

    dealt = _all(desk, person, found, give_back)
    with recording(desk.service) as recorder:
        colleagues.end_absence(recorder.connection, whose.id)
        recorder.note("came_back", actor(person), person=whose.id)
    return dealt


def _all(desk: Desk, person: Person, found: Sequence[tuple[str, int]], act: ActForEach) -> tuple[Dealt, ...]:
    """However many there are."""
    picked = [Picked(reference, version) for reference, version in found]
    parts = (picked[start : start + MOST] for start in range(0, len(picked), MOST))
    return tuple(dealt for part in parts for dealt in each(desk, person, part, act))


def _give(
    desk: Desk,
    person: Person,
    reference: str,
    version: int,
    to: Person,
    note: str,
    lent_by: Person | None = None,
) -> None:
    """One hand-over, with the note that says why; lent in the same transaction."""
    with change(desk, person, reference, version, "handed_over", *EITHER) as made:
        made.act("hand_over", HandOver(to.name, note))
        made.set(owner=to.id, owner_name=to.name)
        if lent_by is not None:
            colleagues.lend(made.connection, reference, lent_by.id, to.id)
