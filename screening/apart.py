"""Work that is done once, in a process of its own: what it loads is gone with it."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

from screening.core.errors import NotReady, Unavailable

_TOLD = {kind.__name__: kind for kind in (NotReady, Unavailable)}


def apart(work: Callable[[], str | None]) -> str:
    """Do it, wait for its end, and have what it says. Raises NotReady and Unavailable as it does.

    Whoever asks has no connection open that the work uses. NotReady too where it broke off. Where no process
    can be made of this one, it is done here.
    """
    if not can_fork_safely():
        return work() or ""
    told, telling = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(told)
        _do(work, telling)
    os.close(telling)
    with os.fdopen(told, "r", encoding="utf-8") as words:
        found = words.read()
    os.waitpid(pid, 0)
    if not found:
        raise NotReady("A step of the start broke off: what it said last stands above.")
    kind, said = json.loads(found)
    if kind in _TOLD:
        raise _TOLD[kind](said)
    return str(said)


def can_fork_safely() -> bool:
    """Whether a process can be made of this one: another thread might hold a lock for ever there."""
    return hasattr(os, "fork") and threading.active_count() == 1


def end_with_whoever_began() -> None:
    """For a process of a pool: one whose parent was killed is told so by nobody."""
    threading.Thread(target=_wait_and_end, daemon=True).start()


def _wait_and_end() -> None:
    began = multiprocessing.parent_process()
    if began is not None:
        began.join()
        os._exit(1)


def _do(work: Callable[[], str | None], telling: int) -> NoReturn:
    try:
        _tell(telling, "done", work() or "")
    except (NotReady, Unavailable) as error:
        _tell(telling, type(error).__name__, str(error))
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(0)  # what stands above belongs to the first process


def _tell(telling: int, kind: str, said: str) -> None:
    with os.fdopen(telling, "w", encoding="utf-8") as words:
        words.write(json.dumps([kind, said]))
