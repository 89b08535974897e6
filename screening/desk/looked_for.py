"""What filters, and words that are searched for, mean to the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from screening.core import references
from screening.core.asked_for import AskedFor, asked_for
from screening.core.errors import Refused
from screening.core.waiting import ALL_LISTS
from screening.core.workflow import STATUSES
from screening.desk.desk import Desk
from screening.desk.shapes import Filters, Person
from screening.storage.queue import Wanted
from screening.storage.sealing import blind_index
from screening.storage.sealing.blind_index import IndexKey
from screening.storage.sealing.search_words import open_search, seal_search

SEVERAL = ("to_do", "open", "all")  # what may be asked for besides one status
_WHOLE_NUMBER = 10  # digits of a phone number


def remember(desk: Desk, person: Person, secret: str, words: str) -> str:
    """Words as they may stand in an address, good for one person and some hours; `secret` signs cookies."""
    return seal_search(words, secret, person.id, desk.service.now())


def recall(desk: Desk, person: Person, secret: str, sealed: str) -> str | None:
    """What was searched for; None when it is too old, changed, or somebody else's."""
    return open_search(sealed, secret, person.id, desk.service.now())


def wanted(desk: Desk, filters: Filters, *, by_sound: bool = False, key: IndexKey | None = None) -> Wanted:
    """What filters mean to the database. Raises Refused for a status or a list that is none.

    `by_sound`: names that are searched for are looked up by how they sound. `key`: what finds requests now,
    where that was asked already.
    """
    if filters.status not in (*SEVERAL, *STATUSES):
        raise Refused("not_offered", (*SEVERAL, *STATUSES), what="status")
    if filters.work_list not in ("", *ALL_LISTS):
        raise Refused("not_offered", tuple(ALL_LISTS), what="list")
    now, hours = desk.service.now(), filters.waiting_hours
    looked_for = Wanted(
        status=filters.status,
        treatment=filters.treatment,
        treatments=filters.treatments,
        owner=filters.owner,
        received_before=now - timedelta(hours=hours) if hours > 0 else None,
        work_list=filters.work_list,
        late=filters.overdue,
        now=now,
        newest=filters.sort == "newest",
    )
    search = filters.search.strip()
    return _searched(desk, looked_for, search, key, by_sound=by_sound) if search else looked_for


def _searched(desk: Desk, looked_for: Wanted, text: str, now: IndexKey | None, *, by_sound: bool) -> Wanted:
    """A reference; or names, a date of birth and a phone number or the end of one, all of which must fit."""
    if looked_for.status in ("open", "to_do"):
        looked_for = replace(looked_for, status="all")
    reference = references.recognise(text)
    if reference is not None:
        return replace(looked_for, references=(reference,))
    said, region = asked_for(text), desk.settings.region
    each = [*_numbers(said, region), *_names(said.words, by_sound=by_sound)] or [("name", [""])]
    keys = (now or desk.service.index_key()).each
    return replace(
        looked_for,
        words=tuple(tuple(key.digest(kind, word) for key in keys for word in may) for kind, may in each),
    )


_Sought = tuple[str, Sequence[str]]  # a kind of digest, and what it may be of: any of these will do


def _numbers(said: AskedFor, region: str) -> Iterator[_Sought]:
    """The rarest first: it leads the search."""
    if sum(letter.isdigit() for letter in said.phone) >= _WHOLE_NUMBER:
        yield "phone", [blind_index.plain_phone(said.phone, region)]
    elif said.phone:
        yield "phone_end", [blind_index.phone_end(said.phone)]
    if said.born:
        yield "birth_date", said.born


def _names(words: str, *, by_sound: bool) -> Iterator[_Sought]:
    """The longest word is mostly the rarest, and leads."""
    for word in sorted(blind_index.words_of(words), key=len, reverse=True):
        sound = blind_index.sound_of(word) if by_sound else ""  # what has none is looked for as it is
        yield ("sound", [sound]) if sound else ("name", [word])
