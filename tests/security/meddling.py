"""A story with a row in every table that events vouch for, and somebody who can write to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, Executable

from screening.core.messages import Letter, MessageTemplate
from screening.desk import clinician, outgoing, reception
from screening.desk.desk import Desk
from screening.service import audit_head
from screening.service.recording import Recorder, recording
from screening.storage import (
    colleagues,
    message_templates,
    messages,
    outbox,
    people,
    publications,
    sign_offs,
    verifying,
)
from screening.storage.lanes import Heads
from screening.storage.messages import LinkSecret
from screening.storage.publications import Publication
from screening.storage.sign_offs import SignOff
from tests.desk.making import CLARA, RITA, TWO_FLAGS, WHY, clear, send

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass
class Story:
    """What was done before somebody meddled."""

    desk: Desk
    first: str  # references
    second: str
    person: str
    colleague: str  # with a passkey

    @property
    def found(self) -> list[str]:
        return audit_head.findings(self.desk.settings, self.desk.service.engine)[0]

    def found_after(self, *done: Executable) -> list[str]:
        """What is found then and was not before; nothing of it stays."""
        with self.meddled() as meddler:
            return meddler.found_after(*done)

    @contextmanager
    def meddled(self, *first: Executable) -> Iterator[Meddler]:
        """For many changes, none of which stays; after a `first` one, of which it is no matter."""
        kept = audit_head.kept_heads(self.desk.settings).latest
        with self.desk.service.engine.connect() as connection, connection.begin() as undone:
            for statement in first:
                connection.execute(statement)
            yield Meddler(connection, kept, frozenset(verifying.verify(connection, kept)))
            undone.rollback()


@dataclass
class Meddler:
    """Somebody in the middle of a transaction."""

    connection: Connection
    kept: Heads
    before: frozenset[str]

    def found_after(self, *done: Executable) -> list[str]:
        """What is found then and was not before; nothing of it stays."""
        with self.connection.begin_nested() as undone:
            for statement in done:
                self.connection.execute(statement)
            found = verifying.verify(self.connection, self.kept)
            undone.rollback()
        return [fault for fault in found if fault not in self.before]


def told(desk: Desk) -> Story:
    """Requests, decisions, messages, an export, accounts; nothing amiss but that there are no rules `x`."""
    first, second = send(desk.service, **TWO_FLAGS), send(desk.service, name="Anna Example")
    clear(desk, first)
    reception.write_note(desk, RITA, second, 1, "note")
    outgoing.export(desk, CLARA, "csv", references=[first], reason=WHY)
    clinician.review(desk, CLARA, first)
    with recording(desk.service) as recorder:
        person, colleague = (_account(recorder, name) for name in ("rita", "rob"))
        _message(desk, recorder, first)
        _at_work(recorder, person, colleague, first)
        _rules(recorder)
        recorder.note("account_added")
    return Story(desk, first, second, person, colleague)


def _account(recorder: Recorder, name: str) -> str:
    address = f"{name}@clinic.example"
    made = people.add(
        recorder.connection,
        email=address,
        name=name,
        roles=("reception",),
        password="$argon2id$",
        now=recorder.now,
    )
    assert made is not None
    return made


def _message(desk: Desk, recorder: Recorder, reference: str) -> None:
    """One that failed, and its link; a mail that waits and one that went."""
    connection, key = recorder.connection, desk.service.sealing_key(recorder.connection)
    letter = Letter("Ring us", "Please ring us")
    messages.put(connection, key, "m" * 32, reference, "mail", "ring", letter, recorder.now)
    messages.give_link(connection, "m" * 32, "q1", LinkSecret("token", "123456"), recorder.now)
    messages.become(connection, "m" * 32, "failed", recorder.now, "rejected")
    for kind, once in (("new_request", None), ("owed", "owed:clinician:2026-11-27:c@clinic.example")):
        outbox.put(connection, kind, now=AT, once=once, reference=reference, address=f"{kind}@clinic.example")
    notice = outbox.claim(connection, None, recorder.now, recorder.now - recorder.now)
    assert notice is not None
    outbox.sent(connection, notice, recorder.now)


def _at_work(recorder: Recorder, person: str, colleague: str, reference: str) -> None:
    """A team, an absence, a request that goes back, a passkey."""
    connection = recorder.connection
    colleagues.set_treatments(connection, person, ["knee"])
    colleagues.begin_absence(connection, person, colleague, recorder.now)
    colleagues.lend(connection, reference, person, colleague)
    device: dict[str, object] = {
        "transports": [],
        "extensions": None,
        "device_type": "single",
        "backed_up": False,
    }
    how = {"name": "Key", "public_key": b"key", "sign_count": 0, "usage": "first", "used_at": recorder.now}
    people.add_passkey(connection, colleague, b"id", **device, **how)


def _rules(recorder: Recorder) -> None:
    connection = recorder.connection
    publications.insert(connection, PUBLISHED)
    publications.recall(connection, "x", "1.0.0", by="Dr Who", because=WHY, now=recorder.now)
    sign_offs.insert_sign_off(connection, SIGNED)
    message_templates.write(connection, TEMPLATE, ("p1", "Rita"), 1, recorder.now)


TEMPLATE = MessageTemplate("ring", "Ring us", "Please ring us", "Please ring us.", "Please ring us")
PUBLISHED = Publication(
    digest="d" * 64,
    rule_set_id="x",
    version="1.0.0",
    published_at=AT,
    signed_name="Dr Who",
    signed_role="consultant",
    signed_on=date(2026, 11, 23),
)
SIGNED = SignOff(
    rule_set_id="x",
    version="1.0.0",
    digest="d" * 64,
    content="c" * 64,
    part="agreed",
    by_id="p1",
    by_name="Dr Who",
    by_role="consultant",
    at=AT,
    document="{}",
)
