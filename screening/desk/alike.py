"""Requests that may be of the same person under another spelling: pointed out, never merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from sqlalchemy import Connection

from screening.core.entries import NotSame, Unlike
from screening.core.errors import Absent, CannotOpen, Refused
from screening.core.kept import KeptContact
from screening.core.same_person import TITLES, set_apart, told_apart
from screening.desk.changes import Change, changes, choice, words
from screening.desk.desk import EITHER, Desk, actor, allow
from screening.desk.rows import row_of
from screening.desk.shapes import Alike, Person
from screening.service.recording import record_reading
from screening.storage import queue as rows
from screening.storage import requests, whole
from screening.storage.database import reading
from screening.storage.queue import Listed
from screening.storage.sealing import blind_index
from screening.storage.whole import Whole

WHATS: tuple[Literal["person", "matter"], ...] = ("person", "matter")
MOST = 20  # of each way to find some: more would be no help


def alike(desk: Desk, person: Person, reference: str, *, parted_too: bool = False) -> tuple[Alike, ...]:
    """Those that differ in one thing of name and date of birth; whose they are is audited.

    `parted_too`: those, too, of which somebody said that they only look alike.
    """
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        found = whole.load(connection, desk.opening_keys, reference, history=False)
        if found is None:
            raise Absent(f"there is no request {reference}")
        shown = beside(desk, connection, found, parted_too=parted_too)
    record_reading(desk.service, "queue_read", actor(person), [line.row.reference for line in shown])
    return shown


def beside(
    desk: Desk, connection: Connection, request: Whole, *, parted_too: bool = False
) -> tuple[Alike, ...]:
    """The same of a request that was read already; whoever asks puts on record whose they are."""
    at, contact = request.at, request.request.kept.contact
    parted = set_apart(request.written)
    others = (
        found
        for found in _candidates(desk, connection, contact, request.index_key)
        if found.standing.reference != at.reference
        and (parted_too or found.standing.reference not in parted)
        and (at.person is None or found.standing.person != at.person)
    )
    compared = [line for found in others for line in _compared(desk, contact, found)]
    compared.sort(key=lambda line: line.row.birth_date != contact.stored("birth_date"))
    return tuple(replace(line, only=line.row.reference in parted) for line in compared)


def tell_apart(
    desk: Desk,
    person: Person,
    reference: str,
    version: int,
    of: str,
    what: str,
    reason: str,
) -> int:
    """The request `of` only looks alike: another person's, or about another matter.

    Neither ever held the other, and nothing is merged: it is pointed out no more. Raises Refused.
    """
    said, reason = choice(what, WHATS, "what"), words(reason, "reason")
    actions = ("said_unlike", "said_unlike")
    with changes(desk, person, reference, version, actions, EITHER, of) as (made, other):
        if other is None or not _look_alike(made, other) or of in set_apart(made.before):
            raise Refused("does_not_look_alike")
        made.act("note", Unlike(of, True, said, reason))
        other.act("note", Unlike(reference, True, said, reason))
    return made.version


def same_after_all(desk: Desk, person: Person, reference: str, version: int, of: str, reason: str) -> int:
    """Take back that the request `of` is another person's, or only looks alike. Raises Refused.

    With the same name and date of birth each holds the other again; what looks alike is pointed out again.
    """
    reason, actions = words(reason, "reason"), ("said_alike", "said_alike")
    with changes(desk, person, reference, version, actions, EITHER, of) as (made, other):
        if other is not None and of in made.position.dealings.not_same:
            made.act("not_same", NotSame(of, reason, on=False), given={"other", "reason"})
            other.act("not_same", NotSame(reference, reason, on=False), given={"other", "reason"})
        elif other is not None and of in set_apart(made.before) and _look_alike(made, other):
            made.act("note", Unlike(of, False, "person", reason))
            other.act("note", Unlike(reference, False, "person", reason))
        else:
            raise Refused("does_not_look_alike")
    return made.version


def _look_alike(made: Change, other: Change) -> bool:
    """Two requests with the same name and date of birth are more than alike: `reception.not_same`."""
    mine, theirs = (
        (kept.stored("name"), kept.stored("birth_date")) for kept in (made.kept.contact, other.kept.contact)
    )
    same = made.standing.person is not None and made.standing.person == other.standing.person
    return not same and told_apart(*mine, *theirs) is not None


def _candidates(
    desk: Desk, connection: Connection, contact: KeptContact, index_key: str | None
) -> list[Listed]:
    """Whoever was born on the same day, and whoever is called the same."""
    keys, born = desk.service.index_key_now(index_key).each, contact.stored("birth_date")
    parts = [word for word in blind_index.words_of(contact.stored("name")) if word not in TITLES]
    by_name = tuple(
        tuple(key.digest("name", word) for key in keys) for word in sorted(parts, key=len, reverse=True)
    )
    by_day = (tuple(key.digest("birth_date", born) for key in keys),) if born else ()
    return rows.with_words(connection, [words for words in (by_day, by_name) if words], MOST)


def _compared(desk: Desk, contact: KeptContact, found: Listed) -> Iterator[Alike]:
    try:
        other = requests.open_for_row(desk.opening_keys, found.standing.reference, found.sealed_contact)
    except CannotOpen:
        return
    mine, theirs = ((one.stored("name"), one.stored("birth_date")) for one in (contact, other))
    apart = told_apart(*mine, *theirs)
    if apart is not None:
        yield Alike(row_of(desk, found.standing, other), apart)
