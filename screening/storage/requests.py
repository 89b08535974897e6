"""What patients sent: who they are and what they said, each under a seal of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from screening.storage.database import insert_or_ignore
from screening.storage.sealing.hpke import OpeningKeys, SealingKey
from screening.storage.sealing.plaintext import pack, unpack
from screening.storage.tables import requests


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
    flags_to_review: int
    flags_to_discuss: int
    flags_to_arrange: int
    entered_by: str = "patient"


@dataclass(frozen=True, kw_only=True)
class NewRequest(_InTheClear):
    """`draft_id` is the `row_id` of the draft's token."""

    draft_id: str
    due_at: datetime | None = None
    contact: Mapping[str, object] = field(repr=False)
    health: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Request(_InTheClear):
    """A request as it is kept, opened."""

    status: str
    contact: dict[str, object] = field(repr=False)
    health: dict[str, object] = field(repr=False)


_CLEAR = tuple(_InTheClear.__dataclass_fields__)


def insert(connection: Connection, sealing_key: SealingKey, request: NewRequest) -> str | None:
    """Keep a request; the reference under which this draft's request is kept, or None.

    It is `request.reference` when the request is new, and the earlier reference when the draft was
    sent before: so sending may be repeated. None means that the reference already belongs to another
    draft and nothing was kept: draw another and insert again, in the same transaction if you like.
    """
    values = {name: getattr(request, name) for name in _CLEAR}
    row = insert_or_ignore(connection, requests).values(
        **values,
        draft_id=request.draft_id,
        due_at=request.due_at,
        open_flags=request.flags_to_review,
        to_review=request.flags_to_review,
        sealed_contact=_seal(sealing_key, "sealed_contact", request.reference, request.contact),
        sealed_health=_seal(sealing_key, "sealed_health", request.reference, request.health),
    )
    # PostgreSQL counts no rows of an INSERT here, so the row itself is asked for.
    if connection.execute(row.returning(requests.c.reference)).scalar_one_or_none() is not None:
        return request.reference
    return find_by_draft(connection, request.draft_id)


def find_by_draft(connection: Connection, draft_id: str) -> str | None:
    """The reference of the request that a draft became."""
    return connection.scalar(select(requests.c.reference).where(requests.c.draft_id == draft_id))


def load(connection: Connection, opening_keys: OpeningKeys, reference: str) -> Request | None:
    """Everything, for those who may see everything. Raises CannotOpen."""
    row = connection.execute(select(requests).where(requests.c.reference == reference)).one_or_none()
    if row is None:
        return None
    return Request(
        **{name: getattr(row, name) for name in _CLEAR},
        status=row.status,
        contact=_open(opening_keys, "sealed_contact", reference, row.sealed_contact),
        health=_open(opening_keys, "sealed_health", reference, row.sealed_health),
    )


def load_contact(
    connection: Connection, opening_keys: OpeningKeys, reference: str
) -> dict[str, object] | None:
    """Who to call, without reading a word about health. Raises CannotOpen."""
    query = select(requests.c.sealed_contact).where(requests.c.reference == reference)
    sealed = connection.scalar(query)
    return None if sealed is None else _open(opening_keys, "sealed_contact", reference, sealed)


def load_sealed_contact(opening_keys: OpeningKeys, reference: str, sealed: bytes) -> dict[str, object]:
    """The contact part of a row that was read already, as a page of the queue does. Raises CannotOpen."""
    return _open(opening_keys, "sealed_contact", reference, sealed)


@dataclass(frozen=True)
class Sealed:
    """A request as it lies there: whoever holds the key may open it elsewhere, away from the database."""

    reference: str
    contact: bytes = field(repr=False)
    health: bytes = field(repr=False)


def references(connection: Connection, rule_set_id: str, since: datetime | None = None) -> list[str]:
    """The references of a rule set's requests, oldest first."""
    query = select(requests.c.reference).where(requests.c.rule_set_id == rule_set_id)
    if since is not None:
        query = query.where(requests.c.received_at >= since)
    return list(connection.scalars(query.order_by(requests.c.received_at, requests.c.reference)))


def sealed(connection: Connection, wanted: Sequence[str]) -> list[Sealed]:
    """The requests with these references, unopened."""
    columns = requests.c.reference, requests.c.sealed_contact, requests.c.sealed_health
    rows = connection.execute(select(*columns).where(requests.c.reference.in_(wanted)))
    return [Sealed(*row) for row in rows]


def open_sealed(opening_keys: OpeningKeys, row: Sealed) -> tuple[dict[str, Any], dict[str, Any]]:
    """Contact part and health part. Raises CannotOpen."""
    return (
        _open(opening_keys, "sealed_contact", row.reference, row.contact),
        _open(opening_keys, "sealed_health", row.reference, row.health),
    )


def count(connection: Connection) -> int:
    """How many requests are kept."""
    return connection.scalar(select(func.count()).select_from(requests)) or 0


def _seal(key: SealingKey, column: str, reference: str, values: Mapping[str, object]) -> bytes:
    return key.seal(pack(values), table="requests", column=column, row=reference)


def _open(keys: OpeningKeys, column: str, reference: str, sealed: bytes) -> dict[str, object]:
    return unpack(keys.open(sealed, table="requests", column=column, row=reference))
