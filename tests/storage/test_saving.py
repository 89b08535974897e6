"""Answers that wait together are kept together, each acknowledged once it is; turns come in order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import Engine, event

from screening.core.errors import Unavailable
from screening.storage import drafts
from screening.storage.database import reading, writing
from screening.storage.saving import Saving
from screening.storage.sealing.tokens import DraftToken
from screening.storage.turns import Turns
from tests.waiting import eventually

from .making import EXPIRY, LATER, NOW, TREATMENT, begin_draft
from .test_database import full_disk

PEOPLE = 6


def to_save(engine: Engine, token: DraftToken) -> drafts.ToSave:
    """Another answer to the draft as it is now."""
    with reading(engine) as connection:
        draft = drafts.load(connection, token, treatment=TREATMENT, now=NOW)
    assert draft is not None
    return drafts.ToSave.of(token, drafts.changed(draft, {"side": "left"}, LATER, EXPIRY), LATER)


def side(engine: Engine, token: DraftToken) -> object:
    with reading(engine) as connection:
        draft = drafts.load(connection, token, treatment=TREATMENT, now=NOW)
    return draft.answers.get("side") if draft is not None else None


@contextmanager
def counting_transactions(engine: Engine) -> Iterator[list[str]]:
    """Each takes a connection of its own."""
    seen: list[str] = []

    def count(*_of: object) -> None:
        seen.append("begun")

    event.listen(engine, "checkout", count)
    yield seen
    event.remove(engine, "checkout", count)


def wait_until_all_wait(saving: Saving) -> None:
    eventually(lambda: len(saving._waiting) == PEOPLE, "all of them")


def test_those_who_wait_are_kept_in_one_transaction(sqlite_engine: Engine) -> None:
    saving, tokens = Saving(sqlite_engine), [begin_draft(sqlite_engine) for _ in range(PEOPLE)]
    ready = [to_save(sqlite_engine, token) for token in tokens]
    with ThreadPoolExecutor(PEOPLE) as people, counting_transactions(sqlite_engine) as begun:
        with writing(sqlite_engine):
            ended = [people.submit(saving.save, each) for each in ready]
            wait_until_all_wait(saving)
        assert [each.result() for each in ended] == [True] * PEOPLE
    assert len(begun) == 2  # that of whoever wrote before, and one for all of them
    assert [side(sqlite_engine, token) for token in tokens] == ["left"] * PEOPLE


def test_what_is_not_kept_is_told_to_each_and_a_draft_that_was_changed_stays(sqlite_engine: Engine) -> None:
    saving, tokens = Saving(sqlite_engine), [begin_draft(sqlite_engine) for _ in range(2)]
    first, second = (to_save(sqlite_engine, token) for token in tokens)
    with full_disk(sqlite_engine), pytest.raises(Unavailable):
        saving.save(first)
    assert side(sqlite_engine, tokens[0]) != "left"
    assert [saving.save(first), saving.save(first), saving.save(second)] == [True, False, True]


def test_many_at_once_lose_nothing_and_nobody_waits_for_ever(sqlite_engine: Engine) -> None:
    saving, tokens = Saving(sqlite_engine), [begin_draft(sqlite_engine) for _ in range(PEOPLE)]

    def keep_saving(token: DraftToken) -> list[bool]:
        return [saving.save(to_save(sqlite_engine, token)) for _ in range(10)]

    with ThreadPoolExecutor(PEOPLE) as people:
        assert list(people.map(keep_saving, tokens)) == [[True] * 10] * PEOPLE


def test_turns_come_in_the_order_in_which_they_were_asked_for() -> None:
    turns, order = Turns(), list[int]()

    def ask(number: int) -> None:
        with turns.mine(5):
            order.append(number)

    def waits(number: int) -> bool:
        return len(turns._waiting) > number

    with ThreadPoolExecutor(PEOPLE) as people, turns.mine(5):
        for number in range(PEOPLE):
            people.submit(ask, number)
            eventually(partial(waits, number), f"{number}", pause=0.001)
    assert order == list(range(PEOPLE))


def test_whoever_waits_too_long_is_told_and_holds_up_nobody() -> None:
    turns = Turns()
    with turns.mine(1), pytest.raises(Unavailable), turns.mine(0.01):
        pass
    with turns.mine(0.01):
        pass
