"""A request opened for staff: whom to call, what is in the way, what was done; and who else has it open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from screening.core import workflow
from screening.core.entries import PatientQuestion, Written
from screening.core.kept import KeptRequest
from screening.core.review import position, review
from screening.core.workflow import Facts, Move
from screening.desk.audit import history_of
from screening.desk.desk import EITHER, Desk, admit, allow, opened, sees_health, standing_of, viewing
from screening.desk.queues import row_of
from screening.desk.shapes import Look, Person, RequestPage, Twin
from screening.storage import entries, presence, standing
from screening.storage.database import reading, writing
from screening.storage.standing import Standing

HEALTH_READ, CONTACT_READ = "health_read", "contact_read"


def request(desk: Desk, person: Person, reference: str) -> RequestPage:
    """Whom to call and how, what the rules tell reception, and what was done; health only by setting."""
    health = sees_health(desk, person)
    action = HEALTH_READ if health else CONTACT_READ
    admit(desk, person, action, reference, *EITHER)
    with viewing(desk, person, action, reference) as connection:
        return request_page(desk, connection, person, read(desk, connection, reference), health=health)


class OpenedRequest(NamedTuple):
    """A request with everything that was written on it, opened once for a page."""

    at: Standing
    kept: KeptRequest
    written: tuple[Written, ...]


def read(desk: Desk, connection: Connection, reference: str) -> OpenedRequest:
    """Inside a reading that is audited. Raises Absent, CannotOpen."""
    at, kept = standing_of(connection, reference), opened(desk, connection, reference)
    return OpenedRequest(at, kept, tuple(entries.load(connection, desk.opening_keys, reference)))


def request_page(
    desk: Desk, connection: Connection, person: Person, request: OpenedRequest, *, health: bool
) -> RequestPage:
    """The page, inside a reading that is audited."""
    at, kept, written = request
    things = desk.to_read(kept, at)
    found = review(kept, written, things)
    where = position(kept, at.status, written, things)
    facts = where.facts(at.others_open)
    told = [line.flag.say.reception for line in found.flags if line.flag.say.reception]
    return RequestPage(
        row=row_of(desk, at, kept.contact),
        contact=kept.contact.answers,
        told=tuple(dict.fromkeys(told)),
        next_step=found.dealings.step,
        booking=found.dealings.booking,
        identity_checked=found.dealings.identity,
        urgent=found.dealings.urgent,
        unread=tuple(thing for thing in things if thing in found.dealings.unread) if health else (),
        closing=found.dealings.closing,
        duplicate_of=at.duplicate_of,
        questions=found.questions if health else tuple(replace(asked, flag="") for asked in found.questions),
        entries=_shown(written, health=health),
        history=history_of(connection, at.reference),
        facts=facts,
        moves=_moves(at.status, person, facts),
        twins=_twins(connection, at, found.dealings.not_same),
        health=kept.health.answers if health else (),
    )


def _moves(status: str, person: Person, facts: Facts) -> tuple[Move, ...]:
    """What lacks nothing but what is given with it; booking, where one press makes it possible too."""
    found = workflow.possible(status, person.roles, facts)
    given = replace(facts, given=workflow.GIVEN)
    book = workflow.BY_NAME["book"]
    if book in found or not workflow.way_to_book(status, person.roles, given, identity=True):
        return found
    return (*found, book)


def _shown(written: Sequence[Written], *, health: bool) -> tuple[Written, ...]:
    """Those that this reader may see, without the flag that a question is about where that is health."""
    if health:
        return tuple(written)
    return tuple(
        replace(line, entry=replace(line.entry, flag="")) if isinstance(line.entry, PatientQuestion) else line
        for line in written
        if not line.entry.clinical
    )


def look(desk: Desk, person: Person, reference: str, *, goes_on: bool = False) -> tuple[Look, ...]:
    """Note that this person has the request open; who else has.

    `goes_on`: a script says so, and will again; a page that was opened, maybe without script, lasts longer.
    """
    allow(person, *EITHER)
    lasts = presence.FORGOTTEN if goes_on else presence.WITHOUT_SCRIPT
    now = desk.service.now()
    with writing(desk.service.engine) as connection:
        standing_of(connection, reference)
        others = presence.look(connection, reference, person.id, person.name, now, lasts=lasts)
    return tuple(Look(found.reference, found.name, found.since) for found in others)


def looking(desk: Desk, person: Person) -> tuple[Look, ...]:
    """Whatever colleagues have open now: for the rows of lists."""
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        others = presence.others(connection, person.id, desk.service.now())
    return tuple(Look(found.reference, found.name, found.since) for found in others)


def leave(desk: Desk, person: Person, reference: str) -> None:
    """Forget at once that this person has the request open."""
    allow(person, *EITHER)
    with writing(desk.service.engine) as connection:
        presence.leave(connection, reference, person.id)


def _twins(connection: Connection, at: Standing, not_same: frozenset[str]) -> tuple[Twin, ...]:
    """The same person's other requests; pointed out, never merged."""
    others = standing.with_others(connection, [at.reference])
    found = [row for row in others.values() if row.reference != at.reference]
    return tuple(
        Twin(
            row.reference,
            row.treatment,
            row.status,
            row.received_at,
            0 if row.reference in not_same else row.in_the_way,
            row.reference in not_same,
        )
        for row in sorted(found, key=lambda row: row.received_at, reverse=True)
    )
