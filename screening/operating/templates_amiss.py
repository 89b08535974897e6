"""Looking again at the templates of messages: rule sets and fields change after they were written."""

from __future__ import annotations

from sqlalchemy import Connection

from screening.core.messages import faults
from screening.operating.job import JobDone, JobGround
from screening.service.message_templates import amiss
from screening.service.premises import Premises
from screening.storage import message_templates, upkeep
from screening.storage.database import reading

JOB = "templates"


def look(on: JobGround, before: JobDone) -> JobDone:
    """How many cannot be sent, and their ids; by a process that serves. Raises Unavailable."""
    if not isinstance(on.ground, Premises):
        return before
    with reading(on.ground.engine) as connection:
        found = amiss(on.ground, connection)
    return JobDone(len(found), " ".join(sorted(found)))


def known(connection: Connection) -> frozenset[str]:
    """Ids of those that nobody can send: by the fields of now, and by the rule sets of the last look."""
    told = upkeep.all_of(connection).get(JOB)
    written = message_templates.latest(connection).values()
    return frozenset(each.id for each in written if faults(each)).union(told.detail.split() if told else ())
