"""Mails to patients that come back: which one it was, and whether it will never arrive (RFC 3464).

The return address of a mail, and its Message-ID, hold its id with a keyed digest: whoever never had the mail
can neither say nor guess that it failed. Of a report two things are read, those tokens and the status code.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from typing import Literal

from screening.logs import log
from screening.service import messaging
from screening.service.premises import Premises
from screening.service.recording import Recorder, recording
from screening.settings import Settings
from screening.storage import outbox
from screening.storage.database import reading
from screening.storage.sealing.blind_index import IndexKey
from screening.storage.sites import at

LARGEST = 250_000  # bytes of a mail: anybody may send one, and the parser's time grows with its square
_ID, _DIGEST = 16, 10  # bytes
_MOST_TOKENS = 20  # that are looked at in one mail
_TOKEN = re.compile(rb"[+<]([A-Za-z2-7]{42})@")
_STATUS = re.compile(r"\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})\b", re.ASCII)
_ODD = (MessageError, RecursionError, LookupError, ValueError, TypeError, AttributeError, AssertionError)
CAME_BACK = {"5": "came_back", "4": "came_back_for_now"}  # by the first digit of the status

Became = Literal["failed", "delayed", "known", "clinics", "not_ours", "no_report"]


def token_of(key: IndexKey, notice: str) -> str:
    """42 letters and digits, the same however they are written; `notice` is the id of an outbox row."""
    return base64.b32encode(bytes.fromhex(notice) + _digest(key, notice)).decode().rstrip("=").lower()


def return_address(settings: Settings, token: str) -> str:
    """Where a mail server sends it back to; empty where no address was set for that."""
    name, _at, domain = settings.mail_return.partition("@")
    return f"{name}+{token}@{domain}" if domain else ""


def _digest(key: IndexKey, notice: str) -> bytes:
    return bytes.fromhex(key.digest("returned mail", notice))[:_DIGEST]


@dataclass(frozen=True, slots=True)
class MailReport:
    """What a report of a mail server says: for good or not yet, and the enhanced status code, if any."""

    tokens: tuple[str, ...]
    final: bool
    status: str


def read_mail(content: bytes) -> MailReport | None:
    """None for what is no report that a mail failed or is late, whatever else it is."""
    try:
        actions = list(_actions(message_from_bytes(content)))
    except _ODD:
        return None
    for wanted in ("failed", "delayed"):
        status = next((status for action, status in actions if action == wanted), None)
        if status is not None:
            found = dict.fromkeys(token.decode().lower() for token in _TOKEN.findall(content))
            return MailReport(tuple(found)[:_MOST_TOKENS], wanted == "failed", status)
    return None


def _actions(mail: Message) -> Iterator[tuple[str, str]]:
    """What became of it for each recipient, and the status code."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        payload = part.get_payload()
        for told in payload if isinstance(payload, list) else ():
            if isinstance(told, Message) and told["Action"]:
                status = _STATUS.match(str(told["Status"] or ""))
                yield str(told["Action"]).strip().lower(), status[1] if status else ""


def take(service: Premises, content: bytes) -> Became:
    """Keep what became of a mail to a patient: what failed is on the desk's list. Raises Unavailable."""
    report = read_mail(content)
    if report is None:
        return "no_report"
    key = service.index_key()
    with reading(service.engine) as connection:
        notices = (_notice(key, token) for token in report.tokens)
        rows = (outbox.of_id(connection, notice) for notice in notices if notice is not None)
        row = next((row for row in rows if row is not None), None)
    if row is None:
        return "not_ours"
    with at(row.site), recording(service) as recorder:
        return _became(recorder, row, report)


def _notice(key: IndexKey, token: str) -> str | None:
    """The id of the notice; None for a token that was not made here."""
    raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    notice, digest = raw[:_ID].hex(), raw[_ID : _ID + _DIGEST]
    right = [hmac.compare_digest(_digest(each, notice), digest) for each in key.each]
    return notice if any(right) else None


def _became(recorder: Recorder, row: outbox.SentNotice, report: MailReport) -> Became:
    message = messaging.message_of(recorder, row)
    if message is None:
        log.warning("a mail to the clinic came back", status=report.status)
        return "clinics"
    if not report.final:
        told = {"why": report.status} if report.status else {}
        recorder.note("message_delayed", None, row.reference, message=message, way="mail", **told)
        return "delayed"
    why = CAME_BACK.get(report.status[:1], CAME_BACK["5"])
    return "failed" if messaging.became(recorder, message, "failed", why, status=report.status) else "known"
