"""Pages of the queue, each found by an index where the last one ended: the millionth costs as the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import chain
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
    not_,
    or_,
    select,
    tuple_,
    union_all,
)

from screening.core.waiting import ALL_LISTS, DEADLINES, RESTING, TIMED_LISTS, URGENT, Deadline, TimedList
from screening.storage import arrivals, messages, staff_drafts, standing
from screening.storage.sites import also_here, here
from screening.storage.standing import Standing
from screening.storage.tables import request_index, requests
from screening.storage.together import Rows, given, made_once, planned_anew

_C = requests.c
_Columns = tuple[Column[Any], ...]  # an order; its moment is the first one
_WAITING: _Columns = (_C.rank, _C.received_at, _C.reference)
_PROMISED: _Columns = (_C.rank, _C.due_at, _C.received_at, _C.reference)  # a promise ends with its day
_LOOKED_AT: _Columns = (_C.rank, _C.review_due_at, _C.received_at, _C.reference)
_NEWEST: _Columns = (_C.received_at, _C.reference)
_FOUND: _Columns = (request_index.c.received_at, request_index.c.reference)

_NOBODY = "nobody"  # owns it
_NOW = bindparam("now", type_=_C.due_at.type)

AtTime: TypeAlias = "datetime | BindParameter[datetime]"
Digests = tuple[
    str, ...
]  # of one word, by the key of now and those of before; of a date, each that it may be


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
    asked = _statement(_shape(wanted), after is not None, size), _values(wanted, after)
    return [
        Listed(found, row.sealed_contact, _key(found, moment))
        for row in connection.execute(*asked).all()
        for found in [standing.of_row(row)]
    ]


def with_words(connection: Connection, words: Sequence[tuple[Digests, ...]], size: int) -> list[Listed]:
    """The newest `size` requests with all of some words, and those with all of others; newest first."""
    if not words:
        return []
    values = {name: digest for n, some in enumerate(words) for name, digest in _digests(some, n).items()}
    asked = _with_some_words(tuple(_places(some, n) for n, some in enumerate(words)), size)
    found = [(standing.of_row(row), row.sealed_contact) for row in connection.execute(asked, values)]
    found.sort(key=lambda each: (each[0].received_at, each[0].reference), reverse=True)
    return [Listed(at, sealed, _key(at, "received_at")) for at, sealed in found]


@made_once
def _with_some_words(each: tuple[tuple[Digests, ...], ...], size: int) -> Select[Any]:
    """`each`: what the digests of each of the words are called."""
    newest = (_statement(Wanted(status="all", words=words), False, size, ("reference",)) for words in each)
    found = (select(some.subquery()) for some in newest)
    these = also_here(requests) & _C.reference.in_(union_all(*found))
    return planned_anew(select(*standing.COLUMNS, _C.sealed_contact).where(these))


def _places(words: Sequence[Digests], of: int = 0) -> tuple[Digests, ...]:
    """What the digests of words are called, by which a statement is asked; `of` several times some words."""
    return tuple(
        tuple(f"digest_{of}_{word}_{key}" for key in range(len(digests)))
        for word, digests in enumerate(words)
    )


def _digests(words: Sequence[Digests], of: int = 0) -> dict[str, str]:
    """By what they are called."""
    return dict(zip(chain.from_iterable(_places(words, of)), chain.from_iterable(words), strict=True))


def _moment(columns: _Columns) -> Column[Any]:
    """The first moment of an order."""
    return next(column for column in columns if column.name.endswith("_at"))


def _key(found: Standing, moment: str) -> Key:
    # a finished one whose appointment stands has no clock
    return Key(found.rank, getattr(found, moment) or found.received_at, found.received_at, found.reference)


def references(connection: Connection, wanted: Wanted, size: int, after: Key | None = None) -> list[str]:
    """The references of `size` rows, and nothing that would have to be opened."""
    asked = _statement(_shape(wanted), after is not None, size, ("reference",))
    return list(connection.scalars(asked, _values(wanted, after)))


def versions(connection: Connection, wanted: Wanted, after: Key | None, size: int) -> dict[str, int]:
    """The versions of a page's rows, and nothing that would have to be opened."""
    asked = _statement(_shape(wanted), after is not None, size, ("reference", "version"))
    return {row.reference: row.version for row in connection.execute(asked, _values(wanted, after))}


def query(wanted: Wanted, after: Key | None, size: int) -> Select[Any]:
    """The one statement of a page with its values, for its plan to be looked at."""
    return _statement(_shape(wanted), after is not None, size).params(_values(wanted, after))


_LISTED = (*(column.name for column in standing.COLUMNS), _C.sealed_contact.name)


@made_once
def _statement(wanted: Wanted, goes_on: bool, size: int, shown: tuple[str, ...] = _LISTED) -> Select[Any]:
    """Of a shape; where it `goes_on`, behind a row."""
    columns = _order(wanted)
    newest = columns[0] is not _C.rank
    found = select(*(_C[name] for name in shown)).where(*_conditions(wanted))
    if wanted.words:
        found = found.join(request_index, request_index.c.reference == _C.reference)
    if goes_on:
        here = tuple_(*(bindparam(f"after_{column.name}", type_=column.type) for column in columns))
        found = found.where(tuple_(*columns) < here if newest else tuple_(*columns) > here)
    found = found.order_by(*(column.desc() if newest else column for column in columns)).limit(size)
    return planned_anew(found) if wanted.words else found


_ANY, _EVER, _EVERY_DAY = "*", datetime.max.replace(tzinfo=UTC), date.max  # in a shape: some are given


def _shape(wanted: Wanted) -> Wanted:
    """Which things are asked for, without their values."""
    return replace(
        wanted,
        treatment=wanted.treatment and _ANY,
        owner=wanted.owner if wanted.owner in ("", _NOBODY) else _ANY,
        received_before=wanted.received_before and _EVER,
        now=wanted.now and _EVER,
        references=wanted.references and (_ANY,),
        appointment_on=wanted.appointment_on and _EVERY_DAY,
        treatments=wanted.treatments and (_ANY,),
        words=_places(wanted.words),
    )


def _values(wanted: Wanted, after: Key | None) -> dict[str, object]:
    """What its statement is asked with, by name."""
    values: dict[str, object] = {name: getattr(wanted, name) for name in _GIVEN} | _digests(wanted.words)
    if after is not None:
        ends = {"rank": after.rank, "reference": after.reference, "received_at": after.came}
        ends[_moment(_order(wanted)).name] = after.at
        values |= {f"after_{name}": end for name, end in ends.items()}
    return values


_GIVEN = ("treatment", "owner", "received_before", "now", "references", "appointment_on", "treatments")


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
    return {timed.name: _on(timed.name, _NOW) for timed in TIMED_LISTS} | late | {"late": or_(*late.values())}


def _on(name: str, now: AtTime) -> ColumnElement[bool]:
    """Whether `waiting.list_now` gives this list."""
    kept = next((timed.of for timed in TIMED_LISTS if timed.name == name), name)
    conditions: list[ColumnElement[bool]] = [_C.work_list == kept]
    for timed in TIMED_LISTS:
        if timed.name == name:
            return and_(*conditions, _begun(timed, now))
        if timed.of == kept:
            conditions.append(_not_begun(timed, now))
    return and_(*conditions)


def _not_begun(timed: TimedList, now: AtTime) -> ColumnElement[bool]:
    if timed.since == URGENT:
        return _C.rank + 0 >= 1  # a sum, or SQLite would look by the rank alone, from the first page on
    return not_(_begun(timed, now))


def _begun(timed: TimedList, now: AtTime) -> ColumnElement[bool]:
    """Whether a request of the list that it is a part of is on this one."""
    if timed.since == URGENT:
        return _C.rank < 1  # by order: an equality would have SQLite sort what the index has in order
    return and_(_C[timed.since].is_not(None), _C[timed.since] <= now)


def _to_do(now: AtTime) -> ColumnElement[bool]:
    """Whether it waits for more than the day of its appointment."""
    begun = [_begun(timed, now) for timed in TIMED_LISTS if timed.of == RESTING]
    return or_(_C.work_list != RESTING, *begun)


def _late(deadline: Deadline, now: AtTime) -> ColumnElement[bool]:
    """Whether `waiting.late` names this deadline."""
    return and_(_C[deadline.until] <= now, *(_C.work_list != name for name in deadline.elsewhere))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Of a shape: the values are given by the names of its fields, and by what digests are called."""
    found = bool(wanted.references or wanted.words)
    conditions: list[ColumnElement[bool]] = [also_here(requests) if found else here(requests)]
    if wanted.work_list and wanted.now is not None:
        conditions.append(_on(wanted.work_list, _NOW))
    elif wanted.status in ("open", "to_do"):
        conditions.append(_C.finished == 0)
        if wanted.status == "to_do" and wanted.now is not None:
            conditions.append(_to_do(_NOW))
    if wanted.status not in ("open", "to_do", "all"):
        conditions.append(_C.status == wanted.status)
    if wanted.treatment:
        conditions.append(_C.treatment == given("treatment"))
    if wanted.treatments:
        conditions.append(_C.treatment.in_(bindparam("treatments", expanding=True)))
    if wanted.owner:
        conditions.append(_C.owner.is_(None) if wanted.owner == _NOBODY else _C.owner == given("owner"))
    if wanted.received_before is not None:
        conditions.append(_C.received_at <= given("received_before"))
    if wanted.late and wanted.now is not None:
        conditions.append(or_(*(_late(deadline, _NOW) for deadline in DEADLINES)))
    if wanted.appointment_on is not None:
        conditions.append(_C.appointment_on == given("appointment_on"))
    if wanted.references:
        conditions.append(_C.reference.in_(bindparam("references", expanding=True)))
    return conditions + _with_words(wanted.words)


def _with_words(words: Sequence[Digests]) -> list[ColumnElement[bool]]:
    """The first word leads, in the index's own order; each further one is looked up for each row."""
    first = [here(request_index) & _is(request_index.c.digest, word) for word in words[:1]]
    return first + [_also(word) for word in words[1:]]


def _is(column: Column[str], word: Digests) -> ColumnElement[bool]:
    """One digest mostly; while the key is being changed, a row has it by the one key or by the other."""
    return column == given(word[0]) if len(word) == 1 else column.in_(list(map(given, word)))


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
