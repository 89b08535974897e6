"""Forgetting what time has ended: drafts, sessions and tries of staff, who looks; what the log still has."""

from __future__ import annotations

from screening.operating.job import JobDone, JobGround
from screening.storage import arrivals, drafts, erasing, presence, staff_sessions
from screening.storage.database import writing


def forget(on: JobGround, _before: JobDone) -> JobDone:
    """How many drafts were forgotten; what others, reading, kept in the log leaves it. Raises Unavailable."""
    now = on.ground.now()
    with writing(on.ground.engine) as connection:
        forgotten = drafts.purge(connection, now)
        arrivals.purge(connection, now)
    erasing.empty_the_log(on.ground.engine)
    return JobDone(forgotten)


def forget_staff(on: JobGround, _before: JobDone) -> JobDone:
    """What a process that serves patients alone may not touch. Raises Unavailable."""
    now, settings = on.ground.now(), on.settings
    with writing(on.ground.engine) as connection:
        staff_sessions.purge(connection, now, settings.staff_idle, settings.staff_longest)
        staff_sessions.purge_tries(connection, now)
        presence.purge(connection, now)
    return JobDone(0)
