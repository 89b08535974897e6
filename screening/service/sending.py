"""What is kept with a new request, in its transaction: the promise, the index, the audit and the notices.

It needs the public sealing key, and no key that opens anything. Where the patients' door is a process of its
own it has no key of the blind indexes either: the staff's process makes what came findable soon after, and
reads with its own keys what was said of whose it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from screening.core import references
from screening.core.kept import KeptContact, KeptRequest
from screening.core.owed import contact_clock, notices, review_clock, work_list
from screening.core.serialising import Plain
from screening.core.workflow import INITIAL
from screening.service.visit import Visit
from screening.settings import Settings
from screening.settings.clinic_time import day_of, end_of, promised_by, reviewed_by
from screening.settings.kinds import addresses
from screening.storage import entries, events, outbox, requests, standing
from screening.storage.lanes import Head
from screening.storage.requests import NewRequest, Sealed
from screening.storage.sealing import blind_index
from screening.storage.sealing.blind_index import IndexKey
from screening.storage.sealing.hpke import OpeningKeys, SealingKey, key_id_of
from screening.storage.standing import Standing


@dataclass(frozen=True, slots=True)
class Promise:
    """What happens next, as patients are told: by the end of which day, and who reads what."""

    by: date
    every_request_is_read: bool  # else those that need it


@dataclass(frozen=True)
class Sender:
    """Who sends a request: the patient, or a person of the staff on their behalf; `origin` for the audit."""

    id: str = "patient"
    name: str = ""
    origin: str = ""


PATIENT = Sender()


@dataclass(frozen=True)
class MadeRequest:
    """What a draft becomes, under its seal already: all that can be worked out before anybody has to wait."""

    request: NewRequest
    sealed: Sealed


@dataclass(frozen=True)
class Arrival:
    """Settings and keys that it takes."""

    settings: Settings
    sealing_key: SealingKey = field(repr=False)
    index_key: IndexKey | None = field(repr=False)

    def due_at(self, received_at: datetime) -> datetime:
        """The moment until which the clinic promises to get in touch."""
        return promised_by(self.settings, received_at)

    def promise(self, received_at: datetime, promised_at: datetime | None = None) -> Promise:
        """What patients are told, from what the desk's clocks and table do; the day as it was told before."""
        day = day_of(self.settings, promised_at or self.due_at(received_at))
        return Promise(day, every_request_is_read=self.settings.review_requests == "all")

    def review_due_at(self, now: datetime) -> datetime:
        """The moment until which a clinician looks at what waits for review since now."""
        return reviewed_by(self.settings, now)

    def make(
        self,
        visit: Visit,
        kept: KeptRequest,
        things: tuple[str, ...],
        *,
        language: str,
        sender: Sender,
        now: datetime,
    ) -> MadeRequest:
        """`things`: what a clinician must have read, by id. Raises ValueError where there is no draft."""
        if visit.token is None:
            raise ValueError("a request is made of a draft")
        rule_set = visit.rule_set
        request = NewRequest(
            reference=_drawn(),
            draft_id=visit.token.row_id,
            treatment=rule_set.id,
            rule_set_id=rule_set.id,
            rule_set_version=rule_set.version,
            rule_set_digest=rule_set.digest,
            language=language,
            received_at=now,
            due_at=self.due_at(now),
            entered_by=sender.id,
            things=things,
            kept=kept,
        )
        return self._sealed(request)

    def insert(self, connection: Connection, made: MadeRequest) -> tuple[NewRequest, str]:
        """The request, and the reference that its draft has: of before, where it was sent before."""
        if key_id_of(made.sealed.contact) != self.sealing_key.key_id:  # changed a moment ago
            made = self._sealed(made.request)
        while (reference := requests.insert(connection, made.sealed, made.request)) is None:
            made = self._sealed(replace(made.request, reference=_drawn()))  # that one is taken
        return made.request, reference

    def _sealed(self, request: NewRequest) -> MadeRequest:
        return MadeRequest(request, requests.seal(self.sealing_key, request))

    def keep(
        self,
        connection: Connection,
        request: NewRequest,
        *,
        by_name: str,
        origin: str,
        entries: Sequence[Plain] = (),
    ) -> Head:
        """All that goes with a request that was just inserted; its event, to be remembered once kept."""
        contact = request.kept.contact
        now, reference = request.received_at, request.reference
        if self.index_key is not None:
            blind_index.write(connection, self.index_key, reference, now, contact, self.settings.region)
        self.tell(connection, self._beside_others(connection, reference, now), reference, now)
        if self.settings.smtp_host:
            self._confirm(connection, request, contact)
        self.to_server(connection, "received", reference, now)
        by = {"by_id": request.entered_by, "by_name": by_name}
        standing.note_move(connection, reference, 1, move="receive", status=INITIAL, **by, now=now)
        told = {"entries": list(entries)} if entries else {}
        head = events.append(
            connection,
            actor=request.entered_by,
            actor_name=by_name,
            action="received",
            request=reference,
            details={"treatment": request.treatment, "rule_set_digest": request.rule_set_digest, **told},
            origin=origin,
            now=now,
        )
        standing.count_move(connection, INITIAL, None)
        return head

    def to_server(self, connection: Connection, when: str, reference: str, now: datetime) -> None:
        """Leave the request to be sent to the clinic's FHIR server, where it is sent at this point."""
        if self.settings.fhir_send_to and self.settings.fhir_send_when == when:
            kind = outbox.TO_SERVER
            outbox.put(connection, kind, now=now, reference=reference, once=f"{kind} {reference}")

    def _beside_others(self, connection: Connection, reference: str, now: datetime) -> set[str]:
        """Count what is open at the same person's other requests, here and there; the notices owed."""
        others = standing.with_others(connection, [reference], locked=True)
        mine = others.pop(reference)
        there = sum(other.in_the_way for other in others.values())
        owed = self.see_again(connection, mine, there, now, arriving=True)
        return owed | self.see_more(connection, others.values(), mine.in_the_way, now)

    def see_each_other(
        self, connection: Connection, keys: OpeningKeys, reference: str, now: datetime
    ) -> None:
        """The same for a request that was not known to be this person's until now, but for what was said
        to be another person's."""
        together = standing.with_others(connection, [reference], locked=True)
        apart = entries.not_same(connection, keys, together)
        for row in together.values():
            theirs = (other for other in together.values() if row.shares_person(other, apart[row.reference]))
            others = sum(other.in_the_way for other in theirs)
            if not row.finished and others > row.others_open:
                self.tell(connection, self.see_again(connection, row, others, now), row.reference, now)

    def see_more(
        self, connection: Connection, others: Iterable[Standing], more: int, now: datetime
    ) -> set[str]:
        """What follows for these where `more` is open at one more request of the person, or less."""
        owed: set[str] = set()
        for row in others if more else ():
            owed |= self.see_again(connection, row, row.others_open + more, now)
        return owed

    def see_again(
        self,
        connection: Connection,
        row: Standing,
        others_open: int,
        now: datetime,
        *,
        arriving: bool = False,
    ) -> set[str]:
        """What follows for a request from the same person's other ones; the notices that it owes."""
        figures = replace(row.figures, others_open=0 if row.finished else others_open)
        was = "" if arriving else row.work_list
        found = work_list(row.status, figures)
        values: dict[str, object] = {"others_open": figures.others_open, "work_list": found}
        values |= self.clocks(contact_clock(was, found), review_clock(was, found), now, row.appointment_on)
        if arriving or found != row.work_list or figures != row.figures:
            standing.save_seen(connection, row.reference, values)
        return set(notices(was, found, was_urgent=False, urgent=False))

    def clocks(
        self, contact: str, review: str, now: datetime, appointment_on: date | None
    ) -> dict[str, object]:
        """The columns of both clocks, as `workflow` says what becomes of them."""
        values: dict[str, object] = {}
        if contact == "renew":
            values["due_at"] = self.due_at(now)
        elif contact == "appointment" and appointment_on is not None:
            values["due_at"] = end_of(self.settings, appointment_on)
        elif contact == "stop":
            values["due_at"] = None
        if review != "keep":
            values["review_due_at"] = self.review_due_at(now) if review == "start" else None
        return values

    def _confirm(self, connection: Connection, request: NewRequest, contact: KeptContact) -> None:
        now, reference = request.received_at, request.reference
        for address in addresses(self.settings.mail_reception):
            outbox.put(connection, "new_request", now=now, reference=reference, address=address)
        self.tell_patient(connection, "confirmation", reference, contact, now)

    def tell_patient(
        self, connection: Connection, kind: str, reference: str, contact: KeptContact, now: datetime
    ) -> None:
        """A notice to whoever gave an email address; their address is sealed until it is sent."""
        email = contact.stored("email")
        if self.settings.smtp_host and email:
            outbox.put(
                connection,
                kind,
                now=now,
                reference=reference,
                patient_address=email,
                sealing_key=self.sealing_key,
            )

    def tell(self, connection: Connection, owed: Iterable[str], reference: str, now: datetime) -> None:
        """Put the notices that a change owes into the outbox, in its transaction."""
        if not self.settings.smtp_host:
            return
        for kind in sorted(owed):
            if kind == "review_digest":
                self._tell_clinicians(connection, now)
                continue
            for address in self._addresses(kind):
                outbox.put(connection, kind, now=now, reference=reference, address=address)

    def _addresses(self, kind: str) -> list[str]:
        both = addresses(self.settings.mail_clinicians) + addresses(self.settings.mail_reception)
        return list(
            dict.fromkeys(both if kind == "stopped_booking" else addresses(self.settings.mail_clinicians))
        )

    def _tell_clinicians(self, connection: Connection, now: datetime) -> None:
        """One digest to each, however many requests come to need review before it goes."""
        due = now + timedelta(minutes=self.settings.mail_digest_minutes)
        for address in addresses(self.settings.mail_clinicians):
            once = f"review:{address}"
            outbox.put(connection, "review_digest", now=now, due_at=due, once=once, address=address)


def _drawn() -> str:
    return references.draw(secrets.randbelow)
