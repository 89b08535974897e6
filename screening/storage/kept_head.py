"""The last event of the audit, kept in files beside the database: what tells that its end was cut off.

A file is one line, `number hash signature`. It is made once, when a database begins, and never goes back;
one that is missing, garbled or not signed is not made anew: that is for `audit verify` to tell.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from screening.storage.events import BEGINNING, Head
from screening.storage.files import write_once
from screening.storage.sealing.head_key import HeadKey


def begin(file: Path, head: Head, key: HeadKey) -> None:
    """Make the file where there is none. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_once(file, line(head, key).encode())


def remember(file: Path, committed: Head, key: HeadKey) -> None:
    """Write down the head after its commit; several processes may, and it never goes back.

    Raises OSError where there is no file, ValueError for one that holds no head of this key.
    """
    with file.open("r+", encoding="ascii") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        before = _read(opened.read(), key, file)
        if before.number > committed.number or (before.number == committed.number and before != committed):
            return  # the very same is written again: by then it may be signed with another key
        # Fixed width and one write: a crash leaves the old line or the new one.
        opened.seek(0)
        opened.write(line(committed, key))
        opened.flush()
        os.fsync(opened.fileno())


def remembered(file: Path, key: HeadKey) -> Head:
    """The head that was written down. Raises OSError, and ValueError for what is none of this key."""
    return _read(file.read_text(encoding="ascii"), key, file)


def unsigned(file: Path) -> Head | None:
    """The head as earlier versions kept it, without a signature; None for anything else. Raises OSError."""
    try:
        number, digest = file.read_text(encoding="ascii").split()
    except ValueError:
        return None
    return Head(int(number), digest) if number.isdigit() and len(digest) == len(BEGINNING) else None


def line(head: Head, key: HeadKey) -> str:
    """A file's content."""
    text = _text(head)
    return f"{text} {key.sign(text)}\n"


def _text(head: Head) -> str:
    return f"{head.number:020} {head.hash}"


def _read(text: str, key: HeadKey, file: Path) -> Head:
    number, _, rest = text.strip().partition(" ")
    digest, _, signature = rest.partition(" ")
    if not (number.isascii() and number.isdigit() and len(digest) == len(BEGINNING)):
        raise ValueError(f"{file}: this is not a head of the audit")
    head = Head(int(number), digest)
    if not key.signed(_text(head), signature):
        raise ValueError(f"{file}: this head of the audit was not signed with the key of this database")
    return head
