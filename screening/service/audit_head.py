"""The head of the audit beside the database: where it is kept, and what is wrong with it or the record."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine

from screening.core.errors import NotReady
from screening.logs import log, log_failure
from screening.settings import Settings
from screening.storage import events, kept_head, verifying
from screening.storage.database import reading
from screening.storage.events import Head
from screening.storage.files import PRIVATE, write_whole
from screening.storage.sealing.head_key import HeadKey
from screening.storage.sealing.keys import AUDIT, load_audit_key

HEAD = "audit-head"
_PAUSE = 0.2  # seconds: an event that was just committed is written down next
_LOOKS = 5
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

    Where the patients' door is a process of its own, the staff's follows what that one caused.
    """
    return timedelta(minutes=1) if settings.doors == "staff" else timedelta(seconds=10)


def agrees(settings: Settings, connection: Connection) -> bool:
    """Whether the record still holds what is remembered: else a later head would cover up what was done.

    To be asked in the transaction of an event. A file that tells nothing is for `audit verify` to tell.
    """
    if not settings.opens:
        return True
    heads = kept_heads(settings).heads.values()
    if all(events.hash_at(connection, head.number) == head.hash for head in heads if head.number):
        return True
    log.error("audit head not written: the record is another one; run screening audit verify")
    return False


def remember(settings: Settings, head: Head) -> None:
    """What was done is kept and counts, whether or not this can be written; `audit verify` will tell.

    The patients' process, which has no key to sign it, leaves this to the staff's.
    """
    if not settings.opens:
        return
    try:
        key = load_audit_key(audit_key_file(settings))
    except NotReady as error:
        log_failure("audit head not written", error)
        return
    for file in head_files(settings):
        try:
            kept_head.remember(file, head, key)
        except (OSError, ValueError) as error:
            log_failure("audit head not written", error)


def bring_forward(settings: Settings, engine: Engine) -> None:
    """Write down what other servers, or a process that died, did not. Raises Unavailable."""
    with reading(engine) as connection:
        head, agreed = events.head(connection), agrees(settings, connection)
    if agreed:
        remember(settings, head)


def adopt(settings: Settings, engine: Engine, key: HeadKey) -> None:
    """Begin to keep the head, signed; one that an earlier version kept counts, where it is an event's."""
    with reading(engine) as connection:
        now = events.head(connection)
        for file in head_files(settings):
            if not file.exists():
                kept_head.begin(file, now, key)
                continue
            before = kept_head.unsigned(file)
            if before is not None and events.hash_at(connection, before.number) == before.hash:
                write_whole(file, kept_head.line(now, key).encode(), PRIVATE)


def begin_anew(settings: Settings, head: Head) -> list[Path]:
    """Put aside files that hold no head, and make them and the missing ones anew; which. Raises NotReady."""
    key = load_audit_key(audit_key_file(settings))
    made = []
    for file in head_files(settings):
        try:
            kept_head.remembered(file, key)
            continue
        except FileNotFoundError:
            pass
        except (OSError, ValueError):
            file.replace(file.with_name(f"{file.name}.was-{head.number}"))
        kept_head.begin(file, head, key)
        made.append(file)
    return made


@dataclass(frozen=True, slots=True)
class KeptHeads:
    """What the files remember, and which of them remember nothing."""

    heads: Mapping[Path, Head]
    problems: tuple[str, ...]

    @property
    def latest(self) -> Head | None:
        """The last event that any of them remembers."""
        return max(self.heads.values(), key=lambda head: head.number, default=None)


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


def findings(settings: Settings, engine: Engine, now: datetime | None = None) -> tuple[list[str], Head]:
    """All that is wrong with the record and what it vouches for, and the last event. Raises Unavailable."""
    if not settings.opens:
        return [_ELSEWHERE], _last(engine)
    before = kept_heads(settings)
    with reading(engine) as connection:
        last = events.head(connection)
        found = [*before.problems, *verifying.verify(connection, before.latest)]
        for file, head in before.heads.items():
            found += _not_an_event(connection, file, head)
        due = (now or datetime.now(UTC)) - on_its_way(settings)
        overdue = settings.doors != "staff" or _has_later(connection, before, due)
    return [*found, *(_earlier(settings, last) if overdue else ())], last


def behind(settings: Settings, last: Head) -> int:
    """How many events the head does not tell yet."""
    head = kept_heads(settings).latest
    return max(0, last.number - head.number) if head is not None else 0


def _last(engine: Engine) -> Head:
    with reading(engine) as connection:
        return events.head(connection)


def _has_later(connection: Connection, kept: KeptHeads, overdue: datetime) -> bool:
    """Whether a file lacks an event of which it should have been told; staff's own are told at once."""
    next_ones = (events.at(connection, head.number + 1) for head in kept.heads.values())
    return any(at is not None and at <= overdue for at in next_ones)


def _not_an_event(connection: Connection, file: Path, head: Head) -> list[str]:
    if head.number == 0 or events.hash_at(connection, head.number) == head.hash:
        return []
    return [f"{file}: remembers event {head.number}, and the record has no such event, or another one"]


def _earlier(settings: Settings, last: Head) -> list[str]:
    """Files that stayed behind the record, having had the time to follow."""
    behind: Mapping[Path, Head] = {}
    for _ in range(_LOOKS):
        heads = kept_heads(settings).heads
        behind = {file: head for file, head in heads.items() if head.number < last.number}
        if not behind:
            return []
        time.sleep(_PAUSE)
    return [
        f"{file}: remembers event {head.number}, and the last one is {last.number}: it was put back, "
        "or a server stopped before it could write"
        for file, head in behind.items()
    ]
