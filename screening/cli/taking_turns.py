"""One thread answers at a time: those who answer at once take the interpreter from each other all the time.

A page is a few milliseconds of Python, in which its thread waits for a statement or a file, so shortly that
whoever takes over meanwhile costs both more than the wait was: a fifth of a page, by the bench.
"""

from __future__ import annotations

from time import monotonic
from typing import Any

from waitress.task import ThreadedTaskDispatcher

PATIENCE = 0.003  # seconds: what takes longer than most pages waits for somebody, or is a long piece of work


class TakingTurns(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress ships no types
    """Another thread joins when whoever began last has been at it for `patience`; so nobody holds up all."""

    def __init__(self, patience: float = PATIENCE) -> None:
        super().__init__()
        self._patience = patience
        self._begun: dict[int, float] = {}  # thread -> when it began what it is at
        self._watched = False  # one of those who wait looks whether it may join; the others are called

    def add_task(self, task: Any) -> None:
        """A connection with a request to answer."""
        with self.lock:
            self.queue.append(task)
            self._call()

    def handler_thread(self, thread_no: int) -> None:
        """As waitress has it: one request after the other, until it is told to stop."""
        while (task := self._next(thread_no)) is not None:
            try:
                task.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", task)

    def _next(self, thread_no: int) -> Any:
        with self.lock:
            self._begun.pop(thread_no, None)
            while not self.stop_count and (not self.queue or self._not_yet() > 0):
                self._wait()
            if self.stop_count:
                self.stop_count -= 1
                self.threads.discard(thread_no)
                self.thread_exit_cv.notify()
                return None
            self._begun[thread_no] = monotonic()
            task = self.queue.popleft()
            if self.queue:
                self._call()
            return task

    def _not_yet(self) -> float:
        """Seconds for which whoever is at work is to be left alone."""
        return max(self._begun.values()) + self._patience - monotonic() if self._begun else 0

    def _wait(self) -> None:
        if not self.queue or self._watched:
            self.queue_cv.wait()
            return
        self._watched = True
        self.queue_cv.wait(self._not_yet())
        self._watched = False

    def _call(self) -> None:
        if not self._begun or not self._watched:
            self.queue_cv.notify()
