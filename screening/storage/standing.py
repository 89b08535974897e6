"""Where a request stands: its row in the clear, its moves (append-only), and how many stand where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select, union_all, update

from screening.core.workflow import Figures, is_finished
from screening.storage import binding, lanes
from screening.storage.database import insert_or_ignore
from screening.storage.sites import also_here, here, of_reference
from screening.storage.tables import request_status, requests, status_counts
from screening.storage.together import given, made_once


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a request without a key."""

    reference: str
    treatment: str
    rule_set_digest: str
    language: str
    received_at: datetime
    entered_by: str
    status: str
    version: int
    rank: int
    owner: str | None
    owner_name: str | None
    open_flags: int
    stopped_flags: int
    unsettled: int
    unread: int
    to_review: int
    questions: int
    with_patient: int
    others_open: int
    appointment: str
    appointment_on: date | None
    work_list: str
    identity_checked: int
    duplicate_of: str | None
    due_at: datetime | None
    review_due_at: datetime | None
    ask_again_at: datetime | None
    person: str | None

    @property
    def finished(self) -> bool:
        """Whether nothing more is to be done."""
        return is_finished(self.status)

    @property
    def figures(self) -> Figures:
        """What it amounts to."""
        return Figures(*_FIGURES(self))

    @property
    def in_the_way(self) -> int:
        """How many things stand in the way of the same person's other requests."""
        return 0 if self.finished else self.unread + self.open_flags + self.stopped_flags

    def shares_person(self, other: Standing, not_same: Collection[str]) -> bool:
        """Whether what is open at the other one counts here; `not_same` were said to be another person's."""
        theirs = self.person is not None and self.person == other.person
        return theirs and other.reference != self.reference and other.reference not in not_same


_FIGURES = attrgetter(*Figures.__dataclass_fields__)
COLUMNS = tuple(requests.c[name] for name in Standing.__dataclass_fields__)


def of_row(row: Any) -> Standing:
    """From a row that begins with COLUMNS."""
    return Standing(*row[: len(COLUMNS)])


def load(connection: Connection, reference: str) -> Standing | None:
    """Where it stands."""
    row = connection.execute(_query(), {"reference": reference}).one_or_none()
    return None if row is None else of_row(row)


@made_once
def _query() -> Select[Any]:
    return select(*COLUMNS).where(of_reference(requests, given("reference")))


def with_others(
    connection: Connection, references: Iterable[str], *, locked: bool = False
) -> dict[str, Standing]:
    """These requests and every other one of the same persons, in the order in which all must lock them."""
    query = _locking_others() if locked else others_query()
    found = connection.execute(query, {"references": list(references)})
    return {row.reference: of_row(row) for row in found}


def open_of(connection: Connection, persons: Collection[str]) -> list[Standing]:
    """What goes on of a person, by any of the digests that they are known by; the newest first."""
    theirs = here(requests) & requests.c.person.in_(persons) & (requests.c.finished == 0)
    found = connection.execute(select(*COLUMNS).where(theirs).order_by(requests.c.received_at.desc()))
    return [of_row(row) for row in found]


@made_once
def others_query() -> Select[Any]:
    """The one statement of it, of the given `references`.

    Two ways by an index, put together: PostgreSQL reads the whole table through where they stand as one `OR`.
    """
    named, others = requests.alias("named"), requests.alias("others")
    same_person = others.c.person == named.c.person
    these = also_here(named) & named.c.reference.in_(bindparam("references", expanding=True))
    theirs = select(others.c.reference).join(named, same_person).where(here(others), these)
    either = requests.c.reference.in_(union_all(select(named.c.reference).where(these), theirs))
    return select(*COLUMNS).where(also_here(requests), either).order_by(requests.c.reference)


@made_once
def _locking_others() -> Select[Any]:
    return others_query().with_for_update()


_CHANGE = update(requests).where(of_reference(requests, given("named")))  # columns come with the values
_MOVED = insert(request_status)


def save_seen(connection: Connection, reference: str, values: Mapping[str, object]) -> None:
    """Set columns that are no change of the request, as those that follow from another: its version stays."""
    binding.touch(connection, binding.REQUEST, reference)
    connection.execute(_CHANGE, {"named": reference, **values})


def save(connection: Connection, standing: Standing, values: Mapping[str, object]) -> int:
    """Set columns of a locked request; the new version."""
    status = str(values.get("status", standing.status))
    version = standing.version + 1
    changed = {**values, "version": version, "finished": int(is_finished(status))}
    save_seen(connection, standing.reference, changed)
    return version


def note_move(
    connection: Connection,
    reference: str,
    version: int,
    *,
    move: str,
    status: str,
    by_id: str,
    by_name: str,
    now: datetime,
) -> None:
    """Keep who moved it and when; before the event of the same change, which vouches for it."""
    row = {"reference": reference, "version": version, "status": status, "move": move}
    binding.touch(connection, binding.REQUEST, reference)
    connection.execute(_MOVED, row | {"by_id": by_id, "by_name": by_name, "at": now})


def count_move(connection: Connection, status: str, was: str | None) -> None:
    """Count a request where it now stands; `was` is None for a new one.

    After the event of the same change: whoever appends an event holds its lane, and counts there alone.
    """
    if was is not None:
        _count(connection, was, -1)
    _count(connection, status, 1)


def count_more(connection: Connection, more: Mapping[str, int]) -> None:
    """The same for many requests at once, by status; fewer where it is negative."""
    for status, number in sorted(more.items()):
        _count(connection, status, number)


def discount(connection: Connection, status: str) -> None:
    """One request less; after its event, as `count_move` is."""
    _count(connection, status, -1)


def counts(connection: Connection) -> dict[str, int]:
    """How many requests stand where."""
    total = func.sum(status_counts.c.requests).label("requests")
    by_status = select(status_counts.c.status, total).group_by(status_counts.c.status)
    return {row.status: int(row.requests) for row in connection.execute(by_status)}


def _count(connection: Connection, status: str, by: int) -> None:
    lane = lanes.mine(connection)
    more = {"where": status, "of_lane": lane, "by": by}
    if connection.execute(_MORE, more).rowcount == 0:  # the first that stands there
        first = insert_or_ignore(connection, status_counts).values(status=status, lane=lane, requests=0)
        connection.execute(first)
        connection.execute(_MORE, more)


_MORE = (
    update(status_counts)
    .where(status_counts.c.status == bindparam("where"), status_counts.c.lane == bindparam("of_lane"))
    .values(requests=status_counts.c.requests + bindparam("by"))
)
