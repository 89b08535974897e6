"""Pages of the queue, each found by an index where the last one ended: the millionth costs as the first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, func, literal, select, tuple_

from screening.storage import standing
from screening.storage.standing import Standing
from screening.storage.tables import request_index, requests

_C = requests.c
_WAITING = (_C.rank, _C.received_at, _C.reference)
_NEWEST = (_C.received_at, _C.reference)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list. `status` is a state, "open" or "all"; `owner` an id or "nobody"; empty is anything.

    `words` are digests, all of which a request must have; it is then found newest first.
    """

    status: str = "open"
    treatment: str = ""
    owner: str = ""
    received_before: datetime | None = None
    due_before: datetime | None = None
    references: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    newest: bool = False
    work_list: str = ""


class Key(NamedTuple):
    """Where a page ends: what the next one needs to begin behind its last row."""

    rank: int
    received_at: datetime
    reference: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the queue; the contact part is still sealed."""

    standing: Standing
    sealed_contact: bytes

    @property
    def key(self) -> Key:
        """What `after` needs to begin behind this row."""
        return Key(self.standing.rank, self.standing.received_at, self.standing.reference)


def page(connection: Connection, wanted: Wanted, after: Key | None, size: int) -> list[Listed]:
    """At most `size` rows behind the row with the key `after`."""
    return _listed(connection, query(wanted, after, size))


def references(connection: Connection, wanted: Wanted, size: int) -> list[str]:
    """The references of the first `size` rows, and nothing that would have to be opened."""
    return list(connection.scalars(query(wanted, None, size).with_only_columns(_C.reference)))


def query(wanted: Wanted, after: Key | None, size: int) -> Select[Any]:
    """The one statement of a page, for its plan to be looked at."""
    newest = wanted.newest or bool(wanted.words)
    columns: tuple[Column[Any], ...] = _NEWEST if newest else _WAITING
    found = select(*standing.COLUMNS, _C.sealed_contact).where(*_conditions(wanted))
    if wanted.words:
        columns = (request_index.c.received_at, request_index.c.reference)
        found = found.join(request_index, request_index.c.reference == _C.reference)
    if after is not None:
        here = tuple_(*(literal(getattr(after, column.name), column.type) for column in columns))
        found = found.where(tuple_(*columns) < here if newest else tuple_(*columns) > here)
    return found.order_by(*(column.desc() if newest else column for column in columns)).limit(size)


def to_review(connection: Connection, after: Key | None, size: int) -> list[Listed]:
    """Requests that wait for a clinician, whatever their state: urgent first, then the longest waiting."""
    return page(connection, Wanted(status="all", work_list="to_review"), after, size)


def figures(connection: Connection, now: datetime) -> dict[str, int]:
    """How many are overdue, wait for a clinician, and hold something to ask the patient."""
    which = {"overdue": _C.due_at <= now, "to_review": _C.to_review > 0, "questions": _C.questions > 0}
    return {name: _count(connection, condition) for name, condition in which.items()}


def overdue(connection: Connection, now: datetime) -> list[tuple[str, datetime]]:
    """References of all that are overdue, and since when."""
    late = select(_C.reference, _C.due_at).where(_C.due_at <= now).order_by(_C.due_at)
    return [(row.reference, row.due_at) for row in connection.execute(late)]


def same_digest(connection: Connection, digest: str, but: str, size: int = 10) -> list[Standing]:
    """Other requests that are found by this digest, the newest first."""
    mine = (request_index.c.digest == digest) & (request_index.c.reference != but)
    found = select(*standing.COLUMNS).join(request_index, request_index.c.reference == _C.reference)
    newest = request_index.c.received_at.desc()
    return [
        standing.of_row(row) for row in connection.execute(found.where(mine).order_by(newest).limit(size))
    ]


def unindexed(connection: Connection, but: Collection[str], size: int) -> list[tuple[str, datetime]]:
    """Requests kept before there were blind indexes, and not among those that cannot be opened."""
    found = select(_C.reference, _C.received_at).where(_C.index_key.is_(None), _C.reference.not_in(but))
    return [(row.reference, row.received_at) for row in connection.execute(found.limit(size))]


def uncounted(connection: Connection, but: Collection[str], size: int) -> list[str]:
    """Requests kept before their figures were, and not among those that cannot be opened."""
    found = select(_C.reference).where(_C.counted == 0, _C.reference.not_in(but))
    return list(connection.scalars(found.limit(size)))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.status == "open":
        conditions.append(_C.finished == 0)
    elif wanted.status != "all":
        conditions.append(_C.status == wanted.status)
    if wanted.work_list:
        conditions.append(_C.work_list == wanted.work_list)
    if wanted.treatment:
        conditions.append(_C.treatment == wanted.treatment)
    if wanted.owner:
        conditions.append(_C.owner.is_(None) if wanted.owner == "nobody" else _C.owner == wanted.owner)
    if wanted.received_before is not None:
        conditions.append(_C.received_at <= wanted.received_before)
    if wanted.due_before is not None:
        conditions.append(_C.due_at <= wanted.due_before)
    if wanted.references:
        conditions.append(_C.reference.in_(wanted.references))
    return conditions + _with_words(wanted.words)


def _with_words(words: Sequence[str]) -> list[ColumnElement[bool]]:
    """The first word leads, in the index's own order; each further one is looked up for each row."""
    return [request_index.c.digest == digest for digest in words[:1]] + [_also(one) for one in words[1:]]


def _also(digest: str) -> ColumnElement[bool]:
    other = request_index.alias()
    same = (other.c.reference == _C.reference) & (other.c.received_at == _C.received_at)
    return select(other.c.reference).where(other.c.digest == digest, same).exists()


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(requests).where(condition)) or 0


def _listed(connection: Connection, found: Select[Any]) -> list[Listed]:
    return [_row(row) for row in connection.execute(found)]


def _row(row: Row[Any]) -> Listed:
    return Listed(standing.of_row(row), row.sealed_contact)
