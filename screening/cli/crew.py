"""Several processes of one start: each has a post, and somebody takes it up again when it is left.

The first process only waits for the others. It has no threads, so that another can be made of it at any time.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from threading import Thread
from typing import NoReturn

from screening.logs import log

Post = Callable[[], None]

ENDS = frozenset({signal.SIGTERM, signal.SIGINT})
REFUSED = 2  # what a process ends with that can never take its post up; all end then
PAUSE = 1.0  # seconds until a post is taken up again
PATIENCE = 15.0  # seconds for which requests may go on after the end was asked for


def can_fork() -> bool:
    """Whether this system makes processes of processes; Windows does not."""
    return hasattr(os, "fork")


class Crew:
    """So many posts, each by name."""

    def __init__(self, posts: Mapping[str, Post]) -> None:
        self.posts = posts
        self._at_work: dict[int, str] = {}
        # Nobody writes to it: it ends for the others when the first process does, however that ended.
        self._alive, self._held = os.pipe()

    def work(self) -> int:
        """Until a signal says to end; the status to exit with."""
        try:
            for post in self.posts:
                self._take_up(post)
            while True:
                pid, ended = os.wait()
                post = self._at_work.pop(pid)
                if os.waitstatus_to_exitcode(ended) == REFUSED:
                    return REFUSED
                log.error("a process ended by itself")
                time.sleep(PAUSE)
                self._take_up(post)
        except (SystemExit, KeyboardInterrupt):
            return 0
        finally:
            self._end()

    def _take_up(self, post: str) -> None:
        sys.stdout.flush()
        # Python swallows what a handler raises amid a fork: nobody would be told to end.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
        pid = os.fork()
        if pid == 0:
            self._serve(self.posts[post], before)
        self._at_work[pid] = post
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _serve(self, post: Post, mask: set[int]) -> NoReturn:
        status = 1
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            os.close(self._held)
            Thread(target=self._end_with_the_first, daemon=True).start()
            post()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
        except KeyboardInterrupt:
            status = 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)  # what stands above belongs to the first process

    def _end_with_the_first(self) -> None:
        os.read(self._alive, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    def _end(self) -> None:
        """Let everybody finish what they are at; then none is left."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self._at_work:
                os.kill(pid, number)
            until = time.monotonic() + PATIENCE
            while self._at_work and time.monotonic() < until:
                self._wait_for_one()

    def _wait_for_one(self) -> None:
        pid, _ended = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            time.sleep(0.02)
        self._at_work.pop(pid, None)
