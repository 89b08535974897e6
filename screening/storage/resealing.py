"""Sealing again with the current key what an earlier one sealed, some requests at a time."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Row, Table, func, select, update

from screening.core.errors import CannotOpen
from screening.storage import binding
from screening.storage.sealing.hpke import OpeningKeys, SealingKey, key_id_of
from screening.storage.sites import also_here
from screening.storage.tables import drafts, entries, messages, outbox, requests

_SEALED: tuple[Column[bytes], ...] = (
    requests.c.sealed_contact,
    requests.c.sealed_health,
    entries.c.sealed,
    outbox.c.sealed_address,
    messages.c.sealed,
    drafts.c.sealed_token,
)
_REQUEST, _ENTRY, _NOTICE = (requests.c.reference, entries.c.id, outbox.c.id)
_MESSAGE, _DRAFT = (messages.c.id, drafts.c.id)


def in_use(connection: Connection) -> dict[str, int]:
    """Key id -> how many sealed parts need it; it looks at every row."""
    found: dict[str, int] = {}
    for column in _SEALED:
        head = func.substr(column, 2, 8)  # see `sealing.hpke`
        query = select(head, func.count()).where(column.is_not(None)).group_by(head)
        for key_id, number in connection.execute(query):
            name = bytes(key_id).hex()
            found[name] = found.get(name, 0) + number
    return found


def some(
    connection: Connection, keys: OpeningKeys, key: SealingKey, after: str, size: int
) -> tuple[int, str | None, list[str]]:
    """Parts sealed again among the next requests after a reference; the last of them, and those changed.

    The reference is None at the end, where mails that wait are done too. What does not open stays as it is.
    All of this site: the event vouches for no other's rows.
    """
    query = select(requests).where(also_here(requests), requests.c.reference > after)
    rows = connection.execute(query.order_by(requests.c.reference).limit(size).with_for_update()).all()
    again = _Again(connection, keys, key)
    changed = []
    for row in rows:
        done = again.parts(requests, _REQUEST, ("sealed_contact", "sealed_health"), row)
        mine = select(entries).where(entries.c.reference == row.reference)
        done += sum(
            again.parts(entries, _ENTRY, ("sealed",), entry) for entry in connection.execute(mine).all()
        )
        if done:
            changed.append(row.reference)
            binding.touch(connection, binding.REQUEST, row.reference)
    if len(rows) == size:
        return again.done, rows[-1].reference, changed
    waiting = select(outbox).where(also_here(outbox), outbox.c.sealed_address.is_not(None)).with_for_update()
    for notice in connection.execute(waiting).all():
        if again.parts(outbox, _NOTICE, ("sealed_address",), notice):
            binding.touch(connection, binding.NOTICE, notice.id)
    to_go = select(messages).where(also_here(messages), messages.c.sealed.is_not(None)).with_for_update()
    for message in connection.execute(to_go).all():
        if again.parts(messages, _MESSAGE, ("sealed",), message):
            binding.touch(connection, binding.MESSAGE, message.id)
    begun = select(drafts).where(also_here(drafts), drafts.c.sealed_token.is_not(None)).with_for_update()
    for draft in connection.execute(begun).all():
        again.parts(drafts, _DRAFT, ("sealed_token",), draft)
    return again.done, None, changed


class _Again:
    """Counts what it seals again."""

    def __init__(self, connection: Connection, keys: OpeningKeys, key: SealingKey) -> None:
        self._connection, self._keys, self._key = connection, keys, key
        self.done = 0

    def parts(
        self, table: Table, of: Column[str], columns: tuple[str, ...], row: Row[tuple[object, ...]]
    ) -> int:
        """How many of a row's parts were sealed again."""
        name = row._mapping[of.name]
        fresh: dict[str, bytes] = {}
        for column in columns:
            sealed: bytes = row._mapping[column]
            if key_id_of(sealed) != self._key.key_id:
                fresh |= self._sealed(table.name, column, name, sealed)
        if fresh:
            self._connection.execute(update(table).where(of == name).values(fresh))
        self.done += len(fresh)
        return len(fresh)

    def _sealed(self, table: str, column: str, row: str, sealed: bytes) -> dict[str, bytes]:
        cell = {"table": table, "column": column, "row": row}
        try:
            return {column: self._key.seal(self._keys.open(sealed, **cell), **cell)}
        except CannotOpen:
            return {}
