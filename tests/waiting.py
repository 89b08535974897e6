"""Waits of tests, each with an end: what never comes fails, and says what it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty, Queue
from threading import Thread
from typing import IO

import pytest

PATIENCE = 60  # seconds until a wait is a failure


def eventually(true: Callable[[], bool], what: str = "what was waited for", pause: float = 0.02) -> None:
    """Ask again and again until it is so."""
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, f"{what} did not come within {PATIENCE} seconds"
        time.sleep(pause)


def next_line(said: IO[str] | None) -> str:
    """Of a process; empty where it says nothing more."""
    assert said is not None
    found: Queue[str] = Queue()
    Thread(target=lambda: found.put(said.readline()), daemon=True).start()
    try:
        return found.get(timeout=PATIENCE)
    except Empty:
        pytest.fail(f"no line came within {PATIENCE} seconds")
