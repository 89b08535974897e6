"""The heads of the audit beside the database: where they are kept, and what is wrong with them or it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine

from screening.core.errors import NotReady
from screening.logs import log, log_failure
from screening.settings import Settings
from screening.storage import joins, kept_head, lanes, verifying
from screening.storage.database import reading
from screening.storage.files import PRIVATE, write_whole
from screening.storage.lanes import JOINED, Head, Heads, SeenHeads
from screening.storage.sealing.head_key import HeadKey
from screening.storage.sealing.keys import AUDIT, load_audit_key

HEAD = "audit-head"
_PAUSE = 0.2  # seconds: an event that was just committed is written down next
_LOOKS = 5
_TO_WRITE: dict[Path, list[Head]] = defaultdict(list)
_COUNTING, _WRITING = Lock(), Lock()
_ELSEWHERE = "SCREENING_DOORS=patient keeps no head: look with the settings of the staff's process"


def head_files(settings: Settings) -> tuple[Path, ...]:
    """Where the head is kept besides the database."""
    first = settings.audit_head or settings.instance / HEAD
    return (first,) if settings.audit_copy is None else (first, settings.audit_copy)


def audit_key_file(settings: Settings) -> Path:
    """Where the key that signs it is."""
    return settings.audit_key or settings.keys / AUDIT


def on_its_way(settings: Settings) -> timedelta:
    """How long an event may be kept that the head does not tell yet.

    Where others append too, servers or the patients' process, this one follows what they caused.
    """
    if settings.doors == "staff":
        return timedelta(minutes=1)
    return timedelta(seconds=10) if settings.database.startswith("sqlite") else timedelta(minutes=3)


def committed(settings: Settings, connection: Connection) -> Heads:
    """The heads to remember once this transaction is kept, in which there was an event.

    None where the record does not hold what is remembered: a later head would cover up what was done. A file
    that tells nothing is for `audit verify` to tell.
    """
    return to_remember(settings, lanes.look(connection, kept_now(settings))) if settings.opens else ()


def kept_now(settings: Settings) -> Heads:
    """Those of all files."""
    return tuple(head for heads in kept_heads(settings).heads.values() for head in heads)


def to_remember(settings: Settings, seen: SeenHeads, *appended: Head) -> Heads:
    """The same as `committed`, of what was seen as the transaction began to append, and what it appended."""
    if not settings.opens:
        return ()
    if seen.gone:
        log.error("audit head not written: the record is another one; run screening audit verify")
        return ()
    return lanes.latest([*seen.ends, *appended])


def remember(settings: Settings, heads: Heads) -> None:
    """What was done is kept and counts, whether or not this can be written; `audit verify` will tell.

    The patients' process, which has no key to sign it, leaves this to the staff's. Of several threads that
    wait, the next one writes for all.
    """
    if not settings.opens or not heads:
        return
    files = head_files(settings)
    with _COUNTING:
        for file in files:
            _TO_WRITE[file] += heads
    with _WRITING:
        _write(settings, files)


def _write(settings: Settings, files: tuple[Path, ...]) -> None:
    with _COUNTING:
        waiting = {file: lanes.latest(_TO_WRITE.pop(file)) for file in files if file in _TO_WRITE}
    if not waiting:
        return
    try:
        key = load_audit_key(audit_key_file(settings))
    except NotReady as error:
        log_failure("audit head not written", error)
        return
    for file, heads in waiting.items():
        try:
            kept_head.remember(file, heads, key)
        except (OSError, ValueError) as error:
            log_failure("audit head not written", error)


def bring_forward(settings: Settings, engine: Engine) -> None:
    """Write down what other servers, or a process that died, did not. Raises Unavailable."""
    with reading(engine) as connection:
        heads = committed(settings, connection)
    remember(settings, heads)


def adopt(settings: Settings, engine: Engine, key: HeadKey) -> None:
    """Begin to keep the heads, signed; one that an earlier version kept counts, where it is an event's."""
    with reading(engine) as connection:
        now = joins.all_heads(connection)
        for file in head_files(settings):
            if not file.exists():
                kept_head.begin(file, now, key)
                continue
            before = kept_head.unsigned(file)
            if before is not None and not lanes.not_there(connection, [before]):
                write_whole(file, kept_head.line(now, key).encode(), PRIVATE)


def to_begin(settings: Settings) -> list[Path]:
    """The files that hold no heads: they are gone, or spoilt. Raises NotReady."""
    key = load_audit_key(audit_key_file(settings))
    found = []
    for file in head_files(settings):
        try:
            kept_head.remembered(file, key)
        except (OSError, ValueError):
            found.append(file)
    return found


def begin_anew(settings: Settings, heads: Heads) -> list[Path]:
    """Put aside files that hold no heads, and make them and the missing ones anew; which. Raises NotReady."""
    key = load_audit_key(audit_key_file(settings))
    made = to_begin(settings)
    for file in made:
        if file.exists():
            file.replace(file.with_name(f"{file.name}.was-{newest(heads)}"))
        kept_head.begin(file, heads, key)
    return made


@dataclass(frozen=True, slots=True)
class KeptHeads:
    """What the files remember, and which of them remember nothing."""

    heads: Mapping[Path, Heads]
    problems: tuple[str, ...]

    @property
    def latest(self) -> Heads:
        """The last event of each lane that any of them remembers."""
        return lanes.latest(head for heads in self.heads.values() for head in heads)


def kept_heads(settings: Settings) -> KeptHeads:
    """Read all files; a missing or garbled one is a problem. The patients' process keeps none."""
    heads, problems = {}, []
    if not settings.opens:
        return KeptHeads({}, ())
    try:
        key = load_audit_key(audit_key_file(settings))
    except NotReady as error:
        return KeptHeads({}, (str(error),))
    for file in head_files(settings):
        try:
            heads[file] = kept_head.remembered(file, key)
        except FileNotFoundError:
            problems.append(f"{file}: the kept head of the audit is gone, so a cut at its end cannot be told")
        except (OSError, ValueError) as error:
            problems.append(f"{file}: the kept head of the audit cannot be read ({error})")
    return KeptHeads(heads, tuple(problems))


def findings(settings: Settings, engine: Engine, now: datetime | None = None) -> tuple[list[str], Heads]:
    """All that is wrong with the record and what it vouches for, and where it ends. Raises Unavailable."""
    if not settings.opens:
        return [_ELSEWHERE], _ends(engine)
    before = kept_heads(settings)
    with reading(engine) as connection:
        ends = joins.all_heads(connection)
        found = [*before.problems, *verifying.verify(connection, before.latest)]
        found += _amiss(connection, before)
        due = (now or datetime.now(UTC)) - on_its_way(settings)
        alone = settings.doors != "staff" and len(ends) == 1
        overdue = alone or any(_has_later(connection, heads, due) for heads in before.heads.values())
    return [*found, *(_earlier(settings, ends) if overdue else ())], ends


def amiss(settings: Settings, connection: Connection, now: datetime) -> Iterator[str]:
    """What is wrong with the files, as far as it is told at a glance."""
    kept = kept_heads(settings)
    yield from kept.problems
    yield from _amiss(connection, kept)
    for file, heads in kept.heads.items():
        if _has_later(connection, heads, now - on_its_way(settings)):
            yield f"{file}: remembers event {newest(heads)}, and there are later ones"


def newest(heads: Heads) -> int:
    """The number of the last event."""
    return max((head.number for head in heads if head.lane != JOINED), default=0)


def behind(settings: Settings, engine: Engine) -> int:
    """How many events the head does not tell yet. Raises Unavailable."""
    kept = kept_heads(settings)
    with reading(engine) as connection:
        moved = _moved(connection, kept.latest) if kept.heads else ()
        return sum(lanes.later(connection, head) for head in moved)


def _ends(engine: Engine) -> Heads:
    with reading(engine) as connection:
        return joins.all_heads(connection)


def _moved(connection: Connection, heads: Heads) -> Iterator[Head]:
    """Of the lanes that go further than these heads, these heads."""
    kept = {head.lane: head for head in heads}
    for end in lanes.heads(connection):
        was = kept.get(end.lane, Head(0, lanes.BEGINNING, end.lane))
        if was.number < end.number:
            yield was


def _has_later(connection: Connection, heads: Heads, overdue: datetime) -> bool:
    """Whether these lack an event of which they should have been told; staff's own are told at once."""
    following = (lanes.first_after(connection, head) for head in _moved(connection, heads))
    return any(at is not None and at <= overdue for at in following)


def _amiss(connection: Connection, kept: KeptHeads) -> Iterator[str]:
    for file, heads in kept.heads.items():
        gone = lanes.look(connection, heads).gone
        for head in (head for head in heads if head in gone):
            what = f"event {head.number} of lane {head.lane}" if head.lane else f"joined heads {head.number}"
            yield f"{file}: remembers {what}, and the record has none such, or others"


def _earlier(settings: Settings, ends: Heads) -> list[str]:
    """Files that stayed behind the record, having had the time to follow."""
    behind: Mapping[Path, Heads] = {}
    for _ in range(_LOOKS):
        heads = kept_heads(settings).heads
        behind = {file: kept for file, kept in heads.items() if _is_earlier(kept, ends)}
        if not behind:
            return []
        time.sleep(_PAUSE)
    return [
        f"{file}: remembers event {newest(kept)}, and the last one is {newest(ends)}: it was put back, "
        "or a server stopped before it could write"
        for file, kept in behind.items()
    ]


def _is_earlier(kept: Heads, ends: Heads) -> bool:
    return lanes.latest([*kept, *(end for end in ends if end.number)]) != lanes.latest(kept)
