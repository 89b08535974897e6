"""One change of one request, by one person, in one transaction: what it collects, and how it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from screening.core import workflow
from screening.core.entries import Entry, Written
from screening.core.errors import Changed, Refused
from screening.core.kept import KeptRequest
from screening.core.review import FlagCounts, review
from screening.core.workflow import Move
from screening.desk.audit import history_of
from screening.desk.desk import Desk, actor, allow, opened, standing_of
from screening.desk.shapes import HistoryLine, Person
from screening.service.recording import Recorder, recording
from screening.storage import entries, standing
from screening.storage.entries import Writer
from screening.storage.standing import Standing

LONGEST_WORDS = 4000
Offered = TypeVar("Offered", bound=str)


def words(text: str, what: str, *, needed: bool = True) -> str:
    """What somebody typed, without blanks around it. Raises Refused when it is missing or too long."""
    text = text.strip()
    if needed and not text:
        raise Refused("empty", what=what)
    if len(text) > LONGEST_WORDS:
        raise Refused("too_long", what=what, limit=LONGEST_WORDS)
    return text


def choice(text: str, offered: tuple[Offered, ...], what: str) -> Offered:
    """The one of those offered. Raises Refused naming them."""
    found = next((name for name in offered if name == text), None)
    if found is None:
        raise Refused("not_offered", offered, what=what)
    return found


@dataclass
class Change:
    """What a `with change(...)` block collects."""

    desk: Desk
    connection: Connection
    person: Person
    standing: Standing
    now: datetime
    version: int  # the request's, once this is kept
    values: dict[str, Any] = field(default_factory=dict)  # columns of its row
    written: list[Entry] = field(default_factory=list)
    moved: Move | None = None
    status: str = field(init=False)
    counts: FlagCounts = field(init=False)

    def __post_init__(self) -> None:
        self.status, self.counts = self.standing.status, self.standing.counts

    def set(self, **values: Any) -> None:
        """Columns of the request."""
        self.values |= values

    def write(self, entry: Entry) -> None:
        """An entry, sealed."""
        self.written.append(entry)

    def move(self, name: str, *given: str) -> None:
        """Along the table. Raises Refused."""
        self.moved = workflow.check(name, self.status, self.person.roles, self.counts.facts(given))
        self.status = self.moved.to
        self.counts = self.counts.in_status(self.status)
        if workflow.is_finished(self.status):
            self.set(due_at=None)

    def recount(self) -> None:
        """What the flags amount to with all that was written, this change's words too. Raises CannotOpen."""
        made = review(self.request().health.raised, [*self.entries(), *self._to_come()])
        self.counts = made.counts.in_status(self.status)

    def entries(self) -> tuple[Written, ...]:
        """What was written before this change."""
        return entries.load(self.connection, self.desk.opening_keys, self.standing.reference)

    def request(self) -> KeptRequest:
        """The whole request, opened."""
        return opened(self.desk, self.connection, self.standing.reference)

    def _to_come(self) -> list[Written]:
        """What this change is about to write, as it will be read."""
        who = (self.person.id, self.person.name, self.now)
        return [Written(f"new {part}", self.version, *who, entry) for part, entry in enumerate(self.written)]


@contextmanager
def change(
    desk: Desk, person: Person, reference: str, version: int, action: str, *roles: str
) -> Iterator[Change]:
    """One change: kept when the block ends, and not at all when it raises. Raises Changed, Refused."""
    allow(person, *roles)
    with recording(desk.service) as recorder:
        current = standing_of(recorder.connection, reference, locked=True)
        if current.version != version:
            raise Changed(_since(recorder.connection, reference, version), current.version)
        made = Change(desk, recorder.connection, person, current, recorder.now, version + 1)
        yield made
        _keep(made, recorder, action)


def _keep(made: Change, recorder: Recorder, action: str) -> None:
    """All that was collected, with its event, and last of all the counts that others wait for."""
    values = made.values | asdict(made.counts) | {"status": made.status}
    standing.save(made.connection, made.standing, values)
    writer = Writer(made.standing.reference, made.version, made.person.id, made.person.name, made.now)
    key = made.desk.service.arrival.sealing_key
    kept = [
        {"kind": entry.kind, "entry": row, "sha256": digest}
        for part, entry in enumerate(made.written)
        for row, digest in [entries.write(made.connection, key, writer, part, entry)]
    ]
    moved = {"move": made.moved.name, "status": made.status} if made.moved is not None else {}
    details = {"version": made.version, "entries": kept, **moved}
    recorder.note(action, actor(made.person), made.standing.reference, **details)
    if made.moved is not None:
        standing.note_move(
            made.connection,
            made.standing.reference,
            made.version,
            move=made.moved.name,
            status=made.status,
            was=made.standing.status,
            by_id=made.person.id,
            by_name=made.person.name,
            now=made.now,
        )


def _since(connection: Connection, reference: str, version: int) -> tuple[HistoryLine, ...]:
    lines = history_of(connection, reference)
    return tuple(line for line in lines if int(line.details.get("version", 0)) > version)
