"""Ways to make what the storage tests work on: moments, drafts, requests with canary text in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from screening.core.kept import (
    KeptAnswer,
    KeptContact,
    KeptFlag,
    KeptHealth,
    KeptRequest,
    KeptRuleSet,
    KeptSay,
)
from screening.storage import drafts
from screening.storage.database import reading, writing
from screening.storage.requests import NewRequest
from screening.storage.sealing.tokens import DraftToken

NOW = datetime(2026, 11, 22, 10, 30, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
EXPIRY = NOW + timedelta(hours=2)
TREATMENT = "lumbar-sympathetic-block"
CANARY = "quince-canary-0042"


def known_tables(engine: Engine) -> set[str]:
    """Those of which PostgreSQL's planner knows what is in them."""
    with reading(engine) as connection:
        return set(
            connection.scalars(text("SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public'"))
        )


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
    """Change it in a transaction of its own; one that was sent stays as it is."""
    with writing(engine) as connection:
        draft = drafts.lock(connection, token, treatment=TREATMENT, now=LATER)
        if draft is None or draft.reference is not None:
            return draft
        return drafts.save(connection, token, drafts.changed(draft, changes, LATER, EXPIRY))


def kept_request(name: str = f"Zoë {CANARY}") -> KeptRequest:
    """What somebody sent, with one flag of each handling."""
    contact = KeptContact((KeptAnswer("name", "Name?", "text", contact="name", stored=name, said=(name,)),))
    story = KeptAnswer("story", "What hurts?", "text", stored=f"{CANARY} hurts", said=(f"{CANARY} hurts",))
    flags = tuple(
        KeptFlag(handling, handling, True, handling, KeptSay(), (), "r.yaml:1:1")
        for handling in ("review_before_booking", "discuss_at_consultation", "arrange")
    )
    rule_set = KeptRuleSet(TREATMENT, "1.0.0", "d1", "Block")
    return KeptRequest(contact, KeptHealth(rule_set, "Request", "No decision.", (story,), (), (), flags, ()))


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
        "kept": kept_request(),
    }
    return NewRequest(**{**usual, **given})


def bytes_on_disk(folder: Path) -> bytes:
    """All that lies in a folder, end to end."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
