"""Drafts: nothing lost, nothing opened by others, nothing kept too long."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from screening.core.errors import Unavailable
from screening.storage import drafts, tables
from screening.storage.database import reading, writing
from screening.storage.sealing.tokens import DraftToken

from .making import EXPIRY, LATER, NOW, TREATMENT, begin_draft, merge


def load(engine: Engine, token: DraftToken, **given: object) -> drafts.Draft | None:
    """In a transaction of its own, both ways."""
    asked = {"treatment": TREATMENT, "now": NOW, **given}
    with reading(engine) as connection:
        found = drafts.load(connection, token, **asked)  # type: ignore[arg-type]  # given by name
    alone = drafts.read(engine, token, **asked)  # type: ignore[arg-type]  # as above
    assert (alone, alone and alone.as_read) == (found, found and found.as_read)
    return found


def send(engine: Engine, token: DraftToken, reference: str = "R1") -> None:
    """Mark as sent in a transaction of its own."""
    with writing(engine) as connection:
        draft = drafts.lock(connection, token, treatment=TREATMENT, now=NOW)
        assert draft is not None
        drafts.mark_sent(connection, token, draft, reference, now=LATER, expires_at=EXPIRY)


def test_a_draft_comes_back_as_it_was_kept(engine: Engine) -> None:
    answers = {"side": "left", "tried": ["a", "b"], "pain": 7, "story": "Zoë \ud800 \x00 日本"}
    token = begin_draft(engine, **answers)
    assert load(engine, token) == drafts.Draft(TREATMENT, "d1", answers, NOW, NOW, EXPIRY, None)


def test_two_tabs_lose_no_answer(engine: Engine, token: DraftToken) -> None:
    names = [f"q{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as tabs:
        list(tabs.map(lambda name: merge(engine, token, **{name: name.upper()}), names))
    draft = load(engine, token)
    assert draft is not None
    assert draft.answers == {name: name.upper() for name in names}


def test_a_merge_replaces_and_adds_only_what_it_names(engine: Engine) -> None:
    token = begin_draft(engine, side="left", pain=3, story="x")
    merged = merge(engine, token, pain=4, story=None, how_long="a year")
    assert merged is not None
    assert merged.answers == {"side": "left", "pain": 4, "story": None, "how_long": "a year"}
    assert (merged.started_at, merged.changed_at) == (NOW, LATER)
    assert load(engine, token) == merged


def test_who_began_it_is_no_answer_and_stays_under_the_seal(engine: Engine) -> None:
    token, given = DraftToken.new(), {"treatment": TREATMENT, "rule_set_digest": "d1", "answers": {"pain": 3}}
    person = "somebody-who-works-here"  # long: two letters stand in random bytes now and then
    with writing(engine) as connection:
        drafts.create(connection, token, **given, now=NOW, expires_at=EXPIRY, begun_by=person)  # type: ignore[arg-type] # given by name
        row = connection.execute(select(tables.drafts)).one()
    assert person.encode() not in row.sealed
    merged = merge(engine, token, side="left")
    assert merged is not None
    assert load(engine, token) == merged
    assert (merged.begun_by, merged.answers) == (person, {"pain": 3, "side": "left"})


def test_those_are_found_that_the_keys_at_hand_open(engine: Engine) -> None:
    mine, other = begin_draft(engine, side="left"), begin_draft(engine, side="right")
    forged = replace(DraftToken.new(), id=other.id)
    with reading(engine) as connection:
        found = drafts.load_each(connection, [mine, forged, DraftToken.new()], now=NOW)
        late = drafts.load_each(connection, [mine], now=EXPIRY)
    assert [(token, draft.answers) for token, draft in found] == [(mine, {"side": "left"})]
    assert late == []


def test_a_draft_opens_only_with_its_own_key(engine: Engine, token: DraftToken) -> None:
    thief = replace(DraftToken.new(), id=token.id)
    assert load(engine, thief) is None
    assert merge(engine, thief, side="left") is None
    assert load(engine, token) is not None


def test_a_draft_moved_to_another_row_does_not_open(engine: Engine) -> None:
    mine = begin_draft(engine, side="left")
    other = replace(begin_draft(engine), key=mine.key)
    with writing(engine) as connection:
        sealed = select(tables.drafts.c.sealed).where(tables.drafts.c.id == mine.row_id).scalar_subquery()
        connection.execute(
            update(tables.drafts).where(tables.drafts.c.id == other.row_id).values(sealed=sealed)
        )
    assert load(engine, mine) is not None
    assert load(engine, other) is None


def test_a_draft_of_another_treatment_is_not_found(engine: Engine, token: DraftToken) -> None:
    assert load(engine, token, treatment="another") is None


def test_a_draft_is_gone_at_the_moment_it_expires(engine: Engine, token: DraftToken) -> None:
    assert load(engine, token, now=EXPIRY - timedelta(microseconds=1)) is not None
    assert load(engine, token, now=EXPIRY) is None


def test_keeping_a_draft_puts_its_expiry_off(engine: Engine, token: DraftToken) -> None:
    later = EXPIRY + timedelta(hours=1)
    with writing(engine) as connection:
        kept = drafts.keep(connection, token, treatment=TREATMENT, now=NOW, expires_at=later)
    assert kept is not None
    assert load(engine, token, now=EXPIRY) == kept
    assert kept.expires_at == later


def test_an_expired_draft_cannot_be_revived(engine: Engine, token: DraftToken) -> None:
    with writing(engine) as connection:
        assert drafts.keep(connection, token, treatment=TREATMENT, now=EXPIRY, expires_at=EXPIRY) is None
        assert drafts.lock(connection, token, treatment=TREATMENT, now=EXPIRY) is None


def test_a_sent_draft_does_not_change(engine: Engine, token: DraftToken) -> None:
    send(engine, token)
    sent = load(engine, token)
    assert sent is not None
    assert merge(engine, token, side="left") == sent
    with writing(engine) as connection:
        assert drafts.keep(connection, token, treatment=TREATMENT, now=NOW, expires_at=EXPIRY) == sent
    assert load(engine, token) == sent


def test_a_draft_keeps_the_first_reference_it_was_sent_under(engine: Engine, token: DraftToken) -> None:
    send(engine, token, "R1")
    send(engine, token, "R2")
    draft = load(engine, token)
    assert draft is not None
    assert draft.reference == "R1"


def test_a_deleted_draft_is_gone_and_may_be_deleted_again(engine: Engine, token: DraftToken) -> None:
    other = begin_draft(engine)
    for _ in range(2):
        with writing(engine) as connection:
            drafts.delete(connection, token)
    assert load(engine, token) is None
    assert load(engine, other) is not None


def test_purging_forgets_the_expired_and_counts_them(engine: Engine, token: DraftToken) -> None:
    with writing(engine) as connection:
        assert drafts.purge(connection, EXPIRY - timedelta(microseconds=1)) == 0
        assert drafts.purge(connection, EXPIRY) == 1
        assert drafts.purge(connection, EXPIRY) == 0
    assert load(engine, token) is None


def test_purges_at_once_do_not_wait_for_each_other(engine: Engine) -> None:
    for _ in range(30):
        begin_draft(engine)

    def purge(_: int) -> int:
        with writing(engine) as connection:
            return drafts.purge(connection, EXPIRY)

    with ThreadPoolExecutor(6) as servers:
        assert sum(servers.map(purge, range(12))) == 30


def forget(engine: Engine, token: DraftToken) -> None:
    with writing(engine) as connection:
        drafts.delete(connection, token)


@pytest.mark.parametrize(
    ("meanwhile", "saved"),
    [
        (lambda _engine, _token: None, True),
        (lambda engine, token: merge(engine, token, side="right"), False),
        (send, False),
        (forget, False),
    ],
    ids=["nothing", "another tab", "sent", "deleted"],
)
def test_a_draft_is_saved_as_it_was_read_only_where_it_is_still_that(
    engine: Engine, token: DraftToken, meanwhile: Callable[[Engine, DraftToken], object], saved: bool
) -> None:
    read = load(engine, token)
    assert read is not None
    changed = drafts.changed(read, {"side": "left"}, LATER, EXPIRY)
    meanwhile(engine, token)
    before = load(engine, token)
    to_save = drafts.ToSave.of(token, changed, LATER)
    assert drafts.save_as_read(engine, lambda: [to_save]) == [saved]
    assert load(engine, token) == (changed if saved else before)


def test_a_refused_step_keeps_nothing(engine: Engine, token: DraftToken) -> None:
    before = load(engine, token)
    try:
        with writing(engine) as connection:
            draft = drafts.lock(connection, token, treatment=TREATMENT, now=LATER)
            assert draft is not None
            drafts.save(connection, token, drafts.changed(draft, {"side": "left"}, LATER, EXPIRY))
            raise KeyError
    except KeyError:
        pass
    assert load(engine, token) == before


def test_a_file_that_cannot_be_opened_is_a_database_that_cannot_answer(sqlite_engine: Engine) -> None:
    token = begin_draft(sqlite_engine, side="left")
    sqlite_engine.dispose()
    file = Path(str(sqlite_engine.url.database))
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()
    file.mkdir()
    with pytest.raises(Unavailable):
        drafts.read(sqlite_engine, token, treatment=TREATMENT, now=NOW)
