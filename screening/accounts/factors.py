"""The second factor: an authenticator app whose codes work once each, and recovery codes."""

from __future__ import annotations

import io
from typing import Any

from cryptography.fernet import InvalidToken
from flask_security import Totp
from flask_security.recovery_codes import MfRecoveryCodesUtil
from markupsafe import Markup
from passlib.exc import TokenError

from screening.accounts.second_factors import steps_of
from screening.service.recording import recording
from screening.storage import people
from screening.storage.database import writing
from screening.web.door import service

WINDOW = 30  # seconds that a phone's clock may be early or late


class Codes(Totp):
    """Flask-Security's authenticator app, by the service's clock, each time step accepted once."""

    def __init__(self, secrets: dict[str, str] | dict[int, str], issuer: str) -> None:
        super().__init__(secrets, issuer)
        self.steps = steps_of({str(name): key for name, key in secrets.items()}, issuer)
        self._totp = self.steps  # ours: it tells which step a code is of, and which key encrypts

    def opens(self, totp_secret: str) -> bool:
        """Whether codes of this app can be told from others here: not under a secret key that is gone."""
        try:
            self.steps.from_source(totp_secret)
        except (KeyError, ValueError):
            return False
        return True

    def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
        """Uses up the time step in the same moment; of many at once one is right. Raises Unavailable."""
        del window
        if not self.opens(totp_secret):
            return False
        now = service().now().timestamp()
        try:
            match = self.steps.verify(token, totp_secret, time=now, window=WINDOW)
        except TokenError:
            return False
        with writing(service().engine) as connection:
            return people.use_step(connection, user.member.id, match.counter)

    def generate_qrcode(self, username: str, totp: str) -> Markup:
        """An inline picture: our policy allows no image that is written into the page as data."""
        from qrcode import make  # once for each person; with it comes lxml
        from qrcode.image.svg import SvgPathImage

        picture = make(self.get_totp_uri(username, totp), image_factory=SvgPathImage)
        with io.BytesIO() as out:
            picture.save(out)
            text = out.getvalue().decode()
        return Markup(text[text.index("<svg") :])  # noqa: S704  # made by us, from a random secret


class RecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes that are taken away by the very look that finds them."""

    def check_recovery_code(self, user: Any, code: str) -> bool:
        """True once for each code. Raises Unavailable."""
        for kept in user.member.recovery_codes:
            if self._opened(kept) == code:
                with recording(service()) as recorder:
                    return people.use_recovery_code(recorder.connection, user.member, kept, recorder.now)
        return False

    def _opened(self, kept: str) -> str | None:
        """None for one that was kept under another secret key."""
        assert self.cryptor is not None  # noqa: S101  # its keys are always set
        try:
            return self.cryptor.decrypt(kept.encode()).decode()
        except InvalidToken:
            return None

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """It is gone already."""
        del user, code
        return True
