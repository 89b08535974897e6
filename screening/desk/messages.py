"""Writing to a patient: which ways there are, a message in words, and a link to a clinician's question."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date
from sqlalchemy import Connection

from screening.core import messages as said
from screening.core.entries import MessageSent
from screening.core.errors import Refused
from screening.core.kept import KeptContact
from screening.core.messages import WAYS, MessageTemplate, Way
from screening.core.mobiles import mobile_in
from screening.core.wording import marked
from screening.desk.changes import Change, change, choice
from screening.desk.desk import EITHER, Desk, allow, opened
from screening.desk.shapes import Person
from screening.service.message_templates import amiss, templates_of
from screening.settings.clinic_time import end_of
from screening.storage import messages, outbox
from screening.storage.database import reading
from screening.storage.messages import KeptMessage as KeptMessage
from screening.storage.messages import LinkSecret

KINDS: Mapping[Way, str] = {"mail": outbox.MESSAGE, "text": outbox.TEXT}
UNSENT = timedelta(hours=1)  # after which a message that still waits is pointed out
IN_THE_MESSAGE = marked("(in the message only)")


@dataclass(frozen=True, slots=True)
class WaysToWrite:
    """Which ways there are to a patient, and the templates that may be chosen for each."""

    ways: tuple[Way, ...]
    templates: tuple[MessageTemplate, ...]
    shown: Mapping[str, str]  # what each would say by mail, by id


def ways_to_write(desk: Desk, person: Person, reference: str) -> WaysToWrite:
    """What can be chosen now; the template of a question goes with a question alone."""
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        contact = opened(desk, connection, reference).contact
        templates = _sound(desk, connection)
    ways = ways_open(desk, contact)
    chosen = tuple(template for template in templates.values() if template.id != said.QUESTION)
    told = _said(desk) | {"reference": reference}
    return WaysToWrite(ways, chosen, {each.id: said.compose(each, "mail", told).words for each in chosen})


def ways_open(desk: Desk, contact: KeptContact) -> tuple[Way, ...]:
    """How the clinic can write to this patient, of all that they gave."""
    return tuple(way for way in WAYS if _address(desk, contact, way))


def _address(desk: Desk, contact: KeptContact, way: Way) -> str:
    """Where a message goes; empty where it cannot go this way.

    Who does not want messages left is sent no text: others may have the telephone.
    """
    if way == "mail":
        return contact.stored("email") if desk.settings.smtp_host else ""
    wanted = desk.settings.sms_url and contact.stored("leave_message") != "no"
    return mobile_in(contact.stored("phone"), desk.settings.region) if wanted else ""


def send_message(desk: Desk, person: Person, reference: str, version: int, template: str, way: str) -> int:
    """A message without a link. Raises Refused where it cannot go."""
    with change(desk, person, reference, version, "message_sent", *EITHER) as made:
        known = _sound(desk, made.connection)
        chosen = choice(template, tuple(name for name in known if name != said.QUESTION), "template")
        _write(made, known[chosen], choice(way, WAYS, "way"))
    return made.version


def send_question(desk: Desk, person: Person, reference: str, version: int, question: str, way: str) -> int:
    """A link to a clinician's question, which the patient can answer there. Raises Refused."""
    with change(desk, person, reference, version, "message_sent", *EITHER) as made:
        if question not in {asked.question for asked in made.position.dealings.asked}:
            raise Refused("not_waiting")
        if not desk.settings.own_address:
            raise Refused("no_address_for_links")
        if desk.settings.doors == "staff":
            raise Refused("nowhere_to_answer")
        if not made.kept.contact.stored("birth_date"):
            raise Refused("no_birth_date")
        template = _sound(desk, made.connection).get(said.QUESTION)
        if template is None:
            raise Refused("template_wrong")
        _write(made, template, choice(way, WAYS, "way"), question)
    return made.version


def _sound(desk: Desk, connection: Connection) -> dict[str, MessageTemplate]:
    """The templates with which nothing is wrong now."""
    wrong = amiss(desk.service, connection)
    return {name: each for name, each in templates_of(connection).items() if name not in wrong}


def _write(made: Change, template: MessageTemplate, way: Way, question: str = "") -> None:
    """The entry, the message and its place in the outbox, in the transaction of the change."""
    desk, connection, reference = made.desk, made.connection, made.standing.reference
    to = _address(desk, made.kept.contact, way)
    if not to or (way == "text" and not template.text.strip()):
        raise Refused("no_way")
    message, link = secrets.token_hex(16), LinkSecret.new()
    last = desk.service.today() + timedelta(days=desk.settings.link_days)
    expires_at = end_of(desk.settings, last)
    told = _said(desk) | {"reference": reference, "day": _day(desk, last)}
    hidden = desk.translate(IN_THE_MESSAGE)
    shown = said.compose(template, way, told | {"link": hidden, "code": hidden})
    made.act("wait_for_patient" if question else "message", MessageSent(way, shown.words, question))
    key = desk.service.sealing_key(connection)
    address = f"{desk.settings.own_address}/answer/{link.token}"
    letter = said.compose(template, way, told | {"link": address, "code": link.code})
    messages.put(connection, key, message, reference, way, template.id, letter, made.now)
    if question:
        messages.give_link(connection, message, question, link, expires_at)
    outbox.put(
        connection,
        KINDS[way],
        now=made.now,
        once=message,
        reference=reference,
        patient_address=to,
        sealing_key=key,
    )


def _said(desk: Desk) -> dict[str, str]:
    return {"clinic": desk.settings.clinic_name, "phone": desk.settings.clinic_phone}


def _day(desk: Desk, day: date) -> str:
    return str(format_date(day, "EEEE d MMMM", locale=desk.settings.language))


def not_delivered(desk: Desk, person: Person) -> tuple[KeptMessage, ...]:
    """Messages that did not get there, until somebody did something since."""
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        return messages.not_delivered(connection, desk.service.now() - UNSENT)
