"""What every function of the desk stands on: the service, the private keys, who may, reading on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from screening.core.errors import Absent, Refused
from screening.core.kept import KeptRequest
from screening.core.rules import RuleSet
from screening.core.workflow import DESK, ROLES
from screening.desk.shapes import Person
from screening.service.patient import Service
from screening.service.recording import record
from screening.settings import Settings
from screening.storage import requests, standing
from screening.storage.database import reading
from screening.storage.requests import Request
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.sites import at
from screening.storage.standing import Standing

RECEPTION, CLINICIAN, MANAGER, AUDITOR = ROLES
EITHER = DESK


@dataclass(frozen=True)
class Desk:
    """One for each process that holds the opening keys; `translate` is for marked words."""

    service: Service
    opening_keys: OpeningKeys = field(repr=False)
    translate: Callable[[str], str] = str

    @property
    def settings(self) -> Settings:
        """Those of the service."""
        return self.service.settings

    def rule_set(self, digest: str) -> RuleSet | None:
        """The rules that a request was made under, where they can still be read."""
        return self.service.library.pinned(digest)

    def to_read(self, kept: KeptRequest, at: Standing) -> tuple[str, ...]:
        """What of a request a clinician must have read, by id."""
        return self.service.to_read(kept, self.rule_set(at.rule_set_digest), at.received_at)


@contextmanager
def at_its_site(desk: Desk, reference: str) -> Iterator[None]:
    """At the site that has the request, for whoever names none."""
    with reading(desk.service.engine) as connection:
        site = requests.site_of(connection, reference)
    with at(site):
        yield


def allow(person: Person, *roles: str) -> None:
    """Raises Refused unless the person has one of the roles."""
    if person.roles.isdisjoint(roles):
        raise Refused("other_roles", roles=roles)


@contextmanager
def trying(desk: Desk, person: Person, action: str, reference: str | None = None) -> Iterator[None]:
    """What is refused, to another role or on a stale page, is in the audit with what was tried."""
    try:
        yield
    except Refused as refusal:
        tried_in_vain(desk, person, reference, action, refusal.code)
        raise


def tried_in_vain(
    desk: Desk, person: Person, reference: str | None, action: str, why: str = "not_now"
) -> None:
    """Somebody asked for what they may not have or do now."""
    record(desk.service, "refused", actor(person), reference, tried=action, why=why)


def admit(desk: Desk, person: Person, action: str, reference: str | None, *roles: str) -> None:
    """As `allow`; who is refused is in the audit."""
    with trying(desk, person, action, reference):
        allow(person, *roles)


def sees_health(desk: Desk, person: Person) -> bool:
    """Whether health answers are for this person: clinicians, and reception where the clinic says so."""
    return desk.settings.reception_sees_health or CLINICIAN in person.roles


def actor(person: Person) -> tuple[str, str]:
    """As the audit names them."""
    return person.id, person.name


def standing_of(connection: Connection, reference: str) -> Standing:
    """Where a request stands. Raises Absent."""
    found = standing.load(connection, reference)
    if found is None:
        raise Absent(f"there is no request {reference}")
    return found


def opened(desk: Desk, connection: Connection, reference: str) -> KeptRequest:
    """What was sent, with what older requests leave out. Raises Absent, CannotOpen."""
    found = requests.load(connection, desk.opening_keys, reference)
    if found is None:
        raise Absent(f"there is no request {reference}")
    return completed(desk, found)


def completed(desk: Desk, found: Request) -> KeptRequest:
    """With what older requests leave out."""
    health = found.kept.health.completed(desk.rule_set(found.rule_set_digest))
    return KeptRequest(found.kept.contact, health)
