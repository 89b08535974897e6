"""Jobs of the desk, for a process that serves and holds the keys: another one changes nothing by them."""

from __future__ import annotations

from datetime import timedelta

from screening.desk import links
from screening.desk.catching_up import catch_up, count_again
from screening.desk.desk import Desk
from screening.operating.job import JobDone, JobGround
from screening.service import audit_head
from screening.service.patient import Service
from screening.settings import Settings

SOON = timedelta(seconds=5)


def follows_every(settings: Settings) -> timedelta | None:
    """As often as people wait for it; where one process does everything there is nothing to follow."""
    return SOON if settings.doors == "staff" else None


def follow(on: JobGround, before: JobDone) -> JobDone:
    """What the staff's process does for that of patients, which has no secret key: how many it found.

    A request that came at the patients' door is found by name, and held beside the same person's others, as
    soon as this has run; and the events that patients caused reach the kept head. Raises Unavailable.
    """
    desk = _desk(on)
    if desk is None:
        return before
    audit_head.bring_forward(on.settings, on.ground.engine)
    return JobDone(catch_up(desk))


def count(on: JobGround, before: JobDone) -> JobDone:
    """Lists say what there is to do by the setting and the word lists of now: how many were counted anew.

    It is some requests at a time. Raises Unavailable.
    """
    desk = _desk(on)
    return before if desk is None else JobDone(*count_again(desk, before.detail))


def run_out(on: JobGround, before: JobDone) -> JobDone:
    """Silence becomes something to do: links to questions that ended without an answer since the last time.

    Raises Unavailable.
    """
    desk = _desk(on)
    return before if desk is None else JobDone(links.run_out(desk))


def _desk(on: JobGround) -> Desk | None:
    return None if on.keys is None or not isinstance(on.ground, Service) else Desk(on.ground, on.keys)
