"""A life repeated for another person on another day: the same rows with other names, times and seals."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from screening.cli.demo_data.lives import Life
from screening.cli.demo_data.people import person
from screening.cli.demo_data.witness import LifeStep, LivedEvent, NewRow
from screening.core import references
from screening.core.kept import KeptAnswer, KeptContact
from screening.core.serialising import Plain
from screening.storage import binding
from screening.storage.binding import NOTICE, REQUEST
from screening.storage.events import BOUND, LANE
from screening.storage.requests import CONTACT, HEALTH
from screening.storage.sealing import blind_index
from screening.storage.sealing.blind_index import IndexKey
from screening.storage.sealing.hpke import SealingKey
from screening.storage.sealing.plaintext import squeeze

_DAY = re.compile(r'"(\d{4}-\d\d-\d\d)"')
_CHAIN = ("number", "previous", "hash", BOUND, LANE)


class PlannedCopy(NamedTuple):
    """Which life, for the person of which number, how many days and seconds after it was lived."""

    life: int
    number: int
    days: int
    seconds: int


class CopiedStep(NamedTuple):
    """What one transaction would have left. `new` are rows of `requests`, `changed` columns of such rows."""

    at: datetime
    events: list[NewRow]
    new: list[NewRow]
    changed: dict[str, NewRow]
    entries: list[NewRow]
    moves: list[NewRow]
    found: list[NewRow]
    notices: list[NewRow]
    statuses: dict[str, int]  # how many more there are of each


@dataclass(frozen=True)
class CopyGround:
    """Keys and settings that copies are made with."""

    sealing_key: SealingKey = field(repr=False)
    index_key: IndexKey = field(repr=False)
    region: str
    zone: ZoneInfo
    seed: int
    until: datetime  # what would happen later has not happened


class Template:
    """A life, looked through once: what in its texts is another thing in each copy."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.entries = [entry for step in life.steps for entry in step.entries]
        drafts = {step.stands[name]["draft_id"] for step in life.steps for name in step.stands}
        notices = [notice["id"] for step in life.steps for notice in step.notices]
        self.days = sorted({day for entry in self.entries for day in _DAY.findall(entry.said)})
        self.references = list(life.sealed)
        self.rows = [*drafts, *(entry.row["id"] for entry in self.entries), *notices]
        self.contacts = {name: _who(sealed[CONTACT]) for name, sealed in life.sealed.items()}
        self.health = {name: squeeze(_bytes(sealed[HEALTH])) for name, sealed in life.sealed.items()}
        people = {
            said
            for contact in self.contacts.values()
            for said in (contact.name, contact.birth_date, contact.phone)
        }
        seals = (entry.sha256 for entry in self.entries)
        names = [*self.references, *self.rows, *seals, *self.days, *sorted(people)]
        self._names = re.compile("(" + "|".join(map(re.escape, names)) + ")") if names else None
        self._names_of_all = frozenset(names)
        self._pieces: dict[str, list[str]] = {}
        self._rows: dict[int, tuple[NewRow, tuple[str, ...]]] = {}  # by where the life holds them

    def row(self, lived: Plain) -> tuple[NewRow, tuple[str, ...]]:
        """A row to copy, and its columns in which something is another in each copy."""
        if id(lived) not in self._rows:
            moving = (
                name
                for name, value in lived.items()
                if isinstance(value, date) or value in self._names_of_all
            )
            self._rows[id(lived)] = dict(lived), tuple(moving)
        return self._rows[id(lived)]

    def said_anew(self, text: str, names: Mapping[str, str]) -> str:
        """A text with other names in it."""
        if text not in self._pieces:
            self._pieces[text] = self._names.split(text) if self._names else [text]
        return "".join([names.get(piece, piece) for piece in self._pieces[text]])


def _bytes(said: str) -> bytes:
    return said.encode("utf-8", "surrogatepass")


class Who(NamedTuple):
    """What a request is found by, as it stands in the contact part."""

    name: str
    representative: str
    birth_date: str
    phone: str


def _who(sealed: str) -> Who:
    """Raises ValueError where one of them is not shown as it is kept: then it could not be put anew."""
    contact = KeptContact.from_data(json.loads(sealed))
    for kind in ("name", "birth_date", "phone"):
        if contact.said(kind) != (contact.stored(kind),):
            raise ValueError(f"the words of {kind} are not those that are kept")
    return Who(*map(contact.stored, ("name", "representative_name", "birth_date", "phone")))


class Copy:
    """One life for one person."""

    def __init__(self, ground: CopyGround, template: Template, planned: PlannedCopy) -> None:
        self.ground = ground
        self.template = template
        self.planned = planned
        random = Random(f"{ground.seed} {planned.number}")  # noqa: S311  # made-up people are no secret
        self.names = {day: self._day(date.fromisoformat(day)).isoformat() for day in template.days}
        self.names |= {was: references.draw(random.randrange) for was in template.references}
        self.names |= {was: f"{random.getrandbits(4 * len(was)):0{len(was)}x}" for was in template.rows}
        made = person(planned.number)
        for who in template.contacts.values():
            birth_date = f"{who.birth_date[:4]}-{made.birth_day}"
            self.names |= {who.name: made.name, who.birth_date: birth_date, who.phone: made.phone}
        self._moments: dict[datetime, datetime] = {}
        self._constant: dict[str, dict[str, str]] = {}  # parts of a request that never change, by reference
        self._entries: dict[str, list[str]] = {}  # as events vouch for them, each made once
        self._moves: dict[str, list[str]] = {}
        self._stood: dict[str, NewRow] = {}
        self._status: dict[str, str] = {}

    def steps(self) -> Iterator[CopiedStep]:
        """All that happened by now, the first things first."""
        for step in self.template.life.steps:
            at = self._moment(step.at)
            if at > self.ground.until:
                return
            yield self._copied(step, at)

    def _copied(self, step: LifeStep, at: datetime) -> CopiedStep:
        made = CopiedStep(at, [], [], {}, [], [], [], [self._row(row) for row in step.notices], {})
        for was, row in step.stands.items():
            self._request(made, was, row)
        for row, said, sha256 in step.entries:
            made.entries.append(self._entry(row, said, sha256))
            written = binding.text_of(REQUEST, "written", made.entries[-1])
            self._entries.setdefault(self.names[row["reference"]], []).append(written)
        for row in step.moves:
            made.moves.append(self._row(row))
            moved = binding.text_of(REQUEST, "moves", made.moves[-1])
            self._moves.setdefault(self.names[row["reference"]], []).append(moved)
        *before, last = step.events
        made.events.extend(self._event(event) for event in before)
        made.events.append(self._event(last, made.notices))
        return made

    def _request(self, made: CopiedStep, was: str, lived: Plain) -> None:
        reference, row, status = self.names[was], self._row(lived), lived["status"]
        before = self._stood.get(reference)
        if before is None:
            key, who = (
                self.ground.index_key,
                Who(*(self.names.get(said, said) for said in self.template.contacts[was])),
            )
            person = blind_index.person_digest(key, who.name, who.birth_date)
            row |= {"index_key": key.key_id, "person": person, **self._seals(was, reference)}
            at = {name: row[name] for name in ("site", "received_at", "reference")}
            found = sorted(digests(key, who, self.ground.region) | {person})
            made.new.append(row)
            made.found.extend({"digest": digest, **at} for digest in found)
            self._constant[reference] = binding.parts_of(REQUEST, {"sent": [row], "found": made.found})
        else:
            row |= {name: before[name] for name in ("index_key", "person", CONTACT, HEALTH)}
            made.changed[reference] = {name: new for name, new in row.items() if new != before[name]}
            made.statuses[self._status[was]] = made.statuses.get(self._status[was], 0) - 1
        made.statuses[status] = made.statuses.get(status, 0) + 1
        self._stood[reference], self._status[was] = row, status

    def _event(self, lived: LivedEvent, notices: Sequence[NewRow] = ()) -> NewRow:
        """`notices` are those of its step, as they stand once they are sent."""
        row = {name: value for name, value in self._row(lived.row).items() if name not in _CHAIN}
        row["details"] = self.template.said_anew(lived.row["details"], self.names)
        if not lived.vouched and not notices:
            return row
        bound = {f"{NOTICE}:{each['id']}": binding.parts_of(NOTICE, {"waits": [each]}) for each in notices}
        for was, entries, moves in lived.vouched:
            reference = self.names[was]
            told = {
                "stands": [binding.text_of(REQUEST, "stands", self._stood[reference])],
                "moves": self._moves[reference][:moves],
                "written": self._entries.get(reference, [])[:entries],
            }
            parts = {part: binding.digest_of(texts) for part, texts in told.items() if texts}
            bound[f"{REQUEST}:{reference}"] = self._constant[reference] | parts
        return {**row, BOUND: binding.written(bound)}

    def _entry(self, lived: Plain, said: str, was: str) -> NewRow:
        text = _bytes(self.template.said_anew(said, self.names))
        row = self.names[lived["id"]]
        sealed = self.ground.sealing_key.seal(text, table="entries", column="sealed", row=row)
        self.names[was] = hashlib.sha256(sealed).hexdigest()
        return {**self._row(lived), "sealed": sealed}

    def _seals(self, was: str, reference: str) -> dict[str, bytes]:
        contact = self.template.said_anew(self.template.life.sealed[was][CONTACT], self.names)
        texts = {CONTACT: squeeze(_bytes(contact)), HEALTH: self.template.health[was]}
        seal, cell = self.ground.sealing_key.seal_squeezed, {"table": "requests", "row": reference}
        return {column: seal(text, column=column, **cell) for column, text in texts.items()}

    def _row(self, lived: Plain) -> NewRow:
        row, moving = self.template.row(lived)
        return row | {name: self._value(row[name]) for name in moving}

    def _value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return self._moment(value)
        return self._day(value) if isinstance(value, date) else self.names.get(value, value)

    def _day(self, lived: date) -> date:
        return lived + timedelta(days=self.planned.days)

    def _moment(self, lived: datetime) -> datetime:
        """The same time of another day at the clinic; what people do falls on another second."""
        found = self._moments.get(lived)
        if found is None:
            there = lived.astimezone(self.ground.zone) + timedelta(days=self.planned.days)
            odd = self.planned.seconds if lived.microsecond or lived.second else 0
            found = self._moments[lived] = there.astimezone(UTC) + timedelta(seconds=odd)
        return found


def digests(key: IndexKey, who: Who, region: str) -> set[str]:
    """`blind_index.digests` but for the whole person: the parts, which many people share, are made once."""
    said = zip(("name", "representative_name", "birth_date", "phone"), who, strict=True)
    return set().union(*(_digests_of(key, kind, words, region) for kind, words in said))


@lru_cache(maxsize=50_000)
def _digests_of(key: IndexKey, kind: str, said: str, region: str) -> frozenset[str]:
    alone = KeptContact((KeptAnswer(kind, kind, contact=kind, stored=said),))
    return frozenset(blind_index.digests(key, alone, region))
