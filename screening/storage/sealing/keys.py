"""The files that hold the keys: `sealing.public` for every server, `opening.private` for the staff's only.

`blind-index` is secret, and every server has it: with it requests are found, never read. So is `audit-key`,
which signs the kept head of the audit.

Each file is a heading and one line for each key, `key id:base64`. The id is checked, because a
sealing key with one wrong bit would seal requests that nobody can ever open. To change keys, put the
new line above the old one: the first line is current, the others still open, find and vouch.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from screening.core.errors import NotReady
from screening.storage.files import write_once, write_whole
from screening.storage.sealing.blind_index import IndexKey
from screening.storage.sealing.head_key import LENGTH, HeadKey
from screening.storage.sealing.hpke import OpeningKey, OpeningKeys, SealingKey

SHORTEST_SECRET = 32  # characters
PUBLIC, PRIVATE, INDEX, AUDIT = "sealing.public", "opening.private", "blind-index", "audit-key"
_PUBLIC_HEADING, _PRIVATE_HEADING = "screening sealing key, format 1", "screening opening keys, format 1"
_INDEX_HEADING, _AUDIT_HEADING = "screening blind index key, format 1", "screening audit key, format 1"

_Key = TypeVar("_Key", SealingKey, OpeningKey, IndexKey, HeadKey)


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
        _publish(folder / PRIVATE, _PRIVATE_HEADING, fresh.key_id, fresh.raw)
        current = load_opening_keys(folder / PRIVATE).sealing_key
        _publish(folder / PUBLIC, _PUBLIC_HEADING, current.key_id, current.raw)
    except OSError as error:
        raise NotReady(f"{folder}: the keys cannot be written ({error.strerror}).") from None


def create_pair(public: Path, private: Path) -> None:
    """Make a pair of its own in two files, of which neither is there yet. Raises NotReady."""
    fresh = OpeningKey.new()
    try:
        for file in (private, public):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _publish(private, _PRIVATE_HEADING, fresh.key_id, fresh.raw)
        _publish(public, _PUBLIC_HEADING, fresh.key_id, fresh.sealing_key.raw)
    except OSError as error:
        raise NotReady(f"{error.filename}: the keys cannot be written ({error.strerror}).") from None


def load_sealing_key(path: Path) -> SealingKey:
    """The public key, all that the patient's door needs. Raises NotReady."""
    return _checked(path, _read(path, _PUBLIC_HEADING)[0], SealingKey)


def load_opening_keys(path: Path) -> OpeningKeys:
    """The private keys, the current one first. Raises NotReady, also when others may read the file."""
    return OpeningKeys(_opening_keys(path), lambda: _opening_keys(path))


def _opening_keys(path: Path) -> list[OpeningKey]:
    lines = _read(path, _PRIVATE_HEADING)
    if path.stat().st_mode & 0o077:
        raise NotReady(f"{path}: others can read the private keys. Run: chmod 600 {path}")
    return [_checked(path, line, OpeningKey) for line in lines]


def add_opening_key(path: Path, key: OpeningKey) -> None:
    """Below the others: it opens, and is not current yet. Raises NotReady."""
    _write_private(path, [*_opening_keys(path), key])


def make_current(private: Path, public: Path, key_id: str) -> None:
    """Say in both files that one of the private keys is the current one. Raises NotReady."""
    keys = {key.key_id: key for key in _opening_keys(private)}
    if key_id not in keys:
        raise NotReady(f"{private}: key {key_id} is not there. Restore it from your backup of the keys.")
    current = keys.pop(key_id)
    _write_private(private, [current, *keys.values()])
    _write(public, _PUBLIC_HEADING, [(key_id, current.sealing_key.raw)])


def drop_opening_keys(path: Path, key_ids: Collection[str]) -> None:
    """Put keys aside into a file beside this one; nothing is destroyed. Raises NotReady."""
    if not key_ids:
        return
    keys = _opening_keys(path)
    old = [key for key in keys if key.key_id in key_ids]
    aside = path.with_name(f"{path.name}.old")
    earlier = _opening_keys(aside) if aside.exists() else []
    _write_private(aside, [*earlier, *old])
    _write_private(path, [key for key in keys if key not in old])


def _write_private(path: Path, keys: Iterable[OpeningKey]) -> None:
    _write(path, _PRIVATE_HEADING, [(key.key_id, key.raw) for key in keys])


def _write(path: Path, heading: str, keys: Iterable[tuple[str, bytes]]) -> None:
    try:
        write_whole(path, _content(heading, keys), 0o600)
    except OSError as error:
        raise NotReady(f"{path}: the keys cannot be written ({error.strerror}).") from None


def _content(heading: str, keys: Iterable[tuple[str, bytes]]) -> bytes:
    lines = (f"{key_id}:{base64.b64encode(raw).decode()}\n" for key_id, raw in keys)
    return "".join([f"{heading}\n", *lines]).encode()


def create_index_key(folder: Path) -> None:
    """Make `folder`/blind-index unless it is there. Raises NotReady."""
    fresh = fresh_index_key()
    _create(folder / INDEX, _INDEX_HEADING, fresh.key_id, fresh.raw)


def load_index_key(path: Path) -> IndexKey:
    """The key of the blind indexes; with it those of before, by which some are still found. NotReady."""
    current, *earlier = (_checked(path, line, IndexKey) for line in _read(path, _INDEX_HEADING))
    return replace(current, earlier=tuple(earlier))


def create_audit_key(folder: Path) -> None:
    """Make `folder`/audit-key unless it is there. Raises NotReady."""
    fresh = fresh_audit_key()
    _create(folder / AUDIT, _AUDIT_HEADING, fresh.key_id, fresh.raw)


def load_audit_key(path: Path) -> HeadKey:
    """The key that signs the kept head; with it those of before, which may still have signed it. NotReady."""
    return _audit_key(path, tuple(_read(path, _AUDIT_HEADING)))


@lru_cache(maxsize=8)
def _audit_key(path: Path, lines: tuple[tuple[str, bytes], ...]) -> HeadKey:
    """Made once of what a file holds, which is read for every event."""
    current, *earlier = (_checked(path, line, HeadKey) for line in lines)
    return replace(current, earlier=tuple(earlier))


_HEADINGS = {IndexKey: _INDEX_HEADING, HeadKey: _AUDIT_HEADING}


def write_keys(path: Path, keys: Sequence[IndexKey | HeadKey]) -> None:
    """These keys, all of one kind, and no others, the current one first. Raises NotReady."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, _HEADINGS[type(keys[0])], [(key.key_id, key.raw) for key in keys])


def fresh_index_key() -> IndexKey:
    """From the operating system's randomness."""
    return IndexKey(secrets.token_bytes(32))


def fresh_audit_key() -> HeadKey:
    """The same."""
    return HeadKey(secrets.token_bytes(LENGTH))


def fresh_secret() -> str:
    """For signing cookies."""
    return secrets.token_urlsafe(48)


def load_secret(file: Path) -> str:
    """The secret that signs cookies, made there once. Raises NotReady."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(file, fresh_secret().encode())
        secret = file.read_text().strip()
    except OSError as error:
        remedy = "Make the folder writable, or set SCREENING_INSTANCE."
        raise NotReady(f"{file}: the secret cannot be kept ({error.strerror}). {remedy}") from None
    if len(secret) < SHORTEST_SECRET:
        raise NotReady(f"{file} is too short to be a secret: delete it and start again.")
    return secret


def _checked(path: Path, line: tuple[str, bytes], kind: type[_Key]) -> _Key:
    """The key of a line, whose id is the line's."""
    key_id, raw = line
    try:
        key = kind(raw)
    except ValueError:
        raise _garbled(path) from None
    if key.key_id != key_id:
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
    return NotReady(
        f"{path}: this is not a whole key file. Find a whole copy: in a backup, at another server of this "
        "database, or where it is kept apart."
    )


def _create(file: Path, heading: str, key_id: str, raw: bytes) -> None:
    if file.exists():
        return
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _publish(file, heading, key_id, raw)
    except OSError as error:
        raise NotReady(f"{file.parent}: the keys cannot be written ({error.strerror}).") from None


def _publish(path: Path, heading: str, key_id: str, raw: bytes) -> None:
    """Never over an existing file: another process's key is as good."""
    write_once(path, _content(heading, [(key_id, raw)]))
