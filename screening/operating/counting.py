"""Lists that say what there is to do by the setting and the word lists of now, some requests at a time."""

from __future__ import annotations

from screening.desk.catching_up import count_again
from screening.desk.desk import Desk
from screening.operating.job import JobDone, JobGround
from screening.service.patient import Service


def count(on: JobGround, before: JobDone) -> JobDone:
    """How many were counted anew; by a process that serves and holds the keys. Raises Unavailable."""
    if on.keys is None or not isinstance(on.ground, Service):
        return before
    return JobDone(*count_again(Desk(on.ground, on.keys), before.detail))
