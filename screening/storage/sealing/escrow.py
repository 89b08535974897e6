"""Keys in one file under a password: scrypt (RFC 7914) makes a key of it, for AES-256-GCM."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from screening.core.errors import CannotOpen

_MAGIC = b"screening keys, format 1\n"
_SALT, _NONCE = 16, 12
_COST = 2**17  # 128 MB and about half a second for each guess


def lock(files: Mapping[str, bytes], password: str) -> bytes:
    """Name -> content, as one file."""
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    plain = json.dumps({name: base64.b64encode(data).decode() for name, data in files.items()}).encode()
    return _MAGIC + salt + nonce + AESGCM(_key(password, salt)).encrypt(nonce, plain, _MAGIC)


def unlock(data: bytes, password: str) -> dict[str, bytes]:
    """What `lock` locked. Raises CannotOpen."""
    if not data.startswith(_MAGIC):
        raise CannotOpen("This is not a file of keys of this program.")
    rest = data[len(_MAGIC) :]
    salt, nonce, sealed = rest[:_SALT], rest[_SALT : _SALT + _NONCE], rest[_SALT + _NONCE :]
    try:
        plain = AESGCM(_key(password, salt)).decrypt(nonce, sealed, _MAGIC)
    except (InvalidTag, ValueError):
        raise CannotOpen("The password is another one, or the file was changed.") from None
    found: dict[str, str] = json.loads(plain)
    return {name: base64.b64decode(text) for name, text in found.items()}


def _key(password: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(password.encode())
