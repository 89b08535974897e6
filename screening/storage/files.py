"""Files that are written whole or not at all, whatever fails meanwhile."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from screening.core.errors import RuleSetError
from screening.core.findings import Place, Problem

PRIVATE, SHARED = 0o600, 0o644


def write_whole(path: Path, data: bytes, mode: int = SHARED) -> None:
    """In place of what was there, and on the disk. Raises OSError, and then the old content still stands."""
    aside = _written_aside(path, data, mode)
    try:
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    _keep_name(path.parent)


def write_once(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Never over an existing file: of several processes, the first wins. Raises OSError."""
    if path.exists():
        return
    aside = _written_aside(path, data, mode)
    try:
        os.link(aside, path)  # fails where a rename would replace
    except FileExistsError:
        pass
    finally:
        aside.unlink(missing_ok=True)
    _keep_name(path.parent)


# For authors, who are told as of any other problem.


def made(folder: Path) -> Path:
    """The folder, there from now on. Raises RuleSetError where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable("folder", folder, error) from None
    return folder


def write(path: Path, data: bytes) -> None:
    """Whole or not at all. Raises RuleSetError where it cannot be written."""
    try:
        write_whole(path, data)
    except OSError as error:
        raise _unwritable("file", path, error) from None


def _unwritable(kind: str, path: Path, error: OSError) -> RuleSetError:
    what = f"The {kind} cannot be written: {error.strerror}."
    return RuleSetError([Problem(Place(str(path)), "unreadable", what, "Check the name and the folder.")])


def _written_aside(path: Path, data: bytes, mode: int) -> Path:
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    return aside


def _keep_name(folder: Path) -> None:
    """Makes the new name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
