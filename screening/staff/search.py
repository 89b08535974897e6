"""Searching for a person: what was typed never stands in an address, a log or the browser's history.

It is posted, and the answer is an address with the words sealed in it: good for the person who typed
them, for some hours, on every server that has the same secret.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from screening.staff.access import person
from screening.web import service

GOOD_FOR = timedelta(hours=12)
LONGEST = 200  # characters of a search
_NONCE = 12


def seal(words: str) -> str:
    """What stands in the address."""
    nonce = secrets.token_bytes(_NONCE)
    told = json.dumps([service().now().timestamp(), words[:LONGEST]]).encode()
    padded = told.ljust(4 * LONGEST)  # a name's length would tell something too
    sealed = AESGCM(_key()).encrypt(nonce, padded, _owner())
    return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")


def unseal(text: str) -> str | None:
    """What was searched for; None when it is too old, changed, or somebody else's."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        typed_at, words = json.loads(AESGCM(_key()).decrypt(raw[:_NONCE], raw[_NONCE:], _owner()))
    except (binascii.Error, InvalidTag, ValueError):
        return None
    age = service().now().timestamp() - typed_at
    return str(words) if 0 <= age <= GOOD_FOR.total_seconds() else None


def _key() -> bytes:
    secret = current_app.secret_key or ""
    material = secret.encode() if isinstance(secret, str) else secret
    return HKDF(SHA256(), 32, salt=None, info=b"staff search").derive(material)


def _owner() -> bytes:
    return person().id.encode()
