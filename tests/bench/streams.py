"""What goes through all requests: an export, with somebody writing beside it, and a replay."""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Event
from typing import NamedTuple, TypeVar

from screening.core.loading import load
from screening.desk.outgoing import pieces_of
from screening.exports import FORMATS
from screening.publishing.replay import Errand, references, replay
from screening.storage.database import check_writable, open_database
from screening.storage.sealing.keys import PRIVATE
from tests.bench.filled import filled, sizes
from tests.bench.measuring import Figure, figure, ratio
from tests.core.making import RULES, SHIPPED

REPLAY = 25 / 100_000  # seconds a request
PATIENCE, FLAT = 1.5, 1.2  # times the p99 of writers alone; times the memory at a tenth
WRITES = 400
_Result = TypeVar("_Result")


class Ran(NamedTuple):
    """What a process of its own took: on the clock, of the cores, and at most of the memory."""

    seconds: float
    cpu: float
    megabytes: float
    number: int


def alone(work: Callable[..., _Result], *given: object) -> _Result:
    """In a process of its own, whose memory is nobody else's."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def _measured(work: Callable[[], int]) -> Ran:
    started, cpu = time.perf_counter(), time.process_time()
    number = work()
    spent = time.perf_counter() - started, time.process_time() - cpu
    mine, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Ran(*spent, max(mine.ru_maxrss, theirs.ru_maxrss) / 1024, number)


def exported(size: int, name: str) -> Ran:
    """All requests in one file, which nobody keeps."""
    with filled(size) as place:
        made, taken = FORMATS[name], tuple(place.references(size))
        return _measured(lambda: sum(map(len, pieces_of(place.desk, made, taken, health=True))))


def replayed(size: int) -> Ran:
    """The shipped rules against every request of theirs, one process a core."""
    with filled(size) as place:
        settings, rule_set = place.desk.settings, load(SHIPPED, root=RULES.parent)
        errand = Errand(settings.database, settings.keys / PRIVATE, rule_set.document)
        wanted = references(errand.database, rule_set.id, None)
        parts = replay(errand, wanted, os.cpu_count() or 1)
        return _measured(lambda: sum(part.looked_at for part in parts))


def written(database: str, begin: Event | None = None) -> list[float]:
    """How long each of some small transactions took, one after the other."""
    engine, taken = open_database(database), list[float]()
    if begin is not None:
        begin.wait()
    for _ in range(WRITES):
        started = time.perf_counter()
        check_writable(engine)
        taken.append(time.perf_counter() - started)
        time.sleep(0.005)
    engine.dispose()
    return taken


def p99(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def _beside_an_export(size: int) -> tuple[float, float]:
    """The writer's p99 alone, and while an export goes on."""
    with filled(size) as place:
        database = place.desk.settings.database
        before = p99(alone(written, database))
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            going_on = pool.submit(exported, size, "json")
            during = list[float]()
            while not going_on.done() or not during:
                during += alone(written, database)
    return before, p99(during)


def figures() -> Iterator[Figure]:
    """At SIZE, and at a tenth of it."""
    small, size = [1_000, *sizes()][-2:]
    little, much = alone(exported, small, "json"), alone(exported, size, "json")
    yield figure(f"export of {size:,} as JSON", [much.cpu], "s CPU", scale=1)
    yield figure(f"memory of an export of {size:,}", [much.megabytes], "MB", scale=1)
    yield ratio(f"the same, over {small:,}", [much.megabytes], [little.megabytes], FLAT)
    rounds = [_beside_an_export(min(size, 10_000)) for _ in range(3)]
    before, during = ([each[part] for each in rounds] for part in (0, 1))
    yield figure("p99 of a small write", before)
    yield ratio("p99 of a small write beside an export", during, before, PATIENCE)
    little, much = alone(replayed, small), alone(replayed, size)
    number, aim = f"{much.number:,}", REPLAY * much.number
    yield figure(f"replay of {number}", [much.seconds], "s", aim, scale=1)
    yield figure(f"memory of a process at a replay of {number}", [much.megabytes], "MB", scale=1)
    yield ratio(f"the same, over {little.number:,}", [much.megabytes], [little.megabytes], FLAT)
