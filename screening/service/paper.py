"""The form on paper that a request was entered from: kept as the request's first entry."""

from __future__ import annotations

from sqlalchemy import Connection

from screening.core.entries import FromPaper, from_data
from screening.core.serialising import Plain
from screening.storage import entries
from screening.storage.drafts import Draft
from screening.storage.entries import Writer
from screening.storage.sealing.hpke import SealingKey


def write_paper(connection: Connection, key: SealingKey, draft: Draft | None, writer: Writer) -> list[Plain]:
    """What the draft says of its paper, for the event that follows to hold; empty where it is from none."""
    if draft is None or not draft.paper:
        return []
    entry = from_data(FromPaper.kind, draft.paper)
    row, digest = entries.write(connection, key, writer, 0, entry)
    return [{"kind": entry.kind, "entry": row, "sha256": digest}]
