"""Sealing requests to a key pair: whoever holds only the public key can write them, and never read them.

Sealed text is `format (1 byte) | key id (8 bytes) | HPKE`, where HPKE (RFC 9180) is the hybrid of
ML-KEM-768 and X25519 with HKDF-SHA256 and AES-256-GCM, and its `info` names table, column and row:
text that was moved elsewhere does not open. Format 2 is compressed, and its `info` says so; format 1,
of before, is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from screening.core.errors import CannotOpen
from screening.storage.sealing.plaintext import STEP, expand, pad, squeeze, unpad

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_WHOLE, _SQUEEZED = b"\x01", b"\x02"  # formats
_SAID = {_WHOLE: b"", _SQUEEZED: b"squeezed:"}  # what `info` begins with
_MARK = 1  # byte
_KEY_ID = 8
_MLKEM_PUBLIC, _MLKEM_SEED = 1184, 64


def place(table: str, column: str, row: str) -> bytes:
    """The `info` of HPKE (RFC 9180, 5.1), which ties sealed text to the cell where it is kept."""
    return f"{table}:{column}:{row}".encode()


@dataclass(frozen=True)
class SealingKey:
    """A public key; `raw` is ML-KEM-768 (1184 bytes) then X25519 (32). Raises ValueError for other bytes."""

    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _ = self._public

    @cached_property
    def key_id(self) -> str:
        """Sixteen hexadecimal digits, the same for both halves of a pair."""
        return hashlib.sha256(self.raw).digest()[:_KEY_ID].hex()

    def seal(self, plaintext: bytes, *, table: str, column: str, row: str) -> bytes:
        """Sealed for one cell: compressed, padded to hide its length, and never twice the same."""
        return self.seal_squeezed(squeeze(plaintext), table=table, column=column, row=row)

    def seal_squeezed(self, squeezed: bytes, *, table: str, column: str, row: str) -> bytes:
        """The same of what `squeeze` gave, for whoever seals one text for many cells."""
        info = _SAID[_SQUEEZED] + place(table, column, row)
        sealed = _SUITE.encrypt(pad(squeezed, STEP), self._public, info=info)
        return _SQUEEZED + bytes.fromhex(self.key_id) + sealed

    @cached_property
    def _public(self) -> MLKEM768X25519PublicKey:
        """Read from its bytes once: that costs a quarter of what sealing does."""
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.raw[:_MLKEM_PUBLIC]),
            X25519PublicKey.from_public_bytes(self.raw[_MLKEM_PUBLIC:]),
        )


@dataclass(frozen=True)
class OpeningKey:
    """A private key; `raw` is the ML-KEM-768 seed (64 bytes) then X25519 (32). ValueError for other bytes."""

    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _ = self._private

    @classmethod
    def new(cls) -> OpeningKey:
        """A fresh key from the operating system's randomness."""
        return cls(
            MLKEM768PrivateKey.generate().private_bytes_raw()
            + X25519PrivateKey.generate().private_bytes_raw()
        )

    @property
    def key_id(self) -> str:
        """That of the public half."""
        return self.sealing_key.key_id

    @property
    def sealing_key(self) -> SealingKey:
        """The public half."""
        mlkem, x25519 = self._parts()
        return SealingKey(mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """The padded text; `info` as `place` gives it. Raises InvalidTag for what was moved or changed."""
        return _SUITE.decrypt(sealed, self._private, info=info)

    @cached_property
    def _private(self) -> MLKEM768X25519PrivateKey:
        """Worked out from its seed once: that costs as much as opening does."""
        return MLKEM768X25519PrivateKey(*self._parts())

    def _parts(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        return (
            MLKEM768PrivateKey.from_seed_bytes(self.raw[:_MLKEM_SEED]),
            X25519PrivateKey.from_private_bytes(self.raw[_MLKEM_SEED:]),
        )


def key_id_of(sealed: bytes) -> str:
    """Which key a sealed text is for."""
    return sealed[_MARK : _MARK + _KEY_ID].hex()


class OpeningKeys:
    """Private keys by id: while keys are being changed, old rows open with the old one."""

    def __init__(self, keys: Iterable[OpeningKey], again: Callable[[], Iterable[OpeningKey]] = tuple) -> None:
        """The first key is the one whose public half seals new requests; `again` looks for more of them."""
        self._keys = {key.key_id: key for key in keys}
        self._again = again

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of all keys, the current one first."""
        return tuple(self._keys)

    @property
    def sealing_key(self) -> SealingKey:
        """The public half of the current key."""
        return next(iter(self._keys.values())).sealing_key

    def open(self, sealed: bytes, *, table: str, column: str, row: str) -> bytes:
        """The text sealed for this cell; raises CannotOpen if moved, changed, or sealed to a key not held."""
        head, written = _MARK + _KEY_ID, sealed[:_MARK]
        key = self._key_of(sealed)
        if key is None:
            raise CannotOpen(
                f"{table}.{column}: sealed to a key that is not among {', '.join(self.key_ids)}."
            )
        try:
            padded = key.open(sealed[head:], _SAID[written] + place(table, column, row))
        except InvalidTag:
            raise CannotOpen(f"{table}.{column}: the sealed text was moved or changed.") from None
        return unpad(padded) if written == _WHOLE else expand(unpad(padded, STEP))

    def _key_of(self, sealed: bytes) -> OpeningKey | None:
        """Keys may have been changed since these were read."""
        key_id = key_id_of(sealed)
        if sealed[:_MARK] not in _SAID:
            return None
        if key_id not in self._keys and len(key_id) == 2 * _KEY_ID:
            self._keys |= {key.key_id: key for key in self._again()}
        return self._keys.get(key_id)
