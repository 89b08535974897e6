"""The files that hold the keys: `sealing.public` for every server, `opening.private` for the staff's only.

`blind-index` is secret, and every server has it: with it requests are found, never read.

Each file is a heading and one line for each key, `key id:base64`. The id is checked, because a
sealing key with one wrong bit would seal requests that nobody can ever open. To change keys, put the
new line above the old one in `opening.private`: the first line is current, the others still open.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from screening.core.errors import NotReady
from screening.storage.blind_index import IndexKey
from screening.storage.sealing import OpeningKey, OpeningKeys, SealingKey

PUBLIC, PRIVATE, INDEX = "sealing.public", "opening.private", "blind-index"
_PUBLIC_HEADING, _PRIVATE_HEADING = "screening sealing key, format 1", "screening opening keys, format 1"
_INDEX_HEADING = "screening blind index key, format 1"


def create_keys(folder: Path) -> None:
    """Make `folder`/sealing.public and `folder`/opening.private unless the public key is there already.

    Never overwrites, and several processes may call it at once: all end up with the same pair. A
    public key that got lost is written again from the private one. Raises NotReady.
    """
    if (folder / PUBLIC).exists():
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = OpeningKey.new()
        _publish(folder / PRIVATE, _PRIVATE_HEADING, fresh.sealing_key.key_id, fresh.raw)
        current = load_opening_keys(folder / PRIVATE).sealing_key
        _publish(folder / PUBLIC, _PUBLIC_HEADING, current.key_id, current.raw)
    except OSError as error:
        raise NotReady(f"{folder}: the keys cannot be written ({error.strerror}).") from None


def load_sealing_key(path: Path) -> SealingKey:
    """The public key, all that the patient's door needs. Raises NotReady."""
    [(key_id, raw)] = _read(path, _PUBLIC_HEADING)[:1]
    return _checked(path, key_id, raw)


def load_opening_keys(path: Path) -> OpeningKeys:
    """The private keys, the current one first. Raises NotReady, also when others may read the file."""
    lines = _read(path, _PRIVATE_HEADING)
    if path.stat().st_mode & 0o077:
        raise NotReady(f"{path}: others can read the private keys. Run: chmod 600 {path}")
    return OpeningKeys(_checked_private(path, key_id, raw) for key_id, raw in lines)


def create_index_key(folder: Path) -> None:
    """Make `folder`/blind-index unless it is there. Raises NotReady."""
    if (folder / INDEX).exists():
        return
    fresh = IndexKey(secrets.token_bytes(32))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _publish(folder / INDEX, _INDEX_HEADING, fresh.key_id, fresh.raw)
    except OSError as error:
        raise NotReady(f"{folder}: the keys cannot be written ({error.strerror}).") from None


def load_index_key(path: Path) -> IndexKey:
    """The key of the blind indexes. Raises NotReady."""
    [(key_id, raw)] = _read(path, _INDEX_HEADING)[:1]
    key = IndexKey(raw)
    if key.key_id != key_id:
        raise _garbled(path)
    return key


def _checked(path: Path, key_id: str, raw: bytes) -> SealingKey:
    try:
        key = SealingKey(raw)
    except ValueError:
        raise _garbled(path) from None
    if key.key_id != key_id:
        raise _garbled(path)
    return key


def _checked_private(path: Path, key_id: str, raw: bytes) -> OpeningKey:
    try:
        key = OpeningKey(raw)
    except ValueError:
        raise _garbled(path) from None
    if key.sealing_key.key_id != key_id:
        raise _garbled(path)
    return key


def _read(path: Path, heading: str) -> list[tuple[str, bytes]]:
    try:
        first, *lines = path.read_text(encoding="ascii").splitlines() or [""]
        keys = [_line(line) for line in lines if line.strip()]
    except OSError as error:
        raise NotReady(f"{path}: the key file cannot be read ({error.strerror}).") from None
    except ValueError:
        raise _garbled(path) from None
    if first != heading or not keys:
        raise _garbled(path)
    return keys


def _line(line: str) -> tuple[str, bytes]:
    key_id, _, text = line.strip().partition(":")
    return key_id, base64.b64decode(text, validate=True)


def _garbled(path: Path) -> NotReady:
    return NotReady(f"{path}: this is not a whole key file. Restore it from your backup of the keys.")


def _publish(path: Path, heading: str, key_id: str, raw: bytes) -> None:
    """Whole or not at all, and never over an existing file: a link fails where a rename would replace."""
    content = f"{heading}\n{key_id}:{base64.b64encode(raw).decode()}\n"
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write(aside, content.encode())
        os.link(aside, path)
    except FileExistsError:
        pass  # another process was first, and its key is as good
    finally:
        aside.unlink(missing_ok=True)
    _fsync(path.parent)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _fsync(folder: Path) -> None:
    """Makes the new name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
