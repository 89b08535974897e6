"""Making a backup while patients go on: all rows as they are at one moment, and the keys."""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from screening.core.errors import NotReady
from screening.logs import log
from screening.operating import erasures
from screening.operating.backups.files import backup_key_file, files_of
from screening.service.recording import Ground, recording
from screening.settings import Settings
from screening.storage import dump, lanes, upkeep
from screening.storage.database import snapshot
from screening.storage.migrations import NEWEST
from screening.storage.sealing.hpke import SealingKey
from screening.storage.sealing.keys import load_sealing_key
from screening.storage.sealing.stream import seal_stream

JOB = "backup"
SUFFIX = ".backup"
PART = ".part"  # of the name of one that is being written


@dataclass(frozen=True, slots=True)
class BackupMade:
    """Where it is, and the last event that it holds."""

    file: Path
    events: int
    size: int


def backup_key(settings: Settings) -> SealingKey:
    """What backups are sealed to. Raises NotReady."""
    file = backup_key_file(settings)
    if not file.exists():
        raise NotReady(f"{file}: there is no key for backups. Run: screening keys init --backup FILE")
    return load_sealing_key(file)


def make(ground: Ground, key: SealingKey, folder: Path) -> BackupMade:
    """A new file in the folder, there when it is whole. Raises NotReady, Unavailable."""
    now = ground.now()
    file = folder / f"screening-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with snapshot(ground.engine) as connection:
            events = lanes.newest(connection)
            erasures.copy_to(ground.settings, folder)
            _write(file, key, _header(now), _content(connection, ground.settings))
    except OSError as error:
        raise NotReady(_not_made(file, error)) from None
    with recording(ground) as recorder:
        upkeep.done(recorder.connection, JOB, now, events)
        recorder.note("backed_up", file=file.name)
    return BackupMade(file, events, file.stat().st_size)


def make_before(settings: Settings, engine: Engine, revision: str, now: datetime) -> Path | None:
    """A backup of tables that are about to be brought up to date, as they are; None where there is no place.

    Raises NotReady where it cannot be written, Unavailable.
    """
    folder = settings.backup_to
    if folder is None or not backup_key_file(settings).exists():
        log.warning("the tables are brought up to date, and there is no backup of before")
        return None
    file = make_as_it_is(settings, engine, revision, now, folder)
    log.warning(f"the tables are brought up to date; they are kept as they were in {file.name}")
    return file


def make_as_it_is(settings: Settings, engine: Engine, revision: str, now: datetime, folder: Path) -> Path:
    """A new file in the folder of what an older program made, which is only read: so no event tells of it.

    Raises NotReady, Unavailable.
    """
    file = folder / f"screening-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-of-{revision}{SUFFIX}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with snapshot(engine) as connection:
            content = _content(connection, settings, as_it_is=True)
            _write(file, backup_key(settings), _header(now, revision), content)
    except OSError as error:
        raise NotReady(_not_made(file, error)) from None
    return file


def _not_made(file: Path, error: OSError) -> str:
    """Of what cannot be written, or read: a key that goes into it."""
    return f"{error.filename or file}: the backup cannot be made ({error.strerror})."


def _header(now: datetime, revision: str = NEWEST) -> bytes:
    return json.dumps({"made_at": now.astimezone(UTC).isoformat(), "revision": revision}).encode()


def _write(file: Path, key: SealingKey, header: bytes, content: Iterable[bytes]) -> None:
    aside = file.with_name(f".{file.name}{PART}")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            seal_stream(out, key, header, _packed(content))
            out.flush()
            os.fsync(out.fileno())
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)


def _content(connection: Connection, settings: Settings, *, as_it_is: bool = False) -> Iterator[bytes]:
    yield from dump.lines(connection, as_it_is=as_it_is)
    for name, path in files_of(settings).items():
        if path.is_file():
            data = base64.b64encode(path.read_bytes()).decode()
            yield json.dumps({"file": name, "data": data}).encode() + b"\n"
    yield json.dumps({"end": True}).encode() + b"\n"


def _packed(lines: Iterable[bytes]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(1)
    for line in lines:
        if data := squeeze.compress(line):
            yield data
    yield squeeze.flush()
