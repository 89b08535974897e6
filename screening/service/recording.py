"""The one writer of the audit: an event in the transaction of what it is about, and its head elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from sqlalchemy import Connection, Engine

from screening.core.serialising import Plain
from screening.service import audit_head
from screening.service.held_keys import hold_audit_key
from screening.settings import Settings
from screening.storage import binding, events, lanes, outbox, people, reading_events
from screening.storage.database import reading, writing
from screening.storage.events import Noted
from screening.storage.lanes import Head, Heads

KEPT_IN_STEP = "kept_in_step"  # rows that follow from others, or from a later version of the program
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
        self.head: Head | None = None

    def note(
        self, action: str, actor: tuple[str, str] | None = None, request: str | None = None, **details: object
    ) -> None:
        """`actor` is an id and a name; None where nobody was signed in. `request` is a reference."""
        self.note_each([(action, request, details)], actor)

    def note_each(
        self, noted: Sequence[tuple[str, str | None, Plain]], actor: tuple[str, str] | None = None
    ) -> None:
        """The same for several at once: action, request and details of each."""
        who = Actor(*actor) if actor is not None else NOBODY
        kept = audit_head.kept_now(self._ground.settings) if self.head is None else ()
        self.head = events.append_each(
            self.connection,
            [Noted(action, who.id, who.name, request, details) for action, request, details in noted],
            origin=self._ground.origin(),
            now=self.now,
            kept=kept,
        )

    def heads(self) -> Heads:
        """What is to be remembered of the audit once this is kept."""
        seen = lanes.seen(self.connection)
        if self.head is None or seen is None:
            return ()
        return audit_head.to_remember(self._ground.settings, seen, self.head)

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
        if binding.is_touched(connection):  # by something that has no event of its own
            recorder.note(KEPT_IN_STEP)
        heads = recorder.heads()
    audit_head.remember(ground.settings, heads)


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


def record_each(ground: Ground, actor: tuple[str, str], read: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Events for what was read in each way, in one transaction. Raises Unavailable."""
    if read:
        with recording(ground) as recorder:
            recorder.note_each([(action, None, {"requests": list(these)}) for action, these in read], actor)


def record_reading(ground: Ground, action: str, actor: tuple[str, str], references: Sequence[str]) -> None:
    """An event for all that was read on one page, before it is shown. Raises Unavailable.

    Here it is decided what need not be said twice: what the same person read in the same way, from the
    same address, less than AGAIN ago. So a page that loads itself again does not fill the audit.
    """
    if fresh := unread_yet(ground, action, actor, references):
        record(ground, action, actor, requests=fresh)


def unread_yet(ground: Ground, action: str, actor: tuple[str, str], references: Sequence[str]) -> list[str]:
    """Those of which it is to be said. Raises Unavailable."""
    if not references:
        return []
    with reading(ground.engine) as connection:
        told = reading_events.read_since(
            connection, actor[0], ground.origin(), action, references, ground.now(), AGAIN
        )
    return [reference for reference in references if reference not in told]


def begin_record(settings: Settings, engine: Engine, now: datetime) -> None:
    """Before anything is recorded: the key that signs the kept heads, and events for rows older than events.

    Where many write at once, the audit has several lanes from here on; the patients' process leaves it to the
    staff's, which keeps their heads.

    Raises NotReady, Unavailable.
    """
    hold_audit_key(settings, engine, now)
    with reading(engine) as connection:
        vouched, alone = events.all_vouched(connection), len(lanes.heads(connection)) == 1
    at_once = engine.dialect.name == "postgresql" and settings.opens
    if vouched and not (alone and at_once):
        return
    with writing(engine) as connection:
        events.vouch_for_all(connection, now)
        if at_once:
            lanes.open_many(connection)
        heads = audit_head.committed(settings, connection)
    audit_head.remember(settings, heads)
