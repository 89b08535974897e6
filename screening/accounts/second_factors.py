"""What second factors are encrypted with: keys made of the secret that signs cookies, and the one before."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from contextlib import suppress

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from passlib.totp import TOTP

from screening.service.held_keys import secret_id
from screening.service.recording import Ground, recording
from screening.storage import people
from screening.storage.database import reading

_FIRST = "1"  # how a secret of an older program says that it was encrypted with the key of that time


def totp_secrets(key: str, before: str = "") -> dict[str, str]:
    """By the name that an encrypted secret gives its key; the last one encrypts.

    Each key has a name of its own, so that one that is gone is known to be; `_FIRST` is the key of before, or
    where none is being changed the only one.
    """
    first = _derived(before or key, "second factor").hex()
    found = {_FIRST: first} | ({secret_id(before): first} if before else {})
    return found | {secret_id(key): _derived(key, "second factor").hex()}


def recovery_keys(key: str, before: str = "") -> list[bytes]:
    """The first one encrypts."""
    return [base64.urlsafe_b64encode(_derived(each, "recovery codes")) for each in (key, before) if each]


def steps_of(secrets: dict[str, str], issuer: str) -> type[TOTP]:
    """Authenticator apps under these keys."""
    found: type[TOTP] = TOTP.using(issuer=issuer, secrets=secrets, default_tag=list(secrets)[-1])
    return found


def encrypt_again(ground: Ground, key: str, before: str) -> int:
    """Every second factor with the key of now; nobody is signed out. How many accounts had another.

    Raises Unavailable.
    """
    steps, fernet = (
        steps_of(totp_secrets(key, before), "again"),
        MultiFernet([Fernet(each) for each in recovery_keys(key, before)]),
    )
    with reading(ground.engine) as connection:
        accounts = people.everyone(connection)
    done = 0
    for person in accounts:
        app = _app_again(steps, person.totp_secret)
        codes = tuple(_codes_again(Fernet(recovery_keys(key)[0]), fernet, person.recovery_codes))
        if (app, codes) != (person.totp_secret, person.recovery_codes):
            with recording(ground) as recorder:
                done += people.encrypted_again(recorder.connection, person, app, codes)
    return done


def _app_again(steps: type[TOTP], kept: str | None) -> str | None:
    if kept is None:
        return None
    try:
        opened = steps.from_source(kept)
    except (KeyError, ValueError):  # under a key that is gone
        return kept
    return str(opened.to_json(encrypt=True)) if opened.changed else kept


def _codes_again(now: Fernet, both: MultiFernet, kept: Iterable[str]) -> Iterable[str]:
    for code in kept:
        fresh = code
        try:
            now.decrypt(code.encode())
        except InvalidToken:
            with suppress(InvalidToken):
                fresh = both.rotate(code.encode()).decode()
        yield fresh


def _derived(key: str, purpose: str) -> bytes:
    return hashlib.sha256(f"screening {purpose} {key}".encode()).digest()
