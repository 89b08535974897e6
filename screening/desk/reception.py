"""What reception does with a request: see whom to call, and each thing that may be noted, booked or ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from screening.core import references, workflow
from screening.core.errors import Refused
from screening.core.workflow import CALL_OUTCOMES, CLOSE_REASONS, Facts
from screening.desk import reading as shown
from screening.desk.changes import DESK, history_of, one_of, words
from screening.desk.queues import Queue
from screening.desk.shapes import Booking, Look, Person, RequestPage, Twin
from screening.service.sending import contact_of
from screening.storage import entries, presence, standing
from screening.storage import queue as stored
from screening.storage.database import writing
from screening.storage.requests import Request
from screening.storage.sealing import blind_index
from screening.storage.standing import Standing

HEALTH_READ, CONTACT_READ = "health_read", "contact_read"


class Reception(Queue):
    """Each change takes the `version` that the person saw, and gives the new one."""

    def request(self, person: Person, reference: str) -> RequestPage:
        """Whom to call and how, what the rules tell reception, and what was done; health only by setting."""
        self.allow(person, *DESK)
        health = self.settings.reception_sees_health or "clinician" in person.roles
        with self.viewing(person, HEALTH_READ if health else CONTACT_READ, reference) as connection:
            return self.request_page(connection, person, reference, health=health)

    def request_page(
        self, connection: Connection, person: Person, reference: str, *, health: bool
    ) -> RequestPage:
        """The page, inside a reading that is audited."""
        at = self.standing(connection, reference)
        opened = self.opened(connection, reference)
        kept = entries.load(connection, self.opening_keys, reference)
        booking, step = shown.latest(kept, "booking"), shown.latest(kept, "next_step")
        contact_part: Mapping[str, Any] = opened.contact
        health_part: Mapping[str, Any] = opened.health
        flags = shown.raised(health_part)
        return RequestPage(
            row=self.row_of(at, opened.contact),
            contact=shown.said(contact_part.get("answers", ())),
            told=tuple(dict.fromkeys(flag["say"]["reception"] for flag in flags if flag["say"]["reception"])),
            next_step=str(step.words["words"]) if step is not None else None,
            booking=booking.words if booking is not None and at.status == "booked" else None,
            identity_checked=bool(at.identity_checked),
            duplicate_of=at.duplicate_of,
            questions=shown.questions(kept),
            entries=shown.entries_for(kept, clinical=health),
            history=history_of(connection, reference),
            moves=workflow.possible(at.status, person.roles, Facts(at.open_flags, at.stopped_flags)),
            twins=self._twins(connection, at, opened),
            health=shown.said(health_part["answers"]) if health else (),
        )

    def look(self, person: Person, reference: str) -> tuple[Look, ...]:
        """Note that this person has the request open; who else has. Forgotten after a minute."""
        self.allow(person, *DESK)
        with writing(self.service.engine) as connection:
            self.standing(connection, reference)
            others = presence.look(connection, reference, person.id, person.name, self.service.now())
        return tuple(Look(name, since) for name, since in others)

    def leave(self, person: Person, reference: str) -> None:
        """Forget at once that this person has the request open."""
        with writing(self.service.engine) as connection:
            presence.leave(connection, reference, person.id)

    def take(self, person: Person, reference: str, version: int) -> int:
        """It is theirs from now on; whoever had it is in the history."""
        with self.change(person, reference, version, "taken", *DESK) as change:
            change.set(owner=person.id, owner_name=person.name)
        return change.version

    def hand_over(self, person: Person, reference: str, version: int, to: Person, note: str = "") -> int:
        """It is `to`'s from now on. Raises Refused when they could do nothing with it."""
        self.allow(to, *DESK)
        note = words(note, "note", needed=False)
        with self.change(person, reference, version, "handed_over", *DESK) as change:
            change.set(owner=to.id, owner_name=to.name)
            change.write("handed_over", to=to.name, note=note)
        return change.version

    def log_call(self, person: Person, reference: str, version: int, outcome: str, note: str = "") -> int:
        """A try to call; one that reached the patient keeps the promise, and moves on what may be booked."""
        one_of(outcome, CALL_OUTCOMES, "outcome")
        note = words(note, "note", needed=False)
        with self.change(person, reference, version, "called", *DESK) as change:
            change.write("call", outcome=outcome, note=note)
            if outcome == "reached":
                change.set(due_at=None)
                if change.standing.status == "ready_to_book":
                    change.move("reach")
        return change.version

    def write_note(self, person: Person, reference: str, version: int, note: str) -> int:
        """Words for colleagues."""
        note = words(note, "note")
        with self.change(person, reference, version, "noted", *DESK) as change:
            change.write("note", note=note)
        return change.version

    def mark_urgent(self, person: Person, reference: str, version: int, reason: str) -> int:
        """A person says so, and why; it goes before the others. Nothing is ever urgent by itself."""
        return self._urgent(person, reference, version, reason, on=True)

    def unmark_urgent(self, person: Person, reference: str, version: int, reason: str) -> int:
        """Not urgent any more, and why."""
        return self._urgent(person, reference, version, reason, on=False)

    def _urgent(self, person: Person, reference: str, version: int, reason: str, *, on: bool) -> int:
        reason = words(reason, "reason")
        action = "marked_urgent" if on else "unmarked_urgent"
        with self.change(person, reference, version, action, *DESK) as change:
            change.set(rank=0 if on else 1)
            change.write("urgent", on=on, reason=reason)
        return change.version

    def mark_duplicate(self, person: Person, reference: str, version: int, of: str) -> int:
        """It repeats the request `of`, which stays as it is. Raises Refused when that is none to repeat."""
        other = references.recognise(of) or of.strip()
        with self.change(person, reference, version, "marked_duplicate", *DESK) as change:
            found = standing.load(change.connection, other)
            if found is None or other == reference or found.status == "duplicate":
                raise Refused("nothing_to_repeat")
            change.move("mark_duplicate", "other")
            change.set(duplicate_of=other)
            change.write("duplicate", of=other)
        return change.version

    def check_identity(
        self, person: Person, reference: str, version: int, checked: bool, how: str = ""
    ) -> int:
        """Whether it was checked that the patient is who the request says, and how."""
        how = words(how, "how", needed=False)
        with self.change(person, reference, version, "identity_checked", *DESK) as change:
            change.set(identity_checked=int(checked))
            change.write("identity", checked=checked, how=how)
        return change.version

    def book(self, person: Person, reference: str, version: int, booking: Booking) -> int:
        """Keep the appointment; booking again replaces it. Raises Refused while a flag is open."""
        place, at = words(booking.place, "place"), words(booking.at, "time", needed=False)
        with self.change(person, reference, version, "booked", *DESK) as change:
            change.move("book", "appointment")
            change.set(due_at=None)
            change.write("booking", on=booking.on.isoformat(), at=at, place=place)
        return change.version

    def unbook(self, person: Person, reference: str, version: int, reason: str) -> int:
        """The appointment does not stand any more."""
        return self._move(person, reference, version, "unbook", "unbooked", reason=reason)

    def close(self, person: Person, reference: str, version: int, reason: str, note: str = "") -> int:
        """Done with it; `reason` is one of CLOSE_REASONS, and "other" needs a note."""
        one_of(reason, CLOSE_REASONS, "reason")
        note = words(note, "note", needed=reason == "other")
        with self.change(person, reference, version, "closed", *DESK) as change:
            change.move("close", "reason")
            change.write("closed", reason=reason, note=note)
        return change.version

    def withdraw(self, person: Person, reference: str, version: int, reason: str) -> int:
        """The patient does not want it any more."""
        return self._move(person, reference, version, "withdraw", "withdrawn", reason=reason)

    def reopen(self, person: Person, reference: str, version: int, reason: str) -> int:
        """Begin again with one that was finished: flags as they stand, and a new promise."""
        reason = words(reason, "reason")
        with self.change(person, reference, version, "reopened", *DESK) as change:
            change.move("reopen", "reason")
            flags = shown.standing_of_flags(shown.raised(change.request().health), change.entries())
            due = self.service.arrival.due_at(change.now)
            change.set(**flags, due_at=due, duplicate_of=None)
            change.write("reopened", reason=reason)
        return change.version

    def pass_to_review(self, person: Person, reference: str, version: int) -> int:
        """Nothing is left for reception to do before a clinician has looked."""
        return self._move(person, reference, version, "pass_to_review", "")

    def make_ready(self, person: Person, reference: str, version: int) -> int:
        """No flag is in the way of booking."""
        return self._move(person, reference, version, "make_ready", "")

    def answer_question(
        self, person: Person, reference: str, version: int, question: str, answer: str
    ) -> int:
        """What the patient said to a clinician's question; the flag goes back to the clinicians."""
        answer = words(answer, "answer")
        with self.change(person, reference, version, "question_answered", *DESK) as change:
            kept = change.entries()
            waiting = {one.id for one in shown.questions(kept) if one.answer is None}
            if question not in waiting or change.standing.finished:
                raise Refused("not_waiting", tuple(sorted(waiting)))
            change.write("answer", question=question, words=answer)
            change.set(questions=change.standing.questions - 1, to_review=change.standing.to_review + 1)
            self.service.arrival.tell_clinicians(change.connection, change.now)
        return change.version

    def _move(self, person: Person, reference: str, version: int, move: str, kind: str, **given: str) -> int:
        """Along the table, with the words it needs."""
        said: dict[str, Any] = {name: words(text, name) for name, text in given.items()}
        with self.change(person, reference, version, kind or move, *DESK) as change:
            change.move(move, *given)
            if kind:
                change.write(kind, **said)
        return change.version

    def _twins(self, connection: Connection, at: Standing, opened: Request) -> tuple[Twin, ...]:
        """Pointed out, never merged."""
        contact = contact_of(opened.contact)
        name, birth = str(contact.get("name") or ""), str(contact.get("birth_date") or "")
        if not (name and birth):
            return ()
        digest = blind_index.person_digest(self.service.arrival.index_key, name, birth)
        found = stored.same_digest(connection, digest, at.reference)
        return tuple(Twin(one.reference, one.treatment, one.status, one.received_at) for one in found)
