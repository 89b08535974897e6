"""Whoever writes to SQLite waits for their turn, and turns come in the order in which they were asked for.

SQLite lets in one writer at a time and leaves the others to sleep for longer and longer, so that under load
somebody sleeps through every gap. Within one process nobody has to: the turn is handed from one to the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from screening.core.errors import Unavailable

_OF_FILES: dict[str, Turns] = {}
_OPENING = Lock()


class Turns:
    """Of one file, in this process."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._taken = False
        self._waiting: deque[Lock] = deque()

    @contextmanager
    def mine(self, patience: float) -> Iterator[None]:
        """For as long as the block takes; raises Unavailable after so many seconds without it."""
        self._take(patience)
        try:
            yield
        finally:
            self._hand_on()

    def _take(self, patience: float) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            handed = Lock()
            handed.acquire()
            self._waiting.append(handed)
        if not handed.acquire(timeout=patience) and not self._came_all_the_same(handed):
            raise Unavailable("the database cannot answer now: too many are writing")

    def _came_all_the_same(self, handed: Lock) -> bool:
        with self._guard:
            if handed in self._waiting:
                self._waiting.remove(handed)
                return False
            return True

    def _hand_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


def turns_of(file: str) -> Turns:
    """The same for every engine on a file."""
    with _OPENING:
        return _OF_FILES.setdefault(file, Turns())
