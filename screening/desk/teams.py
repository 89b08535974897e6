"""Teams by treatment: what somebody deals with, and who deals with a request's treatment."""

from __future__ import annotations

from screening.desk.desk import EITHER, Desk, allow, standing_of
from screening.desk.shapes import Person
from screening.storage import colleagues
from screening.storage.database import reading


def treatments_of(desk: Desk, person: Person) -> tuple[str, ...]:
    """Ids; empty where nothing was said, and so where nothing may be left out."""
    with reading(desk.service.engine) as connection:
        return colleagues.treatments_of(connection, person.id)


def team_of(desk: Desk, person: Person, reference: str) -> frozenset[str]:
    """Ids of those who deal with the treatment of this request. Raises Absent."""
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        return colleagues.team_of(connection, standing_of(connection, reference).treatment)
