"""Requests that may be of the same person under another spelling: pointed out, never merged."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from screening.core.errors import CannotOpen
from screening.core.kept import KeptContact
from screening.core.same_person import TITLES, told_apart
from screening.desk.desk import EITHER, Desk, actor, allow, opened, standing_of
from screening.desk.queues import row_of
from screening.desk.shapes import Alike, Person
from screening.service.recording import record_reading
from screening.storage import queue as rows
from screening.storage import requests
from screening.storage.database import reading
from screening.storage.queue import Listed, Wanted
from screening.storage.sealing import blind_index

MOST = 20  # of each way to find some: more would be no help


def alike(desk: Desk, person: Person, reference: str) -> tuple[Alike, ...]:
    """Those that differ in one thing of name and date of birth; whose they are is audited."""
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        at = standing_of(connection, reference)
        contact = opened(desk, connection, reference).contact
        listed = {found.standing.reference: found for found in _candidates(desk, connection, contact)}
    others = (
        found
        for found in listed.values()
        if found.standing.reference != reference and (at.person is None or found.standing.person != at.person)
    )
    shown = tuple(line for found in others for line in _compared(desk, contact, found))
    if shown:
        record_reading(desk.service, "queue_read", actor(person), [line.row.reference for line in shown])
    return shown


def _candidates(desk: Desk, connection: Connection, contact: KeptContact) -> Iterator[Listed]:
    """Whoever was born on the same day, and whoever is called the same."""
    keys, born = desk.service.index_key().each, contact.stored("birth_date")
    words = [word for word in blind_index.words_of(contact.stored("name")) if word not in TITLES]
    by_name = tuple(
        tuple(key.digest("name", word) for key in keys) for word in sorted(words, key=len, reverse=True)
    )
    by_day = (tuple(key.digest("birth_date", born) for key in keys),) if born else ()
    for digests in (by_day, by_name):
        if digests:
            yield from rows.page(connection, Wanted(status="all", words=digests), None, MOST)


def _compared(desk: Desk, contact: KeptContact, found: Listed) -> Iterator[Alike]:
    try:
        other = requests.open_contact(desk.opening_keys, found.standing.reference, found.sealed_contact)
    except CannotOpen:
        return
    mine, theirs = ((one.stored("name"), one.stored("birth_date")) for one in (contact, other))
    apart = told_apart(*mine, *theirs)
    if apart is not None:
        yield Alike(row_of(desk, found.standing, other), apart)
