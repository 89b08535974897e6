"""The audit: whatever somebody changes in it is found, and appending at once keeps one row."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Executable, delete, insert, select, update

from screening.storage import events, kept_head, reading_events, tables, verifying
from screening.storage.database import reading, writing
from screening.storage.lanes import BEGINNING, Head
from screening.storage.reading_events import EventChoice
from screening.storage.sealing.head_key import HeadKey

from .making import NOW

T = tables.events


def append(engine: Engine, action: str = "noted") -> Head:
    with writing(engine) as connection:
        return events.append(
            connection,
            actor="p1",
            actor_name="Zoë",
            action=action,
            request="R1",
            details={"n": 1, "words": "ä\ud800"},
            origin="192.0.2.7",
            now=NOW,
        )


def problems(engine: Engine, kept: Head | None) -> list[str]:
    with reading(engine) as connection:
        return verifying.verify(connection, (kept,) if kept is not None else ())


@pytest.fixture
def kept(engine: Engine) -> Head:
    """The head after nine events."""
    return [append(engine, f"act {number}") for number in range(9)][-1]


def test_an_untouched_chain_verifies(engine: Engine, kept: Head) -> None:
    assert problems(engine, kept) == []
    append(engine)  # later than the head that was kept elsewhere, as after a crash
    assert problems(engine, kept) == []


def test_an_empty_audit_verifies(engine: Engine) -> None:
    assert problems(engine, None) == []


def rehash(connection: Connection, first: int) -> None:
    """What a careful forger does: make the chain agree again from `first` on, head row included."""
    last = Head(0, BEGINNING)
    for row in connection.execute(select(T).order_by(T.c.number)).all():
        fresh = events.hash_of({**events.hashed(row), "previous": last.hash})
        digest = fresh if row.number >= first else row.hash
        here = T.c.number == row.number
        connection.execute(update(T).where(here).values(previous=last.hash, hash=digest))
        last = Head(row.number, digest)
    connection.execute(update(tables.event_head).values(number=last.number, hash=last.hash))


def edit(connection: Connection) -> None:
    connection.execute(update(T).where(T.c.number == 4).values(action="nothing"))


def remove(connection: Connection) -> None:
    connection.execute(delete(T).where(T.c.number == 4))


def swap(connection: Connection) -> None:
    for here, there in ((4, 100), (5, 4), (100, 5)):
        connection.execute(update(T).where(T.c.number == here).values(number=there))


def put_in(connection: Connection) -> None:
    row = connection.execute(select(T).where(T.c.number == 9)).one()._asdict()
    connection.execute(insert(T).values(row | {"number": 10, "action": "forged"}))


def cut_off(connection: Connection) -> None:
    connection.execute(delete(T).where(T.c.number > 6))
    last = connection.execute(select(T).where(T.c.number == 6)).one()
    connection.execute(update(tables.event_head).values(number=6, hash=last.hash))


def cut_off_all(connection: Connection) -> None:
    connection.execute(delete(T))
    connection.execute(update(tables.event_head).values(number=0, hash=BEGINNING))


def begin_later(connection: Connection) -> None:
    connection.execute(delete(T).where(T.c.number == 1))


def edit_and_rehash(connection: Connection) -> None:
    edit(connection)
    rehash(connection, 4)


def edit_last_and_rehash(connection: Connection) -> None:
    connection.execute(update(T).where(T.c.number == 9).values(action="nothing"))
    rehash(connection, 9)


MEDDLING = (
    edit, remove, swap, put_in, cut_off, cut_off_all, begin_later, edit_and_rehash, edit_last_and_rehash
)  # fmt: skip


@pytest.mark.parametrize("meddle", MEDDLING)
def test_meddling_is_found(engine: Engine, kept: Head, meddle: Callable[[Connection], None]) -> None:
    with writing(engine) as connection:
        meddle(connection)
    assert problems(engine, kept)


@pytest.mark.parametrize("column", [*events.HASHED[1:], "hash"])
def test_a_change_in_any_column_is_found(engine: Engine, kept: Head, column: str) -> None:
    with writing(engine) as connection:
        connection.execute(update(T).where(T.c.number == 4).values({column: "{}"}))
    assert problems(engine, kept)


@pytest.mark.usefixtures("kept")
def test_without_the_head_elsewhere_a_cut_would_not_be_found(engine: Engine) -> None:
    with writing(engine) as connection:
        cut_off(connection)
    assert problems(engine, None) == []  # which is why there is one


def names_three(engine: Engine) -> Head:
    """An event about three requests, kept after nine about one."""
    with writing(engine) as connection:
        return events.append(
            connection,
            actor="p1",
            action="exported",
            request=None,
            details={"requests": ["R3", "R2", "R1"]},
            origin="192.0.2.7",
            now=NOW,
        )


def test_an_event_about_several_is_found_for_each(engine: Engine, kept: Head) -> None:
    number = names_three(engine).number
    with reading(engine) as connection:
        found = {
            name: [one.number for one in reading_events.of_request(connection, name)] for name in ("R1", "R3")
        }
        seen, elsewhere = (
            reading_events.read_since(
                connection, "p1", origin, "exported", ["R1", "R9"], NOW, timedelta(minutes=1)
            )
            for origin in ("192.0.2.7", "192.0.2.8")
        )
    assert found == {"R1": [*range(1, kept.number + 1), number], "R3": [number]}
    assert (seen, elsewhere) == ({"R1"}, set())


@pytest.mark.parametrize("meddle", [
    delete(tables.event_requests).where(tables.event_requests.c.reference == "R2"),
    delete(tables.event_requests),
    insert(tables.event_requests).values(number=10, reference="R9"),
    insert(tables.event_requests).values(number=4, reference="R9"),
])  # fmt: skip
def test_an_event_that_is_not_found_by_its_requests_is_pointed_out(
    engine: Engine, kept: Head, meddle: Executable
) -> None:
    assert kept.number == 9
    head = names_three(engine)
    assert problems(engine, head) == []
    with writing(engine) as connection:
        connection.execute(meddle)
    assert len(problems(engine, head)) == 1


def test_events_are_chosen_by_person_request_and_date(engine: Engine, kept: Head) -> None:
    number = names_three(engine).number
    day = timedelta(days=1)
    with writing(engine) as connection:
        events.append(
            connection,
            actor="m1",
            action="account_disabled",
            request=None,
            details={"person": "p1"},
            origin="",
            now=NOW + day,
        )

    def chosen(**by: Any) -> list[int]:
        with reading(engine) as connection:
            choice = EventChoice(**by)
            forward = [event.number for event in reading_events.oldest(connection, choice, 99)]
            newest = [event.number for event in reading_events.newest(connection, choice, 99, 99)]
        assert newest == forward[::-1]
        return forward

    assert chosen() == list(range(1, number + 2))
    assert chosen(person="p1", request="R3") == [number]
    assert chosen(person="m1") == [number + 1]
    assert chosen(person="p1", since=NOW + day) == [number + 1]  # what was done to their account
    assert chosen(request="R1", until=NOW) == []
    assert kept.number in chosen(until=NOW + day)


def test_events_of_many_at_once_are_in_one_row(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as many:
        heads = list(many.map(lambda number: append(engine, f"act {number}"), range(40)))
    assert sorted(head.number for head in heads) == list(range(1, 41))
    assert problems(engine, max(heads, key=lambda head: head.number)) == []


def test_an_event_goes_with_the_transaction_that_failed(engine: Engine, kept: Head) -> None:
    def fail() -> None:
        with writing(engine) as connection:
            events.append(connection, actor="p", action="x", request=None, details={}, origin="", now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert problems(engine, kept) == []


def test_the_head_file_never_goes_back(tmp_path: Path) -> None:
    file, key = tmp_path / "head", HeadKey(bytes(32))
    older, newer = Head(9, "a" * 64), Head(10, "b" * 64)
    kept_head.begin(file, (older,), key)
    for head in (older, newer, older):
        kept_head.remember(file, (head,), key)
    assert kept_head.remembered(file, key) == (newer,)


@pytest.mark.parametrize(
    "spoilt", ["nonsense", "", f"{11:020} {'c' * 64}\n", f"{11:020} {'c' * 64} {'d' * 128}\n"]
)
def test_a_head_that_this_database_did_not_sign_is_none(tmp_path: Path, spoilt: str) -> None:
    file, key = tmp_path / "head", HeadKey(bytes(32))
    file.write_text(spoilt)
    with pytest.raises(ValueError, match="head"):
        kept_head.remembered(file, key)
    with pytest.raises(ValueError, match="head"):  # and is not written over
        kept_head.remember(file, (Head(12, "e" * 64),), key)
    assert file.read_text() == spoilt


def test_a_head_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        kept_head.remember(tmp_path / "head", (Head(12, "e" * 64),), HeadKey(bytes(32)))
    assert not (tmp_path / "head").exists()
