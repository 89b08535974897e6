"""Restoring a backup into an empty place, in one transaction and nothing left behind when it fails."""

from __future__ import annotations

import base64
import json
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine, make_url, select

from screening.core.errors import CannotOpen, NotReady, Unavailable
from screening.operating import erasures, retention
from screening.operating.backups.files import CUT_OFF, elsewhere, files_of, refuse_half_restored
from screening.operating.unreadable import opens
from screening.service import audit_head
from screening.settings import Settings
from screening.storage import dump, joins, kept_head, lanes, verifying
from screening.storage.database import analyse, open_database, reading, upgrade, writing
from screening.storage.files import write_once, write_whole
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.sealing.keys import PRIVATE, create_audit_key, load_audit_key, load_opening_keys
from screening.storage.sealing.stream import header_of, open_stream
from screening.storage.sites import at
from screening.storage.tables import requests

_HEADS_ARE_SIGNED = "0011"  # since these tables: a program before them takes a signed head for none
_LARGEST_LINE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Restored:
    """When the backup was made, and how many rows of each table came back."""

    made_at: datetime
    rows: Mapping[str, int]
    erased: int  # requests that were erased since, and again now


@dataclass(frozen=True, slots=True)
class RestoredPlace:
    """What is written into the audit there stands on."""

    engine: Engine
    settings: Settings

    def now(self) -> datetime:
        """The time, with its zone."""
        return datetime.now(UTC)

    def origin(self) -> str:
        """For the audit."""
        return "restored"


@dataclass
class _Contents:
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    whole: bool = False


def restore(settings: Settings, file: Path, keys: OpeningKeys, *, as_made: bool = False) -> Restored:
    """Rows and keys, as of the backup. Raises NotReady where there is anything; CannotOpen, Unavailable.

    `as_made`: its tables are left as they were then, for the program of then.
    """
    refuse_half_restored(settings)
    _refuse_files(settings)
    try:
        with file.open("rb") as opened:
            header = header_of(opened)
            told = json.loads(header)
            erased = file.with_name(erasures.FILE)
            beside = erased.read_text(encoding="ascii") if erased.exists() else ""
            restored = _restored(settings, opened, keys, header, told["revision"], told["made_at"], beside)
            if as_made:
                take_back(settings, told["revision"])
            (settings.instance / CUT_OFF).unlink()
            return restored
    except OSError as error:
        raise NotReady(f"{error.filename or file}: cannot be read or written ({error.strerror}).") from None


def _restored(
    settings: Settings,
    opened: BinaryIO,
    keys: OpeningKeys,
    header: bytes,
    revision: str,
    made_at: str,
    beside: str,
) -> Restored:
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    new_file = _is_new_file(settings)
    engine = open_database(settings.database)
    contents, ours = _Contents(), False
    try:
        _refuse_in_use(engine)
        ours = True
        write_once(settings.instance / CUT_OFF, b"")
        upgrade(engine, revision)
        with writing(engine) as connection:
            filling = dump.Filling(connection)
            _fill(filling.add, contents, open_stream(opened, keys, header))
            filling.flush()
        upgrade(engine)
        with writing(engine) as connection:
            lanes.number_on(connection)
        analyse(engine)
        _write_files(settings, engine, contents.files)
        listed = contents.files.get(erasures.FILE, b"").decode("ascii")
        again = erasures.adopt(settings, listed, beside)
        erased = retention.erase(RestoredPlace(engine, settings), again, "restored", listed=True)
    except BaseException:
        _clear(settings, engine, new_file=new_file, ours=ours)
        raise
    finally:
        engine.dispose()
    return Restored(datetime.fromisoformat(made_at), filling.counts, erased)


def take_back(settings: Settings, revision: str) -> None:
    """Make tables and head those of an earlier program. Raises NotReady for none, Unavailable, OSError."""
    from screening.storage.migrating import downgrade  # with it comes Alembic, which is slow to load

    engine = open_database(settings.database)
    try:
        downgrade(engine, revision)
    finally:
        engine.dispose()
    if revision < _HEADS_ARE_SIGNED:
        for path in audit_head.head_files(settings):
            number, digest, *_more = path.read_text(encoding="ascii").split()  # its one lane
            write_whole(path, f"{number} {digest}\n".encode(), path.stat().st_mode & 0o777)


def _refuse_files(settings: Settings) -> None:
    there = [
        path for path in (*files_of(settings).values(), *audit_head.head_files(settings)) if path.exists()
    ]
    if there:
        raise NotReady(f"{there[0]}: is there already. Restore into an empty place: set SCREENING_INSTANCE.")


def _is_new_file(settings: Settings) -> bool:
    url = make_url(settings.database)
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()


def _refuse_in_use(engine: Engine) -> None:
    with reading(engine) as connection:
        if dump.is_empty(connection):
            return
    raise NotReady("This database is in use. Restore into an empty one: set SCREENING_DATABASE_URL.")


def _fill(add: Callable[[bytes], None], contents: _Contents, pieces: Iterable[bytes]) -> None:
    try:
        for line in dump.complete(_unpacked(pieces)):
            if line.startswith((b'{"file"', b'{"end"')):
                found = json.loads(line)
                contents.whole = contents.whole or "end" in found
                if "file" in found:
                    contents.files[found["file"]] = base64.b64decode(found["data"])
            else:
                add(line)
    except (ValueError, LookupError, zlib.error):
        raise CannotOpen("The backup opens, but holds what this program cannot read.") from None
    if not contents.whole:
        raise CannotOpen("The backup ends too early.")


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    stretch = zlib.decompressobj()
    for piece in pieces:
        data = piece
        while data:
            yield stretch.decompress(data, _LARGEST_LINE)
            data = stretch.unconsumed_tail
    yield stretch.flush()


def _write_files(settings: Settings, engine: Engine, files: Mapping[str, bytes]) -> None:
    for name, path in files_of(settings).items():
        if name in files:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(path, files[name])
    if settings.audit_key is None:
        create_audit_key(settings.keys)  # of before there was one
    with reading(engine) as connection:
        heads = joins.all_heads(connection)
    for path in audit_head.head_files(settings):
        kept_head.begin(path, heads, load_audit_key(audit_head.audit_key_file(settings)))


def _clear(settings: Settings, engine: Engine, *, new_file: bool, ours: bool) -> None:
    """What did not come back whole does not stay; what was there before does."""
    if ours:
        for path in (*files_of(settings).values(), *audit_head.head_files(settings)):
            with suppress(OSError):  # what cannot be written cannot be there
                path.unlink()
        if not new_file:
            with suppress(Unavailable):  # it is away: what failed first is told
                _clear_tables(engine)
                (settings.instance / CUT_OFF).unlink(missing_ok=True)
    engine.dispose()
    if new_file:
        for end in ("", "-wal", "-shm"):
            Path(f"{engine.url.database}{end}").unlink(missing_ok=True)
        (settings.instance / CUT_OFF).unlink(missing_ok=True)


def _clear_tables(engine: Engine) -> None:
    from screening.storage.migrating import downgrade  # with it comes Alembic, which is slow to load

    with writing(engine) as connection:
        dump.empty(connection)
    downgrade(engine, "base")


def verify(settings: Settings) -> list[str]:
    """All that is wrong with a place that was restored: its audit, its keys, what does not open."""
    engine = open_database(settings.database)
    try:
        with reading(engine) as connection:
            found = verifying.verify(connection, audit_head.kept_heads(settings).latest)
            private = files_of(settings)[PRIVATE]
            if private.exists():
                keys = load_opening_keys(private)
                for site, name in connection.execute(select(requests.c.site, requests.c.reference)).all():
                    with at(site):
                        if not opens(connection, keys, name):
                            found.append(f"request {name}: does not open")
    finally:
        engine.dispose()
    return found


def drill(settings: Settings, file: Path, keys: OpeningKeys) -> tuple[Restored, list[str]]:
    """Restore into a folder that is thrown away, and verify there. Raises CannotOpen."""
    with tempfile.TemporaryDirectory(prefix="screening-drill-") as folder:
        place = elsewhere(settings, Path(folder) / "instance")
        restored = restore(place, file, keys)
        return restored, verify(place)
