"""What is kept with a new request, in its transaction: the promise, the index, the audit and the notices.

It needs the public sealing key and the key of the blind indexes, and no key that opens anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from screening.core.kept import KeptContact
from screening.core.review import review
from screening.core.workflow import INITIAL
from screening.settings import Settings, addresses, calendar_of, promise_of
from screening.storage import events, outbox, standing
from screening.storage.requests import NewRequest
from screening.storage.sealing import blind_index
from screening.storage.sealing.blind_index import IndexKey
from screening.storage.sealing.hpke import SealingKey


@dataclass(frozen=True)
class Arrival:
    """Settings and keys that it takes."""

    settings: Settings
    sealing_key: SealingKey = field(repr=False)
    index_key: IndexKey = field(repr=False)

    def due_at(self, received_at: datetime) -> datetime:
        """The moment until which the clinic promises to get in touch."""
        return calendar_of(self.settings).after(received_at, promise_of(self.settings))

    def keep(self, connection: Connection, request: NewRequest, *, by_name: str, origin: str) -> None:
        """All that goes with a request that was just inserted."""
        contact = request.kept.contact
        now, reference = request.received_at, request.reference
        found = blind_index.digests(self.index_key, contact, self.settings.region)
        blind_index.write(connection, self.index_key, reference, now, found)
        if self.settings.smtp_host:
            self._notices(connection, request, contact)
        events.append(
            connection,
            actor=request.entered_by,
            actor_name=by_name,
            action="received",
            request=reference,
            details={"treatment": request.treatment, "rule_set_digest": request.rule_set_digest},
            origin=origin,
            now=now,
        )
        standing.note_move(
            connection,
            reference,
            1,
            move="receive",
            status=INITIAL,
            was=None,
            by_id=request.entered_by,
            by_name=by_name,
            now=now,
        )

    def _notices(self, connection: Connection, request: NewRequest, contact: KeptContact) -> None:
        now, reference = request.received_at, request.reference
        for address in addresses(self.settings.mail_reception):
            outbox.put(connection, "new_request", now=now, reference=reference, address=address)
        if review(request.kept.health.raised, ()).counts.to_review:
            self.tell_clinicians(connection, now)
        if email := contact.stored("email"):
            outbox.put(
                connection,
                "confirmation",
                now=now,
                reference=reference,
                patient_address=email,
                sealing_key=self.sealing_key,
            )

    def tell_clinicians(self, connection: Connection, now: datetime) -> None:
        """One digest to each, however many requests come to need review before it goes."""
        if not self.settings.smtp_host:
            return
        due = now + timedelta(minutes=self.settings.mail_digest_minutes)
        for address in addresses(self.settings.mail_clinicians):
            once = f"review:{address}"
            outbox.put(connection, "review_digest", now=now, due_at=due, once=once, address=address)
