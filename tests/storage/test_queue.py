"""The database's conditions are the core's tables: each request on the list that `waiting` says."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

from sqlalchemy import Engine, insert

from screening.core import owed, waiting
from screening.core.waiting import ALL_LISTS, DEADLINES
from screening.storage import queue, standing, tables
from screening.storage.database import reading, writing
from screening.storage.queue import Wanted

from .making import NOW
from .test_queue_plans import a_row


def everything(engine: Engine) -> dict[str, standing.Standing]:
    """One request for each list and each way in which its moments may lie around now."""
    around: list[datetime | None] = [None, NOW - timedelta(days=1), NOW, NOW + timedelta(days=1)]
    cases = product(["", *owed.LISTS], around[1:], around, around)
    rows = [
        a_row(number)
        | {
            "work_list": name,
            "due_at": due,
            "review_due_at": review,
            "ask_again_at": again,
            "rank": number % 2,
        }
        for number, (name, due, review, again) in enumerate(cases)
    ]
    with writing(engine) as connection:
        connection.execute(insert(tables.requests), rows)
    with reading(engine) as connection:
        return standing.with_others(connection, [str(row["reference"]) for row in rows])


def test_each_request_is_counted_and_listed_on_the_one_list_that_it_is_on_now(engine: Engine) -> None:
    rows = everything(engine)
    with reading(engine) as connection:
        figures = queue.figures(connection, NOW)
        for name in ALL_LISTS:
            found = queue.page(connection, Wanted(work_list=name, now=NOW), None, 1000)
            mine = {reference for reference, row in rows.items() if waiting.list_now(row, NOW) == name}
            assert {listed.standing.reference for listed in found} == mine, name
            assert figures[name] == len(mine), name


def test_what_is_late_is_counted_as_the_core_says(engine: Engine) -> None:
    rows = everything(engine)
    with reading(engine) as connection:
        figures = queue.figures(connection, NOW)
        found = queue.page(connection, Wanted(status="all", late=True, now=NOW), None, 1000)
    late = {reference: waiting.late(row, NOW) for reference, row in rows.items()}
    for deadline in DEADLINES:
        assert figures[deadline.name] == sum(deadline.name in names for names in late.values())
    assert {listed.standing.reference for listed in found} == {one for one, names in late.items() if names}
    assert figures["late"] == len(found)
