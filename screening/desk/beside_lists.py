"""What stands beside every list, in one statement: figures, colleagues, who looks; forms, for a search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select

from screening.core.waiting import ALL_LISTS
from screening.desk.desk import EITHER, MANAGER, Desk, allow
from screening.desk.messages import UNSENT
from screening.desk.shapes import Colleague, Counts, Look, Person
from screening.service.visit import Visit
from screening.storage import (
    arrivals,
    colleagues,
    drafts,
    presence,
    queue,
    registered_keys,
    sites,
    staff_drafts,
    uncounted,
)
from screening.storage.database import reading
from screening.storage.presence import Presence
from screening.storage.registered_keys import INDEXING
from screening.storage.together import Rows, Together, made_once


@dataclass(frozen=True)
class BesideList:
    """`team`: treatments of whoever looks. `index_key`: id of the one that finds requests now. For a search
    alone: how many requests cannot be found by name yet, and `forms` that wait."""

    counts: Counts
    team: tuple[str, ...]
    colleagues: tuple[Colleague, ...]  # everybody who may own a request, by name
    gone: tuple[Colleague, ...]  # who still owns open ones, and works here no more
    looking: tuple[Look, ...]
    index_key: str | None
    not_indexed: int = 0
    forms: tuple[Visit, ...] = field(default=(), repr=False)


def load(desk: Desk, person: Person, *, searching: bool = False) -> BesideList:
    """For whoever looks; what is in the forms is not on record yet."""
    allow(person, *EITHER, MANAGER)
    now = desk.service.now()
    values = {"person": person.id, "now": now, "waiting_since": now - UNSENT, "purpose": INDEXING}
    with reading(desk.service.engine) as connection:
        found = _query(searching=searching).ask(connection, values | arrivals.recent(now))
    listed, numbers, team, who, open_now, keys, *searched = found
    at_desk, gone = _at_desk(who)
    there = presence.others_of(presence.longest_first(open_now), person.id, now)
    return BesideList(
        counts=_counts(listed, numbers),
        team=tuple(sorted(row.treatment for row in team)),
        colleagues=at_desk,
        gone=gone,
        looking=looks_of(there),
        index_key=keys[0].key_id if keys else None,
        not_indexed=searched[0][0][0] if searching else 0,
        forms=_forms(desk, searched[1]) if searching else (),
    )


@made_once
def _query(*, searching: bool) -> Together:
    always = (
        queue.figures_query(),
        queue.numbers_query(),
        colleagues.treatments_query(),
        colleagues.owners_query(),
        presence.any_query(),
        select(registered_keys.current_query().subquery()),
    )
    searched = (uncounted.not_indexed_query(), staff_drafts.waiting_query()) if searching else ()
    return Together(*always, *searched)


def _counts(listed: Rows, numbers: Rows) -> Counts:
    figures, (others,) = queue.figures_of(listed), numbers
    by_list = {name: figures[name] for name in ALL_LISTS}
    return Counts(by_list, figures["late"], others.owned, others.lost, others.begun, others.refused)


def _at_desk(rows: Rows) -> tuple[tuple[Colleague, ...], tuple[Colleague, ...]]:
    """Who works here, and who only owns requests; each by name."""
    here, gone = list[Colleague](), list[Colleague]()
    for row in sorted(rows, key=lambda row: (row.name.lower(), row.id)):
        roles, works_at = frozenset(row.roles.split()), sites.read(row.sites)
        works = row.active and sites.this_site() in works_at and not roles.isdisjoint(EITHER)
        if works or row.owns:
            (here if works else gone).append(Colleague(row.id, row.name, row.email, roles, works_at))
    return tuple(here), tuple(gone)


def _forms(desk: Desk, rows: Rows) -> tuple[Visit, ...]:
    known = staff_drafts.opened(desk.opening_keys, rows)
    return tuple(desk.service.visits_of(drafts.opened(known)))


def looks_of(others: Iterable[Presence]) -> tuple[Look, ...]:
    """As pages show them."""
    return tuple(Look(found.reference, found.name, found.since) for found in others)
