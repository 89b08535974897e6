"""Threads that answer take turns; what is slow keeps nobody waiting, and nobody is forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier, Event, Lock, Thread
from typing import NamedTuple

import pytest

from screening.cli.taking_turns import TakingTurns

THREADS = 4
FOR_EVER = 3_600.0  # seconds
ENOUGH = 20.0  # seconds until a wait is a failure


class Asked(NamedTuple):
    """A connection whose answer is some piece of work."""

    service: Callable[[], object]

    def cancel(self) -> None:
        """Never answered: the server ends."""


@contextmanager
def line_of(threads: int, **given: float) -> Iterator[TakingTurns]:
    line = TakingTurns(**given)
    line.set_thread_count(threads)
    yield line
    line.shutdown()


class Crowd:
    """How many were answered at once, at most, and in all."""

    def __init__(self, number: int, takes: float = 0) -> None:
        self.number, self.takes = number, takes
        self.at_once = self.most = self.answered = 0
        self.done, self._counting = Event(), Lock()

    def answer(self) -> None:
        with self._counting:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        time.sleep(self.takes)
        with self._counting:
            self.at_once -= 1
            self.answered += 1
            if self.answered == self.number:
                self.done.set()


def test_whoever_takes_no_longer_than_a_page_is_answered_alone() -> None:
    crowd = Crowd(50, takes=0.001)
    with line_of(THREADS, patience=FOR_EVER) as line:
        for _ in range(crowd.number):
            line.add_task(Asked(crowd.answer))
        assert crowd.done.wait(ENOUGH)
    assert crowd.most == 1


def test_who_comes_after_somebody_slow_is_answered_before_them() -> None:
    came = Event()
    waited = []
    with line_of(2) as line:
        line.add_task(Asked(lambda: waited.append(came.wait(ENOUGH))))
        line.add_task(Asked(came.set))
        assert came.wait(ENOUGH)
    assert waited == [True]


def test_as_many_slow_ones_as_there_are_threads_are_answered_at_once() -> None:
    together, gone = Barrier(THREADS, timeout=ENOUGH), Event()

    def slow() -> None:
        together.wait()
        gone.set()

    with line_of(THREADS) as line:
        for _ in range(THREADS):
            line.add_task(Asked(slow))
        assert gone.wait(ENOUGH)


@pytest.mark.parametrize("takes", [0, 0.0005, 0.005])
@pytest.mark.parametrize("threads", [1, THREADS])
def test_everybody_is_answered_however_they_come(takes: float, threads: int) -> None:
    crowd = Crowd(200, takes)

    def come() -> None:
        for number in range(50):
            line.add_task(Asked(crowd.answer))
            time.sleep(0.001 * (number % 7 == 0))

    with line_of(threads) as line:
        doors = [Thread(target=come) for _ in range(4)]
        for door in doors:
            door.start()
        for door in doors:
            door.join()
        assert crowd.done.wait(ENOUGH)
    assert crowd.most <= threads


def test_an_answer_that_fails_takes_no_thread_along() -> None:
    crowd = Crowd(1)
    with line_of(1) as line:
        line.logger.disabled = True
        line.add_task(Asked(lambda: 1 / 0))
        line.add_task(Asked(crowd.answer))
        assert crowd.done.wait(ENOUGH)
        line.logger.disabled = False


def test_what_is_being_answered_at_the_end_is_answered() -> None:
    begun, crowd = Event(), Crowd(1, takes=0.05)

    def answer() -> None:
        begun.set()
        crowd.answer()

    with line_of(THREADS) as line:
        line.add_task(Asked(answer))
        assert begun.wait(ENOUGH)
    assert crowd.done.is_set()
