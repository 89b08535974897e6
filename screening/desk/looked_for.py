"""What filters, and words that are searched for, mean to the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from screening.core import references
from screening.core.asked_for import AskedFor, asked_for
from screening.core.errors import Refused
from screening.core.waiting import ALL_LISTS
from screening.core.workflow import STATUSES
from screening.desk.desk import Desk
from screening.desk.shapes import Filters
from screening.storage.queue import Wanted
from screening.storage.sealing import blind_index
from screening.storage.sealing.blind_index import IndexKey

SEVERAL = ("to_do", "open", "all")  # what may be asked for besides one status
_WHOLE_NUMBER = 10  # digits of a phone number


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
    by_key = [
        [*_numbers(key, said, region), *_names(key, said.words, by_sound=by_sound)]
        or [key.digest("name", "")]
        for key in (now or desk.service.index_key()).each
    ]
    return replace(looked_for, words=tuple(zip(*by_key, strict=True)))


def _numbers(key: IndexKey, said: AskedFor, region: str) -> Iterator[str]:
    """The rarest first: it leads the search."""
    if sum(letter.isdigit() for letter in said.phone) >= _WHOLE_NUMBER:
        yield key.digest("phone", blind_index.plain_phone(said.phone, region))
    elif said.phone:
        yield key.digest("phone_end", blind_index.phone_end(said.phone))
    if said.birth_date:
        yield key.digest("birth_date", said.birth_date)


def _names(key: IndexKey, words: str, *, by_sound: bool) -> list[str]:
    """The longest word is mostly the rarest, and leads."""
    found = sorted(blind_index.words_of(words), key=len, reverse=True)
    if not by_sound:
        return [key.digest("name", word) for word in found]
    sounds = [(word, blind_index.sound_of(word)) for word in found]  # what has none is looked for as it is
    return [key.digest("sound", sound) if sound else key.digest("name", word) for word, sound in sounds]
