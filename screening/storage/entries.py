"""What staff wrote and decided: sealed, in order, never changed; a later entry corrects an earlier one."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from screening.storage.sealing.hpke import OpeningKeys, SealingKey
from screening.storage.sealing.plaintext import pack, unpack
from screening.storage.tables import entries


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry, opened."""

    id: str
    version: int
    kind: str
    by_id: str
    by_name: str
    at: datetime
    words: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes on which request, as its version `version`."""

    reference: str
    version: int
    by_id: str
    by_name: str
    at: datetime


def write(
    connection: Connection, key: SealingKey, writer: Writer, part: int, kind: str, words: Mapping[str, Any]
) -> tuple[str, str]:
    """Keep an entry; its id, and a digest of it as sealed, for the audit to hold."""
    entry = secrets.token_hex(16)
    sealed = key.seal(pack(words), table="entries", column="sealed", row=entry)
    row = {"id": entry, "reference": writer.reference, "version": writer.version, "part": part, "kind": kind}
    who = {"by_id": writer.by_id, "by_name": writer.by_name, "at": writer.at}
    connection.execute(insert(entries).values(**row, **who, sealed=sealed))
    return entry, hashlib.sha256(sealed).hexdigest()


def load(connection: Connection, keys: OpeningKeys, reference: str) -> list[Kept]:
    """A request's entries, oldest first. Raises CannotOpen."""
    query = select(entries).where(entries.c.reference == reference)
    return [
        Kept(row.id, row.version, row.kind, row.by_id, row.by_name, row.at, _open(keys, row.id, row.sealed))
        for row in connection.execute(query.order_by(entries.c.version, entries.c.part))
    ]


def _open(keys: OpeningKeys, entry: str, sealed: bytes) -> dict[str, Any]:
    return unpack(keys.open(sealed, table="entries", column="sealed", row=entry))
