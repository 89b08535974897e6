"""Files that are written whole or not at all, whatever fails meanwhile."""

from __future__ import annotations

import errno
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from screening.core.errors import RuleSetError, unreadable

PRIVATE, SHARED = 0o600, 0o644
CUT_OFF = 60.0  # seconds: nobody writes a file of a few lines for so long
_ASIDE = 4  # random bytes
_NAMED_ASIDE = re.compile(rf"[0-9a-f]{{{2 * _ASIDE}}}")


def write_whole(path: Path, data: bytes, mode: int = SHARED) -> None:
    """In place of what was there, and on the disk. Raises OSError, and then the old content still stands."""
    with writing_whole(path, mode) as file:
        file.write(data)


@contextmanager
def writing_whole(path: Path, mode: int = SHARED) -> Iterator[BinaryIO]:
    """The same, piece by piece."""
    aside = _aside(path)
    try:
        with _named(path):
            with _made(aside, mode) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    _keep_name(path.parent)


def write_once(path: Path, data: bytes) -> None:
    """Never over an existing file: of several processes, the first wins. Raises OSError."""
    if path.exists():
        return
    aside = _aside(path)
    try:
        with _named(path), _made(aside, PRIVATE) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)  # fails where a rename would replace
    except FileExistsError:
        pass
    finally:
        aside.unlink(missing_ok=True)
    _keep_name(path.parent)


def left_aside(path: Path) -> list[Path]:
    """What whoever was killed while they wrote this file left beside it; it never was the file.

    Not what somebody may be writing just now.
    """
    beside = path.parent.glob(f".{path.name}.*") if path.parent.is_dir() else ()
    found = [file for file in beside if _NAMED_ASIDE.fullmatch(file.name.removeprefix(f".{path.name}."))]
    return sorted(file for file in found if _age(file) > CUT_OFF)


def _age(file: Path) -> float:
    """Seconds; none where it is gone since."""
    try:
        return time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


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
    remedy = "Make room on the disk." if error.errno == errno.ENOSPC else "Check the name and the folder."
    return unreadable(path, what, remedy)


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(_ASIDE)}")


def _made(aside: Path, mode: int) -> BinaryIO:
    return os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Who is told of what failed, such as a disk that is full, knows the file by its own name."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _keep_name(folder: Path) -> None:
    """Makes the new name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
