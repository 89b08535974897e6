"""Ways to make what the storage tests work on: moments, drafts, requests with canary text in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from screening.storage import drafts
from screening.storage.database import writing
from screening.storage.requests import NewRequest
from screening.storage.sealing.tokens import DraftToken

NOW = datetime(2026, 11, 22, 10, 30, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
EXPIRY = NOW + timedelta(hours=2)
TREATMENT = "lumbar-sympathetic-block"
CANARY = "quince-canary-0042"


def begin_draft(engine: Engine, **answers: object) -> DraftToken:
    """Begin a draft and give its token."""
    token = DraftToken.new()
    with writing(engine) as connection:
        drafts.create(
            connection,
            token,
            treatment=TREATMENT,
            rule_set_digest="d1",
            answers=answers,
            now=NOW,
            expires_at=EXPIRY,
        )
    return token


def merge(engine: Engine, token: DraftToken, **changes: object) -> drafts.Draft | None:
    """Merge in a transaction of its own."""
    with writing(engine) as connection:
        return drafts.merge(
            connection, token, treatment=TREATMENT, changes=changes, now=LATER, expires_at=EXPIRY
        )


def new_request(**given: Any) -> NewRequest:
    """A usual request, differing as given."""
    usual: dict[str, Any] = {
        "reference": "R1",
        "draft_id": "draft-1",
        "treatment": TREATMENT,
        "rule_set_id": TREATMENT,
        "rule_set_version": "1.0.0",
        "rule_set_digest": "d1",
        "language": "en",
        "received_at": NOW,
        "flags_to_review": 1,
        "flags_to_discuss": 2,
        "flags_to_arrange": 3,
        "contact": {"name": f"Zoë {CANARY}"},
        "health": {"story": f"{CANARY} hurts"},
    }
    return NewRequest(**{**usual, **given})


def bytes_on_disk(folder: Path) -> bytes:
    """All that lies in a folder, end to end."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
