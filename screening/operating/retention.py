"""Erasing requests: when their time is over, or because their patient asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from screening.core.errors import Unavailable
from screening.operating import erasures
from screening.operating.job import JobDone, JobGround, time_to_go_by
from screening.service.recording import NOBODY, Actor, Ground, recording
from screening.settings import Settings
from screening.settings.clinic_time import day_of
from screening.storage import erasing, standing
from screening.storage.database import reading
from screening.storage.each_site import each_site
from screening.storage.sites import at, this_site

MANY = 500


@dataclass(frozen=True, slots=True)
class TimeIsOver:
    """Requests whose time is over."""

    not_taken_forward: tuple[str, ...]
    finished: tuple[str, ...]

    @property
    def references(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.not_taken_forward, *self.finished)

    def __add__(self, other: TimeIsOver) -> TimeIsOver:
        return TimeIsOver(
            (*self.not_taken_forward, *other.not_taken_forward), (*self.finished, *other.finished)
        )


def due(ground: Ground, now: datetime, size: int = MANY) -> TimeIsOver:
    """At most so many of each kind. Raises Unavailable."""
    kept = ground.settings
    return TimeIsOver(
        _past(ground, now, kept.keep_not_taken_days, size, led_to_appointment=False),
        _past(ground, now, kept.keep_finished_days, size, led_to_appointment=True),
    )


def _past(
    ground: Ground, now: datetime, days: int, size: int, *, led_to_appointment: bool
) -> tuple[str, ...]:
    if not days:
        return ()
    before = now - timedelta(days=days)
    with reading(ground.engine) as connection:
        found = erasing.past(
            connection,
            led_to_appointment=led_to_appointment,
            before=before,
            day=day_of(ground.settings, before),
            size=size,
        )
    return tuple(found)


def erase(
    ground: Ground, references: Sequence[str], because: str, who: Actor = NOBODY, *, listed: bool = False
) -> int:
    """How many there were. `listed`: they are on the list already, whosever they are; else of this site.

    Raises NotReady, Unavailable, OSError.
    """
    now, done = ground.now(), 0
    try:
        if references and not listed:
            erasures.add(ground.settings, references, now)
        for site in each_site(ground.engine) if listed else [this_site()]:
            with at(site):
                done += sum(_erase(ground, reference, because, who) for reference in references)
    except (Unavailable, OSError):
        if not listed:
            _take_back(ground, references, now)
        raise
    if done:
        erasing.empty_the_log(ground.engine)
    return done


def _take_back(ground: Ground, references: Sequence[str], now: datetime) -> None:
    """What is there all the same goes on, and no backup that is restored is to erase it."""
    with suppress(Unavailable, OSError):  # then it stays on the list: somebody wanted it erased
        with reading(ground.engine) as connection:
            there = erasing.still_there(connection, references)
        erasures.take_back(ground.settings, there, now)


def _erase(ground: Ground, reference: str, because: str, who: Actor) -> bool:
    with recording(ground) as recorder:
        status = erasing.status_of(recorder.connection, reference)
        if status is None:
            return False
        erasing.erase(recorder.connection, reference)
        recorder.note("erased", who, reference, because=because)
        standing.discount(recorder.connection, status)
    return True


def of_person(ground: Ground, reference: str) -> list[str]:
    """All requests of one person, of which this is one. Raises Unavailable."""
    with reading(ground.engine) as connection:
        return erasing.of_person(connection, reference)


def elsewhere(ground: Ground, reference: str) -> list[tuple[str, str]]:
    """The same person's at other sites: site and reference of each. Raises Unavailable."""
    with reading(ground.engine) as connection:
        return erasing.elsewhere(connection, reference)


def every(settings: Settings) -> timedelta | None:
    """Daily, where anything is to go."""
    return timedelta(days=1) if settings.keep_not_taken_days or settings.keep_finished_days else None


def purge(on: JobGround, before: JobDone) -> JobDone:
    """Erase all whose time is over; how many. What was away for long catches up day by day."""
    now = time_to_go_by(on.ground.now(), before)
    return JobDone(sum(_rounds(on.ground, now)), now.isoformat())


def _rounds(ground: Ground, now: datetime) -> Iterable[int]:
    while found := due(ground, now).references:
        yield (done := erase(ground, found, "retention"))
        if not done:  # somebody else erased them meanwhile
            return
