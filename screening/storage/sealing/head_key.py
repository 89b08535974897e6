"""The key that signs the kept head of the audit (Ed25519): whoever can write the file cannot make one up."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LENGTH = 32  # bytes of the private key
_WHAT = b"screening audit head\n"


@dataclass(frozen=True)
class HeadKey:
    """A private key; `raw` is 32 bytes, else ValueError. What an earlier one signed is signed."""

    raw: bytes = field(repr=False)
    earlier: tuple[HeadKey, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        _ = self._private

    @property
    def key_id(self) -> str:
        """Sixteen hexadecimal digits of its public half's digest."""
        return hashlib.sha256(self._public.public_bytes_raw()).hexdigest()[:16]

    def sign(self, text: str) -> str:
        """The signature, 128 hexadecimal digits."""
        return self._private.sign(_WHAT + text.encode()).hex()

    def signed(self, text: str, signature: str) -> bool:
        """Whether this key made the signature, or an earlier one."""
        return self._signed(text, signature) or any(key.signed(text, signature) for key in self.earlier)

    def _signed(self, text: str, signature: str) -> bool:
        try:
            self._public.verify(bytes.fromhex(signature), _WHAT + text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        """Worked out from its bytes once: that costs half of what signing does."""
        return Ed25519PrivateKey.from_private_bytes(self.raw)

    @cached_property
    def _public(self) -> Ed25519PublicKey:
        return self._private.public_key()
