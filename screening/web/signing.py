"""Signed cookies and form tokens as Flask and Flask-WTF make them, with what signs them made once an app.

Both make a serializer, a signer and a key anew for every request; what they sign is the same, byte by byte.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from itsdangerous import SignatureExpired, Signer, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import want_bytes
from itsdangerous.signer import SigningAlgorithm

from screening.web.at_hand import kept_at_hand, request_at_hand

TOKEN = "csrf_token"  # noqa: S105  # where Flask-WTF keeps one, in the session and for the request
_SALT = "wtf-csrf-token"
MOST = 1024  # browsers whose token is signed once
_OURS = "signing"  # of an app's extensions


class _Sha1(SigningAlgorithm):
    """HMAC in one call; SHA-1 is what Flask signs with, and sound for that."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha1")


class SignerOfAnyServer(TimestampSigner):
    """Takes also what was signed ahead of its clock: by another server, or before a clock was set back."""

    def unsign(
        self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False
    ) -> Any:
        """As far ahead as it may be old. Raises BadSignature."""
        read: Callable[..., Any] = super().unsign
        try:
            return read(signed_value, max_age, return_timestamp)
        except SignatureExpired as error:
            if max_age is None or error.date_signed is None:
                raise
            if not 0 < error.date_signed.timestamp() - self.get_timestamp() <= max_age:
                raise
            return read(signed_value, None, return_timestamp)


class _KeptSigner(SignerOfAnyServer):
    """Derives its keys once."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.algorithm = _Sha1()
        self._derived: dict[bytes, bytes] = {}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        secret = self.secret_keys[-1] if secret_key is None else want_bytes(secret_key)
        if secret not in self._derived:
            self._derived[secret] = super().derive_key(secret)
        return self._derived[secret]


class KeptSerializer(URLSafeTimedSerializer):
    """Signs and reads with one signer; nothing of what is signed stays."""

    default_signer = _KeptSigner

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._own = cast(TimestampSigner, super().make_signer())

    def now(self) -> int:
        """In seconds, as it is written beside what is signed."""
        return self._own.get_timestamp()

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        """The one, for its own salt."""
        return self._own if salt is None or salt == self.salt else super().make_signer(salt)


def init_app(app: Flask) -> None:
    """Every template calls ours; Flask-WTF's own forms find the token of the request already made."""
    signing = KeptSerializer(app.config["WTF_CSRF_SECRET_KEY"], salt=_SALT)
    app.extensions[_OURS] = lru_cache(maxsize=MOST)(signing.dumps)
    app.jinja_env.globals[TOKEN] = csrf_token
    app.context_processor(lambda: {TOKEN: csrf_token})


def csrf_token() -> str:
    """As `flask_wtf.csrf.generate_csrf`, which begins the session's own where it has none."""
    made: str | None = _of_this_browser() or kept_at_hand().get(TOKEN)
    return made if made is not None else str(generate_csrf())


def _of_this_browser() -> str | None:
    """Its token as every page of its session carries it; None where it has no session yet."""
    here = request_at_hand()
    begun, sign = here.session.get(TOKEN), here.app.extensions[_OURS]
    return None if begun is None else sign(begun)


def carries_token(typed: Mapping[str, str]) -> bool:
    """Whether a form has this browser's token as we write it; written otherwise it may be good too."""
    mine = _of_this_browser()
    return mine is not None and hmac.compare_digest(typed.get(TOKEN, "").encode(), mine.encode())


def give_cookie() -> None:
    """To a browser that has none: the one that its tokens will hang on."""
    if TOKEN not in session:
        csrf_token()


def session_serializer(keys: list[str | bytes], salt: str, serializer: object) -> KeptSerializer:
    """What reads and writes Flask's session cookie."""
    signed_with = {"key_derivation": "hmac", "digest_method": hashlib.sha1}
    return KeptSerializer(cast(Any, keys), salt=salt, serializer=serializer, signer_kwargs=signed_with)
