"""What staff did to accounts and sessions, written into the audit in the transaction that did it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from flask import has_request_context, request
from sqlalchemy import Connection, Engine

from screening.logs import log_failure
from screening.settings import Settings
from screening.storage import events
from screening.storage.database import writing

NOBODY = ""
HEAD = "audit-head"


class Ground(Protocol):
    """What accounts stand on: a `Service`, or as much of one as the command line needs."""

    @property
    def engine(self) -> Engine: ...

    @property
    def settings(self) -> Settings: ...

    def now(self) -> datetime: ...


class Recorder:
    """A transaction with the audit at hand: `note` is to be its last step, for others wait from there."""

    def __init__(self, connection: Connection, service: Ground) -> None:
        self.connection = connection
        self._service = service
        self.head: events.Head | None = None

    def note(self, action: str, actor: tuple[str, str] | None = None, **details: object) -> None:
        """`actor` is an id and a name; None where nobody was signed in."""
        person_id, name = actor or (NOBODY, "")
        self.head = events.append(
            self.connection,
            actor=person_id,
            actor_name=name,
            action=action,
            request=None,
            details=details,
            origin=(request.remote_addr or "") if has_request_context() else "command line",
            now=self._service.now(),
        )


@contextmanager
def recording(service: Ground) -> Iterator[Recorder]:
    """A `writing` transaction whose events are also remembered elsewhere once kept. Raises Unavailable."""
    with writing(service.engine) as connection:
        recorder = Recorder(connection, service)
        yield recorder
    if recorder.head is not None:
        _remember(service.settings, recorder.head)


def _remember(settings: Settings, head: events.Head) -> None:
    """What was done is kept and counts, whether or not this can be written; `audit verify` will tell."""
    try:
        events.remember(settings.audit_head or settings.instance / HEAD, head)
    except OSError as error:
        log_failure("audit head not written", error)


def record(service: Ground, action: str, actor: tuple[str, str] | None = None, **details: object) -> None:
    """One event in a transaction of its own. Raises Unavailable."""
    with recording(service) as recorder:
        recorder.note(action, actor, **details)
