"""Delivery of the outbox over SMTP: at least once, one mail to one address, nothing about health in it.

A mail that the server did not take is tried again, later each time, for as long as it takes; only an
address or a mail that is refused for good is given up. Kinds of notices are the files of templates/mail.
"""

from __future__ import annotations

import smtplib
import ssl
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import email_validator
from babel.dates import format_date
from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from screening.core.calendar_file import method_of
from screening.core.dealings import Dealings, fold
from screening.core.entries import Booking
from screening.core.errors import CannotOpen
from screening.core.messages import Letter
from screening.logs import log
from screening.service import messaging, reminders, returned_mail, review_dates
from screening.service.appointment_file import appointment_file
from screening.service.premises import Premises
from screening.service.rounds import ForGood, NotNow, Round, SendsDue
from screening.settings import TRANSLATIONS, Settings, shipped
from screening.storage import entries, queue, requests, standing
from screening.storage.database import reading
from screening.storage.outbox import MESSAGE, Notice
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.sites import at

TIMEOUT = 50.0  # seconds for each answer of the mail server: up to eight, until it is ready for a mail
TAKING = 120.0  # for each of the four about a mail: one that it took while we hung up would be sent again
HOLD = timedelta(minutes=15)  # a notice whose sender died waits so long: more than all of these together
FAREWELL = 5.0  # for its last one, which changes nothing
DIGEST = "review_digest"
CALENDAR = "calendar"  # a file that goes with a mail
LETTER = "letter"  # words that were made when they were written
_FOR_GOOD = range(500, 600)
# Answers to a mail that are about the sender's session or the whole server: another try may fare better.
_NOT_OF_THE_MAIL = frozenset({503, 521, 530, 534, 535, 538})


class Delivery(SendsDue):
    """Sends what is due. Without `keys`, notices to patients are left to a process that has them."""

    what, hold = "notice", HOLD

    def __init__(
        self, service: Premises, keys: OpeningKeys | None, timeout: float = TIMEOUT, taking: float = TAKING
    ) -> None:
        super().__init__(service, keys)
        self.timeout = timeout
        self.taking = taking
        self._words = Environment(
            loader=FileSystemLoader(shipped("templates") / "mail"),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701  # plain text
            keep_trailing_newline=True,
            extensions=["jinja2.ext.i18n"],
        )
        words = Translations.load(TRANSLATIONS, [self.settings.language])
        self._words.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # by the extension

    @property
    def settings(self) -> Settings:
        """Those of the site that a notice is of."""
        return self.service.settings

    def run(self) -> Round:
        """Also what is to be said because of the day. Raises Unavailable."""
        for site in self.service.sites.each if self.is_set_up() else ():
            with at(site.rows):
                reminders.note(self.service)
                review_dates.note(self.service)
        return super().run()

    def is_set_up(self) -> bool:
        """To a mail server."""
        return bool(self.settings.smtp_host)

    def give_up(self, notice: Notice, why: str) -> None:
        """Of one to a patient, reception is told at the request."""
        log.warning("notice given up", error=why)
        messaging.given_up(self.service, notice, why, recurs=notice.kind == DIGEST)

    def send(self, notice: Notice) -> None:
        """Or nothing, where there is nothing to tell any more."""
        about = self._about(notice)
        if about is not None:
            message = self.message(notice, about)
            try:
                with connected(self.settings, self.timeout) as server:
                    if server.sock is not None:
                        server.sock.settimeout(self.taking)
                    _hand_in(server, message, self._return_address(notice))
            except (OSError, smtplib.SMTPException) as error:
                why = f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()
                raise NotNow(why, alone=_about_this_mail(error)) from None
        if notice.kind == MESSAGE:
            messaging.taken(self.service, notice)
            return
        unsaid = about is None and notice.kind == reminders.KIND  # later that day there may be something
        recurs = unsaid or notice.kind == DIGEST
        messaging.sent(self.service, notice, said=about is not None, recurs=recurs)

    def _about(self, notice: Notice) -> dict[str, Any] | None:
        """What the template is told; None when there is nothing to tell any more."""
        if notice.kind == MESSAGE:
            return {LETTER: self._letter(notice)}
        if notice.kind == DIGEST:
            with reading(self.service.engine) as connection:
                waiting = queue.figures(connection, self.service.now())["to_review"]
            return {"n": waiting} if waiting else None
        if notice.kind == reminders.KIND:
            with reading(self.service.engine) as connection:
                owed = reminders.about(self.service, connection, notice)
            return {"owed": owed} if owed else None
        if notice.kind == review_dates.KIND:
            to_review = review_dates.about(self.service, notice)
            return {"to_review": to_review, "day": self._day(to_review.review_by)} if to_review else None
        if notice.kind == "confirmation" and notice.reference is not None:
            return {"reference": notice.reference} | self._promise(notice.reference)
        if notice.kind in (messaging.CONFIRMED, messaging.CANCELLED) and notice.reference is not None:
            return self._appointment(notice.reference, cancelled=notice.kind == messaging.CANCELLED)
        return {"reference": notice.reference}

    def _letter(self, notice: Notice) -> Letter:
        try:
            letter = messaging.letter_to_send(self.service, self.keys, notice)
        except CannotOpen as error:
            raise ForGood(type(error).__name__) from None
        if letter is None:
            raise ForGood(messaging.TOO_LATE)
        return letter

    def _appointment(self, reference: str, *, cancelled: bool) -> dict[str, Any] | None:
        """The one that stands now, or the last where none does, with a file for calendars.

        None where none opens, and for what is not so any more by the time that it is told.
        """
        with reading(self.service.engine) as connection:
            if self.keys is None or standing.load(connection, reference) is None:
                return None
            try:
                written = entries.load(connection, self.keys, reference)
            except CannotOpen:
                return None
        booking = fold(Dealings(), written).booking
        if cancelled and booking is None:
            made = (line.entry for line in reversed(written) if isinstance(line.entry, Booking))
            booking = next(made, None)
        elif cancelled:
            return None  # booked again since, which has a mail of its own
        if booking is None:
            return None
        now, version = self.service.now(), written[-1].version
        file = appointment_file(self.settings, booking, reference, version, now, cancelled=cancelled)
        when = {"day": self._day(booking.on), "at": booking.at, "place": booking.place}
        return {"reference": reference, **when, CALENDAR: file}

    def _promise(self, reference: str) -> dict[str, str | bool]:
        """By the end of which day, as the pages said it when the request was sent, and who reads what."""
        with reading(self.service.engine) as connection:
            found = standing.load(connection, reference)
            promised_at = requests.promised_at(connection, reference)
        if found is None:
            return {}
        promise = self.service.arrival.promise(found.received_at, promised_at)
        return {"by": self._day(promise.by), "every_request_is_read": promise.every_request_is_read}

    def _day(self, day: date) -> str:
        return str(format_date(day, "EEEE d MMMM y", locale=self.settings.language))

    def message(self, notice: Notice, about: dict[str, Any]) -> EmailMessage:
        """The mail, the same id each time. Raises ForGood for an address that is none."""
        sender = self.settings.mail_from
        try:
            subject, body = self._said(notice, about)
            message = EmailMessage(policy=SMTP)
            message["From"] = Address(one_line(self.settings.clinic_name), addr_spec=sender)
            message["To"] = Address(addr_spec=_checked(notice.address))
            message["Subject"] = one_line(subject)
            message["Date"] = format_datetime(self.service.now())
            message["Message-ID"] = f"<{self._token(notice)}@{sender.rpartition('@')[2]}>"
            message["Auto-Submitted"] = "auto-generated"
            message.set_content(body.strip() + "\n", cte="quoted-printable")
            if file := about.get(CALENDAR):
                said = {"charset": "utf-8", "method": method_of(cancelled=notice.kind == messaging.CANCELLED)}
                message.add_attachment(
                    file, maintype="text", subtype="calendar", filename="appointment.ics", params=said
                )
        except (MessageError, TemplateError, ValueError, IndexError) as error:
            raise ForGood(type(error).__name__) from None
        return message

    def _token(self, notice: Notice) -> str:
        """What only we could have written; where the key for it is not, the mere id."""
        key = self.service.arrival.index_key
        return notice.id if key is None else returned_mail.token_of(key, notice.id)

    def _return_address(self, notice: Notice) -> str | None:
        """Of mails to patients: one for each, so that what comes back says which it was."""
        to_patient = notice.kind == MESSAGE or notice.kind in messaging.TO_PATIENTS
        if not to_patient or self.service.arrival.index_key is None:
            return None
        return returned_mail.return_address(self.settings, self._token(notice)) or None

    def _said(self, notice: Notice, about: Mapping[str, object]) -> tuple[str, str]:
        """Subject and body."""
        if isinstance(letter := about.get(LETTER), Letter):
            return letter.subject, letter.words
        words = self._words.get_template(f"{notice.kind}.txt").render(_clinic(self.settings) | {**about})
        subject, _, body = words.partition("\n")
        return subject, body


def _clinic(settings: Settings) -> dict[str, object]:
    """All that notices say about the clinic."""
    return {
        "clinic_name": settings.clinic_name,
        "clinic_phone": settings.clinic_phone,
        "desk_address": f"{settings.own_address}/staff" if settings.own_address else "",
    }


@contextmanager
def connected(settings: Settings, timeout: float) -> Iterator[smtplib.SMTP]:
    """A mail server, over TLS and signed in as the settings say. Raises OSError, SMTPException."""
    context = ssl.create_default_context(cafile=str(settings.smtp_ca) if settings.smtp_ca else None)
    where = (settings.smtp_host, settings.smtp_port)
    server: smtplib.SMTP
    if settings.smtp_tls == "tls":
        server = smtplib.SMTP_SSL(*where, timeout=timeout, context=context)
    else:
        server = smtplib.SMTP(*where, timeout=timeout)
    try:
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)  # raises where the server offers none: never in the clear
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        yield server
    finally:
        with suppress(OSError, smtplib.SMTPException):  # what it says to a farewell undoes nothing
            if server.sock is not None:
                server.sock.settimeout(FAREWELL)
            server.quit()
        server.close()


def _hand_in(server: smtplib.SMTP, message: EmailMessage, return_address: str | None) -> None:
    try:
        server.send_message(message, from_addr=return_address)
    except smtplib.SMTPRecipientsRefused as refused:
        code = next((code for code, _words in refused.recipients.values()), 0)
        if code in _FOR_GOOD:
            raise ForGood(f"address refused {code}") from None
        raise smtplib.SMTPResponseException(code, "address refused for now") from None
    except smtplib.SMTPDataError as refused:
        if refused.smtp_code in _FOR_GOOD and refused.smtp_code not in _NOT_OF_THE_MAIL:
            raise ForGood(f"mail refused {refused.smtp_code}") from None
        raise
    except smtplib.SMTPNotSupportedError:
        raise ForGood("the mail server cannot send to this address") from None


def _about_this_mail(error: Exception) -> bool:
    """Whether the next mail may fare better."""
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_error == "address refused for now"


def _checked(address: str) -> str:
    """The address as mail servers want it; raises ValueError (of which EmailNotValidError is one)."""
    if one_line(address) != address:
        raise ValueError("not an address")
    found = email_validator.validate_email(address, check_deliverability=False, test_environment=True)
    return found.ascii_email or found.normalized


def one_line(text: str) -> str:
    """Without line ends and other control characters, of which a header must have none."""
    kept = (" " if unicodedata.category(one) in ("Cc", "Zl", "Zp", "Cs") else one for one in text)
    return " ".join("".join(kept).split())
