"""The outbox: written once, claimed once, a patient's address sealed and gone when sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, select, update

from screening.storage import outbox, tables
from screening.storage.database import reading, writing
from screening.storage.outbox import Notice
from screening.storage.sealing.hpke import OpeningKey, OpeningKeys

from .making import NOW

HOLD = timedelta(minutes=10)


def put(engine: Engine, **given: object) -> None:
    with writing(engine) as connection:
        outbox.put(connection, **({"kind": "new_request", "now": NOW, "address": "a@example.org"} | given))  # type: ignore[arg-type]


def claim(engine: Engine, keys: OpeningKeys | None = None, **later: float) -> Notice | None:
    with writing(engine) as connection:
        return outbox.claim(connection, keys, NOW + timedelta(**later), HOLD)


def test_a_notice_is_claimed_once_and_again_when_its_sender_died(engine: Engine) -> None:
    put(engine)
    first = claim(engine)
    assert first is not None
    assert claim(engine) is None
    again = claim(engine, minutes=11)
    assert again is not None
    assert (again.id, again.tries) == (first.id, 2)


def test_ten_senders_share_the_work(engine: Engine) -> None:
    for _ in range(20):
        put(engine)
    with ThreadPoolExecutor(10) as senders:
        found = list(senders.map(lambda _: claim(engine), range(30)))
    ids = [one.id for one in found if one is not None]
    assert len(ids) == len(set(ids))
    while (one := claim(engine)) is not None:  # those that were locked when somebody looked
        ids.append(one.id)
    assert len(set(ids)) == 20


def test_a_notice_that_may_come_once_comes_once(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as many:
        list(many.map(lambda _: put(engine, once="overdue:R1"), range(16)))
    assert claim(engine) is not None
    assert claim(engine) is None


def test_a_digest_collects_and_what_came_while_it_was_sent_is_in_the_next(engine: Engine) -> None:
    for _ in range(3):
        put(engine, kind="review_digest", once="review:a")
    notice = claim(engine)
    assert notice is not None
    behind = NOW - timedelta(minutes=4)  # the clock of another server
    put(engine, kind="review_digest", once="review:a", now=behind)
    with writing(engine) as connection:
        outbox.sent(connection, notice, NOW, recurs=True)
    following = claim(engine, seconds=2)
    assert following is not None
    assert following.id != notice.id
    with writing(engine) as connection:
        outbox.sent(connection, following, NOW, recurs=True)
    assert claim(engine, days=1) is None


def test_a_patients_address_is_sealed_left_to_who_can_open_it_and_gone_when_sent(
    engine: Engine, opening_keys: OpeningKeys
) -> None:
    address = "canary@example.org"
    sealed = {"address": None, "patient_address": address, "sealing_key": opening_keys.sealing_key}
    put(engine, kind="confirmation", **sealed)
    assert claim(engine) is None
    with reading(engine) as connection:
        assert "canary" not in repr(connection.execute(select(tables.outbox)).all())
    notice = claim(engine, opening_keys)
    assert notice is not None
    assert notice.address == address
    assert address not in repr(notice)
    with writing(engine) as connection:
        outbox.sent(connection, notice, NOW)
    with reading(engine) as connection:
        assert connection.scalar(select(tables.outbox.c.sealed_address)) is None


def test_an_address_that_does_not_open_holds_up_nobody(engine: Engine, opening_keys: OpeningKeys) -> None:
    other = OpeningKey.new().sealing_key
    put(engine, kind="confirmation", address=None, patient_address="a@example.org", sealing_key=other)
    put(engine)
    found = {one.address for _ in range(2) if (one := claim(engine, opening_keys)) is not None}
    assert found == {"", "a@example.org"}


@pytest.mark.parametrize("tries", [1, 5, 50])
def test_a_notice_is_put_off_for_no_longer_than_an_hour(engine: Engine, tries: int) -> None:
    put(engine)
    for _ in range(tries):
        notice = claim(engine, days=1)
        if notice is None:
            break
        with writing(engine) as connection:
            outbox.put_off(connection, notice, NOW + timedelta(days=1), "x")
    assert claim(engine, days=1, hours=1, seconds=1) is not None


@pytest.mark.parametrize("tried", [False, True])
def test_what_was_written_or_put_off_by_a_clock_that_was_fast_goes_once_it_is_right(
    engine: Engine, tried: bool
) -> None:
    fast = timedelta(days=3)
    put(engine, now=NOW + fast, due_at=NOW + fast + timedelta(minutes=30))
    if tried:
        notice = claim(engine, days=3, minutes=30)
        assert notice is not None
        with writing(engine) as connection:
            outbox.put_off(connection, notice, NOW + fast, "x")
    assert claim(engine) is not None
    assert claim(engine) is None  # while it is sent


def test_a_sender_that_was_away_leaves_alone_what_another_one_sent(engine: Engine) -> None:
    put(engine)
    away, there = claim(engine), claim(engine, minutes=11)
    assert away is not None
    assert there is not None
    with writing(engine) as connection:
        outbox.sent(connection, there, NOW)
        outbox.put_off(connection, away, NOW, "Timeout")
    assert claim(engine, days=2) is None


def test_what_was_erased_while_it_was_sent_is_no_mistake(engine: Engine) -> None:
    put(engine)
    notice = claim(engine)
    assert notice is not None
    with writing(engine) as connection:
        connection.execute(delete(tables.outbox))
        outbox.sent(connection, notice, NOW)
        assert not outbox.give_up(connection, notice.id, "address refused")


@pytest.mark.parametrize("tried", [False, True])
def test_a_mail_that_somebody_put_off_for_longer_than_a_sender_would_is_stuck(
    engine: Engine, tried: bool
) -> None:
    put(engine, due_at=NOW + timedelta(days=3))  # after a holiday
    days = timedelta(days=2 if tried else 400)
    with writing(engine) as connection:
        assert outbox.stuck(connection, NOW) == 0
        connection.execute(update(tables.outbox).values(due_at=NOW + days, tries=int(tried)))
        assert outbox.stuck(connection, NOW) == 1
