"""Links to questions that are over without an answer: silence becomes something to do."""

from __future__ import annotations

from screening.desk import links
from screening.desk.desk import Desk
from screening.operating.job import JobDone, JobGround
from screening.service.patient import Service


def see_to(on: JobGround, before: JobDone) -> JobDone:
    """How many since the last time; by a process that serves and holds the keys. Raises Unavailable."""
    if on.keys is None or not isinstance(on.ground, Service):
        return before
    return JobDone(links.run_out(Desk(on.ground, on.keys)))
