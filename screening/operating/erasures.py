"""The list of what was erased, beside the database and the backups: a restored backup is held against it.

A line is `reference moment signature`; it is written before the rows go. One that is not signed with the key
of the audit counts for nothing, so that nobody erases by writing here.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from screening.service.audit_head import audit_key_file
from screening.settings import Settings
from screening.storage.files import PRIVATE, write_whole
from screening.storage.sealing.head_key import HeadKey
from screening.storage.sealing.keys import load_audit_key

FILE = "erasures"


def file_of(settings: Settings) -> Path:
    """The first copy; the second is beside the backups."""
    return settings.instance / FILE


def add(settings: Settings, references: Iterable[str], now: datetime) -> None:
    """Put them on the list. Raises NotReady, OSError."""
    key = load_audit_key(audit_key_file(settings))
    fresh = [
        _line(each, _text_of(reference, now)) for reference in references for each in (key, *key.earlier)
    ]
    with _alone(settings):
        known = _text(file_of(settings))
        write_whole(file_of(settings), (known + "".join(fresh)).encode(), PRIVATE)
    if settings.backup_to is not None:
        copy_to(settings, settings.backup_to)


def take_back(settings: Settings, references: Iterable[str], now: datetime) -> None:
    """Those that were put on the list at this moment, and are not erased. Raises OSError."""
    texts = {_text_of(reference, now) for reference in references}
    folders = [settings.instance, *([settings.backup_to] if settings.backup_to is not None else [])]
    with _alone(settings):
        for file in (folder / FILE for folder in folders if (folder / FILE).exists()):
            before = _text(file)
            lines = before.splitlines(keepends=True)
            left = "".join(line for line in lines if line.rpartition(" ")[0] not in texts)
            if before.startswith(left):  # they are the last: to cut them off takes no room on a full disk
                os.truncate(file, len(left))
            else:
                write_whole(file, left.encode(), PRIVATE)


def copy_to(settings: Settings, folder: Path) -> None:
    """So that it is there when the rest is lost; what stands there already stays. Raises OSError."""
    with _alone(settings):
        mine, there = _text(file_of(settings)), _text(folder / FILE)
        together = "".join(dict.fromkeys([*there.splitlines(keepends=True), *mine.splitlines(keepends=True)]))
        if together != there:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(folder / FILE, together.encode(), PRIVATE)


def adopt(settings: Settings, *texts: str) -> list[str]:
    """Make these lists the one of a place that was restored; the references on them. Raises OSError."""
    key = load_audit_key(audit_key_file(settings))
    lines = dict.fromkeys(line for text in texts for line in text.splitlines())
    signed = {line: reference for line in lines for reference in _signed(key, line)}
    write_whole(file_of(settings), "".join(f"{line}\n" for line in signed).encode(), PRIVATE)
    return list(dict.fromkeys(signed.values()))


def sign_again(settings: Settings) -> None:
    """Have each line signed with the current key too. Raises NotReady, OSError.

    Those signed with an earlier one stay: a backup of before holds that one alone.
    """
    key = load_audit_key(audit_key_file(settings))
    with _alone(settings):
        lines = _text(file_of(settings)).splitlines()
        texts = dict.fromkeys(line.rpartition(" ")[0] for line in lines for _ in _signed(key, line))
        together = dict.fromkeys([*lines, *(_line(key, text).rstrip("\n") for text in texts)])
        if lines:
            write_whole(file_of(settings), "".join(f"{line}\n" for line in together).encode(), PRIVATE)
    if lines and settings.backup_to is not None:
        copy_to(settings, settings.backup_to)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Of two that read the list and write it at once, one would lose what the other has just put on it."""
    handle = os.open(settings.instance / f".{FILE}.lock", os.O_WRONLY | os.O_CREAT, PRIVATE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _line(key: HeadKey, text: str) -> str:
    return f"{text} {key.sign(_erased(text))}\n"


def _text_of(reference: str, now: datetime) -> str:
    return f"{reference} {now.astimezone(UTC).isoformat()}"


def _signed(key: HeadKey, line: str) -> Iterator[str]:
    text, _, signature = line.rpartition(" ")
    if key.signed(_erased(text), signature):
        yield text.partition(" ")[0]


def _erased(text: str) -> str:
    return f"erased {text}"  # no head of the audit begins so


def _text(file: Path) -> str:
    return file.read_text(encoding="ascii") if file.exists() else ""
