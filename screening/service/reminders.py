"""Reminders of what is owed: one mail a working day to each address, as long as there is anything.

A reminder is put into the outbox for the clinic's next opening; and at once, while it is open, for what time
alone has brought about, and where one of an earlier day still waits: nobody may have served when it opened.
What it says is counted when it is sent; when nothing is owed any more it is not sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from screening.core.waiting import ALL_LISTS, DEADLINES, REMINDERS, TIMED_LISTS, URGENT
from screening.core.workflow import Role
from screening.service.premises import Premises
from screening.service.recording import recording
from screening.settings import Settings
from screening.settings.clinic_time import calendar_of, day_of, start_of
from screening.settings.kinds import addresses
from screening.storage import outbox, queue
from screening.storage.database import reading
from screening.storage.outbox import Notice

KIND = "owed"
LABELS = {**ALL_LISTS, **{found.name: found.label for found in DEADLINES}}
_BY_TIME = {found.name for found in DEADLINES} | {
    found.name for found in TIMED_LISTS if found.since != URGENT
}


@dataclass(frozen=True, slots=True)
class Owed:
    """So many requests wait for the same thing; `path` is their list, below the staff door."""

    label: str  # marked for translators
    number: int
    path: str


@dataclass(frozen=True, slots=True)
class _Reminder:
    role: Role
    address: str
    day: date
    due_at: datetime

    @property
    def once(self) -> str:
        """So that several servers send one between them."""
        return f"{KIND}:{self.role}:{self.day.isoformat()}:{self.address}"


def note(service: Premises) -> None:
    """Put the reminders that are due next into the outbox. Raises Unavailable."""
    now = service.now()
    with reading(service.engine) as connection:
        figures = queue.figures(connection, now)
        missed = outbox.waits_since(connection, KIND, start_of(service.settings, service.today()))
        wanted = list(_wanted(service, figures, now, missed=missed))
        known = outbox.known(connection, [reminder.once for reminder in wanted])
    with recording(service) as recorder:
        for due in (reminder for reminder in wanted if reminder.once not in known):
            outbox.put(
                recorder.connection, KIND, now=now, due_at=due.due_at, once=due.once, address=due.address
            )


def about(service: Premises, connection: Connection, notice: Notice) -> list[Owed]:
    """What to say; nothing in a reminder of another day, which came too late."""
    _, role, day, _ = notice.once.split(":", 3)
    if day != service.today().isoformat():
        return []
    figures = queue.figures(connection, service.now())
    names = next(found for reminded, found in REMINDERS.items() if reminded == role)
    return [Owed(LABELS[name], figures[name], _path(name)) for name in names if figures[name]]


def _wanted(
    service: Premises, figures: dict[str, int], now: datetime, *, missed: bool
) -> Iterator[_Reminder]:
    calendar = calendar_of(service.settings)
    for role, names in REMINDERS.items():
        moments = []
        if any(figures[name] for name in names):
            moments.append(calendar.next_opening(now))
        if calendar.is_open(now) and any(figures[name] for name in names if missed or name in _BY_TIME):
            moments.append(now)
        for moment in moments:
            for address in _addresses(service.settings, role):
                yield _Reminder(role, address, day_of(service.settings, moment), moment)


def _addresses(settings: Settings, role: Role) -> list[str]:
    return addresses(settings.mail_clinicians if role == "clinician" else settings.mail_reception)


def _path(name: str) -> str:
    return f"requests?list={name}" if name in ALL_LISTS else "requests?overdue=y"
