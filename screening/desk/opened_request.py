"""A request opened for staff: whom to call, what is in the way, what was done; and who else has it open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from screening.core import workflow
from screening.core.dealings import Dealings
from screening.core.entries import Entry, PatientQuestion, Raised, Written
from screening.core.errors import Absent
from screening.core.kept import KeptRequest
from screening.core.review import Review, position, review
from screening.core.workflow import Facts, Move
from screening.desk import alike
from screening.desk.audit import lines
from screening.desk.beside_lists import looks_of
from screening.desk.desk import EITHER, Desk, actor, admit, allow, completed, sees_health, standing_of
from screening.desk.messages import ways_open
from screening.desk.rows import row_of
from screening.desk.shapes import Alike, Look, Person, RequestPage, Twin
from screening.service.recording import recording, unread_yet
from screening.storage import presence, whole
from screening.storage.database import reading, writing
from screening.storage.standing import Standing
from screening.storage.whole import Whole

HEALTH_READ, CONTACT_READ = "health_read", "contact_read"


def request(desk: Desk, person: Person, reference: str, *, on_screen: bool = False) -> RequestPage:
    """Whom to call and how, what the rules tell reception, and what was done; health only by setting.

    `on_screen`: with what looks like it, and who else has it open; that this person has is noted.
    """
    health = sees_health(desk, person)
    action = HEALTH_READ if health else CONTACT_READ
    admit(desk, person, action, reference, *EITHER)
    with reading(desk.service.engine) as connection:
        found = read(desk, connection, reference, history=not on_screen)
        page = request_page(desk, person, found, health=health)
        resembling = alike.beside(desk, connection, found.whole) if on_screen else ()
    looking = on_record(desk, person, action, found.whole, resembling, on_screen=on_screen)
    return replace(page, alike=resembling, looking=looking)


class OpenedRequest(NamedTuple):
    """A request with everything that was written on it, opened once for a page."""

    at: Standing
    kept: KeptRequest
    written: tuple[Written, ...]
    whole: Whole


def read(desk: Desk, connection: Connection, reference: str, *, history: bool = True) -> OpenedRequest:
    """Inside a reading, for `on_record` to follow. Raises Absent, CannotOpen."""
    found = whole.load(connection, desk.opening_keys, reference, history=history)
    if found is None:
        raise Absent(f"there is no request {reference}")
    return OpenedRequest(found.at, completed(desk, found.request), found.written, found)


def on_record(
    desk: Desk,
    person: Person,
    action: str,
    read: Whole,
    resembling: Sequence[Alike] = (),
    *,
    on_screen: bool,
    **details: object,
) -> tuple[Look, ...]:
    """That it was read is in the audit before anybody sees it, and whose else was; who else has it open.

    A page that was opened, maybe without script, is taken to be open for longer than one that says it is.
    """
    reference, told = read.at.reference, [line.row.reference for line in resembling]
    fresh = unread_yet(desk.service, "queue_read", actor(person), told)
    also = [("queue_read", None, {"requests": fresh})] if fresh else []
    with recording(desk.service) as recorder:
        if on_screen:
            who, lasts = (person.id, person.name), presence.WITHOUT_SCRIPT
            presence.note(recorder.connection, reference, *who, recorder.now, lasts=lasts, there=read.looking)
        recorder.note_each([(action, reference, details), *also], actor(person))
    return looks_of(presence.others_of(read.looking, person.id, recorder.now)) if on_screen else ()


def request_page(desk: Desk, person: Person, request: OpenedRequest, *, health: bool) -> RequestPage:
    """The page, inside a reading that is audited."""
    at, kept, written, read = request
    things = desk.to_read(kept, at)
    found = review(kept, written, things)
    where = position(kept, at.status, written, things)
    facts = where.facts(at.others_open)
    told, seen_to = _told(found)
    return RequestPage(
        row=row_of(desk, at, kept.contact),
        contact=kept.contact.answers,
        told=told,
        seen_to=seen_to,
        next_step=found.dealings.step,
        booking=found.dealings.booking,
        identity_checked=found.dealings.identity,
        urgent=found.dealings.urgent,
        unread=tuple(thing for thing in things if thing in found.dealings.unread) if health else (),
        closing=found.dealings.closing,
        duplicate_of=at.duplicate_of,
        questions=found.questions if health else tuple(replace(asked, flag="") for asked in found.questions),
        entries=_shown(written, person, health=health),
        dealt_with=_dealt_with(written, found.dealings),
        history=lines(read.events),
        facts=facts,
        moves=_moves(at.status, person, facts),
        twins=_twins(read, found.dealings.not_same),
        health=kept.health.answers if health else (),
        letters=read.messages,
        entered_by=read.entered_by,
        ways=ways_open(desk, kept.contact),
        items={line.flag.id: line.flag.label for line in found.flags} if health else {},
    )


def _told(found: Review) -> tuple[tuple[str, ...], frozenset[str]]:
    """What the rules tell reception, and what of it nothing stands behind any more."""
    told = [(line.flag.say.reception, line.holds) for line in found.flags if line.flag.say.reception]
    words = tuple(dict.fromkeys(said for said, _holds in told))
    return words, frozenset(words) - {said for said, holds in told if holds}


def _moves(status: str, person: Person, facts: Facts) -> tuple[Move, ...]:
    """What lacks nothing but what is given with it; booking, where one press makes it possible too."""
    found = workflow.possible(status, person.roles, facts)
    given = replace(facts, given=workflow.GIVEN)
    book = workflow.BY_NAME["book"]
    if book in found or not workflow.way_to_book(status, person.roles, given, identity=True):
        return found
    return (*found, book)


def _shown(written: Sequence[Written], person: Person, *, health: bool) -> tuple[Written, ...]:
    """Those that this reader may see, without the flag that a question is about where that is health.

    That something was raised, everybody sees; what it was, whoever may see health, or raised it.
    """
    if health:
        return tuple(written)
    mine = {line.id for line in written if line.by_id == person.id}
    return tuple(
        replace(line, entry=_bare(line.entry, theirs=line.id in mine))
        for line in written
        if not line.entry.clinical or isinstance(line.entry, Raised)
    )


def _bare(entry: Entry, *, theirs: bool) -> Entry:
    if isinstance(entry, PatientQuestion):
        return replace(entry, flag="")
    if isinstance(entry, Raised) and not (theirs and entry.because == "desk"):
        return replace(entry, item="", label="", words="")
    return entry


def _dealt_with(written: Sequence[Written], dealings: Dealings) -> frozenset[str]:
    items = {item.id for item in dealings.items if not item.open}
    return frozenset(
        line.id for line in written if isinstance(line.entry, Raised) and line.entry.item in items
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
    return looks_of(others)


def looking(desk: Desk, person: Person) -> tuple[Look, ...]:
    """Whatever colleagues have open now: for the rows of lists."""
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        return looks_of(presence.others(connection, person.id, desk.service.now()))


def leave(desk: Desk, person: Person, name: str) -> None:
    """Forget at once that this person has it open: a request by its reference, or a form by its id."""
    allow(person, *EITHER)
    with writing(desk.service.engine) as connection:
        presence.leave(connection, name, person.id)


def _twins(read: Whole, not_same: frozenset[str]) -> tuple[Twin, ...]:
    """The same person's other requests; pointed out, never merged."""
    found = [row for row in read.together.values() if row.reference != read.at.reference]
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
