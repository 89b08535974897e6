"""Forgetting what time has ended: drafts, sessions of staff, tries to sign in."""

from __future__ import annotations

from screening.operating.job import JobDone, JobGround
from screening.storage import arrivals, drafts, staff_sessions
from screening.storage.database import writing


def forget(on: JobGround, _before: JobDone) -> JobDone:
    """How many drafts were forgotten. Raises Unavailable."""
    now, settings = on.ground.now(), on.settings
    with writing(on.ground.engine) as connection:
        forgotten = drafts.purge(connection, now)
        staff_sessions.purge(connection, now, settings.staff_idle, settings.staff_longest)
        staff_sessions.purge_tries(connection, now)
        arrivals.purge(connection, now)
    return JobDone(forgotten)
