"""The audit in lanes: whatever is changed in or between them is found, and nobody waits for another lane."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import combinations, product
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Executable, delete, insert, select, update
from sqlalchemy.event import listen

from screening.core.errors import NotReady
from screening.service import joining
from screening.storage import events, joins, kept_head, lanes, standing, tables, verifying
from screening.storage.database import reading, writing
from screening.storage.lanes import FIRST, JOINED, Head, Heads
from screening.storage.migrating import downgrade
from screening.storage.sealing.head_key import HeadKey
from tests.storage.meddling import (
    LANES,
    MEDDLERS,
    OF_LANE,
    H,
    J,
    Meddling,
    T,
    append,
    doing,
    forged_columns,
    truncations,
)

from .making import NOW

HISTORY = (1, 2, 3, 2, 1, 3)  # lanes, in the order of their events
JOINED_AFTER = (3, 5)


@pytest.fixture
def lived(sqlite_engine: Engine) -> Engine:
    """A database of three lanes with HISTORY, whose heads were joined twice."""
    with writing(sqlite_engine) as connection:
        append(connection, "R1", "of before")
    with writing(sqlite_engine) as connection:
        assert lanes.open_many(connection, LANES)
    for number, lane in enumerate(HISTORY, 1):
        with writing(sqlite_engine) as connection:
            assert append(connection, OF_LANE[lane], f"act {number}").lane == lane
        if number in JOINED_AFTER:
            with writing(sqlite_engine) as connection:
                assert joins.join(connection, NOW, lanes.newest(connection))
    return sqlite_engine


def kept_of(engine: Engine) -> Heads:
    with reading(engine) as connection:
        return joins.all_heads(connection)


needs_postgresql = pytest.mark.skipif(
    not os.environ.get("SCREENING_TEST_POSTGRESQL"), reason="needs PostgreSQL"
)


def found_after(engine: Engine, kept: Heads, meddle: Callable[[Connection], object]) -> list[str]:
    """What is found then; nothing of it stays."""
    with engine.connect() as connection, connection.begin() as undone:
        meddle(connection)
        found = verifying.verify(connection, kept)
        undone.rollback()
    return found


def test_lanes_that_nobody_touched_verify(lived: Engine) -> None:
    assert found_after(lived, kept_of(lived), lambda _: None) == []
    assert found_after(lived, (), lambda _: None) == []


@pytest.mark.parametrize("meddler", MEDDLERS)
def test_each_edit_deletion_insertion_swap_and_cut_of_any_lane_is_found(
    lived: Engine, meddler: Callable[[Sequence[Any]], Meddling]
) -> None:
    with reading(lived) as connection:
        rows = connection.execute(select(T).order_by(T.c.number)).all()
    kept, tried = kept_of(lived), list(meddler(rows))
    assert len(tried) > LANES
    assert [name for name, meddle in tried if not found_after(lived, kept, meddle)] == []


def test_what_was_cut_off_before_the_lanes_were_joined_is_found_without_the_kept_heads(lived: Engine) -> None:
    with reading(lived) as connection:
        rows = connection.execute(select(T).order_by(T.c.number)).all()
        told = {head.number for head in joined_heads(connection)}
    missed = [name for name, meddle in truncations(rows) if not found_after(lived, (), meddle)]
    later = [row for row in rows if not any(n >= row.number for n in told if lane_of(rows, n) == row.lane)]
    assert missed == [f"lane {row.lane} cut off before {row.number}" for row in later]
    assert len(later) < len(rows) / 2


def test_whole_lanes_that_changed_places_are_found_by_their_events_alone(lived: Engine) -> None:
    for one, other in combinations(range(1, LANES + 1), 2):
        moves = ((one, 99), (other, one), (99, other))
        events_and_heads = [
            update(column.table).where(column == here).values({column: there})
            for here, there in moves
            for column in (T.c.lane, H.c.id)
        ]
        assert found_after(lived, (), doing(delete(J), *events_and_heads))


def lane_of(rows: Sequence[Any], number: int) -> int:
    return next(int(row.lane) for row in rows if row.number == number)


def joined_heads(connection: Connection) -> list[Head]:
    return [head for row in connection.execute(select(J)) for head in joins._heads(row).values()]


def test_each_change_of_what_joins_the_lanes_is_found(lived: Engine) -> None:
    kept = kept_of(lived)

    def rewritten(number: int) -> Executable:
        """One that fits in itself, over lanes of another moment."""
        with reading(lived) as connection:
            row = connection.execute(select(J).where(J.c.number == number)).one()._asdict()
        values = {name: row[name] for name in ("number", "at", "settled", "previous")} | {"heads": "{}"}
        return update(J).where(J.c.number == number).values(heads="{}", hash=events.hash_of(values))

    columns = product((1, 2), ("at", "settled", "heads", "previous", "hash"))
    tries = {
        "cut": delete(J).where(J.c.number > 1),
        "all gone": delete(J),
        **{f"{n} rewritten": rewritten(n) for n in (1, 2)},
        **{f"{n} deleted": delete(J).where(J.c.number == n) for n in (1, 2)},
        **{
            f"{column} of {n}": update(J)
            .where(J.c.number == n)
            .values({column: 10**6 if column == "settled" else "x"})
            for n, column in columns
        },
    }
    assert [name for name, meddle in tries.items() if not found_after(lived, kept, doing(meddle))] == []


def every_other(_connection: Connection, how_many: int, newest: int) -> Sequence[int]:
    """Numbers as PostgreSQL draws them while every other transaction fails."""
    return [newest + 2 * number for number in range(1, how_many + 1)]


def test_an_event_put_in_at_the_end_of_a_lane_with_a_number_that_was_never_used_is_found(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "next_numbers", every_other)
    with writing(sqlite_engine) as connection:
        lanes.open_many(connection, LANES)
    for number, lane in enumerate((1, 2, 3, 1, 1)):
        with writing(sqlite_engine) as connection:
            append(connection, OF_LANE[lane])
            if number == 3:
                joins.join(connection, NOW, lanes.newest(connection))
    with reading(sqlite_engine) as connection:
        rows = connection.execute(select(T).order_by(T.c.number)).all()
        ends = [head for head in lanes.heads(connection) if head.lane > FIRST]
    assert found_after(sqlite_engine, (), doing()) == []
    missed = []
    for end, unused in product(ends, range(1, rows[-1].number, 2)):
        new = {"number": unused, "lane": end.lane, "previous": end.hash}
        forged = rows[0]._asdict() | new
        head = {"number": unused, "hash": events.hash_of(forged_columns(forged))}
        put_in = insert(T).values(forged | head), update(H).where(H.c.id == end.lane).values(**head)
        if not found_after(sqlite_engine, (), doing(*put_in)):
            missed.append(unused)
    assert set(missed) == {rows[-2].number + 1}  # what was not joined yet


@needs_postgresql
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_an_event_that_is_kept_after_later_ones_were_is_no_finding(engine: Engine) -> None:
    with writing(engine) as connection:
        lanes.open_many(connection, LANES)
        settled = append(connection, OF_LANE[1]).number
    with writing(engine) as slow:
        append(slow, OF_LANE[3])
        for _ in range(2):
            with writing(engine) as connection:
                append(connection, OF_LANE[1])
                joins.join(connection, NOW, settled)
    joined = joining.settled(engine)
    with writing(engine) as connection:
        assert joins.join(connection, NOW, joined)
    assert found_after(engine, kept_of(engine), doing()) == []


# Who waits for whom


def test_a_transaction_keeps_to_the_lane_of_its_first_event(lived: Engine) -> None:
    for first in OF_LANE.values():
        with writing(lived) as connection:
            held = {append(connection, name).lane for name in (first, *OF_LANE.values())}
        assert held == {lanes.of(first, LANES)}
    assert found_after(lived, kept_of(lived), lambda _: None) == []


def test_a_transaction_counts_in_its_lane_and_the_sum_is_told(lived: Engine) -> None:
    held = set()
    for name in OF_LANE.values():
        with writing(lived) as connection:
            held.add(append(connection, name).lane)
            standing.count_move(connection, "new", None)
    with reading(lived) as connection:
        assert set(connection.scalars(select(tables.status_counts.c.lane))) == held == set(OF_LANE)
        assert standing.counts(connection) == {"new": len(OF_LANE)}


def test_what_concerns_a_request_is_in_one_lane_and_requests_are_spread_over_all(engine: Engine) -> None:
    with writing(engine) as connection:
        lanes.open_many(connection)
    found: dict[str, set[int]] = {}
    for name in (f"R{number}" for number in range(60)):
        for _ in range(2):
            with writing(engine) as connection:
                found.setdefault(name, set()).add(append(connection, name).lane)
    assert all(len(lane) == 1 for lane in found.values())
    assert set.union(*found.values()) == set(range(FIRST, FIRST + lanes.MANY))
    with reading(engine) as connection:
        numbers = connection.scalars(select(T.c.number).order_by(T.c.number)).all()
    assert numbers == list(range(1, 121))


@needs_postgresql
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_nobody_waits_for_an_event_in_another_lane_nor_for_its_count(engine: Engine) -> None:
    with writing(engine) as connection:
        lanes.open_many(connection, LANES)
    with writing(engine) as slow:
        append(slow, OF_LANE[1])
        standing.count_move(slow, "new", None)
        for lane in (2, 3):
            with writing(engine) as connection:
                append(connection, OF_LANE[lane])
                standing.count_move(connection, "new", None)
    with reading(engine) as connection:
        assert standing.counts(connection) == {"new": 3}
    assert joining.settled(engine) == 3
    assert found_after(engine, kept_of(engine), lambda _: None) == [
        "the number of requests that are new: is not how many there are"
    ]


# From one lane to many, and back


def test_the_one_chain_goes_on_as_the_first_lane(engine: Engine) -> None:
    with writing(engine) as connection:
        before = [append(connection, f"R{number}") for number in range(3)][-1]
    with writing(engine) as connection:
        assert lanes.open_many(connection)
    with writing(engine) as connection:
        assert not lanes.open_many(connection)
    for number in range(20):
        with writing(engine) as connection:
            append(connection, f"R{number}")
    assert found_after(engine, (before,), lambda _: None) == []
    assert found_after(engine, kept_of(engine), lambda _: None) == []


def test_lanes_half_opened_are_one_chain_still(engine: Engine) -> None:
    def fail() -> None:
        with writing(engine) as connection:
            lanes.open_many(connection)
            append(connection, "R5")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with writing(engine) as connection:
        assert append(connection, "R5").lane == FIRST
    assert len(kept_of(engine)) == 1
    assert found_after(engine, kept_of(engine), lambda _: None) == []


def test_tables_with_several_lanes_are_not_taken_down_and_one_lane_is(lived: Engine) -> None:
    with pytest.raises(NotReady):
        downgrade(lived, "0025")
    assert found_after(lived, kept_of(lived), lambda _: None) == []


# The kept heads


def test_kept_heads_never_go_back_in_any_lane(tmp_path: Any) -> None:
    file, key = tmp_path / "head", HeadKey(bytes(32))
    one = Head(9, "a" * 64)
    kept_head.begin(file, (one,), key)
    as_before = file.read_text().split()
    assert len(as_before) == 3  # a version of before reads it
    later = (Head(12, "b" * 64, 2), Head(3, "c" * 64, JOINED))
    kept_head.remember(file, later, key)
    kept_head.remember(file, (Head(8, "d" * 64), Head(11, "e" * 64, 2), Head(2, "f" * 64, JOINED)), key)
    assert set(kept_head.remembered(file, key)) >= {one, *later}
    assert len(file.read_bytes()) < 4096


def test_no_kept_heads_are_made_of_two_that_were_signed(tmp_path: Any) -> None:
    file, key = tmp_path / "head", HeadKey(bytes(32))
    old, new = (
        kept_head.line((Head(n, digest * 64), Head(n + 1, digest * 64, 2)), key)
        for n, digest in ((4, "a"), (8, "b"))
    )
    mixed = [*old.split()[:2], *new.split()[2:]]
    file.write_text(" ".join(mixed))
    with pytest.raises(ValueError, match="signed"):
        kept_head.remembered(file, key)


def test_no_event_is_looked_for_among_all_of_them(sqlite_engine: Engine) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        asked.append((statement, values))

    listen(sqlite_engine, "before_cursor_execute", note)
    with writing(sqlite_engine) as connection:
        append(connection, "R1")
    looked = [one for one in asked if one[0].startswith("SELECT")]
    with reading(sqlite_engine) as connection:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            for statement, values in looked
        ]
    steps = [str(step.detail) for plan in plans for step in plan]
    assert steps
    assert not any("AUTOMATIC" in step or step.startswith("SCAN kept") for step in steps)
