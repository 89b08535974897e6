"""Drafts that staff began: their keys, sealed to the clinic, and who holds each.

A patient's draft has no such key, and so none of these functions finds or opens it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select, text, update

from screening.core.errors import CannotOpen
from screening.storage import requests
from screening.storage.drafts import Draft, row_of
from screening.storage.sealing.hpke import OpeningKeys, SealingKey
from screening.storage.sealing.tokens import DraftToken
from screening.storage.sites import also_here
from screening.storage.tables import drafts
from screening.storage.together import Rows, given, made_once

_COLUMN = drafts.c.sealed_token.name
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:row, 0))")


def share(connection: Connection, token: DraftToken, draft: Draft, key: SealingKey, holder: str) -> Draft:
    """Seal the key of a draft that staff began, for their server to open; who holds it, by id."""
    sealed = key.seal(token.encode().encode(), table=drafts.name, column=_COLUMN, row=token.row_id)
    values = {"public_id": token.public_id, _COLUMN: sealed, "held_by": holder}
    connection.execute(update(drafts).where(row_of(token)).values(values))
    return replace(draft, held_by=holder)


def token_of(connection: Connection, mark: bytes, now: datetime) -> tuple[DraftToken, bool]:
    """For the draft that a form with this mark begins; whether another press of its button began it already.

    Until the transaction ends nobody else can begin it. What it began may be over: then it begins another.
    """
    token = DraftToken.of_form(mark)
    if connection.dialect.name == "postgresql":  # SQLite lets in one writer at a time
        connection.execute(_ALONE, {"row": token.row_id})
    until = connection.scalar(select(drafts.c.expires_at).where(row_of(token)))
    if until is not None and until > now:
        return token, True
    is_over = until is not None or requests.find_by_draft(connection, token.row_id) is not None
    return (DraftToken.new() if is_over else token), False


def key_of(connection: Connection, keys: OpeningKeys, public_id: str, now: datetime) -> DraftToken | None:
    """The key of one that has not expired; None too where this server cannot open it."""
    return next(
        _opened(connection, keys, (drafts.c.public_id == public_id) & (drafts.c.expires_at > now)), None
    )


def keys_of_all(connection: Connection, keys: OpeningKeys, now: datetime) -> list[DraftToken]:
    """The keys of all that were not sent, oldest first."""
    return [token for token, _row in opened(keys, connection.execute(waiting_query(), {"now": now}).all())]


@made_once
def waiting_query() -> Select[Any]:
    """Those that were not sent at the time `now`, in no order."""
    waiting = drafts.c.reference.is_(None) & (drafts.c.expires_at > given("now"))
    shared = drafts.c.held_by.is_not(None) & drafts.c.sealed_token.is_not(None)
    return select(drafts).where(also_here(drafts), waiting, shared)


def opened(keys: OpeningKeys, rows: Rows) -> list[tuple[DraftToken, Any]]:
    """Rows with their keys, oldest first, without those that this server cannot open."""
    found = ((_token(row.id, row.sealed_token, keys), row) for row in rows)
    known = [(token, row) for token, row in found if token is not None]
    return sorted(known, key=lambda each: (each[1].started_at, each[1].id))


def _opened(connection: Connection, keys: OpeningKeys, where: ColumnElement[bool]) -> Iterator[DraftToken]:
    shared = also_here(drafts) & drafts.c.sealed_token.is_not(None)
    query = select(drafts.c.id, drafts.c.sealed_token).where(where, shared)
    for row in connection.execute(query.order_by(drafts.c.started_at, drafts.c.id)):
        token = _token(row.id, row.sealed_token, keys)
        if token is not None:
            yield token


def _token(row: str, sealed: bytes, keys: OpeningKeys) -> DraftToken | None:
    try:
        text = keys.open(sealed, table=drafts.name, column=_COLUMN, row=row)
    except CannotOpen:
        return None
    return DraftToken.decode(text.decode())


def is_shared(connection: Connection, token: DraftToken) -> bool:
    """Whether staff can open it already; older programs kept its key in one browser alone."""
    query = select(drafts.c.id).where(row_of(token), drafts.c.sealed_token.is_not(None))
    return connection.scalar(query) is not None


def pass_on(connection: Connection, token: DraftToken, holder: str) -> None:
    """From now on another one holds it. To be called after `drafts.lock`."""
    connection.execute(update(drafts).where(row_of(token)).values(held_by=holder))


def number_held(connection: Connection, holder: str, now: datetime) -> int:
    """How many wait for this person."""
    return connection.scalar(held_query(), {"person": holder, "now": now}) or 0


@made_once
def held_query() -> Select[Any]:
    """The same of the given `person`, at the time `now`."""
    waiting = drafts.c.reference.is_(None) & (drafts.c.expires_at > given("now"))
    mine = waiting & (drafts.c.held_by == given("person"))
    return select(func.count()).select_from(drafts).where(also_here(drafts), mine)
