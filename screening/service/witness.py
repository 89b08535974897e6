"""Whether the clock may be believed: nothing is deleted on the word of one that has just jumped.

A machine that runs knows how long it has run, whatever its clock is set to. The two together tell when it
was started, which does not change; where it seems to, the clock was set. It is believed again once it is
back, or once it has stood for SETTLED. A machine that was started again is believed where its clock went on
from what was written down last, or after SETTLED too. Drafts go with a clock that is set: they are kept for
no shorter and no longer than they would have been.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from screening.logs import log
from screening.storage import drafts, upkeep
from screening.storage.upkeep import Upkept

CLOCK = "clock:"  # and the id of the machine's start: a name in the table of upkeep
SKEW = timedelta(minutes=2)  # that time servers, or a slow answer, may make
RESTARTED = timedelta(minutes=15)
SETTLED = 65 * 60.0  # seconds; longer than the hour for which a clock may well be wrong unnoticed
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Running:
    """Since when a machine runs, as its own counter says."""

    boot: str
    seconds: float


def running() -> Running:
    """This machine; sleep counts where the system tells it."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    boot = _BOOT.read_text(encoding="ascii").strip() if _BOOT.exists() else "here"
    return Running(boot, time.clock_gettime(clock))


@dataclass(frozen=True, slots=True)
class _Belief:
    """When the machine was started, as is believed; and as the clock has `said` since then, in seconds."""

    started: str
    said: str = ""
    since: float = 0.0


def is_believed(connection: Connection, now: datetime, run: Running) -> bool:
    """Whether things may be deleted on the word of this clock; to be asked every few minutes."""
    known = upkeep.all_of(connection)
    before = known.get(CLOCK + run.boot)
    begun = now - timedelta(seconds=run.seconds)
    belief = _first(known.values(), now, begun, run) if before is None else _next(before, begun, run)
    if before is not None and (by := _set_by(before, begun)):
        drafts.go_with(connection, now, by)
    upkeep.done(connection, CLOCK + run.boot, now, int(bool(belief.said)), json.dumps(_plain(belief)))
    return not belief.said


def was_just_set(connection: Connection, now: datetime, run: Running) -> bool:
    """Whether it was, and nobody has asked since whether it may be believed."""
    before = upkeep.find(connection, CLOCK + run.boot)
    return before is not None and bool(_set_by(before, now - timedelta(seconds=run.seconds)))


def _set_by(before: Upkept, begun: datetime) -> timedelta:
    """Since it was looked at last; nothing where it went on."""
    held = _Belief(**json.loads(before.detail))
    last = held.said or held.started
    return timedelta() if _same(last, begun) else begun - datetime.fromisoformat(last)


def _first(known: object, now: datetime, begun: datetime, run: Running) -> _Belief:
    """Of a machine that is seen for the first time since it was started."""
    clocks = [found for found in known if found.name.startswith(CLOCK)]  # type: ignore[attr-defined]  # values of a mapping
    last = max((found.done_at for found in clocks), default=None)
    if last is None or -SKEW <= now - last <= RESTARTED:
        return _Belief(begun.isoformat())
    return _Belief("", begun.isoformat(), run.seconds)


def _next(before: Upkept, begun: datetime, run: Running) -> _Belief:
    held = _Belief(**json.loads(before.detail))
    if _same(held.started, begun):
        return _Belief(begun.isoformat())
    if not _same(held.said, begun):
        log.warning("the clock was set: nothing is deleted until it is back or has stood for an hour")
        return _Belief(held.started, begun.isoformat(), run.seconds)
    if run.seconds - held.since >= SETTLED:
        return _Belief(begun.isoformat())
    return _Belief(held.started, begun.isoformat(), held.since)


def _same(told: str, begun: datetime) -> bool:
    return bool(told) and abs(datetime.fromisoformat(told) - begun) <= SKEW


def _plain(belief: _Belief) -> dict[str, object]:
    return {"started": belief.started, "said": belief.said, "since": belief.since}
