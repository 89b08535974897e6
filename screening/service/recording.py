"""The one writer of the audit: an event in the transaction of what it is about, and its head elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

from sqlalchemy import Connection, Engine

from screening.logs import log_failure
from screening.settings import Settings
from screening.storage import events, outbox, people
from screening.storage.database import reading, writing

HEAD = "audit-head"
AGAIN = timedelta(minutes=15)


class Actor(NamedTuple):
    """Who did it: an id and a name, both empty where nobody was signed in."""

    id: str = ""
    name: str = ""


NOBODY = Actor()


class Ground(Protocol):
    """What is written stands on: a `Service`, or as much of one as the command line needs."""

    @property
    def engine(self) -> Engine: ...

    @property
    def settings(self) -> Settings: ...

    def now(self) -> datetime: ...

    def origin(self) -> str: ...


class Recorder:
    """A transaction with the audit at hand: `note` is to be its last step, for others wait from there."""

    def __init__(self, connection: Connection, ground: Ground, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self._ground = ground
        self.head: events.Head | None = None

    def note(
        self, action: str, actor: tuple[str, str] | None = None, request: str | None = None, **details: object
    ) -> None:
        """`actor` is an id and a name; None where nobody was signed in. `request` is a reference."""
        who = Actor(*actor) if actor is not None else NOBODY
        self.head = events.append(
            self.connection,
            actor=who.id,
            actor_name=who.name,
            action=action,
            request=request,
            details=details,
            origin=self._ground.origin(),
            now=self.now,
        )

    def tell_auditors(self, kind: str) -> None:
        """A mail to each auditor that there is something to look at, without a name; before the `note`."""
        if self._ground.settings.smtp_host:
            for address in people.addresses_of(self.connection, "auditor"):
                outbox.put(self.connection, kind, now=self.now, address=address)


@contextmanager
def recording(ground: Ground) -> Iterator[Recorder]:
    """A `writing` transaction whose events are also remembered elsewhere once kept. Raises Unavailable."""
    with writing(ground.engine) as connection:
        recorder = Recorder(connection, ground, ground.now())
        yield recorder
    if recorder.head is not None:
        _remember(head_file(ground.settings), recorder.head)


def record(
    ground: Ground,
    action: str,
    actor: tuple[str, str] | None = None,
    request: str | None = None,
    **details: object,
) -> None:
    """One event in a transaction of its own. Raises Unavailable."""
    with recording(ground) as recorder:
        recorder.note(action, actor, request, **details)


def record_reading(ground: Ground, action: str, actor: tuple[str, str], references: Sequence[str]) -> None:
    """An event for all that was read on one page, before it is shown. Raises Unavailable.

    Here it is decided what need not be said twice: what the same person read in the same way, from the
    same address, less than AGAIN ago. So a page that loads itself again does not fill the audit.
    """
    since = ground.now() - AGAIN
    with reading(ground.engine) as connection:
        told = events.read_since(connection, actor[0], ground.origin(), action, references, since)
    if fresh := [reference for reference in references if reference not in told]:
        record(ground, action, actor, requests=fresh)


def head_file(settings: Settings) -> Path:
    """Where the head of the audit is kept besides the database."""
    return settings.audit_head or settings.instance / HEAD


def _remember(file: Path, head: events.Head) -> None:
    """What was done is kept and counts, whether or not this can be written; `audit verify` will tell."""
    try:
        events.remember(file, head)
    except OSError as error:
        log_failure("audit head not written", error)
