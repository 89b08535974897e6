"""How long something takes, as the best of some runs, and how large the things are that are measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from statistics import median

from tests.thorough import usually

SIZE = usually(250, thorough=1_000)  # questions in a large rule set
RUNS = usually(3, thorough=7)


@dataclass(frozen=True)
class Figure:
    """What was measured: the median, and the least and the most; `reach` is None where there is no aim."""

    name: str
    value: float
    unit: str
    reach: float | None
    least: float
    most: float
    compared: str = ""


def figure(
    name: str, rounds: Collection[float], unit: str, reach: float | None = None, compared: str = ""
) -> Figure:
    """Of what some rounds gave."""
    return Figure(name, median(rounds), unit, reach, min(rounds), max(rounds), compared)


def best(work: Callable[[], object], times: int = 1) -> float:
    """Seconds of this process that one run takes when nothing disturbs it."""

    def once() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once() for _ in range(RUNS * times))
