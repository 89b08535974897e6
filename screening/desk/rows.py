"""A request as a row of a list: where it stands, with whom it is for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from screening.core import due
from screening.core.errors import CannotOpen
from screening.core.kept import KeptContact
from screening.core.paper_words import DOES_NOT_OPEN
from screening.core.waiting import late, list_now
from screening.desk.desk import Desk
from screening.desk.shapes import Row
from screening.settings.clinic_time import day_of
from screening.storage import requests
from screening.storage.queue import Listed
from screening.storage.sealing import blind_index
from screening.storage.standing import Standing


def opened_row(desk: Desk, listed: Listed) -> Row:
    """A row of the queue; where the contact part does not open it says so, and is never left out."""
    try:
        contact = requests.open_for_row(desk.opening_keys, listed.standing.reference, listed.sealed_contact)
    except CannotOpen:
        row = row_of(desk, listed.standing, KeptContact())
        return replace(row, name=desk.translate(DOES_NOT_OPEN), due=due.DOES_NOT_OPEN)
    return row_of(desk, listed.standing, contact)


def row_of(desk: Desk, at: Standing, contact: KeptContact) -> Row:
    """A row of the queue, its contact part opened."""
    rule_set, now, figures = desk.rule_set(at.rule_set_digest), desk.service.now(), at.figures
    listed, born, phone = list_now(at, now), contact.stored("birth_date"), contact.stored("phone")
    return Row(
        reference=at.reference,
        treatment=at.treatment,
        title=rule_set.title if rule_set is not None else at.treatment,
        name=contact.stored("name"),
        received_at=at.received_at,
        due_at=at.due_at,
        late=late(at, now),
        status=at.status,
        owner=at.owner,
        owner_name=at.owner_name,
        urgent=at.rank == 0,
        work_list=listed,
        due=due.due(listed, at.status, figures),
        figures=figures,
        appointment_on=at.appointment_on,
        review_due_at=at.review_due_at,
        ask_again_at=at.ask_again_at,
        birth_date=born,
        age=age_on(born, day_of(desk.settings, now)),
        phone=phone,
        dial=blind_index.plain_phone(phone, desk.settings.region),
        ask_for=contact.ask_for,
        unaware=contact.unaware,
        contact_wish=_wish(contact),
        access_needs=contact.said("needs") + contact.said("needs_words"),
        entered_by=at.entered_by,
        version=at.version,
    )


def _wish(contact: KeptContact) -> tuple[str, ...]:
    """When to ring; and how else to reach them, where the number beside it does not say it."""
    ways = next((answer.stored for answer in contact.answers if answer.contact == "reach_by"), None)
    return (() if ways == ["phone"] else contact.said("reach_by")) + contact.said("reach_when")


def age_on(born: str, day: date) -> int | None:
    """Whole years; None where the date of birth is not known or lies ahead."""
    try:
        birth = date.fromisoformat(born)
    except ValueError:
        return None
    years = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    return years if years >= 0 else None
