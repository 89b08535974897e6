"""Entries of staff as rows: sealed, in order, never changed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select

from screening.core.dealings import Dealings, fold
from screening.core.entries import Entry, NotSame, Written, from_data, to_data
from screening.core.errors import CannotOpen
from screening.storage import binding
from screening.storage.sealing.hpke import OpeningKeys, SealingKey
from screening.storage.sealing.plaintext import pack, unpack
from screening.storage.sites import also_here, of_reference
from screening.storage.tables import entries
from screening.storage.together import Rows, given, made_once


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes on which request, as its version `version`."""

    reference: str
    version: int
    by_id: str
    by_name: str
    at: datetime


def write(
    connection: Connection, key: SealingKey, writer: Writer, part: int, entry: Entry
) -> tuple[str, str]:
    """Keep an entry; its id, and the SHA-256 of it as sealed (hexadecimal), for the audit to hold."""
    row_id = secrets.token_hex(16)
    sealed = key.seal(pack(to_data(entry)), table="entries", column="sealed", row=row_id)
    row = {"id": row_id, "reference": writer.reference, "version": writer.version, "part": part}
    who = {"by_id": writer.by_id, "by_name": writer.by_name, "at": writer.at}
    binding.touch(connection, binding.REQUEST, writer.reference)
    connection.execute(insert(entries).values(**row, **who, kind=entry.kind, sealed=sealed))
    return row_id, hashlib.sha256(sealed).hexdigest()


def load(connection: Connection, keys: OpeningKeys, reference: str) -> tuple[Written, ...]:
    """A request's entries, oldest first. Raises TooNew, CannotOpen."""
    return opened(keys, connection.execute(query(), {"reference": reference}).all())


@made_once
def query() -> Select[Any]:
    """Those of the given reference, in no order."""
    return select(entries).where(of_reference(entries, given("reference")))


def opened(keys: OpeningKeys, rows: Rows) -> tuple[Written, ...]:
    """The same of rows that were asked for with something else."""
    return tuple(_opened(keys, row) for row in sorted(rows, key=lambda row: (row.version, row.part)))


@made_once
def of_kind_query() -> Select[Any]:
    """Those of the given `kind`, `written_on` these requests, in no order."""
    these = entries.c.reference.in_(bindparam("written_on", expanding=True))
    return select(entries).where(also_here(entries), these, entries.c.kind == given("kind"))


def by_reference(
    keys: OpeningKeys, references: Collection[str], rows: Rows
) -> dict[str, tuple[Written, ...]]:
    """Rows of several requests, each request's oldest first; without those that do not open."""
    found: dict[str, tuple[Written, ...]] = dict.fromkeys(references, ())
    for row in sorted(rows, key=lambda row: (row.version, row.part)):
        with suppress(CannotOpen):
            found[row.reference] = (*found[row.reference], _opened(keys, row))
    return found


def not_same(
    connection: Connection, keys: OpeningKeys, references: Collection[str]
) -> dict[str, frozenset[str]]:
    """Of each request those that somebody said are another person's; what does not open said nothing."""
    asked = {"kind": NotSame.kind, "written_on": list(references)}
    rows = connection.execute(of_kind_query(), asked).all()
    written = by_reference(keys, references, rows)
    return {reference: fold(Dealings(), lines).not_same for reference, lines in written.items()}


def _opened(keys: OpeningKeys, row: Any) -> Written:
    said = unpack(keys.open(row.sealed, table="entries", column="sealed", row=row.id))
    return Written(row.id, row.version, row.by_id, row.by_name, row.at, from_data(row.kind, said))
