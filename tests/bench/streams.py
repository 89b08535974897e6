"""What goes through all requests: an export, with somebody writing beside it, and a replay."""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from multiprocessing.synchronize import Event
from pathlib import Path
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
MOST, BESIDE = 100_000, 3_000  # requests: of an export and a replay; of an export beside which is written
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
    return Ran(time.perf_counter() - started, time.process_time() - cpu, most_memory(os.getpid()), number)


def most_memory(process: int) -> float:
    """MB that it had at most since its program began, where `ru_maxrss` counts what began it, too."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _spent_by_others() -> float:
    """Seconds of processes that this one began, and that ended."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def exported(size: int, number: int) -> Ran:
    """So many requests in one file, which nobody keeps."""
    with filled(size) as place:
        made, taken = FORMATS["json"], tuple(place.references(number))
        return _measured(lambda: sum(map(len, pieces_of(place.desk, made, taken, health=True))))


def replayed(size: int) -> Ran:
    """The shipped rules against so many requests of theirs, some of them again; one process a core."""
    with filled(size) as place:
        settings, rule_set = place.desk.settings, load(SHIPPED, root=RULES.parent)
        errand = Errand(settings.database, settings.keys / PRIVATE, rule_set.document)
        theirs, memory = cycle(references(errand.database, rule_set.id, None)), [0.0]
        wanted = list(islice(theirs, size))

        def work() -> int:
            number = 0
            for part in replay(errand, wanted, os.cpu_count() or 1):
                number += part.looked_at
                workers = (worker.pid for worker in multiprocessing.active_children())
                memory.extend(most_memory(pid) for pid in workers if pid is not None)
            return number

        before = _spent_by_others()
        ran = _measured(work)
        return ran._replace(cpu=ran.cpu + _spent_by_others() - before, megabytes=max(memory))


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
            going_on = pool.submit(exported, size, BESIDE)
            during = list[float]()
            while not going_on.done() or not during:
                during += alone(written, database)
    return before, p99(during)


def figures() -> Iterator[Figure]:
    """Of so many requests as the aims name, or as there are; and of a few."""
    size = max(size for size in sizes() if size <= MOST)
    few = min(1_000, size)
    little, much = alone(exported, few, few), alone(exported, size, size)
    yield figure(f"export of {size:,} as JSON", [much.cpu], "s CPU", scale=1)
    yield figure(f"memory of an export of {size:,}", [much.megabytes], "MB", scale=1)
    yield ratio(f"the same, over {few:,}", [much.megabytes], [little.megabytes], FLAT)
    rounds = [_beside_an_export(size) for _ in range(3)]
    before, during = ([each[part] for each in rounds] for part in (0, 1))
    yield figure("p99 of a small write", before)
    yield ratio("p99 of a small write beside an export", during, before, PATIENCE)
    little, much = alone(replayed, few), alone(replayed, size)
    number, aim = f"{much.number:,}", REPLAY * much.number if size == MOST else None
    yield figure(f"replay of {number}", [much.seconds], "s", aim, f"{much.cpu:.3g} s CPU", scale=1)
    yield figure(f"memory of a process at a replay of {number}", [much.megabytes], "MB", scale=1)
    yield ratio(f"the same, over {little.number:,}", [much.megabytes], [little.megabytes], FLAT)
