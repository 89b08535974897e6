"""Passkeys: which devices are asked, and that each answer counts once, for the browser that was asked."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from flask import Flask, request, session
from flask_security import WebauthnUtil
from itsdangerous import BadSignature, URLSafeTimedSerializer
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from screening.storage import people
from screening.storage.database import writing
from screening.web.door import service
from screening.web.signing import SignerOfAnyServer

_WHEN = "~"  # stands between the random part of a challenge and its time
_ASKED = "passkey_asked"
_REFUSED = "passkey_refused"  # for the page that follows: Flask-Security leads there without a word


class Passkeys(WebauthnUtil):
    """Passkeys that stand for both factors: kept on the device, and never without a PIN or a finger."""

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        """Any device, as long as it finds the account itself and makes sure who holds it."""
        del user, usage
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )

    def generate_challenge(self, nbytes: int | None = None) -> str:
        """With the time it was made, which is what `use_challenge` uses up."""
        return f"{super().generate_challenge(nbytes)}{_WHEN}{service().now().isoformat()}"

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:
        """Always."""
        del user, usage
        return UserVerificationRequirement.REQUIRED


class Ceremonies(URLSafeTimedSerializer):
    """What a page asked for, to be sent back with the answer: Flask-Security takes it from any browser.

    Of this session the last alone, once, and at the page that asked: a new key is asked for only after the
    password, and who comes with what another browser was asked, or this one before, has not given it.
    """

    default_signer = SignerOfAnyServer

    def dumps(self, obj: Any, salt: str | bytes | None = None) -> str:
        """Remembered in the session."""
        written = super().dumps(obj, salt or _page())
        session[_ASKED] = _digest(written)
        return written

    def loads(  # type: ignore[override]  # as in itsdangerous itself
        self,
        s: str | bytes,
        max_age: int | None = None,
        return_timestamp: bool = False,
        salt: str | bytes | None = None,
    ) -> Any:
        """Raises BadSignature."""
        try:
            if session.pop(_ASKED, None) != _digest(s):
                raise BadSignature("this browser was not asked")
            return super().loads(s, max_age, return_timestamp, salt or _page())
        except BadSignature:
            refuse()
            raise


def ceremonies(app: Flask) -> Ceremonies:
    """In the place of Flask-Security's own."""
    return Ceremonies(str(app.secret_key), salt="passkeys")


def _page() -> str:
    return str(request.endpoint).removesuffix("_response")


def _digest(written: str | bytes) -> str:
    return hashlib.sha256(written.encode() if isinstance(written, str) else written).hexdigest()


def refuse() -> None:
    """The page that follows says so."""
    session[_REFUSED] = True


def was_refused() -> dict[str, bool]:
    """Whether the try before this page failed."""
    return {"refused": session.pop(_REFUSED, False)}


def use_challenge(passkey: Any, challenge: str) -> bool:
    """True once: what was signed for one sign-in is worth nothing for another. Raises Unavailable.

    The challenge comes from a state that we signed, so its time is ours.
    """
    asked_at = datetime.fromisoformat(challenge.rpartition(_WHEN)[2])
    with writing(service().engine) as connection:
        return people.use_passkey(connection, passkey.credential_id, asked_at)
