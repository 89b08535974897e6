"""One change by one person, in one transaction: what it collects, what follows, and how it is kept.

Everything that is decided here is decided by `core.stepping.step`; this module only keeps what it says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Connection

from screening.core.entries import AskedAgain, Entry, Written
from screening.core.errors import Absent, Changed, Refused
from screening.core.freshness import ask_again_on
from screening.core.kept import KeptRequest
from screening.core.review import position
from screening.core.stepping import Outcome, outcome, step
from screening.core.workflow import BY_NAME, may
from screening.desk.audit import history_of
from screening.desk.desk import Desk, actor, allow, opened, trying
from screening.desk.shapes import COMMAND_LINE, HistoryLine, Person
from screening.service.recording import Recorder, recording
from screening.settings.clinic_time import day_of, start_of
from screening.storage import entries, messages, standing
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


# After these, it does not matter any more that a message failed.
REACHED = frozenset({"call", "reach", "answer", "close", "withdraw"})
READY = "ready_to_book"  # what a clinician need not see, or has seen, is in reception's hands


@dataclass
class Change:
    """What a `with change(...)` block collects for one request."""

    desk: Desk
    connection: Connection
    person: Person
    standing: Standing
    now: datetime
    kept: KeptRequest
    before: tuple[Written, ...]  # what was written before this change
    others_open: int
    values: dict[str, object] = field(default_factory=dict)  # columns of its row
    written: list[Entry] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # of the moves made
    moved: str | None = None  # the last that led to another status

    def __post_init__(self) -> None:
        things = self.desk.to_read(self.kept, self.standing)
        self.begun = self.position = position(self.kept, self.standing.status, self.before, things)

    @property
    def version(self) -> int:
        """The request's, once this is kept."""
        return self.standing.version + 1

    @property
    def status(self) -> str:
        """Where it stands after what was done so far."""
        return self.position.status

    @property
    def more_in_the_way(self) -> int:
        """Of the person's other requests; less where it is negative."""
        return self.position.in_the_way() - self.standing.in_the_way

    def counts(self, other: Standing) -> bool:
        """Whether what is open at one of them counts at the other, by what was said so far."""
        return self.standing.shares_person(other, self.position.dealings.not_same)

    def set(self, **values: object) -> None:
        """Columns of the request that follow from nothing else."""
        self.values |= values

    def act(self, name: str, *written: Entry, given: Collection[str] = ()) -> Outcome:
        """One move of the table with its entries, and what follows from it. Raises Refused."""
        first = len(self.written)
        who = (self.person.id, self.person.name, self.now)
        lines = [
            Written(f"new {first + part}", self.version, *who, entry) for part, entry in enumerate(written)
        ]
        made = step(self.position, name, self.person.roles, lines, others_open=self.others_open, given=given)
        self.position = made.position
        self.written += written
        self.names.append(name)
        self.moved = made.moved or self.moved
        return made


@contextmanager
def change(
    desk: Desk,
    person: Person,
    reference: str,
    version: int | None,
    action: str,
    *roles: str,
    beside: Collection[str] = (),
) -> Iterator[Change]:
    """One change: kept when the block ends, and not at all when it raises. Raises Changed, Refused.

    Without a `version` whatever happened since does not matter.

    `beside` names what may have happened since the person opened it without being in the way.
    """
    with changes(desk, person, reference, version, (action,), roles, beside=beside) as (made, _other):
        yield made


@contextmanager
def changes(
    desk: Desk,
    person: Person,
    reference: str,
    version: int | None,
    actions: Sequence[str],
    roles: Collection[str],
    other: str | None = None,
    beside: Collection[str] = (),
) -> Iterator[tuple[Change, Change | None]]:
    """One change of a request and, where it touches an `other` one too, of that in the same transaction.

    `actions` name their events, the other one's second.
    """
    with trying(desk, person, actions[0], reference), recording(desk.service) as recorder:
        allow(person, *roles)
        wanted = [reference] if other is None else [reference, other]
        rows = standing.with_others(recorder.connection, wanted, locked=True)
        if reference not in rows:
            raise Absent(f"there is no request {reference}")
        _not_in_the_way(recorder.connection, rows[reference], version, beside)
        made = _begin(desk, recorder, person, rows, reference)
        second = _begin(desk, recorder, person, rows, other) if other is not None and other in rows else None
        yield made, second
        touched = [made] if second is None or not second.names else [made, second]
        if made.names or made.values:
            _keep(desk, recorder, rows, list(zip(touched, actions, strict=False)))


def _begin(
    desk: Desk, recorder: Recorder, person: Person, rows: dict[str, Standing], reference: str
) -> Change:
    connection, row = recorder.connection, rows[reference]
    before = entries.load(connection, desk.opening_keys, reference)
    kept = opened(desk, connection, reference)
    return Change(desk, connection, person, row, recorder.now, kept, before, row.others_open)


def _keep(desk: Desk, recorder: Recorder, rows: dict[str, Standing], kept: list[tuple[Change, str]]) -> None:
    """Rows and notices, then the events, and last of all the counts: others wait from the first event on."""
    changed = {made.standing.reference: made for made, _ in kept}
    owed: set[str] = set()
    _take(kept[0][0])
    for made, _ in kept:
        owed |= _save(made, _open_elsewhere(made, rows, changed))
        if not REACHED.isdisjoint(made.names):
            messages.see_to(made.connection, made.standing.reference)
    owed |= _see_again(desk, recorder, rows, changed)
    desk.service.arrival.tell(recorder.connection, owed, kept[0][0].standing.reference, recorder.now)
    for made, _ in kept:
        if made.status == READY != made.standing.status:
            desk.service.arrival.to_server(
                recorder.connection, "reviewed", made.standing.reference, recorder.now
            )
    for made, action in kept:
        _note(made, recorder, action)


def _take(made: Change) -> None:
    """What reception does first with a request that is nobody's takes it; reviewing it does not."""
    first, roles = made.standing.owner is None, made.person.roles
    at_desk = "reception" in roles and made.person.id != COMMAND_LINE
    theirs = at_desk and not any(BY_NAME[name].clinical for name in made.names)
    if first and theirs and may(BY_NAME["take"], made.status, roles, made.position.facts()):
        made.values = {"owner": made.person.id, "owner_name": made.person.name} | made.values


def _open_elsewhere(made: Change, rows: dict[str, Standing], changed: dict[str, Change]) -> int:
    """How much is in the way at the same person's other requests, after this change."""
    return sum(
        changed[row.reference].position.in_the_way() if row.reference in changed else row.in_the_way
        for row in rows.values()
        if made.counts(row)
    )


def _see_again(
    desk: Desk, recorder: Recorder, rows: dict[str, Standing], changed: dict[str, Change]
) -> set[str]:
    """What follows for the same persons' requests that nobody touched; the notices owed."""
    owed: set[str] = set()
    for row in rows.values():
        if row.reference not in changed:
            more = sum(made.more_in_the_way for made in changed.values() if made.counts(row))
            owed |= desk.service.arrival.see_more(recorder.connection, [row], more, recorder.now)
    return owed


def _save(made: Change, others_open: int) -> set[str]:
    """The row with its figures, list and clocks after all that was done; the notices owed."""
    total = outcome(
        made.begun,
        made.position,
        names=made.names,
        was_open=made.others_open,
        others_open=others_open,
    )
    settings, dealings = made.desk.settings, made.position.dealings
    day = dealings.booking.on if dealings.booking is not None else None
    again = ask_again_on(made.kept, day_of(settings, made.standing.received_at), _asked_again(made), day)
    values = {
        **asdict(total.figures),
        "status": made.status,
        "work_list": total.work_list,
        "appointment_on": day,
        "rank": 0 if dealings.urgent else 1,
        "ask_again_at": start_of(settings, again) if again is not None and total.work_list else None,
        **made.desk.service.arrival.clocks(total.contact, total.review, made.now, day),
    }
    standing.save(made.connection, made.standing, values | made.values)
    return set(total.notices)


def days_asked_again(desk: Desk, written: Iterable[Written]) -> Iterator[date]:
    """When the answers were asked once more."""
    return (day_of(desk.settings, line.at) for line in written if isinstance(line.entry, AskedAgain))


def _asked_again(made: Change) -> Iterator[date]:
    yield from days_asked_again(made.desk, made.before)
    if any(isinstance(entry, AskedAgain) for entry in made.written):
        yield day_of(made.desk.settings, made.now)


def _note(made: Change, recorder: Recorder, action: str) -> None:
    writer = Writer(made.standing.reference, made.version, made.person.id, made.person.name, made.now)
    kept = keep_entries(made.desk, made.connection, writer, made.written)
    moved = {"move": made.moved, "status": made.status} if made.moved is not None else {}
    details = {"version": made.version, "entries": kept, **moved}
    if made.moved is not None:
        standing.note_move(
            made.connection,
            made.standing.reference,
            made.version,
            move=made.moved,
            status=made.status,
            by_id=made.person.id,
            by_name=made.person.name,
            now=made.now,
        )
    recorder.note(action, actor(made.person), made.standing.reference, **details)
    if made.moved is not None:
        standing.count_move(made.connection, made.status, made.standing.status)


def keep_entries(
    desk: Desk, connection: Connection, writer: Writer, written: Sequence[Entry]
) -> list[dict[str, str]]:
    """Seal and insert them; what the event of the same change says of them."""
    key = desk.service.sealing_key(connection)
    kept = [
        (entry.kind, *entries.write(connection, key, writer, part, entry))
        for part, entry in enumerate(written)
    ]
    return [{"kind": kind, "entry": row, "sha256": digest} for kind, row, digest in kept]


def _not_in_the_way(
    connection: Connection, row: Standing, version: int | None, beside: Collection[str]
) -> None:
    """Raises Changed where more than `beside` happened since that version."""
    if version is None or row.version == version:
        return
    since = _since(connection, row.reference, version)
    known = 0 < version < row.version and len(since) == row.version - version
    if not (known and all(line.action in beside for line in since)):
        raise Changed(since, row.version)


def _since(connection: Connection, reference: str, version: int) -> tuple[HistoryLine, ...]:
    lines = history_of(connection, reference)
    return tuple(line for line in lines if int(line.details.get("version", 0)) > version)
