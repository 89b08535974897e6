"""Backups that are made by themselves, and those past their age."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from screening.operating.backups.make import PART, SUFFIX, backup_key, make
from screening.operating.job import JobDone, JobGround, time_to_go_by
from screening.settings import Settings

_PATTERN = f"screening-*{SUFFIX}"
_LONG = timedelta(days=1)  # no backup takes so long


def every(settings: Settings) -> timedelta | None:
    """How often; None where there is no place for them."""
    return timedelta(hours=settings.backup_hours) if settings.backup_to is not None else None


def back_up(on: JobGround, before: JobDone) -> JobDone:
    """The last event that it holds. Raises NotReady, Unavailable."""
    if on.settings.backup_to is None:
        return before
    return JobDone(make(on.ground, backup_key(on.settings), on.settings.backup_to).events)


def forget_old(on: JobGround, before: JobDone) -> JobDone:
    """How many backups were deleted; the newest stays, however old it is. Raises OSError.

    With them goes what is left of one that was cut off.
    """
    if on.settings.backup_to is None:
        return JobDone(0)
    now = time_to_go_by(on.ground.now(), before)
    until = (now - timedelta(days=on.settings.backup_days)).timestamp()
    *older, _newest = sorted(on.settings.backup_to.glob(_PATTERN), key=_made) or [Path()]
    old = [file for file in older if _made(file) < until]
    begun = (on.ground.now() - _LONG).timestamp()
    left = [file for file in on.settings.backup_to.glob(f".{_PATTERN}{PART}") if _made(file) < begun]
    for file in (*old, *left):
        file.unlink()
    return JobDone(len(old), now.isoformat())


def _made(file: Path) -> float:
    return file.stat().st_mtime
