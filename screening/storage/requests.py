"""What patients sent: who they are and what they said, each under a seal of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from screening.core.dealings import gate_of, weight
from screening.core.judged import Judged, judged
from screening.core.kept import KeptContact, KeptHealth, KeptRequest, for_row
from screening.core.review import position
from screening.core.serialising import Plain
from screening.core.stepping import Outcome, begun
from screening.core.workflow import INITIAL
from screening.storage import binding
from screening.storage.database import insert_or_ignore
from screening.storage.sealing.hpke import OpeningKeys, SealingKey
from screening.storage.sealing.plaintext import pack, unpack
from screening.storage.sites import DEFAULT, also_here, here, of_reference
from screening.storage.tables import requests
from screening.storage.together import given, made_once

CONTACT, HEALTH = "sealed_contact", "sealed_health"  # the columns, which are part of what is sealed


@dataclass(frozen=True, kw_only=True)
class _InTheClear:
    """All that a queue may know without a key."""

    reference: str
    treatment: str
    rule_set_id: str
    rule_set_version: str
    rule_set_digest: str
    language: str
    received_at: datetime
    entered_by: str = "patient"


@dataclass(frozen=True, kw_only=True)
class NewRequest(_InTheClear):
    """`draft_id` is the `row_id` of the draft's token."""

    draft_id: str
    due_at: datetime | None = None
    things: tuple[str, ...] = ()  # what a clinician must have read, by id
    kept: KeptRequest = field(repr=False)

    @property
    def outcome(self) -> Outcome:
        """Where it stands as it arrives, whatever else of the same person there is."""
        return begun(position(self.kept, INITIAL, (), self.things))


@dataclass(frozen=True, kw_only=True)
class Request(_InTheClear):
    """A request as it is kept, opened."""

    status: str
    kept: KeptRequest = field(repr=False)


_CLEAR = tuple(_InTheClear.__dataclass_fields__)


def seal(sealing_key: SealingKey, request: NewRequest) -> Sealed:
    """Both parts of it as they are to lie there: for nobody else to wait for, before anything is locked."""
    contact = _seal(sealing_key, CONTACT, request.reference, request.kept.contact.to_data())
    health = _seal(sealing_key, HEALTH, request.reference, request.kept.health.to_data())
    return Sealed(request.reference, contact, health)


def insert(connection: Connection, sealed: Sealed, request: NewRequest) -> str | None:
    """Keep a request; the reference under which this draft's request is kept, or None.

    It is `request.reference` when the request is new, and the earlier reference when the draft was
    sent before: so sending may be repeated. None means that the reference already belongs to another
    draft and nothing was kept: draw another and insert again, in the same transaction if you like.
    """
    values = {name: getattr(request, name) for name in _CLEAR} | _figures(request)
    binding.touch(connection, binding.REQUEST, request.reference)
    row = values | {
        "draft_id": request.draft_id,
        "due_at": request.due_at,
        "promised_at": request.due_at,
        "sealed_contact": sealed.contact,
        "sealed_health": sealed.health,
    }
    # PostgreSQL counts no rows of an INSERT here, so the row itself is asked for.
    new = insert_or_ignore(connection, requests).returning(requests.c.reference)
    if connection.execute(new, row).scalar_one_or_none() is not None:
        return request.reference
    return find_by_draft(connection, request.draft_id)


def _figures(request: NewRequest) -> dict[str, object]:
    """What a queue needs to know of it."""
    raised, outcome = request.kept.health.raised, request.outcome
    handled = [weight(flag.handling) for flag in raised]
    return {
        "flags_to_review": sum(gate_of(flag.handling) == "consultation" for flag in raised),
        "flags_to_discuss": handled.count(weight("discuss_at_consultation")),
        "flags_to_arrange": handled.count(weight("arrange")),
        **asdict(outcome.figures),
        "work_list": outcome.work_list,
        "counted": 1,
    }


def find_by_draft(connection: Connection, draft_id: str) -> str | None:
    """The reference of the request that a draft became, by its `row_id`; None where it was not sent."""
    query = select(requests.c.reference).where(also_here(requests), requests.c.draft_id == draft_id)
    return connection.scalar(query)


def load(connection: Connection, opening_keys: OpeningKeys, reference: str) -> Request | None:
    """Everything, for those who may see everything; None where there is none. Raises TooNew, CannotOpen."""
    row = connection.execute(query(), {"reference": reference}).one_or_none()
    return None if row is None else opened(opening_keys, row)


@made_once
def query() -> Select[Any]:
    """The one of the given reference."""
    return select(requests).where(of_reference(requests, given("reference")))


def opened(opening_keys: OpeningKeys, row: Any) -> Request:
    """The same of a row that was asked for with something else. Raises TooNew, CannotOpen."""
    return Request(
        **{name: getattr(row, name) for name in _CLEAR},
        status=row.status,
        kept=_opened(opening_keys, row.reference, row.sealed_contact, row.sealed_health),
    )


def load_contact(connection: Connection, opening_keys: OpeningKeys, reference: str) -> KeptContact | None:
    """Whom to call, without a word about health; None where there is none. Raises TooNew, CannotOpen."""
    query = select(requests.c.sealed_contact).where(of_reference(requests, reference))
    sealed = connection.scalar(query)
    return None if sealed is None else open_contact(opening_keys, reference, sealed)


def load_health(connection: Connection, opening_keys: OpeningKeys, reference: str) -> KeptHealth | None:
    """What they said of their health; None where there is none. Raises TooNew, CannotOpen."""
    query = select(requests.c.sealed_health).where(of_reference(requests, reference))
    sealed = connection.scalar(query)
    return None if sealed is None else open_health(opening_keys, reference, sealed)


def open_health(opening_keys: OpeningKeys, reference: str, sealed: bytes) -> KeptHealth:
    """The health part of a row that was read already. Raises CannotOpen."""
    return KeptHealth.from_data(_open(opening_keys, HEALTH, reference, sealed))


def open_contact(opening_keys: OpeningKeys, reference: str, sealed: bytes) -> KeptContact:
    """The contact part of a row that was read already, as a page of the queue does. Raises CannotOpen."""
    return KeptContact.from_data(_open(opening_keys, CONTACT, reference, sealed))


def open_for_row(opening_keys: OpeningKeys, reference: str, sealed: bytes) -> KeptContact:
    """The same, and of it only what lists show. Raises CannotOpen."""
    return for_row(_open(opening_keys, CONTACT, reference, sealed))


@dataclass(frozen=True)
class Sealed:
    """A request as it lies there: whoever holds the key may open it elsewhere, away from the database."""

    reference: str
    contact: bytes = field(repr=False)
    health: bytes = field(repr=False)


def site_of(connection: Connection, reference: str) -> str:
    """Whose it is, for those who name no site; the default's where there is none."""
    return connection.scalar(select(requests.c.site).where(requests.c.reference == reference)) or DEFAULT


def promised_at(connection: Connection, reference: str) -> datetime | None:
    """Until when the patient was told that the clinic gets in touch; None where that was not kept."""
    return connection.scalar(select(requests.c.promised_at).where(of_reference(requests, reference)))


def references(
    connection: Connection,
    rule_set_id: str,
    since: datetime | None = None,
    versions: Collection[str] = (),
) -> list[str]:
    """The references of a rule set's requests, or of some of its versions, oldest first."""
    query = select(requests.c.reference).where(here(requests), requests.c.rule_set_id == rule_set_id)
    if since is not None:
        query = query.where(requests.c.received_at >= since)
    if versions:
        query = query.where(requests.c.rule_set_version.in_(versions))
    return list(connection.scalars(query.order_by(requests.c.received_at, requests.c.reference)))


def sealed(connection: Connection, wanted: Sequence[str]) -> list[Sealed]:
    """Those of these references that are kept, unopened, by reference."""
    columns = requests.c.reference, requests.c.sealed_contact, requests.c.sealed_health
    mine = also_here(requests) & requests.c.reference.in_(wanted)
    rows = connection.execute(select(*columns).where(mine).order_by(requests.c.reference))
    return [Sealed(*row) for row in rows]


def open_sealed(opening_keys: OpeningKeys, row: Sealed) -> Judged:
    """What was answered, and what came of it. Raises TooNew, CannotOpen."""
    return judged(
        _open(opening_keys, CONTACT, row.reference, row.contact),
        _open(opening_keys, HEALTH, row.reference, row.health),
    )


def count(connection: Connection) -> int:
    """How many requests are kept, finished ones too."""
    return connection.scalar(select(func.count()).select_from(requests)) or 0


def _seal(key: SealingKey, column: str, reference: str, values: Plain) -> bytes:
    return key.seal(pack(values), table="requests", column=column, row=reference)


def _opened(keys: OpeningKeys, reference: str, contact: bytes, health: bytes) -> KeptRequest:
    return KeptRequest(
        open_contact(keys, reference, contact),
        open_health(keys, reference, health),
    )


def _open(keys: OpeningKeys, column: str, reference: str, sealed: bytes) -> Plain:
    return unpack(keys.open(sealed, table="requests", column=column, row=reference))
