"""Forms that staff fill in for patients: all of them can open each, and one at a time holds it.

What a patient fills in is not among them: nothing here has a key to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime
from typing import NamedTuple

from screening.core.errors import Refused
from screening.core.kept import contact_of
from screening.desk.beside_lists import looks_of
from screening.desk.desk import EITHER, Desk, actor, allow
from screening.desk.shapes import Look, Person
from screening.service.recording import record_reading, recording
from screening.service.visit import Visit
from screening.storage import drafts, presence, staff_drafts, standing
from screening.storage.database import reading, writing
from screening.storage.queue import Wanted
from screening.storage.sealing import blind_index
from screening.storage.sealing.blind_index import IndexKey
from screening.storage.sealing.tokens import DraftToken

TAKEN, HANDED = "entry_taken_over", "entry_handed_over"


def key_of(desk: Desk, person: Person, public_id: str) -> DraftToken | None:
    """The key of a form by what its address calls it; None where staff began none of that name."""
    allow(person, *EITHER)
    found = _key_of(desk, public_id)
    return _key_of(desk, public_id) if found is None and desk.service.goes_with_the_clock() else found


def _key_of(desk: Desk, public_id: str) -> DraftToken | None:
    with reading(desk.service.engine) as connection:
        return staff_drafts.key_of(connection, desk.opening_keys, public_id, desk.service.now())


def waiting(desk: Desk, person: Person) -> list[Visit]:
    """All that were not sent, oldest first; whoever shows them puts it on record."""
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        keys = staff_drafts.keys_of_all(connection, desk.opening_keys, desk.service.now())
    return desk.service.visits(keys)


def fitting(desk: Desk, asked: Iterable[Wanted], key: IndexKey, forms: Iterable[Visit]) -> tuple[Visit, ...]:
    """Those of a patient who is searched for, as requests are; the first way of `asked` that finds any."""
    region = desk.settings.region
    known = [
        (visit, blind_index.digests(key, contact_of(visit.rule_set, visit.path, visit.answers), region))
        for visit in forms
    ]
    hits = (tuple(visit for visit, digests in known if _fits(wanted, digests)) for wanted in asked)
    return next(filter(None, hits), ())


class SamePerson(NamedTuple):
    """What else there is for whom a form is filled in, by name and date of birth."""

    forms: tuple[Visit, ...] = ()
    requests: tuple[OpenRequest, ...] = ()


class OpenRequest(NamedTuple):
    """One that goes on: no word of it."""

    reference: str
    status: str
    received_at: datetime


def same_person(desk: Desk, person: Person, visit: Visit) -> SamePerson:
    """Other forms and open requests of whom this form is for; on record where there are any."""
    keys, token = desk.service.index_key().each, visit.token
    mine = {digest for key in keys if (digest := _person(key, visit)) is not None}
    if not mine or token is None:
        return SamePerson()
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        requests = standing.open_of(connection, mine)
    forms = [
        other
        for other in waiting(desk, person)
        if other.token != token and any(_person(key, other) in mine for key in keys)
    ]
    record_reading(desk.service, "queue_read", actor(person), [found.reference for found in requests])
    record_reading(
        desk.service, "entry_list_read", actor(person), [other.token.row_id for other in forms if other.token]
    )
    return SamePerson(
        tuple(forms),
        tuple(OpenRequest(found.reference, found.status, found.received_at) for found in requests),
    )


def _person(key: IndexKey, visit: Visit) -> str | None:
    return blind_index.person_of(key, contact_of(visit.rule_set, visit.path, visit.answers))


def _fits(wanted: Wanted, digests: Set[str]) -> bool:
    """Whether each word that was said is one of the form's, as requests must have them all."""
    return bool(wanted.words) and all(not digests.isdisjoint(word) for word in wanted.words)


def held_by(desk: Desk, person: Person) -> int:
    """How many this person is to go on with."""
    with reading(desk.service.engine) as connection:
        return staff_drafts.number_held(connection, person.id, desk.service.now())


def adopt(desk: Desk, person: Person, keys: Iterable[DraftToken]) -> None:
    """Forms whose keys one browser alone holds, as older programs began them: from now on all staff can."""
    allow(person, *EITHER)
    service = desk.service
    with writing(service.engine) as connection:
        for token, draft in drafts.load_each(connection, keys, now=service.now()):
            if draft.begun_by and not staff_drafts.is_shared(connection, token):
                staff_drafts.share(connection, token, draft, service.sealing_key(connection), draft.begun_by)


def pass_on(desk: Desk, person: Person, visit: Visit, to: str, seen: str) -> bool:
    """Hand it over, or take it over where `to` is who asks; on record with the request that it becomes.

    Whether it was: not where it is gone, or another one holds it than the page said. Raises Refused for
    somebody who hands over what they do not hold.
    """
    allow(person, *EITHER)
    if person.id not in (to, seen):
        raise Refused("not_held")
    if visit.token is None:
        return False
    with recording(desk.service) as recorder:
        token, now = visit.token, recorder.now
        draft = drafts.lock(recorder.connection, token, treatment=visit.rule_set.id, now=now)
        if draft is None or draft.reference is not None or draft.held_by != seen:
            return False
        staff_drafts.pass_on(recorder.connection, token, to)
        what, other = (TAKEN, seen) if to == person.id else (HANDED, to)
        recorder.note(what, actor(person), requests=[token.row_id], person=other)
    return True


def look(desk: Desk, person: Person, public_id: str, *, goes_on: bool = False) -> tuple[Look, ...]:
    """Note that this person has the form open; who else has. As `opened_request.look`."""
    allow(person, *EITHER)
    lasts = presence.FORGOTTEN if goes_on else presence.WITHOUT_SCRIPT
    with writing(desk.service.engine) as connection:
        others = presence.look(connection, public_id, person.id, person.name, desk.service.now(), lasts=lasts)
    return looks_of(others)
