"""What the staff's process does for that of patients, which has no secret key.

A request that came at the patients' door is found by name, and held beside the same person's others, as soon
as this has run; and the events that patients caused reach the kept head.
"""

from __future__ import annotations

from datetime import timedelta

from screening.desk.catching_up import catch_up
from screening.desk.desk import Desk
from screening.operating.job import JobDone, JobGround
from screening.service import audit_head
from screening.service.patient import Service
from screening.settings import Settings

SOON = timedelta(seconds=5)


def every(settings: Settings) -> timedelta | None:
    """As often as people wait for it; where one process does everything there is nothing to follow."""
    return SOON if settings.doors == "staff" else None


def follow(on: JobGround, _before: JobDone) -> JobDone:
    """How many requests are found now that were not before. Raises Unavailable."""
    if on.keys is None or not isinstance(on.ground, Service):
        return JobDone(0)
    audit_head.bring_forward(on.settings, on.ground.engine)
    return JobDone(catch_up(Desk(on.ground, on.keys)))
