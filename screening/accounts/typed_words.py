"""What somebody typed when their session ended, sealed like a draft: given back once, to them alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from screening.service.premises import Premises
from screening.storage import drafts, staff_sessions
from screening.storage.database import reading, writing
from screening.storage.sealing.tokens import DraftToken

KEPT_AS = "staff:typed"  # no treatment: its id could never be one
KEPT_FOR = timedelta(hours=12)
TypedForm = Mapping[str, Sequence[str]]  # field -> texts


def whose_session(service: Premises, token: object) -> str | None:
    """The person of a session, also of one that is over: nobody else may see what was typed in it."""
    if not isinstance(token, str):
        return None
    with reading(service.engine) as connection:
        found = staff_sessions.load(connection, token)
    return found.person_id if found is not None else None


def keep(service: Premises, who: str, path: str, typed: TypedForm) -> str:
    """Keep it for a while; what the browser's cookie is to hold. Raises Unavailable."""
    token, now = DraftToken.new(), service.now()
    kept = {"who": who, "path": path, "typed": {name: list(texts) for name, texts in typed.items()}}
    with writing(service.engine) as connection:
        drafts.create(
            connection, token, treatment=KEPT_AS, rule_set_digest="", answers=kept, now=now,
            expires_at=now + KEPT_FOR,
        )  # fmt: skip
    return token.encode()


def give_back(service: Premises, cookie: str, who: str, path: str) -> TypedForm | None:
    """What this person typed on this page, and forget it. Raises Unavailable."""
    token = DraftToken.decode(cookie)
    if token is None:
        return None
    with writing(service.engine) as connection:
        draft = drafts.load(connection, token, treatment=KEPT_AS, now=service.now())
        if draft is None or draft.answers["path"] != path or draft.answers["who"] != who:
            return None
        drafts.delete(connection, token)
    typed: Any = draft.answers["typed"]
    return {str(name): [str(text) for text in texts] for name, texts in typed.items()}
