"""What reception does with a request: see whom to call, and each thing that may be noted, booked or ended.

Each change takes the `version` that the person saw, and gives the new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import Connection

from screening.core import references, workflow
from screening.core.entries import (
    Booking,
    Call,
    Closing,
    Duplicate,
    Entry,
    HandOver,
    IdentityCheck,
    NextStep,
    Note,
    PatientAnswer,
    PatientQuestion,
    Reopening,
    Unbooking,
    Urgency,
    Withdrawal,
    Written,
)
from screening.core.errors import Refused
from screening.core.kept import KeptContact
from screening.core.review import review
from screening.core.workflow import CALL_OUTCOMES, CLOSE_REASONS
from screening.desk.audit import history_of
from screening.desk.changes import change, choice, words
from screening.desk.desk import EITHER, Desk, allow, opened, sees_health, standing_of, viewing
from screening.desk.queues import row_of
from screening.desk.shapes import Look, Person, RequestPage, Twin
from screening.storage import entries, presence, standing
from screening.storage import queue as rows
from screening.storage.database import writing
from screening.storage.sealing import blind_index
from screening.storage.standing import Standing

HEALTH_READ, CONTACT_READ = "health_read", "contact_read"


def request(desk: Desk, person: Person, reference: str) -> RequestPage:
    """Whom to call and how, what the rules tell reception, and what was done; health only by setting."""
    allow(person, *EITHER)
    health = sees_health(desk, person)
    with viewing(desk, person, HEALTH_READ if health else CONTACT_READ, reference) as connection:
        return request_page(desk, connection, person, reference, health=health)


def request_page(
    desk: Desk, connection: Connection, person: Person, reference: str, *, health: bool
) -> RequestPage:
    """The page, inside a reading that is audited."""
    at = standing_of(connection, reference)
    kept = opened(desk, connection, reference)
    written = entries.load(connection, desk.opening_keys, reference)
    found = review(kept.health.raised, written)
    facts = at.counts.facts()
    told = [flag.say.reception for flag in kept.health.raised if flag.say.reception]
    booking, step = _latest(written, Booking), _latest(written, NextStep)
    return RequestPage(
        row=row_of(desk, at, kept.contact),
        contact=kept.contact.answers,
        told=tuple(dict.fromkeys(told)),
        next_step=step.words if step is not None else None,
        booking=booking if at.status == "booked" else None,
        identity_checked=bool(at.identity_checked),
        duplicate_of=at.duplicate_of,
        questions=found.questions if health else tuple(replace(asked, flag="") for asked in found.questions),
        entries=_shown(written, health=health),
        history=history_of(connection, reference),
        facts=facts,
        moves=workflow.possible(at.status, person.roles, facts),
        twins=_twins(desk, connection, at, kept.contact),
        health=kept.health.answers if health else (),
    )


EntryKind = TypeVar("EntryKind", bound=Entry)


def _latest(written: Sequence[Written], kind: type[EntryKind]) -> EntryKind | None:
    """The last entry of a kind."""
    return next((line.entry for line in reversed(written) if isinstance(line.entry, kind)), None)


def _shown(written: Sequence[Written], *, health: bool) -> tuple[Written, ...]:
    """Those that this reader may see, without the flag that a question is about where that is health."""
    if health:
        return tuple(written)
    return tuple(
        replace(line, entry=replace(line.entry, flag="")) if isinstance(line.entry, PatientQuestion) else line
        for line in written
        if not line.entry.clinical
    )


def look(desk: Desk, person: Person, reference: str) -> tuple[Look, ...]:
    """Note that this person has the request open; who else has. Forgotten after a minute."""
    allow(person, *EITHER)
    with writing(desk.service.engine) as connection:
        standing_of(connection, reference)
        others = presence.look(connection, reference, person.id, person.name, desk.service.now())
    return tuple(Look(name, since) for name, since in others)


def leave(desk: Desk, person: Person, reference: str) -> None:
    """Forget at once that this person has the request open."""
    with writing(desk.service.engine) as connection:
        presence.leave(connection, reference, person.id)


def take(desk: Desk, person: Person, reference: str, version: int) -> int:
    """It is theirs from now on; whoever had it is in the history."""
    with change(desk, person, reference, version, "taken", *EITHER) as made:
        made.set(owner=person.id, owner_name=person.name)
    return made.version


def hand_over(desk: Desk, person: Person, reference: str, version: int, to: Person, note: str = "") -> int:
    """It is `to`'s from now on. Raises Refused when they could do nothing with it."""
    allow(to, *EITHER)
    note = words(note, "note", needed=False)
    with change(desk, person, reference, version, "handed_over", *EITHER) as made:
        made.set(owner=to.id, owner_name=to.name)
        made.write(HandOver(to.name, note))
    return made.version


def log_call(desk: Desk, person: Person, reference: str, version: int, outcome: str, note: str = "") -> int:
    """A try to call; one that reached the patient keeps the promise, and moves on what may be booked."""
    happened = choice(outcome, CALL_OUTCOMES, "outcome")
    note = words(note, "note", needed=False)
    with change(desk, person, reference, version, "called", *EITHER) as made:
        made.write(Call(happened, note))
        if outcome == "reached":
            made.set(due_at=None)
            if made.status == "ready_to_book":
                made.move("reach")
    return made.version


def write_note(desk: Desk, person: Person, reference: str, version: int, note: str) -> int:
    """Words for colleagues."""
    note = words(note, "note")
    with change(desk, person, reference, version, "noted", *EITHER) as made:
        made.write(Note(note))
    return made.version


def mark_urgent(desk: Desk, person: Person, reference: str, version: int, reason: str) -> int:
    """A person says so, and why; it goes before the others. Nothing is ever urgent by itself."""
    return _urgent(desk, person, reference, version, reason, on=True)


def unmark_urgent(desk: Desk, person: Person, reference: str, version: int, reason: str) -> int:
    """Not urgent any more, and why."""
    return _urgent(desk, person, reference, version, reason, on=False)


def _urgent(desk: Desk, person: Person, reference: str, version: int, reason: str, *, on: bool) -> int:
    reason = words(reason, "reason")
    action = "marked_urgent" if on else "unmarked_urgent"
    with change(desk, person, reference, version, action, *EITHER) as made:
        made.set(rank=0 if on else 1)
        made.write(Urgency(on, reason))
    return made.version


def mark_duplicate(desk: Desk, person: Person, reference: str, version: int, of: str) -> int:
    """It repeats the request `of`, which stays as it is. Raises Refused when that is none to repeat."""
    other = references.recognise(of) or of.strip()
    with change(desk, person, reference, version, "marked_duplicate", *EITHER) as made:
        found = standing.load(made.connection, other)
        if found is None or other == reference or found.status == "duplicate":
            raise Refused("nothing_to_repeat")
        made.move("mark_duplicate", "other")
        made.set(duplicate_of=other)
        made.write(Duplicate(other))
    return made.version


def check_identity(
    desk: Desk, person: Person, reference: str, version: int, checked: bool, how: str = ""
) -> int:
    """Whether it was checked that the patient is who the request says, and how."""
    how = words(how, "how", needed=False)
    with change(desk, person, reference, version, "identity_checked", *EITHER) as made:
        made.set(identity_checked=int(checked))
        made.write(IdentityCheck(checked, how))
    return made.version


def book(desk: Desk, person: Person, reference: str, version: int, booking: Booking) -> int:
    """Keep the appointment; booking again replaces it. Raises Refused while a flag is open."""
    place, at = words(booking.place, "place"), words(booking.at, "time", needed=False)
    with change(desk, person, reference, version, "booked", *EITHER) as made:
        made.move("book", "appointment")
        made.set(due_at=None)
        made.write(Booking(booking.on, at, place))
    return made.version


def unbook(desk: Desk, person: Person, reference: str, version: int, reason: str) -> int:
    """The appointment does not stand any more."""
    entry = Unbooking(words(reason, "reason"))
    return _move(desk, person, reference, version, "unbook", entry, "reason")


def close(desk: Desk, person: Person, reference: str, version: int, reason: str, note: str = "") -> int:
    """Done with it; `reason` is one of CLOSE_REASONS, and "other" needs a note."""
    why = choice(reason, CLOSE_REASONS, "reason")
    entry = Closing(why, words(note, "note", needed=reason == "other"))
    return _move(desk, person, reference, version, "close", entry, "reason")


def withdraw(desk: Desk, person: Person, reference: str, version: int, reason: str) -> int:
    """The patient does not want it any more."""
    entry = Withdrawal(words(reason, "reason"))
    return _move(desk, person, reference, version, "withdraw", entry, "reason")


def reopen(desk: Desk, person: Person, reference: str, version: int, reason: str) -> int:
    """Begin again with one that was finished: flags as they stand, and a new promise."""
    reason = words(reason, "reason")
    with change(desk, person, reference, version, "reopened", *EITHER) as made:
        made.move("reopen", "reason")
        made.set(due_at=desk.service.arrival.due_at(made.now), duplicate_of=None)
        made.write(Reopening(reason))
        made.recount()
    return made.version


def pass_to_review(desk: Desk, person: Person, reference: str, version: int) -> int:
    """Nothing is left for reception to do before a clinician has looked."""
    return _move(desk, person, reference, version, "pass_to_review")


def make_ready(desk: Desk, person: Person, reference: str, version: int) -> int:
    """No flag is in the way of booking."""
    return _move(desk, person, reference, version, "make_ready")


def answer_question(
    desk: Desk, person: Person, reference: str, version: int, question: str, answer: str
) -> int:
    """What the patient said to a clinician's question; the flag goes back to the clinicians."""
    answer = words(answer, "answer")
    with change(desk, person, reference, version, "question_answered", *EITHER) as made:
        asked = review(made.request().health.raised, made.entries()).questions
        waiting = {found.id for found in asked if found.answer is None}
        if question not in waiting or workflow.is_finished(made.status):
            raise Refused("not_waiting", tuple(sorted(waiting)))
        made.write(PatientAnswer(question, answer))
        made.recount()
        desk.service.arrival.tell_clinicians(made.connection, made.now)
    return made.version


def _move(
    desk: Desk,
    person: Person,
    reference: str,
    version: int,
    move: str,
    entry: Entry | None = None,
    *given: str,
) -> int:
    """Along the table, with the words it needs; the history calls it as the entry, or as the move."""
    action = entry.kind if entry is not None else move
    with change(desk, person, reference, version, action, *EITHER) as made:
        made.move(move, *given)
        if entry is not None:
            made.write(entry)
    return made.version


def _twins(desk: Desk, connection: Connection, at: Standing, contact: KeptContact) -> tuple[Twin, ...]:
    """Pointed out, never merged."""
    name, birth = contact.stored("name"), contact.stored("birth_date")
    if not (name and birth):
        return ()
    digest = blind_index.person_digest(desk.service.arrival.index_key, name, birth)
    found = rows.same_digest(connection, digest, at.reference)
    return tuple(Twin(other.reference, other.treatment, other.status, other.received_at) for other in found)
