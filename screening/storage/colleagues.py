"""Who is away and who stands in, whose team a treatment is, and when somebody signed in last."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, delete, exists, insert, select, update

from screening.storage import binding
from screening.storage.database import insert_or_ignore
from screening.storage.sites import also_here, here, of_reference
from screening.storage.tables import away, lent, people, requests, sign_ins, teams
from screening.storage.together import given, made_once


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody who is away; both are ids."""

    person_id: str
    stand_in: str
    since: datetime


def absences(connection: Connection) -> dict[str, Absence]:
    """Everybody who is away from this site now, by id."""
    found = connection.execute(select(away).where(also_here(away)))
    return {row.person_id: Absence(row.person_id, row.stand_in, row.since) for row in found}


def begin_absence(connection: Connection, person_id: str, stand_in: str, now: datetime) -> bool:
    """Whether they were not away already."""
    _lock(connection, person_id)
    row = {"person_id": person_id, "stand_in": stand_in, "since": now}
    # PostgreSQL counts no rows of an INSERT here, so the row itself is asked for.
    made = insert_or_ignore(connection, away).values(row).returning(away.c.person_id)
    fresh = connection.execute(made).scalar_one_or_none() is not None
    if fresh:
        binding.touch(connection, binding.AWAY, person_id)
    return fresh


def end_absence(connection: Connection, person_id: str) -> None:
    """They are back, and nothing is lent any more."""
    _lock(connection, person_id)
    theirs = delete(lent).where(also_here(lent), lent.c.person_id == person_id)
    binding.touch(connection, binding.LENT, *connection.scalars(theirs.returning(lent.c.reference)))
    ended = delete(away).where(also_here(away), away.c.person_id == person_id)
    binding.touch(connection, binding.AWAY, *connection.scalars(ended.returning(away.c.person_id)))


def _lock(connection: Connection, person_id: str) -> None:
    """Who says something else of them at the same time waits, at another site too."""
    connection.execute(select(people.c.id).where(people.c.id == person_id).with_for_update())


def lend(connection: Connection, reference: str, person_id: str, stand_in: str) -> None:
    """This request, which is locked, goes back later; the last who was away has it then."""
    binding.touch(connection, binding.LENT, reference)
    connection.execute(delete(lent).where(of_reference(lent, reference)))
    connection.execute(
        insert(lent).values({"reference": reference, "person_id": person_id, "stand_in": stand_in})
    )


def owned_open(connection: Connection, owner: str) -> list[tuple[str, int]]:
    """References and versions of somebody's open requests."""
    mine = here(requests) & (requests.c.owner == owner) & (requests.c.finished == 0)
    query = select(requests.c.reference, requests.c.version).where(mine).order_by(requests.c.reference)
    return [(row.reference, row.version) for row in connection.execute(query)]


def still_lent(connection: Connection, person_id: str) -> list[tuple[str, int]]:
    """Of what somebody lent, what its stand-in still has and is open; references and versions."""
    query = (
        select(requests.c.reference, requests.c.version)
        .join(lent, (lent.c.site == requests.c.site) & (lent.c.reference == requests.c.reference))
        .where(also_here(requests), lent.c.person_id == person_id)
        .where(requests.c.owner == lent.c.stand_in, requests.c.finished == 0)
        .order_by(requests.c.reference)
    )
    return [(row.reference, row.version) for row in connection.execute(query)]


def treatments_of(connection: Connection, person_id: str) -> tuple[str, ...]:
    """What somebody deals with, by id; empty: nothing was said."""
    return tuple(sorted(connection.scalars(treatments_query(), {"person": person_id})))


@made_once
def owners_query() -> Select[Any]:
    """Who may sign in, and who owns open requests here and may not: what is shown of them; in no order."""
    shown = ("id", "name", "email", "roles", "sites")
    theirs = exists().where(here(requests), requests.c.owner == people.c.id, requests.c.finished == 0)
    numbers = {"active": people.c.active, "owns": theirs}
    told = [case((held, 1), else_=0).label(name) for name, held in numbers.items()]
    return select(*(people.c[name] for name in shown), *told).where(people.c.active | theirs)


@made_once
def treatments_query() -> Select[tuple[str]]:
    """Those of the given person, in no order."""
    return select(teams.c.treatment).where(teams.c.person_id == given("person"))


def team_of(connection: Connection, treatment: str) -> frozenset[str]:
    """Ids of those who deal with it."""
    return frozenset(connection.scalars(select(teams.c.person_id).where(teams.c.treatment == treatment)))


def set_treatments(connection: Connection, person_id: str, treatments: Collection[str]) -> None:
    """These and no others; who else says so at the same time waits."""
    _lock(connection, person_id)
    binding.touch(connection, binding.TEAM, person_id)
    connection.execute(delete(teams).where(teams.c.person_id == person_id))
    rows = [{"person_id": person_id, "treatment": treatment} for treatment in sorted(set(treatments))]
    if rows:
        connection.execute(insert(teams), rows)


def signed_in(connection: Connection, person_id: str, now: datetime) -> None:
    """Remember that as the last time."""
    row = {"person_id": person_id, "at": now}
    if connection.execute(insert_or_ignore(connection, sign_ins).values(row)).rowcount != 1:
        connection.execute(update(sign_ins).where(sign_ins.c.person_id == person_id).values(at=now))


def last_sign_ins(connection: Connection) -> dict[str, datetime]:
    """By id; who never signed in is not there."""
    return {row.person_id: row.at for row in connection.execute(select(sign_ins))}
