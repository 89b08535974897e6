"""Many who append to the audit at once, in lanes and in one: what one waits for, the others need not.

Each transaction takes MIRRORED longer, as where a commit waits for a standby; else the disk of this machine
would be measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Any

from sqlalchemy import Engine, text

from screening.core.errors import Unavailable
from screening.storage import events, lanes, standing
from screening.storage.database import open_database, upgrade, writing
from tests.bench.filled import now, postgresql_database
from tests.bench.measuring import Figure, figure, interleaved

CLIENTS, EACH = 12, 20
MIRRORED = 0.02  # seconds
MANY_TIMES = 3  # of twelve at once some meet in a lane


def append_at_once(engine: Engine) -> None:
    """So many clients, each about a request of its own, one event after the other."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        for done in [clients.submit(_append, engine, client) for client in range(CLIENTS)]:
            done.result()


def _append(engine: Engine, client: int) -> None:
    for turn in range(EACH):
        while not _appended(engine, f"R{client}-{turn}"):
            continue


def _appended(engine: Engine, request: str) -> bool:
    """Whether it was; who waited too long tries again."""
    try:
        with writing(engine) as connection:
            event: Any = {"actor": "", "action": "received", "request": request, "details": {}, "origin": ""}
            events.append(connection, **event, now=now())
            standing.count_move(connection, "new", None)
            connection.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": MIRRORED})
    except Unavailable:
        return False
    return True


def _database(count: int) -> Engine:
    """Of so many lanes; used again."""
    engine = open_database(postgresql_database(f"screening_bench_lanes_{count}"))
    upgrade(engine)
    if count > 1:
        with writing(engine) as connection:
            lanes.open_many(connection, count)
    return engine


def figures() -> Iterator[Figure]:
    """Events a second, and how many times as many."""
    with ExitStack() as after:
        works: dict[str, Callable[[], object]] = {}
        for count in (1, lanes.MANY):
            engine = _database(count)
            after.callback(engine.dispose)
            works[str(count)] = partial(append_at_once, engine)
        taken = interleaved(works, rounds=5, clock=time.perf_counter)
    one, many = ([CLIENTS * EACH / seconds for seconds in each] for each in taken.values())
    how = f"{CLIENTS} clients, {MIRRORED * 1000:.0f} ms to a standby"
    yield figure("events in one lane", one, "/s", compared=how, scale=1)
    yield figure(f"events in {lanes.MANY} lanes", many, "/s", compared=how, scale=1)
    times = [more / less for more, less in zip(many, one, strict=True)]
    yield figure(f"{lanes.MANY} lanes, over one", times, "× as many", MANY_TIMES, scale=1)
