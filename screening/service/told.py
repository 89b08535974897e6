"""How staff were told what they filled in, in words or on paper: kept as the request's first entry."""

from __future__ import annotations

import json
from contextlib import suppress

from sqlalchemy import Connection

from screening.core.entries import Entry, FromPaper, TakenDown, from_data, to_data
from screening.core.errors import CannotOpen
from screening.core.serialising import Plain, canonical
from screening.storage import entries
from screening.storage.drafts import Draft
from screening.storage.entries import Writer
from screening.storage.sealing.hpke import SealingKey

_KIND = "kind"


def as_plain(told: Entry | None) -> Plain | None:
    """As a draft holds it."""
    return {_KIND: told.kind, **to_data(told)} if told is not None else None


def as_text(told: Plain) -> str:
    """As the form of a check page carries it; empty where nobody was told."""
    return canonical(told) if told else ""


def read_text(text: str) -> Entry | None:
    """What such a form says; None for nothing, and for what says nothing of how somebody was told."""
    with suppress(ValueError, TypeError, AttributeError, KeyError, RecursionError, CannotOpen):
        said = json.loads(text)
        found = from_data(str(said.pop(_KIND)), said)
        return found if isinstance(found, FromPaper | TakenDown) else None
    return None


def write_told(connection: Connection, key: SealingKey, draft: Draft | None, writer: Writer) -> list[Plain]:
    """What the draft says of it, for the event that follows to hold; empty where a patient filled it in."""
    if draft is None or not draft.told:
        return []
    said = dict(draft.told)
    entry = from_data(str(said.pop(_KIND)), said)
    row, digest = entries.write(connection, key, writer, 0, entry)
    return [{"kind": entry.kind, "entry": row, "sha256": digest}]
