"""The last page of a long queue costs the database what the first one does, in steps and not in seconds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from screening.storage import queue
from screening.storage.database import open_database, reading, upgrade
from screening.storage.queue import Wanted
from tests.storage.making import NOW
from tests.storage.test_queue_plans import WANTED, fill

NUMBER = 9_000


@pytest.fixture(scope="module")
def long_queue(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A SQLite database with many requests."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('bench')}/screening.db")
    upgrade(engine)
    fill(engine, NUMBER)
    return engine


def steps(engine: Engine, wanted: Wanted, after: queue.Key | None) -> tuple[int, int]:
    """Steps of SQLite's machine for a page, and its rows."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    with reading(engine) as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.set_progress_handler(count, 1)
        rows = queue.page(connection, wanted, after, 25)
        raw.set_progress_handler(None, 1)
    return taken, len(rows)


@pytest.mark.bench
@pytest.mark.parametrize("name", [name for name in WANTED if name != "words"])
def test_a_late_page_takes_no_more_steps_than_the_first(long_queue: Engine, name: str) -> None:
    wanted = WANTED[name]
    first, rows = steps(long_queue, wanted, None)
    middle = NUMBER // 10 if "newest" in name or wanted.words else NUMBER * 9 // 10
    came = NOW + timedelta(minutes=middle)
    urgent = wanted.work_list == "urgent_before_the_day"
    after = queue.Key(0 if urgent else 1, came, came, f"R{middle:04}")
    late, late_rows = steps(long_queue, wanted, after)
    assert rows == late_rows == 25
    assert late < 2 * first
