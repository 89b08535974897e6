"""The ends of the audit, kept in files beside the database: what tells that something was cut off there.

A file is one line: `number hash` of each lane's last event and, where there are several, of what joined them
last; and one `signature` of it all. It is made once, when a database begins, and never goes back;
one that is missing, garbled or not signed is not made anew: that is for `audit verify` to tell.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection
from pathlib import Path

from screening.storage.files import write_once
from screening.storage.lanes import BEGINNING, FIRST, JOINED, Head, Heads, latest
from screening.storage.sealing.head_key import HeadKey


def begin(file: Path, heads: Heads, key: HeadKey) -> None:
    """Make the file where there is none. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_once(file, line(heads, key).encode())


def remember(file: Path, committed: Collection[Head], key: HeadKey) -> None:
    """Write down heads after their commit; several processes may, and none ever goes back.

    Raises OSError where there is no file, ValueError for one that holds no heads of this key.
    """
    with file.open("r+", encoding="ascii") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        before = _read(opened.read(), key, file)
        after = latest([*before, *committed])
        if after == before and not set(committed) <= set(before):
            return  # the very same are written again: by then they may be signed with another key
        # Fixed width and one write of less than a page: a crash leaves the old line or the new one.
        opened.seek(0)
        opened.write(line(after, key))
        opened.flush()
        os.fsync(opened.fileno())


def remembered(file: Path, key: HeadKey) -> Heads:
    """The heads that were written down. Raises OSError, and ValueError for what are none of this key."""
    return _read(file.read_text(encoding="ascii"), key, file)


def unsigned(file: Path) -> Head | None:
    """The head as earlier versions kept it, without a signature; None for anything else. Raises OSError."""
    try:
        number, digest = file.read_text(encoding="ascii").split()
    except ValueError:
        return None
    return Head(int(number), digest) if number.isdigit() and len(digest) == len(BEGINNING) else None


def line(heads: Heads, key: HeadKey) -> str:
    """A file's content."""
    text = _text(heads)
    return f"{text} {key.sign(text)}\n"


def _text(heads: Heads) -> str:
    """The first lane alone as it was before there were others; else each of them, and what joins them."""
    by_lane = {head.lane: head for head in heads}
    count = max(FIRST, *by_lane)
    order = range(FIRST, count + 1) if by_lane.keys() <= {FIRST} else [*range(FIRST, count + 1), JOINED]
    written = (by_lane.get(lane, Head(0, BEGINNING)) for lane in order)
    return " ".join(f"{head.number:020} {head.hash}" for head in written)


def _read(text: str, key: HeadKey, file: Path) -> Heads:
    *words, signature = text.split() or [""]
    pairs = list(zip(words[::2], words[1::2], strict=False))
    whole = pairs and len(words) % 2 == 0
    if not whole or not all(_is_one(number, digest) for number, digest in pairs):
        raise ValueError(f"{file}: this is not a head of the audit")
    if not key.signed(" ".join(words), signature):
        raise ValueError(f"{file}: this head of the audit was not signed with the key of this database")
    order = [FIRST] if len(pairs) == 1 else [*range(FIRST, FIRST + len(pairs) - 1), JOINED]
    heads = (Head(int(number), digest, lane) for (number, digest), lane in zip(pairs, order, strict=True))
    return latest(heads)


def _is_one(number: str, digest: str) -> bool:
    return number.isascii() and number.isdigit() and len(digest) == len(BEGINNING)
