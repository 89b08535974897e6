"""Pages of the queue, each found by an index where the last one ended: the millionth costs as the first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)

from screening.core.waiting import ALL_LISTS, DEADLINES, RESTING, TIMED_LISTS, Deadline
from screening.storage import arrivals, messages, staff_drafts, standing
from screening.storage.sites import also_here, here, of_reference
from screening.storage.standing import Standing
from screening.storage.tables import request_index, requests
from screening.storage.together import Rows, given, made_once

_C = requests.c
_Columns = tuple[Column[Any], ...]  # an order; its moment is the first one
_WAITING: _Columns = (_C.rank, _C.received_at, _C.reference)
_PROMISED: _Columns = (_C.rank, _C.due_at, _C.received_at, _C.reference)  # a promise ends with its day
_LOOKED_AT: _Columns = (_C.rank, _C.review_due_at, _C.received_at, _C.reference)
_NEWEST: _Columns = (_C.received_at, _C.reference)
_FOUND: _Columns = (request_index.c.received_at, request_index.c.reference)

_NOW = bindparam("now", type_=_C.due_at.type)

AtTime: TypeAlias = "datetime | BindParameter[datetime]"
Digests = tuple[str, ...]  # of one word, by the key of now and those of before


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list. `status` is a state, "to_do", "open" or "all"; `owner` an id or "nobody"; empty is any.

    `words` are digests, by each key, all of which a request must have; it is then found newest first.
    A `work_list` is what it is at the time `now`, in the order of its clock; so is what is `late`.
    """

    status: str = "open"
    treatment: str = ""
    owner: str = ""
    received_before: datetime | None = None
    work_list: str = ""
    late: bool = False
    now: datetime | None = None
    references: tuple[str, ...] = ()
    appointment_on: date | None = None
    treatments: tuple[str, ...] = ()
    words: tuple[Digests, ...] = ()
    newest: bool = False


class Key(NamedTuple):
    """Where a page ends: what the next one needs to begin behind its last row; `at` is its order's moment,
    `came` when it was received."""

    rank: int
    at: datetime
    came: datetime
    reference: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the queue, its contact part still sealed; `key` is what `after` needs to begin behind it."""

    standing: Standing
    sealed_contact: bytes
    key: Key


def page(connection: Connection, wanted: Wanted, after: Key | None, size: int) -> list[Listed]:
    """At most `size` rows behind the row with the key `after`."""
    moment = _moment(_order(wanted)).name
    return [
        Listed(found, row.sealed_contact, _key(found, moment))
        for row in connection.execute(query(wanted, after, size)).all()
        for found in [standing.of_row(row)]
    ]


def with_words(connection: Connection, words: Sequence[tuple[Digests, ...]], size: int) -> list[Listed]:
    """The newest `size` requests with all of some words, and those with all of others; newest first."""
    if not words:
        return []
    values = {
        _place(*at): digest
        for which, some in enumerate(words)
        for word, digests in enumerate(some)
        for key, digest in enumerate(digests)
        for at in [(which, word, key)]
    }
    asked = _with_some_words(tuple(tuple(map(len, some)) for some in words), size)
    found = [(standing.of_row(row), row.sealed_contact) for row in connection.execute(asked, values)]
    found.sort(key=lambda each: (each[0].received_at, each[0].reference), reverse=True)
    return [Listed(at, sealed, _key(at, "received_at")) for at, sealed in found]


@made_once
def _with_some_words(shapes: tuple[tuple[int, ...], ...], size: int) -> Select[Any]:
    """`shapes`: of each of the words, how many digests it has."""
    each = (
        tuple(
            tuple(given(_place(which, word, key)) for key in range(keys)) for word, keys in enumerate(shape)
        )
        for which, shape in enumerate(shapes)
    )
    newest = (query(Wanted(status="all", words=words), None, size) for words in each)
    found = (select(some.with_only_columns(_C.reference).subquery()) for some in newest)
    these = also_here(requests) & _C.reference.in_(union_all(*found))
    return select(*standing.COLUMNS, _C.sealed_contact).where(these)


def _place(*at: int) -> str:
    return "_".join(map(str, ("digest", *at)))


def _moment(columns: _Columns) -> Column[Any]:
    """The first moment of an order."""
    return next(column for column in columns if column.name.endswith("_at"))


def _key(found: Standing, moment: str) -> Key:
    # a finished one whose appointment stands has no clock
    return Key(found.rank, getattr(found, moment) or found.received_at, found.received_at, found.reference)


def references(connection: Connection, wanted: Wanted, size: int, after: Key | None = None) -> list[str]:
    """The references of `size` rows, and nothing that would have to be opened."""
    return list(connection.scalars(query(wanted, after, size).with_only_columns(_C.reference)))


def versions(connection: Connection, wanted: Wanted, after: Key | None, size: int) -> dict[str, int]:
    """The versions of a page's rows, and nothing that would have to be opened."""
    found = query(wanted, after, size).with_only_columns(_C.reference, _C.version)
    return {row.reference: row.version for row in connection.execute(found)}


def query(wanted: Wanted, after: Key | None, size: int) -> Select[Any]:
    """The one statement of a page, for its plan to be looked at."""
    columns = _order(wanted)
    newest = columns[0] is not _C.rank
    found = select(*standing.COLUMNS, _C.sealed_contact).where(*_conditions(wanted))
    if wanted.words:
        found = found.join(request_index, request_index.c.reference == _C.reference)
    if after is not None:
        ends = {"rank": after.rank, _moment(columns).name: after.at, "reference": after.reference}
        ends = {"received_at": after.came, **ends}
        here = tuple_(*(literal(ends[column.name], column.type) for column in columns))
        found = found.where(tuple_(*columns) < here if newest else tuple_(*columns) > here)
    return found.order_by(*(column.desc() if newest else column for column in columns)).limit(size)


def _order(wanted: Wanted) -> _Columns:
    """Urgent first and then the clock of a list, or who has waited longest; or the newest first."""
    if wanted.words:
        return _FOUND
    if wanted.newest:
        return _NEWEST
    if wanted.work_list:
        return _LOOKED_AT if wanted.work_list == "to_review" else _PROMISED
    return _WAITING


def figures(connection: Connection, now: datetime) -> dict[str, int]:
    """How many requests are on each work list, how many each deadline has run out for, and "late" for any."""
    return figures_of(connection.execute(figures_query(), {"now": now}).all())


def figures_of(rows: Rows) -> dict[str, int]:
    """The same of rows that were asked for with something else."""
    told = _told_by_time()
    found = dict.fromkeys((*ALL_LISTS, *told), 0)
    for row in rows:
        found[row.work_list] = row.in_all
        found |= {name: found[name] + getattr(row, name) for name in told}
    for timed in TIMED_LISTS:
        found[timed.of] = found.get(timed.of, 0) - found[timed.name]
    return found


@made_once
def figures_query() -> Select[Any]:
    """One walk along an index that has all of it: rows have long sealed parts; at the time `now`."""
    counted = [func.count().filter(condition).label(name) for name, condition in _told_by_time().items()]
    kept = select(_C.work_list, func.count().label("in_all"), *counted)
    kept = kept.where(here(requests), _C.work_list > "")
    return kept.group_by(_C.work_list)


@cache
def _told_by_time() -> dict[str, ColumnElement[bool]]:
    late = {deadline.name: _late(deadline, _NOW) for deadline in DEADLINES}
    return {timed.name: _on(timed.name, _NOW) for timed in TIMED_LISTS} | late | {"late": _any_late(_NOW)}


def _on(name: str, now: AtTime) -> ColumnElement[bool]:
    """Whether `waiting.list_now` gives this list."""
    kept = next((timed.of for timed in TIMED_LISTS if timed.name == name), name)
    conditions: list[ColumnElement[bool]] = [_C.work_list == kept]
    for timed in TIMED_LISTS:
        come = and_(_C[timed.since].is_not(None), _C[timed.since] <= now)
        if timed.name == name:
            return and_(*conditions, come)
        if timed.of == kept:
            conditions.append(not_(come))
    return and_(*conditions)


def _to_do(now: AtTime) -> ColumnElement[bool]:
    """Whether it waits for more than the day of its appointment."""
    begun = [_C[timed.since] <= now for timed in TIMED_LISTS if timed.of == RESTING]
    return or_(_C.work_list != RESTING, *begun)


def _late(deadline: Deadline, now: AtTime) -> ColumnElement[bool]:
    """Whether `waiting.late` names this deadline."""
    return and_(_C[deadline.until] <= now, *(_C.work_list != name for name in deadline.elsewhere))


def _any_late(now: AtTime) -> ColumnElement[bool]:
    return or_(*(_late(deadline, now) for deadline in DEADLINES))


def unindexed(connection: Connection, but: Collection[str], size: int) -> list[tuple[str, datetime]]:
    """Requests kept before they were found as they are now, and not among those that cannot be opened."""
    waits = also_here(requests) & (_C.indexed_as == 0)
    found = select(_C.reference, _C.received_at).where(waits, _C.reference.not_in(but))
    return [(row.reference, row.received_at) for row in connection.execute(found.limit(size))]


def not_indexed(connection: Connection) -> int:
    """How many requests are not found by name yet."""
    return connection.scalar(not_indexed_query()) or 0


@made_once
def not_indexed_query() -> Select[Any]:
    """The same, to be asked with something else."""
    return select(func.count()).select_from(requests).where(also_here(requests), _C.indexed_as == 0)


def whose_to_index(connection: Connection, reference: str) -> tuple[bool, str | None]:
    """Whether it still is not, and the person it is known to be of; others wait who would do the same."""
    query = select(_C.indexed_as, _C.person).where(of_reference(requests, reference)).with_for_update()
    row = connection.execute(query).one_or_none()
    return (row is not None and row.indexed_as == 0, row.person if row is not None else None)


def uncounted(connection: Connection, but: Collection[str], size: int) -> list[str]:
    """Requests kept before their figures were, and not among those that cannot be opened."""
    waits = also_here(requests) & (_C.counted == 0)
    found = select(_C.reference).where(waits, _C.reference.not_in(but))
    return list(connection.scalars(found.limit(size)))


def open_after(connection: Connection, after: str, size: int) -> list[str]:
    """Requests that go on, by reference."""
    open_here = here(requests) & (_C.finished == 0)
    found = select(_C.reference).where(open_here, _C.counted == 1, _C.reference > after)
    return list(connection.scalars(found.order_by(_C.reference).limit(size)))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = bool(wanted.references or wanted.words)
    conditions: list[ColumnElement[bool]] = [also_here(requests) if found else here(requests)]
    if wanted.work_list and wanted.now is not None:
        conditions.append(_on(wanted.work_list, wanted.now))
    elif wanted.status in ("open", "to_do"):
        conditions.append(_C.finished == 0)
        if wanted.status == "to_do" and wanted.now is not None:
            conditions.append(_to_do(wanted.now))
    if wanted.status not in ("open", "to_do", "all"):
        conditions.append(_C.status == wanted.status)
    if wanted.treatment:
        conditions.append(_C.treatment == wanted.treatment)
    if wanted.treatments:
        conditions.append(_C.treatment.in_(wanted.treatments))
    if wanted.owner:
        conditions.append(_C.owner.is_(None) if wanted.owner == "nobody" else _C.owner == wanted.owner)
    if wanted.received_before is not None:
        conditions.append(_C.received_at <= wanted.received_before)
    if wanted.late and wanted.now is not None:
        conditions.append(_any_late(wanted.now))
    if wanted.appointment_on is not None:
        conditions.append(_C.appointment_on == wanted.appointment_on)
    if wanted.references:
        conditions.append(_C.reference.in_(wanted.references))
    return conditions + _with_words(wanted.words)


def _with_words(words: Sequence[Digests]) -> list[ColumnElement[bool]]:
    """The first word leads, in the index's own order; each further one is looked up for each row."""
    first = [here(request_index) & _is(request_index.c.digest, word) for word in words[:1]]
    return first + [_also(word) for word in words[1:]]


def _is(column: Column[str], word: Digests) -> ColumnElement[bool]:
    """One digest, but while the key is being changed: then a row has it by the one key or by the other."""
    return column == word[0] if len(word) == 1 else column.in_(word)


def _also(word: Digests) -> ColumnElement[bool]:
    other = request_index.alias()
    same = (other.c.reference == _C.reference) & (other.c.received_at == _C.received_at)
    return select(other.c.reference).where(here(other), _is(other.c.digest, word), same).exists()


@made_once
def numbers_query() -> Select[Any]:
    """All of them of the given `person` at the time `now`; `messages` and `arrivals` say what else."""
    mine = here(requests) & (_C.owner == given("person")) & (_C.finished == 0) & _to_do(given("now"))
    asked = {
        "owned": select(func.count()).select_from(requests).where(mine),
        "begun": staff_drafts.held_query(),
        "lost": messages.lost_query(),
        "refused": arrivals.refused_query(),
    }
    return select(*(query.scalar_subquery().label(name) for name, query in asked.items()))
