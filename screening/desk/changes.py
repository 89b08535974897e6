"""What every method of the desk stands on: who may, one change at a time, and the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection

from screening.core import workflow
from screening.core.errors import Absent, Changed, Refused
from screening.core.workflow import Facts, Move
from screening.desk.shapes import HistoryLine, Person
from screening.service.patient import Service
from screening.storage import entries, events, requests, standing
from screening.storage.database import reading, writing
from screening.storage.entries import Kept, Writer
from screening.storage.events import Event, Head
from screening.storage.requests import Request
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.standing import Standing

log = structlog.get_logger()

DESK = ("reception", "clinician")
CLINICIAN = ("clinician",)
LONGEST_WORDS = 4000


def words(text: str, what: str, *, needed: bool = True) -> str:
    """What somebody typed, without blanks around it. Raises Refused when it is missing or too long."""
    text = text.strip()
    if needed and not text:
        raise Refused("empty", what=what)
    if len(text) > LONGEST_WORDS:
        raise Refused("too_long", what=what, limit=LONGEST_WORDS)
    return text


def one_of(text: str, offered: tuple[str, ...], what: str) -> str:
    """A choice. Raises Refused naming the choices."""
    if text not in offered:
        raise Refused("not_offered", offered, what=what)
    return text


@dataclass
class Change:
    """One change of one request, by one person, in one transaction: what the `with` block collects."""

    connection: Connection
    desk: Base
    person: Person
    standing: Standing
    now: datetime
    action: str
    version: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    written: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    moved: Move | None = None

    def set(self, **values: Any) -> None:
        """Columns of the request."""
        self.values |= values

    def write(self, kind: str, **said: Any) -> None:
        """An entry, sealed."""
        self.written.append((kind, said))

    def move(self, name: str, *given: str) -> None:
        """Along the table; raises Refused."""
        facts = Facts(
            self.values.get("open_flags", self.standing.open_flags),
            self.values.get("stopped_flags", self.standing.stopped_flags),
            frozenset(given),
        )
        self.moved = workflow.check(name, self.standing.status, self.person.roles, facts)
        self.values["status"] = self.moved.to
        if self.moved.to in workflow.FINISHED:
            self.set(due_at=None, to_review=0, questions=0)
        if self.moved.to == "needs_review":
            self.wait_for_clinician()

    def wait_for_clinician(self) -> None:
        """In review with nothing to wait for but a clinician: on the clinicians' queue, or nobody's."""
        flags = {
            name: self.values.get(name, getattr(self.standing, name)) for name in ("open_flags", "to_review")
        }
        if not flags["open_flags"]:
            self.set(to_review=max(1, flags["to_review"]))

    def entries(self) -> list[Kept]:
        """What was written before this change."""
        return entries.load(self.connection, self.desk.opening_keys, self.standing.reference)

    def request(self) -> Request:
        """The whole request, opened."""
        return self.desk.opened(self.connection, self.standing.reference)

    def keep(self) -> Head:
        """All that was collected, with its event."""
        self.version = standing.save(self.connection, self.standing, self.values)
        writer = Writer(self.standing.reference, self.version, self.person.id, self.person.name, self.now)
        key = self.desk.service.arrival.sealing_key
        kept = [
            {"kind": kind, "entry": entry, "sha256": digest}
            for part, (kind, said) in enumerate(self.written)
            for entry, digest in [entries.write(self.connection, key, writer, part, kind, said)]
        ]
        details: dict[str, Any] = {"version": self.version, "entries": kept}
        if self.moved is not None:
            details |= {"move": self.moved.name, "status": self.moved.to}
        head = self.desk.append(
            self.connection, self.person, self.action, self.standing.reference, details, self.now
        )
        if self.moved is not None:
            standing.note_move(
                self.connection,
                self.standing.reference,
                self.version,
                move=self.moved.name,
                status=self.moved.to,
                was=self.standing.status,
                by_id=self.person.id,
                by_name=self.person.name,
                now=self.now,
            )
        return head


class Base:
    """Holds what all parts of the desk share."""

    def __init__(
        self,
        service: Service,
        opening_keys: OpeningKeys,
        head_file: Path | None = None,
        origin: Callable[[], str | None] = lambda: None,
    ) -> None:
        """`head_file` remembers the audit's head; `origin` tells where the person of now comes from."""
        self.service = service
        self.settings = service.settings
        self.opening_keys = opening_keys
        self.head_file = head_file
        self._origin = origin

    def record(
        self,
        actor: str,
        actor_name: str,
        action: str,
        details: Mapping[str, Any],
        request: str | None = None,
    ) -> None:
        """An event of its own, such as a failed sign-in. Raises Unavailable."""
        with writing(self.service.engine) as connection:
            head = events.append(
                connection,
                actor=actor,
                actor_name=actor_name,
                action=action,
                request=request,
                details=details,
                origin=self._origin() or "",
                now=self.service.now(),
            )
        self._remember(head)

    def history(self, person: Person, reference: str) -> tuple[HistoryLine, ...]:
        """Everything that happened to a request and who looked at it, oldest first."""
        self.allow(person, *DESK, "auditor")
        with reading(self.service.engine) as connection:
            self.standing(connection, reference)
            return history_of(connection, reference)

    def audit(self, person: Person, after: int = 0, size: int = 100) -> list[Event]:
        """The audit's events after the number `after`, oldest first."""
        self.allow(person, "auditor")
        with reading(self.service.engine) as connection:
            return list(events.since(connection, after, size))

    # For the other parts of the desk.

    def allow(self, person: Person, *roles: str) -> None:
        """Raises Refused unless the person has one of the roles."""
        if person.roles.isdisjoint(roles):
            raise Refused("other_roles", roles=roles)

    def standing(self, connection: Connection, reference: str, *, locked: bool = False) -> Standing:
        """Raises Absent."""
        found = standing.load(connection, reference, locked=locked)
        if found is None:
            raise Absent(f"there is no request {reference}")
        return found

    def opened(self, connection: Connection, reference: str) -> Request:
        """Raises Absent, CannotOpen."""
        found = requests.load(connection, self.opening_keys, reference)
        if found is None:
            raise Absent(f"there is no request {reference}")
        return found

    def append(
        self,
        connection: Connection,
        person: Person,
        action: str,
        reference: str | None,
        details: Mapping[str, Any],
        now: datetime,
    ) -> Head:
        """An event in the transaction of what it is about."""
        return events.append(
            connection,
            actor=person.id,
            actor_name=person.name,
            action=action,
            request=reference,
            details=details,
            origin=self._origin() or "",
            now=now,
        )

    @contextmanager
    def change(
        self, person: Person, reference: str, version: int, action: str, *roles: str
    ) -> Iterator[Change]:
        """One change: kept when the block ends, and not at all when it raises. Raises Changed, Refused."""
        self.allow(person, *roles)
        now = self.service.now()
        with writing(self.service.engine) as connection:
            current = self.standing(connection, reference, locked=True)
            if current.version != version:
                raise Changed(_since(connection, reference, version), current.version)
            change = Change(connection, self, person, current, now, action)
            yield change
            head = change.keep()
        self._remember(head)

    @contextmanager
    def viewing(
        self, person: Person, action: str, reference: str | None, details: Mapping[str, Any] | None = None
    ) -> Iterator[Connection]:
        """Reading that is in the audit before anybody sees what was read."""
        with writing(self.service.engine) as connection:
            yield connection
            head = self.append(connection, person, action, reference, details or {}, self.service.now())
        self._remember(head)

    def _remember(self, head: Head) -> None:
        if self.head_file is None:
            return
        try:
            events.remember(self.head_file, head)
        except OSError as error:  # the change itself is kept; the next one writes a later head
            log.error("audit head not written", error=type(error).__name__)


def history_of(connection: Connection, reference: str) -> tuple[HistoryLine, ...]:
    """A request's events, for staff to read."""
    found = events.of_request(connection, reference)
    return tuple(HistoryLine(one.at, one.actor_name or one.actor, one.action, one.details) for one in found)


def _since(connection: Connection, reference: str, version: int) -> tuple[HistoryLine, ...]:
    lines = history_of(connection, reference)
    return tuple(line for line in lines if int(line.details.get("version", 0)) > version)
