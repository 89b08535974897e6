"""How long something takes, how large the things are that are measured, and what a figure is."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.thorough import usually

SIZE = usually(250, thorough=1_000)  # questions in a large rule set
RUNS = usually(3, thorough=7)
ROUNDS = 9  # of `make bench`: each round runs everything once, so that a busy moment is everybody's
FLOORS = (
    "/s",
    "× as many",
    "% answered",
)  # units of what is to be reached; everything else is not to be exceeded


@dataclass(frozen=True)
class Figure:
    """One line of the table: the median of some rounds, the least and the most; `reach` None has no aim."""

    name: str
    value: float
    unit: str
    reach: float | None
    least: float
    most: float
    compared: str = ""

    @property
    def floor(self) -> bool:
        """Whether more is better."""
        return self.unit.endswith(FLOORS)

    @property
    def missed(self) -> bool:
        """Whether it is measured, and not as it should be."""
        if self.reach is None:
            return False
        return self.value < self.reach if self.floor else self.value > self.reach


class CannotMeasure(Exception):
    """Something is not here; its words say what, and how to have it."""


def best(work: Callable[[], object], times: int = 1) -> float:
    """Seconds of this process that one run takes when nothing disturbs it."""

    def once() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once() for _ in range(RUNS * times))


def interleaved(
    works: Mapping[str, Callable[[], object]],
    times: int = 1,
    rounds: int = ROUNDS,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, list[float]]:
    """Seconds of one run of each, by round; each is run once before, unmeasured."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            start = clock()
            for _ in range(times):
                work()
            taken[name].append((clock() - start) / times)
    return taken


def figure(
    name: str,
    taken: Sequence[float],
    unit: str = "ms",
    reach: float | None = None,
    compared: str = "",
    *,
    scale: float = 1000,
) -> Figure:
    """The figure of some rounds, which are in seconds unless `scale` says otherwise."""
    median = statistics.median(taken)
    return Figure(name, median * scale, unit, reach, min(taken) * scale, max(taken) * scale, compared)


def ratio(
    name: str, ours: Sequence[float], theirs: Sequence[float], reach: float | None, compared: str = ""
) -> Figure:
    """Ours over theirs, round by round."""
    each = [our / their for our, their in zip(ours, theirs, strict=True)]
    return figure(name, each, "×", reach, compared, scale=1)
