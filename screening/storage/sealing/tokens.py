"""The key of a draft. A patient's is in their cookie alone: the server keeps neither half of it.

Of a draft that staff began the server keeps the key, sealed to the clinic's: see `staff_drafts`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from screening.core.errors import CannotOpen
from screening.storage.sealing.hpke import place
from screening.storage.sealing.plaintext import pad, unpad

_ID, _KEY, _NONCE = 16, 32, 12
_FORMAT = b"\x01"
_PUBLIC = 16  # hexadecimal digits: enough to tell apart what browsers hold
_ENCODED = re.compile(r"[A-Za-z0-9_-]{64}", re.ASCII)


@dataclass(frozen=True)
class DraftToken:
    """An id (16 random bytes) and a key (32); neither shows in its repr."""

    id: bytes = field(repr=False)
    key: bytes = field(repr=False)

    @classmethod
    def new(cls) -> DraftToken:
        """From the operating system's randomness."""
        return cls(secrets.token_bytes(_ID), secrets.token_bytes(_KEY))

    @classmethod
    def of_form(cls, mark: bytes) -> DraftToken:
        """With an id that is always the same for this mark, so that nobody begins two; its key is random."""
        return cls(hashlib.sha256(mark).digest()[:_ID], secrets.token_bytes(_KEY))

    @classmethod
    def decode(cls, text: str) -> DraftToken | None:
        """What `encode` gave; None for anything else."""
        if not _ENCODED.fullmatch(text):
            return None
        raw = base64.urlsafe_b64decode(text)
        return cls(raw[:_ID], raw[_ID:])

    def encode(self) -> str:
        """64 characters that need no quoting in a cookie."""
        return base64.urlsafe_b64encode(self.id + self.key).decode()

    @cached_property
    def row_id(self) -> str:
        """The draft's primary key: a digest, so that a stolen database yields no cookies."""
        return hashlib.sha256(self.id).hexdigest()

    @cached_property
    def public_id(self) -> str:
        """What addresses and forms call the draft; it opens nothing, and leads to no row of a patient's."""
        return hashlib.sha256(b"public" + self.id).hexdigest()[:_PUBLIC]

    def seal(self, plaintext: bytes) -> bytes:
        """AES-256-GCM under a fresh nonce, tied to this draft's row."""
        nonce = secrets.token_bytes(_NONCE)
        return _FORMAT + nonce + AESGCM(self.key).encrypt(nonce, pad(plaintext), self._place())

    def open(self, sealed: bytes) -> bytes:
        """What `seal` sealed; raises CannotOpen for another's, for moved and for changed text."""
        head = len(_FORMAT) + _NONCE
        try:
            if not sealed.startswith(_FORMAT):
                raise InvalidTag
            padded = AESGCM(self.key).decrypt(sealed[len(_FORMAT) : head], sealed[head:], self._place())
        except (InvalidTag, ValueError):
            raise CannotOpen("drafts.sealed: this cookie does not open it.") from None
        return unpad(padded)

    def _place(self) -> bytes:
        return place("drafts", "sealed", self.row_id)
