"""Drafts that staff began open with the clinic's keys, and nobody else's do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from screening.storage import drafts, staff_drafts
from screening.storage.database import reading, writing
from screening.storage.sealing.hpke import OpeningKey, OpeningKeys
from screening.storage.sealing.tokens import DraftToken

from .making import EXPIRY, NOW, TREATMENT, begin_draft

KEY, ANOTHER = OpeningKey.new(), OpeningKey.new()
KEYS = OpeningKeys([KEY])


def begins(engine: Engine, holder: str = "p1") -> DraftToken:
    """Somebody at the desk begins one."""
    token = begin_draft(engine, side="left")
    with writing(engine) as connection:
        draft = drafts.lock(connection, token, treatment=TREATMENT, now=NOW)
        assert draft is not None
        held = staff_drafts.share(connection, token, draft, KEY.sealing_key, holder)
        assert held.held_by == holder
    return token


@pytest.mark.both_engines
def test_one_that_staff_began_is_found_by_its_address_until_it_expires_or_is_sent(engine: Engine) -> None:
    patients, mine, other = begin_draft(engine), begins(engine), begins(engine, "p2")
    with writing(engine) as connection:
        assert staff_drafts.keys_of_all(connection, KEYS, NOW) == sorted(
            [mine, other], key=lambda token: token.row_id
        )
        assert staff_drafts.key_of(connection, KEYS, mine.public_id, NOW) == mine
        for lost in (patients.public_id, "unknown", ""):
            assert staff_drafts.key_of(connection, KEYS, lost, NOW) is None
        assert staff_drafts.key_of(connection, KEYS, mine.public_id, EXPIRY) is None
        assert staff_drafts.keys_of_all(connection, KEYS, EXPIRY + timedelta(hours=1)) == []
        draft = drafts.lock(connection, mine, treatment=TREATMENT, now=NOW)
        assert draft is not None
        drafts.mark_sent(connection, mine, draft, "R1", now=NOW, expires_at=EXPIRY)
        assert staff_drafts.keys_of_all(connection, KEYS, NOW) == [other]
        assert staff_drafts.key_of(connection, KEYS, mine.public_id, NOW) == mine  # its page leads on


def test_another_key_opens_none(engine: Engine) -> None:
    mine = begins(engine)
    with reading(engine) as connection:
        assert staff_drafts.keys_of_all(connection, OpeningKeys([ANOTHER]), NOW) == []
        assert staff_drafts.key_of(connection, OpeningKeys([ANOTHER]), mine.public_id, NOW) is None


@pytest.mark.both_engines
def test_who_has_it_is_counted_and_changes_with_every_taking_over(engine: Engine) -> None:
    mine = begins(engine)
    with writing(engine) as connection:
        assert drafts.lock(connection, mine, treatment=TREATMENT, now=NOW) is not None
        staff_drafts.pass_on(connection, mine, "p2")
    with reading(engine) as connection:
        assert [staff_drafts.number_held(connection, who, NOW) for who in ("p1", "p2")] == [0, 1]
        assert staff_drafts.number_held(connection, "p2", EXPIRY) == 0
        found = drafts.load(connection, mine, treatment=TREATMENT, now=NOW)
    assert found is not None
    assert (found.held_by, found.answers) == ("p2", {"side": "left"})
