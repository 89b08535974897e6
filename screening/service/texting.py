"""Text messages through an HTTP gateway: handed in at least once, under one key, and reports taken back.

docs/messages.md is the contract. A gateway that does not answer, or answers what the contract does not know,
is asked again later with the same key; only what it refuses is given up. A text wakes whoever is ill: one
that could not go when it was written waits for the morning.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import datetime, time, timedelta
from typing import Literal, NamedTuple

from screening.core.errors import CannotOpen
from screening.logs import log
from screening.service import messaging
from screening.service.delivery import HOLD
from screening.service.posting import post
from screening.service.premises import Premises
from screening.service.recording import recording
from screening.service.rounds import ForGood, NotNow, SendsDue
from screening.settings import SHORTEST_SECRET, Settings
from screening.settings.clinic_time import hour_of
from screening.storage import messages
from screening.storage.database import reading
from screening.storage.outbox import TEXT, Notice
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.sites import at

SIGNATURE = "Screening-Signature"  # of a report: t=SECONDS,v1=HEX
TIMEOUT = 20.0  # seconds for the gateway's answer
NOT_OLDER = timedelta(minutes=5)
MORNING, EVENING = time(8), time(20)  # at the clinic
AT_ONCE = timedelta(hours=1)  # since somebody at the desk wrote it, who knows how late it is
_SIGNED = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")
_REPORTED = re.compile(r"[0-9a-f]{32}")
Reported = Literal["delivered", "failed"]


def at_rest(settings: Settings, moment: datetime) -> bool:
    """Whether a text that has waited goes on waiting, for the morning."""
    return not MORNING <= hour_of(settings, moment) < EVENING


class Texts(SendsDue):
    """Sends the texts that are due to SCREENING_SMS_URL; without `keys` none opens."""

    what, hold, kinds = "text", HOLD, (TEXT,)

    def __init__(self, service: Premises, keys: OpeningKeys, timeout: float = TIMEOUT) -> None:
        super().__init__(service, keys)
        self.timeout = timeout

    def is_set_up(self) -> bool:
        """To a gateway."""
        return bool(self.service.settings.sms_url)

    def since(self) -> datetime | None:
        """By night only what was written just now."""
        now = self.service.now()
        return now - AT_ONCE if at_rest(self.service.settings, now) else None

    def give_up(self, notice: Notice, why: str) -> None:
        """Reception is told at the request."""
        log.warning("text not taken by gateway", error=why)
        messaging.given_up(self.service, notice, why)

    def send(self, notice: Notice) -> None:
        """One that was reported before its answer came is there already."""
        if messaging.is_there(self.service, notice):
            messaging.taken(self.service, notice)
            return
        try:
            letter = messaging.letter_to_send(self.service, self.keys, notice)
        except CannotOpen as error:
            raise ForGood(type(error).__name__) from None
        if letter is None or not notice.address:
            raise ForGood(messaging.TOO_LATE if letter is None else "CannotOpen")
        settings = self.service.settings
        text = {"id": notice.once, "to": notice.address, "from": settings.sms_from, "text": letter.words}
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Idempotency-Key": notice.once,
        }
        content = json.dumps(text).encode()
        answer = post(settings.sms_url, content, headers, settings.sms_token_file, self.timeout)
        _accepted(answer.body, notice.once)
        messaging.taken(self.service, notice)


def _accepted(body: bytes, message: str) -> None:
    """Only the answer of the contract counts, whatever the status. Raises ForGood, NotNow."""
    said = _object(body)
    if said.get("id") == message and said.get("status") == "accepted":
        return
    if said.get("id") == message and said.get("status") == "rejected":
        raise ForGood("rejected")
    raise NotNow("not the answer of the contract")


def _object(body: bytes) -> dict[str, object]:
    """A JSON object; empty for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class TextReport(NamedTuple):
    """What a gateway reports of a message."""

    message: str
    status: Reported


def signature(secret: str, seconds: int, body: bytes) -> str:
    """The header of a report that is sent at this moment (seconds since 1970)."""
    made = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={made}"


def is_genuine(service: Premises, header: str, body: bytes) -> bool:
    """Whether the gateway signed it, not long ago. Raises OSError where the secret cannot be read."""
    file, found = service.settings.sms_secret_file, _SIGNED.fullmatch(header)
    secret = file.read_text().strip() if file is not None else ""
    if len(secret) < SHORTEST_SECRET or found is None:
        return False
    age = abs(service.now().timestamp() - int(found[1]))
    right = hmac.compare_digest(signature(secret, int(found[1]), body), header)
    return right and age <= NOT_OLDER.total_seconds()


def read_report(body: bytes) -> TextReport | None:
    """None for what the contract does not know."""
    said = _object(body)
    message, status = said.get("id"), said.get("status")
    if not isinstance(message, str) or not _REPORTED.fullmatch(message):
        return None
    if status == "delivered" or status == "failed":  # so that the type checker follows
        return TextReport(message, status)
    return None


def take_report(service: Premises, report: TextReport) -> bool:
    """Keep what became of a text; the same again changes nothing. Whether there is such a text."""
    with reading(service.engine) as connection:
        site = messages.site_of(connection, report.message)
    if site is None:
        return False
    with at(site), recording(service) as recorder:
        if not messaging.is_text(recorder, report.message):
            return False
        messaging.became(
            recorder, report.message, report.status, "reported" if report.status == "failed" else ""
        )
    return True
