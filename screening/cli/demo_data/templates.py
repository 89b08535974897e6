"""A life, looked through once: rows and texts with gaps, where each copy has something else."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Table
from sqlalchemy.engine import Dialect

from screening.cli.demo_data.lives import Life
from screening.cli.demo_data.witness import LifeStep, LivedEvent, NewRow, Vouching
from screening.core import references
from screening.core.kept import KeptContact
from screening.core.serialising import Plain
from screening.storage import binding, bulk
from screening.storage.binding import NOTICE, REQUEST
from screening.storage.events import MADE, written_at
from screening.storage.requests import CONTACT, HEALTH
from screening.storage.sealing.plaintext import squeeze
from screening.storage.tables import entries, events, outbox, request_index, request_status, requests

CopyNames = dict[object, Any]  # what stood in the life -> what stands in a copy, as the driver takes it
SEALED_REQUEST = (CONTACT, HEALTH)
APPENDED: Mapping[str, Table] = {
    "entries": entries, "moves": request_status, "found": request_index, "notices": outbox,
}  # fmt: skip
_DAY = re.compile(r'"(\d{4}-\d\d-\d\d)"')
_DIGEST = "the digest"  # where one of those is that a request is found by
_UNSEALED = b"what was sealed"


def columns_of(table: Table) -> tuple[str, ...]:
    """In the order of rows that were copied."""
    return tuple(column.name for column in table.columns)


def as_bytes(said: str) -> bytes:
    """As it goes under a seal."""
    return said.encode("utf-8", "surrogatepass")


def sha256(data: bytes) -> str:
    """As events tell it of a seal."""
    return hashlib.sha256(data).hexdigest()


class TextTemplate:
    """A text, some pieces of which have other words in a copy."""

    def __init__(self, text: str, moving: re.Pattern[str]) -> None:
        pieces = moving.split(text)
        kept, names = pieces[::2], pieces[1::2]
        self._pattern = "%s".join(piece.replace("%", "%%") for piece in kept)
        self._gaps = itemgetter(*names) if names else None
        self._text = text

    @property
    def moves(self) -> bool:
        """Whether copies have other texts."""
        return self._gaps is not None

    def said(self, names: CopyNames) -> str:
        """The text of a copy."""
        return self._text if self._gaps is None else self._pattern % self._gaps(names)


class RowTemplate:
    """A row as the driver takes it, and what stood in the life where a copy has something else."""

    def __init__(self, kept: Iterable[object], moving: Iterable[tuple[int, object]]) -> None:
        self._kept = tuple(kept)
        self._moving = tuple(moving)

    def of(self, names: CopyNames) -> list[Any]:
        """The row of a copy."""
        row = list(self._kept)
        for place, was in self._moving:
            row[place] = names[was]
        return row


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


class SentTemplate(NamedTuple):
    """What a request has from the first moment on, and keeps."""

    who: Who
    contact: TextTemplate
    health: bytes  # squeezed
    row: TextTemplate  # as events vouch for it
    found: TextTemplate  # the same, with `digest` for each one that it is found by
    digest: str
    found_as: RowTemplate


class StandTemplate(NamedTuple):
    """A request as a step left it; `columns` are those that changed, none where it is new."""

    was: str
    sent: SentTemplate | None
    columns: tuple[str, ...]
    row: RowTemplate
    text: TextTemplate


class EntryTemplate(NamedTuple):
    """What staff wrote; `squeezed` where it is the same in all copies. The seal is last in its row."""

    reference: str
    id: str
    seal: str
    said: TextTemplate
    squeezed: bytes | None
    row: RowTemplate
    text: TextTemplate


class RowAndText(NamedTuple):
    """A row, whose it is, and what is digested of it."""

    of: str
    row: RowTemplate
    text: TextTemplate


class EventTemplate(NamedTuple):
    """An event, and what it vouches for."""

    row: RowTemplate
    details: TextTemplate
    vouched: tuple[Vouching, ...]


class StepTemplate(NamedTuple):
    """One transaction."""

    at: datetime
    stands: tuple[StandTemplate, ...]
    entries: tuple[EntryTemplate, ...]
    moves: tuple[RowAndText, ...]
    notices: tuple[RowAndText, ...]
    events: tuple[EventTemplate, ...]
    statuses: dict[str, int]  # how many more there are of each


@dataclass(frozen=True)
class CopySurroundings:
    """Whose rows they become."""

    site: str
    index_key_id: str
    dialect: Dialect


class Binders(NamedTuple):
    """What makes of a moment, and of a day, what the driver takes."""

    moment: Callable[[Any], object]
    day: Callable[[Any], object]

    @classmethod
    def of(cls, dialect: Dialect) -> Binders:
        """Those of an engine."""
        columns = requests.c.received_at, requests.c.appointment_on
        return cls(*(bulk.binder(column, dialect) for column in columns))


class Template:
    """All that copies of a life share."""

    def __init__(self, life: Life, around: CopySurroundings) -> None:
        self.life = life
        self._around = around
        self.binders = Binders.of(around.dialect)
        steps = [_at_site(step, around) for step in life.steps]
        said = [entry.said for step in steps for entry in step.entries]
        rows = [*chain.from_iterable(map(_rows_of, steps))]
        self.contacts = {name: _who(sealed[CONTACT]) for name, sealed in life.sealed.items()}
        self.moments = sorted(
            {value for row in rows for value in row.values() if isinstance(value, datetime)}
        )
        self.dates = sorted({value for row in rows for value in row.values() if type(value) is date})
        self.days = sorted({day for text in said for day in _DAY.findall(text)})
        self.references = list(life.sealed)
        self.ids = sorted({row[name] for row in rows for name in ("draft_id", "id") if name in row})
        self.needs_drawn = references.DRAWN * len(self.references) + sum(map(len, self.ids)) // 2  # bytes
        self.persons = {row["reference"]: row["person"] for step in steps for row in step.stands.values()}
        seals = [entry.sha256 for step in steps for entry in step.entries]
        people = {part for who in self.contacts.values() for part in (who.name, who.birth_date, who.phone)}
        names = [*self.references, *self.ids, *seals, *self.days, *sorted(people)]
        self._words = _among(names)
        of_rows = [
            *map(written_at, self.moments), *(day.isoformat() for day in self.dates), *self.persons.values(),
            *(sealed_as(name, column) for name in self.references for column in SEALED_REQUEST),
        ]  # fmt: skip
        self._named = frozenset([*names, *of_rows])
        self._all = _among([*names, *of_rows])
        self._stood: dict[str, Plain] = {}
        self.steps = [self._step(step) for step in steps]

    def _text(self, text: str) -> TextTemplate:
        """A text that was written by somebody, or says what they did."""
        return TextTemplate(text, self._words)

    def _vouched(self, kind: str, part: str, row: Plain) -> TextTemplate:
        return TextTemplate(binding.text_of(kind, part, row), self._all)

    def _row(self, table: Table, row: Plain, names: Sequence[str]) -> RowTemplate:
        values = [bulk.binder(table.c[name], self._around.dialect)(row.get(name)) for name in names]
        moving = ((place, row.get(name)) for place, name in enumerate(names))
        gaps = ((place, was) for place, was in moving if isinstance(was, date) or was in self._named)
        return RowTemplate(values, gaps)

    def _step(self, step: LifeStep) -> StepTemplate:
        statuses: dict[str, int] = {}
        for name, row in step.stands.items():
            if name in self._stood:
                was = self._stood[name]["status"]
                statuses[was] = statuses.get(was, 0) - 1
            statuses[row["status"]] = statuses.get(row["status"], 0) + 1
        return StepTemplate(
            step.at,
            tuple(self._stand(name, row) for name, row in step.stands.items()),
            tuple(self._entry(entry.row, entry.said, entry.sha256) for entry in step.entries),
            tuple(self._both(request_status, REQUEST, "moves", "reference", row) for row in step.moves),
            tuple(self._both(outbox, NOTICE, "waits", "id", row) for row in step.notices),
            tuple(map(self._event, step.events)),
            statuses,
        )

    def _stand(self, name: str, row: Plain) -> StandTemplate:
        before, self._stood[name] = self._stood.get(name), row
        sent, columns = (
            None,
            tuple(sorted(column for column in row if before and row[column] != before[column])),
        )
        if before is None:
            sent = self._sent(name, row)
        kept = self._row(requests, row, columns if before else columns_of(requests))
        return StandTemplate(name, sent, columns, kept, self._vouched(REQUEST, "stands", row))

    def _sent(self, name: str, row: Plain) -> SentTemplate:
        sealed = self.life.sealed[name]
        whole = {**row, **{column: _unsealed(name, column) for column in SEALED_REQUEST}}
        found = {column: row[column] for column in ("site", "received_at", "reference")} | {"digest": _DIGEST}
        return SentTemplate(
            self.contacts[name],
            self._text(sealed[CONTACT]),
            squeeze(as_bytes(sealed[HEALTH])),
            self._vouched(REQUEST, "sent", whole),
            self._vouched(REQUEST, "found", found),
            _DIGEST,
            self._row(request_index, found, columns_of(request_index)),
        )

    def _entry(self, row: Plain, said: str, seal: str) -> EntryTemplate:
        text = self._text(said)
        vouched = binding.text_of(REQUEST, "written", {**row, "sealed": _UNSEALED})
        return EntryTemplate(
            row["reference"], row["id"], seal, text,
            None if text.moves else squeeze(as_bytes(said)),
            self._row(entries, row, columns_of(entries)),
            TextTemplate(vouched.replace(sha256(_UNSEALED), seal), self._all),
        )  # fmt: skip

    def _both(self, table: Table, kind: str, part: str, of: str, row: Plain) -> RowAndText:
        return RowAndText(row[of], self._row(table, row, columns_of(table)), self._vouched(kind, part, row))

    def _event(self, lived: LivedEvent) -> EventTemplate:
        row = {**lived.row, "at": written_at(lived.row["at"])}
        return EventTemplate(self._row(events, row, MADE), self._text(row["details"]), lived.vouched)


def sealed_as(reference: str, column: str) -> str:
    """What stands in a text for the digest of a request's seal."""
    return sha256(_unsealed(reference, column))


def _unsealed(reference: str, column: str) -> bytes:
    return as_bytes(f"{column} of {reference}")


def _at_site(step: LifeStep, around: CopySurroundings) -> LifeStep:
    """Its rows as another site's, found by another key."""
    at: NewRow = {"site": around.site}
    return replace(
        step,
        stands={name: {**row, **at, "index_key": around.index_key_id} for name, row in step.stands.items()},
        entries=tuple(entry._replace(row={**entry.row, **at}) for entry in step.entries),
        moves=tuple({**row, **at} for row in step.moves),
        notices=tuple({**row, **at} for row in step.notices),
    )


def _rows_of(step: LifeStep) -> Iterable[Plain]:
    yield from step.stands.values()
    yield from (entry.row for entry in step.entries)
    yield from (*step.moves, *step.notices)
    yield from (event.row for event in step.events)


def _among(names: Collection[str]) -> re.Pattern[str]:
    """What splits a text at any of these names, and keeps them."""
    longest_first = sorted(set(names), key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")
