"""How long something takes, as the best of some runs, and how large the things are that are measured."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

THOROUGH = "SCREENING_TEST_THOROUGH" in os.environ  # `make bench`: larger, and more often
SIZE = 1_000 if THOROUGH else 250  # questions in a large rule set
RUNS = 7 if THOROUGH else 3


def best(work: Callable[[], object], times: int = 1) -> float:
    """Seconds of this process that one run takes when nothing disturbs it."""

    def once() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once() for _ in range(RUNS * times))
