"""What a change of keys that was killed left beside their files: copies, some of them of private keys.

Each was written aside and never took its file's place, so nothing needs it: what it was to say is said by the
next call, which goes on where the last one was cut off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from screening.service.audit_head import audit_key_file
from screening.service.held_keys import (
    SECRET_BEFORE,
    SECRET_FILE,
    index_file,
    private_file,
    public_file,
)
from screening.settings import Settings
from screening.storage.files import left_aside


def clear_away(settings: Settings) -> list[Path]:
    """Remove it; where it was. What may not be removed stays, and is not named."""
    gone = []
    for file in _key_files(settings):
        for left in left_aside(file):
            with suppress(OSError):
                left.unlink()
                gone.append(left)
    return gone


def _key_files(settings: Settings) -> Iterator[Path]:
    yield from (settings.instance / SECRET_FILE, settings.instance / SECRET_BEFORE, public_file(settings))
    for file in (private_file(settings), index_file(settings), audit_key_file(settings)):
        yield from (file, file.with_name(f"{file.name}.old"))
