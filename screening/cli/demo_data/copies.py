"""A life repeated for another person on another day: the same rows with other names, times and seals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Dialect

from screening.cli.demo_data.people import person
from screening.cli.demo_data.templates import (
    APPENDED,
    SEALED_REQUEST,
    CopyNames,
    CopySurroundings,
    EntryTemplate,
    EventTemplate,
    SentTemplate,
    StandTemplate,
    StepTemplate,
    Template,
    Who,
    as_bytes,
    columns_of,
    sealed_as,
    sha256,
)
from screening.core import references
from screening.core.kept import KeptAnswer, KeptContact
from screening.storage import binding
from screening.storage.binding import NOTICE, REQUEST
from screening.storage.bulk import BoundRow
from screening.storage.events import BOUND, MADE, written_at
from screening.storage.requests import CONTACT, HEALTH
from screening.storage.sealing import blind_index
from screening.storage.sealing.blind_index import IndexKey
from screening.storage.sealing.hpke import SealingKey
from screening.storage.sealing.plaintext import squeeze
from screening.storage.tables import entries, request_index, requests

_DETAILS, _BOUND = MADE.index("details"), MADE.index(BOUND)
_CONTACT, _HEALTH, _PERSON = (columns_of(requests).index(name) for name in (*SEALED_REQUEST, "person"))
_SEALED = columns_of(entries).index("sealed")
_DIGEST = columns_of(request_index).index("digest")


class PlannedCopy(NamedTuple):
    """Which life, for the person of which number, how many days and seconds after it was lived."""

    life: int
    number: int
    days: int
    seconds: int


class CopiedStep(NamedTuple):
    """What one transaction would have left, as the driver takes it."""

    at: datetime
    new: list[BoundRow]  # of `requests`
    changed: dict[str, dict[str, object]]  # columns of such rows, by reference
    appended: dict[str, list[BoundRow]]  # by APPENDED
    events: list[BoundRow]
    statuses: dict[str, int]  # how many more there are of each


@dataclass(frozen=True)
class CopyGround:
    """Keys and settings that copies are made with."""

    sealing_key: SealingKey = field(repr=False)
    index_key: IndexKey = field(repr=False)
    region: str
    zone: ZoneInfo
    seed: int
    site: str
    until: datetime  # what would happen later has not happened
    dialect: Dialect

    def surroundings(self) -> CopySurroundings:
        """For templates."""
        return CopySurroundings(self.site, self.index_key.key_id, self.dialect)


class _Day(NamedTuple):
    """What copies of a life have in common that begin on one day."""

    names: CopyNames
    moments: dict[datetime, datetime]
    odd: tuple[tuple[datetime, str], ...]  # what people do falls on another second in each; as texts have it


@lru_cache(maxsize=512)
def _day_of(template: Template, days: int, zone: ZoneInfo) -> _Day:
    """So many days later, at the same times at the clinic."""
    later, bound = timedelta(days=days), template.binders
    names: CopyNames = {was: (date.fromisoformat(was) + later).isoformat() for was in template.days}
    for lived in template.dates:
        names[lived], names[lived.isoformat()] = bound.day(lived + later), (lived + later).isoformat()
    moments = {lived: (lived.astimezone(zone) + later).astimezone(UTC) for lived in template.moments}
    for lived, moment in moments.items():
        names[lived], names[written_at(lived)] = bound.moment(moment), written_at(moment)
    odd = (lived for lived in moments if lived.microsecond or lived.second)
    return _Day(names, moments, tuple((lived, written_at(lived)) for lived in odd))


class Copy:
    """One life for one person."""

    def __init__(self, ground: CopyGround, template: Template, planned: PlannedCopy) -> None:
        self.ground = ground
        self.template = template
        self.planned = planned
        drawn = iter(_drawn(f"{ground.seed} {ground.site} {planned.number}", template.needs_drawn))
        names: CopyNames = {
            was: references.draw(lambda below: next(drawn) % below) for was in template.references
        }
        names |= {was: bytes(islice(drawn, len(was) // 2)).hex() for was in template.ids}
        made = person(planned.number)
        for who in template.contacts.values():
            birth_date = f"{who.birth_date[:4]}-{made.birth_day}"
            names |= {who.name: made.name, who.birth_date: birth_date, who.phone: made.phone}
        self.names = names
        self._moments = self._times()
        self._constant: dict[str, dict[str, str]] = {}  # parts of a request that never change
        self._entries: dict[str, list[str]] = {name: [] for name in template.references}
        self._moves: dict[str, list[str]] = {name: [] for name in template.references}
        self._stands: dict[str, str] = {}

    def _times(self) -> dict[datetime, datetime]:
        """The same days and moments for this one, as columns and as texts have them."""
        there = _day_of(self.template, self.planned.days, self.ground.zone)
        names, bound, odd = self.names, self.template.binders.moment, timedelta(seconds=self.planned.seconds)
        names |= there.names
        moments = dict(there.moments)
        for lived, written in there.odd:
            moments[lived] = moment = moments[lived] + odd
            names[lived], names[written] = bound(moment), written_at(moment)
        return moments

    def steps(self) -> Iterator[CopiedStep]:
        """All that happened by now, the first things first."""
        for step in self.template.steps:
            at = self._moments[step.at]
            if at > self.ground.until:
                return
            yield self._copied(step, at)

    def _copied(self, step: StepTemplate, at: datetime) -> CopiedStep:
        names = self.names
        made = CopiedStep(at, [], {}, {name: [] for name in APPENDED}, [], step.statuses)
        for stand in step.stands:
            self._request(made, stand)
        for entry in step.entries:
            made.appended["entries"].append(self._entry(entry))
        for of, row, text in step.moves:
            made.appended["moves"].append(tuple(row.of(names)))
            self._moves[of].append(text.said(names))
        notices: dict[str, dict[str, str]] = {}
        for of, row, text in step.notices:
            made.appended["notices"].append(tuple(row.of(names)))
            notices[f"{NOTICE}:{names[of]}"] = {"waits": binding.digest_of([text.said(names)])}
        *before, last = step.events
        made.events.extend([self._event(event, {}) for event in before])
        made.events.append(self._event(last, notices))  # they stand as they do once they are sent
        return made

    def _request(self, made: CopiedStep, stand: StandTemplate) -> None:
        names, reference = self.names, self.names[stand.was]
        if stand.sent is not None:
            seals, person = self._sent(made, stand.was, stand.sent)
            row = stand.row.of(names)
            row[_CONTACT], row[_HEALTH] = seals
            row[_PERSON] = person
            made.new.append(tuple(row))
        else:
            made.changed[reference] = dict(zip(stand.columns, stand.row.of(names), strict=True))
        self._stands[stand.was] = binding.digest_of([stand.text.said(names)])

    def _sent(self, made: CopiedStep, was: str, sent: SentTemplate) -> tuple[tuple[bytes, bytes], str]:
        """Its seals, and the digest of the person; and how it is found."""
        ground, names = self.ground, self.names
        who = Who(*(names.get(said, said) for said in sent.who))
        person = blind_index.person_digest(ground.index_key, who.name, who.birth_date)
        names[self.template.persons[was]] = person
        contact, health = seals = self._seals(names[was], sent)
        names[sealed_as(was, CONTACT)], names[sealed_as(was, HEALTH)] = sha256(contact), sha256(health)
        found = sorted(digests(ground.index_key, who, ground.region) | {person})
        row, texts = sent.found_as.of(names), list[str]()
        before, after = sent.found.said(names).split(sent.digest)
        for digest in found:
            row[_DIGEST] = digest
            made.appended["found"].append(tuple(row))
            texts.append(f"{before}{digest}{after}")
        parts = {"sent": [sent.row.said(names)], "found": texts}
        self._constant[was] = {part: binding.digest_of(found) for part, found in parts.items()}
        return seals, person

    def _seals(self, reference: str, sent: SentTemplate) -> tuple[bytes, bytes]:
        seal = self.ground.sealing_key.seal_squeezed
        contact = squeeze(as_bytes(sent.contact.said(self.names)))
        return (
            seal(contact, table="requests", column=CONTACT, row=reference),
            seal(sent.health, table="requests", column=HEALTH, row=reference),
        )

    def _entry(self, entry: EntryTemplate) -> BoundRow:
        names = self.names
        squeezed = entry.squeezed or squeeze(as_bytes(entry.said.said(names)))
        sealed = self.ground.sealing_key.seal_squeezed(
            squeezed, table="entries", column="sealed", row=names[entry.id]
        )
        names[entry.seal] = sha256(sealed)
        self._entries[entry.reference].append(entry.text.said(names))
        row = entry.row.of(names)
        row[_SEALED] = sealed
        return tuple(row)

    def _event(self, event: EventTemplate, notices: dict[str, dict[str, str]]) -> BoundRow:
        row, bound = event.row.of(self.names), dict(notices)
        row[_DETAILS] = event.details.said(self.names)
        for was, written, moved in event.vouched:
            parts = {**self._constant[was], "stands": self._stands[was]}
            told = {"moves": self._moves[was][:moved], "written": self._entries[was][:written]}
            parts |= {part: binding.digest_of(texts) for part, texts in told.items() if texts}
            bound[f"{REQUEST}:{self.names[was]}"] = parts
        row[_BOUND] = binding.written(bound) if bound else None
        return tuple(row)


def digests(key: IndexKey, who: Who, region: str) -> set[str]:
    """`blind_index.digests` but for the whole person: the parts, which many people share, are made once."""
    said = zip(("name", "representative_name", "birth_date", "phone"), who, strict=True)
    return set().union(*(_digests_of(key, kind, words, region) for kind, words in said))


def _drawn(seed: str, number: int) -> bytes:
    """So many, the same ones for the same seed: a generator that is made anew for each copy takes longer."""
    return hashlib.shake_256(seed.encode()).digest(number)


@lru_cache(maxsize=100_000)
def _digests_of(key: IndexKey, kind: str, said: str, region: str) -> frozenset[str]:
    alone = KeptContact((KeptAnswer(kind, kind, contact=kind, stored=said),))
    return frozenset(blind_index.digests(key, alone, region))
