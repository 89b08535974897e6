"""Answers grow old: from which day somebody asks again what is of the day it was given."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from screening.core.kept import KeptRequest


def ask_again_on(
    kept: KeptRequest, received: date, asked_again: Iterable[date], appointment: date | None
) -> date | None:
    """The day from which the answers must be asked again before the appointment; None for not at all.

    `fresh_for` of a question, in days, says how long its answer holds. Asked on the day that this gives,
    the one that grows old soonest is still fresh on the day of the appointment.
    """
    if appointment is None:
        return None
    asked = max((received, *asked_again))
    holds = [answer.fresh_for for answer in kept.health.answers if answer.fresh_for is not None]
    old = [days for days in holds if asked + timedelta(days=days) < appointment]
    return appointment - timedelta(days=min(old)) if old else None
