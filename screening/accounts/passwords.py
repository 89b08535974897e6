"""Passwords of staff: what is too weak, how they are kept (argon2id), and those that are printed once."""

from __future__ import annotations

import base64
import os
import secrets
import sys
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore, get_native_id

import argon2
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from screening.core.errors import Unavailable

SHORTEST, LONGEST = 12, 128
LEAST_SCORE = 3  # of zxcvbn's 0 to 4: "safely unguessable", for a slow hash
_JUDGED = 72  # zxcvbn looks no further
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread on paper

_FOR_LATER = 10  # of "nice": pages go first


def _steps_back() -> None:
    if sys.platform == "linux":  # where a thread can be nicer than its process
        nicer = os.getpriority(os.PRIO_PROCESS, 0) + _FOR_LATER
        with suppress(OSError):  # where it may not, signing in goes on all the same
            os.setpriority(os.PRIO_PROCESS, get_native_id(), nicer)


# A hash takes several cores, and 64 MB, for a moment: one at a time, and off the way of pages.
_looking = ThreadPoolExecutor(1, "passwords", initializer=_steps_back)
_waiting = BoundedSemaphore(3)  # of the threads that answer requests, whoever looks among them
_hasher = argon2.PasswordHasher(type=argon2.Type.ID)


def _of_nobody() -> str:
    """What looks like a hash, costs as much to verify, and belongs to no password: drawn, not worked out."""
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    drawn = (secrets.token_bytes(_hasher.salt_len), secrets.token_bytes(_hasher.hash_len))
    salt, digest = (base64.b64encode(part).decode().rstrip("=") for part in drawn)
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


_nobody = _of_nobody()


def normal(password: str) -> str:
    """One form for what looks the same on two keyboards; NFKD, as Flask-Security has it."""
    return unicodedata.normalize("NFKD", password)


def hash_password(password: str) -> str:
    """argon2id, with a salt of its own."""
    return _hasher.hash(normal(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether a password belongs to a hash; takes as long when there is none. One at a time: see `turn`."""
    try:
        looked = _looking.submit(lambda: _hasher.verify(kept or _nobody, normal(password)))
        return looked.result() and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@contextmanager
def turn() -> Iterator[None]:
    """Few at a time, the others do not wait: who guesses keeps no other page waiting. Raises Unavailable.

    Taken before anything is counted or kept: a write waits for the disk as long as a hash for a core.
    """
    if not _waiting.acquire(blocking=False):
        raise Unavailable("too many passwords are being looked at")
    try:
        yield
    finally:
        _waiting.release()


def is_common(password: str, *about: str) -> bool:
    """Whether it is among the first that are guessed: common ones, and what is known of the person.

    zxcvbn ships 30,000 common passwords, and sees through "P4ssw0rd" and "qwerty12345".
    """
    from zxcvbn import zxcvbn  # slow to load, and rarely needed

    known = [word for text in about for word in (text, *text.replace("@", " ").split()) if word]
    judged: dict[str, int] = zxcvbn(normal(password)[:_JUDGED], user_inputs=known)
    return judged["score"] < LEAST_SCORE


def draw() -> str:
    """A password to print once: 20 characters from a CSPRNG, in groups for reading."""
    letters = [secrets.choice(_ALPHABET) for _ in range(20)]
    return "-".join("".join(letters[start : start + 5]) for start in range(0, 20, 5))
