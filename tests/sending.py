"""Requests sent through the service, where no door is the subject."""

from __future__ import annotations

from typing import Any

from screening.core.entries import Entry
from screening.service.patient import Service
from screening.service.told import as_plain
from screening.service.visit import Visit
from screening.storage import drafts, staff_drafts
from screening.storage.database import writing
from screening.storage.sealing.tokens import DraftToken
from tests.usual import TREATMENT, USUAL, whole

WORDLESS = {"what_happened": None}  # so that a clinician has something to read only where a test says so


def filled_in(service: Service, told: Entry | None = None, by: str = "", **given: Any) -> Visit:
    """A patient with nothing left to answer: the usual one, differing as given.

    Told to staff as `told`; `by` is the id of who fills it in, at the desk.
    """
    fresh = service.fresh_visit(TREATMENT)
    assert fresh is not None
    token, now = DraftToken.new(), service.now()
    with writing(service.engine) as connection:
        draft = drafts.create(
            connection,
            token,
            treatment=fresh.rule_set.id,
            rule_set_digest=fresh.rule_set.digest,
            answers=whole(fresh.rule_set, USUAL | given),
            now=now,
            expires_at=now + service.settings.draft_idle,
            told=as_plain(told),
            begun_by=by,
        )
        if by:
            staff_drafts.share(connection, token, draft, service.sealing_key(connection), by)
    visit = service.visit(TREATMENT, token)
    assert visit is not None
    return visit


def sends(service: Service, **given: Any) -> str:
    """A request as a patient sends it, without own words unless they are given; its reference."""
    reference = service.send(filled_in(service, **(WORDLESS | given)), "en").reference
    assert reference is not None
    return reference
