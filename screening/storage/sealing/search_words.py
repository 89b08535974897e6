"""Searching for a person: what was typed never stands in an address, a log or the browser's history.

It is posted, and the answer is an address with the words sealed in it: good for the person who typed
them, for some hours, on every server that has the same secret.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

GOOD_FOR = timedelta(hours=12)
LONGEST = 200  # characters of a search
_NONCE = 12


def seal_search(words: str, secret: str, owner: str, now: datetime) -> str:
    """What stands in the address, always as long; words after LONGEST are cut. `owner` is a person's id."""
    nonce = secrets.token_bytes(_NONCE)
    told = json.dumps([now.timestamp(), words[:LONGEST]]).encode()
    padded = told.ljust(4 * LONGEST)  # a name's length would tell something too
    sealed = AESGCM(_key(secret)).encrypt(nonce, padded, owner.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")


def open_search(text: str, secret: str, owner: str, now: datetime) -> str | None:
    """What was searched for; None when it is older than GOOD_FOR, changed, or somebody else's."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        opened = AESGCM(_key(secret)).decrypt(raw[:_NONCE], raw[_NONCE:], owner.encode())
        typed_at, words = json.loads(opened)
    except (binascii.Error, InvalidTag, ValueError):
        return None
    age = now.timestamp() - typed_at
    return str(words) if 0 <= age <= GOOD_FOR.total_seconds() else None


def _key(secret: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"staff search").derive(secret.encode())
