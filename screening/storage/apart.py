"""Work that is done once, in a process of its own: what it loads is gone with it."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

from screening.core.errors import NotReady, Unavailable

_TOLD = {kind.__name__: kind for kind in (NotReady, Unavailable)}


def apart(work: Callable[[], None]) -> None:
    """Do it, and wait for its end. Raises NotReady and Unavailable as it does, NotReady where it broke off.

    Whoever asks has no connection open. Where no process can be made of this one, it is done here.
    """
    if not hasattr(os, "fork") or threading.active_count() > 1:
        work()
        return
    told, telling = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(told)
        _do(work, telling)
    os.close(telling)
    with os.fdopen(told, "r", encoding="utf-8") as words:
        found = words.read()
    _, status = os.waitpid(pid, 0)
    if found:
        kind, why = json.loads(found)
        raise _TOLD[kind](why)
    if status:
        raise NotReady("A step of the start broke off: what it said last stands above.")


def _do(work: Callable[[], None], telling: int) -> NoReturn:
    status = 1
    try:
        work()
        status = 0
    except (NotReady, Unavailable) as error:
        os.write(telling, json.dumps([type(error).__name__, str(error)]).encode())
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)  # what stands above belongs to the first process
