"""Pages of the queue are read from an index, in order: nothing is sorted, and no table is read through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Select, insert, text
from sqlalchemy.dialects import sqlite

from screening.storage import queue, standing, tables
from screening.storage.database import reading, writing
from screening.storage.queue import Wanted

from .making import NOW

AFTER = queue.Key(1, NOW + timedelta(minutes=500), NOW + timedelta(minutes=500), "R0500")
WANTED = {
    "open": Wanted(),
    "to do": Wanted(status="to_do", now=NOW),
    "newest": Wanted(newest=True),
    "status": Wanted(status="new"),
    "everything, newest": Wanted(status="all", newest=True),
    "owner": Wanted(owner="p1"),
    "owner, newest": Wanted(owner="p1", newest=True),
    "treatment": Wanted(treatment="t1"),
    "treatment, newest": Wanted(treatment="t1", newest=True),
    "list": Wanted(work_list="to_book", now=NOW),
    "to review": Wanted(work_list="to_review", now=NOW),
    "booked": Wanted(work_list="booked", now=NOW),
    "to ask again": Wanted(work_list="to_ask_again", now=NOW),
    "urgent before the day": Wanted(work_list="urgent_before_the_day", now=NOW),
    "appointment over": Wanted(work_list="appointment_over", now=NOW + timedelta(days=30)),
    "word": Wanted(status="all", words=(("d1",),)),
    "words": Wanted(status="all", words=(("d1",), ("d2",))),
}


def a_row(number: int) -> dict[str, object]:
    """A row of `requests`, nothing of it sealed for real."""
    return {
        "reference": f"R{number:04}",
        "draft_id": f"d{number}",
        "treatment": f"t{number % 2}",
        "rule_set_id": "t",
        "rule_set_version": "1.0.0",
        "rule_set_digest": "d",
        "language": "en",
        "received_at": NOW + timedelta(minutes=number),
        "flags_to_review": 0,
        "flags_to_discuss": 0,
        "flags_to_arrange": 0,
        "owner": f"p{number % 2}",
        "work_list": ("to_book", "to_review", "booked")[number % 3],
        "rank": 0 if number % 4 == 1 else 1,
        "due_at": NOW + timedelta(minutes=number),
        "review_due_at": NOW + timedelta(minutes=number),
        "ask_again_at": NOW + timedelta(days=100 if number % 2 else -100),
        "index_key": "k",
        "sealed_contact": b"",
        "sealed_health": b"",
    }


def fill(engine: Engine, number: int) -> None:
    rows = [a_row(one) for one in range(number)]
    index = [
        {"digest": f"d{one % 3}", "received_at": row["received_at"], "reference": row["reference"]}
        for one, row in enumerate(rows)
    ]
    with writing(engine) as connection:
        connection.execute(insert(tables.requests), rows)
        connection.execute(insert(tables.request_index), index)


def plan(engine: Engine, statement: Select[Any]) -> str:
    with reading(engine) as connection:
        if engine.dialect.name == "sqlite":
            asked = statement.compile(dialect=sqlite.dialect()).construct_expanded_state()
            found = connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {asked.statement}", tuple(map(_plain, asked.positional_parameters))
            )
        else:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_sort = off"))
            asked = statement.compile(engine).construct_expanded_state()
            found = connection.exec_driver_sql(f"EXPLAIN {asked.statement}", asked.parameters)
        return "\n".join(str(row) for row in found)


def _plain(value: object) -> object:
    return str(value) if hasattr(value, "tzinfo") else value


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
def test_a_page_is_read_from_an_index_in_order(engine: Engine, wanted: Wanted) -> None:
    fill(engine, 1000)
    found = plan(engine, queue.query(wanted, AFTER, 25)).lower()
    assert "index" in found
    assert "temp b-tree" not in found
    assert "sort" not in found
    assert "seq scan" not in found
    assert "scan requests\n" not in found + "\n"
    assert "(site=?" in found or engine.dialect.name != "sqlite"


def test_what_is_counted_above_a_list_is_read_from_an_index_alone(engine: Engine) -> None:
    fill(engine, 1000)
    found = plan(engine, queue.figures_query().params(now=NOW)).lower()
    assert "index" in found
    assert "covering index" in found or engine.dialect.name != "sqlite"  # PostgreSQL keeps long parts apart
    assert "seq scan" not in found


def test_requests_that_are_named_are_looked_up_however_many_a_site_has(engine: Engine) -> None:
    fill(engine, 1000)
    named = Wanted(status="all", references=tuple(f"R{number:04}" for number in range(40)))
    found = plan(engine, queue.query(named, None, 25)).lower()
    assert "(site=" not in found
    assert "(reference=?)" in found or engine.dialect.name != "sqlite"


def test_a_persons_requests_are_found_by_indexes_however_many_there_are(engine: Engine) -> None:
    fill(engine, 1000)
    asked = standing.others_query().params(references=[f"R{number:04}" for number in range(40)])
    written = asked.compile(engine, compile_kwargs={"literal_binds": True})
    word = "QUERY PLAN" if engine.dialect.name == "sqlite" else ""
    with reading(engine) as connection:
        found = [str(row).lower() for row in connection.exec_driver_sql(f"EXPLAIN {word} {written}")]
    assert any("ix_requests_site_person_reference" in line for line in found)
    assert not any("seq scan on requests" in line or "scan requests'" in line for line in found)
    assert not any("(site=?)" in line for line in found)  # all that a site has
