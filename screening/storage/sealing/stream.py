"""A file of any length sealed to a key pair, written and read from front to end in pieces.

After a first line stand, each with its length: a header in the clear, and a fresh key, sealed with HPKE to
the pair and tied to the header. Then pieces of AES-256-GCM, whose nonces count them and mark the last (the
STREAM construction): a piece that was changed, moved, left out or put in does not open, nor what is cut off.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from screening.core.errors import CannotOpen
from screening.storage.sealing.hpke import OpeningKeys, SealingKey, key_id_of

MAGIC = b"screening backup, format 1\n"
_PIECE, _TAG = 1024 * 1024, 16
_LONGEST = 64 * 1024  # of header and sealed key
_LENGTH = struct.Struct(">I")
_NONCE = struct.Struct(">7sI?")


def seal_stream(out: BinaryIO, key: SealingKey, header: bytes, content: Iterable[bytes]) -> None:
    """Write it all. Raises OSError."""
    secret, prefix = AESGCM.generate_key(256), secrets.token_bytes(7)
    sealed = key.seal(secret + prefix, table="backup", column="key", row=_digest(header))
    out.write(MAGIC + _counted(header) + _counted(sealed))
    cipher, number, buffer = AESGCM(secret), 0, bytearray()
    for data in content:
        buffer += data
        while len(buffer) > _PIECE:  # the last piece is never empty but for an empty file
            out.write(cipher.encrypt(_NONCE.pack(prefix, number, False), bytes(buffer[:_PIECE]), None))
            del buffer[:_PIECE]
            number += 1
    out.write(cipher.encrypt(_NONCE.pack(prefix, number, True), bytes(buffer), None))


def header_of(file: BinaryIO) -> bytes:
    """What stands in the clear. Raises CannotOpen for another kind of file."""
    if file.read(len(MAGIC)) != MAGIC:
        raise CannotOpen("This is not a backup of this program, or of a later version.")
    return _read_counted(file)


def open_stream(file: BinaryIO, keys: OpeningKeys, header: bytes) -> Iterator[bytes]:
    """What follows the header, piece by piece. Raises CannotOpen, also in the midst of it."""
    sealed = _read_counted(file)
    if key_id_of(sealed) not in keys.key_ids:
        raise CannotOpen(
            f"Key {', '.join(keys.key_ids)} does not open it, but {key_id_of(sealed)} does, or it is spoilt. "
            "Give the file that `screening keys init --backup` wrote."
        )
    opened = keys.open(sealed, table="backup", column="key", row=_digest(header))
    cipher, prefix = AESGCM(opened[:32]), opened[32:]
    piece, number = file.read(_PIECE + _TAG), 0
    while True:
        following = file.read(_PIECE + _TAG)
        try:
            yield cipher.decrypt(_NONCE.pack(prefix, number, not following), piece, None)
        except InvalidTag:
            raise CannotOpen("The backup was changed or cut short.") from None
        if not following:
            return
        piece, number = following, number + 1


def _digest(header: bytes) -> str:
    return hashlib.sha256(header).hexdigest()


def _counted(data: bytes) -> bytes:
    return _LENGTH.pack(len(data)) + data


def _read_counted(file: BinaryIO) -> bytes:
    length = file.read(_LENGTH.size)
    if len(length) == _LENGTH.size and _LENGTH.unpack(length)[0] <= _LONGEST:
        data = file.read(_LENGTH.unpack(length)[0])
        if len(data) == _LENGTH.unpack(length)[0]:
            return data
    raise CannotOpen("The backup was cut short.")
