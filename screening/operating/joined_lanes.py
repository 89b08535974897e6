"""The lanes of the audit, where there are several: their heads are joined every minute, by one server.

Each server keeps the heads itself; so each, every minute, keeps those too that others moved.
"""

from __future__ import annotations

from datetime import timedelta

from screening.operating.job import JobDone, JobGround
from screening.service import audit_head, joining
from screening.settings import Settings

MINUTE = timedelta(minutes=1)


def every(settings: Settings) -> timedelta | None:
    """Where only one writes at a time there is one lane."""
    return None if settings.database.startswith("sqlite") else MINUTE


def join(on: JobGround, _before: JobDone) -> JobDone:
    """Once more. Raises Unavailable."""
    joining.join(on.settings, on.ground.engine, on.ground.now())
    return JobDone(0)


def keep_heads(on: JobGround) -> None:
    """On this server, all that there are. Raises Unavailable."""
    if every(on.settings) is not None and on.keys is not None:
        audit_head.bring_forward(on.settings, on.ground.engine)
