"""A mail that a server took and could not deliver comes back: the desk sees it, and nobody can forge one."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.desk import audit, messages, reception
from screening.desk.desk import Desk
from screening.service import returned_mail
from screening.service.delivery import Delivery
from screening.service.patient import Service
from screening.service.returned_mail import read_mail, take
from tests.desk.making import AUDREY, RITA, actions, send, version

from .conftest import Inbox

PATIENT = "patient@example.org"
BY_MAIL = {"reach_by": ["email"], "email": PATIENT}
RETURN = {"mail_return": "bounces@example.org"}


@pytest.fixture
def mailed(
    service: Service, desk: Desk, serve: Callable[..., int], delivery: Callable[..., Delivery], inbox: Inbox
) -> str:
    """A request to whose patient a message was sent, which the mail server took; its reference."""
    reference = send(service, **BY_MAIL)
    to_send = delivery(serve(), **RETURN)
    to_send.run()
    inbox.mails.clear()
    inbox.returns.clear()
    (template, *_) = messages.ways_to_write(desk, RITA, reference).templates
    messages.send_message(desk, RITA, reference, version(desk, reference), template.id, "mail")
    assert to_send.run().sent == 1
    return reference


def report(
    back_to: str, original: str = "", *, action: str = "failed", status: str = "5.1.1", ends: str = "\n"
) -> bytes:
    """As Postfix writes it; `original` are headers of the mail that failed."""
    lines = f"""From: MAILER-DAEMON@mail.example
To: {back_to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

<{PATIENT}>: host mx.example.org said: 550 5.1.1 Quincecanary unknown

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Arrival-Date: Mon, 23 Nov 2026 09:00:00 +0000

Final-Recipient: rfc822; {PATIENT}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 Quincecanary unknown

--B
Content-Type: text/rfc822-headers

{original}
Subject: A message

--B--
"""
    return lines.replace("\n", ends).encode()


def lost(desk: Desk) -> list[tuple[str, str]]:
    """The list of the desk: which request, and why."""
    return [(found.reference, found.why) for found in messages.not_delivered(desk, RITA)]


def only_by_id(inbox: Inbox) -> bytes:
    """To a server that takes nothing behind a plus: the token stands in the returned headers alone."""
    return report("desk@example.org", f"Message-ID: {inbox.mails[0][1]['Message-ID']}")


SHAPES: dict[str, Callable[[Inbox], bytes]] = {
    "to the return address": lambda inbox: report(inbox.returns[0]),
    "in capitals": lambda inbox: report(inbox.returns[0].upper(), action="Failed "),
    "with the line ends of the net": lambda inbox: report(inbox.returns[0], ends="\r\n"),
    "by the id of the mail": only_by_id,
    "without a status": lambda inbox: report(inbox.returns[0], status=""),
    "inside another mail": lambda inbox: (
        b'Content-Type: multipart/mixed; boundary="O"\n\n--O\n' + report(inbox.returns[0]) + b"\n--O--\n"
    ),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_what_a_mail_server_took_and_sends_back_is_on_the_list_until_somebody_rings(
    service: Service, desk: Desk, mailed: str, inbox: Inbox, shape: Callable[[Inbox], bytes]
) -> None:
    assert lost(desk) == []
    mail = shape(inbox)
    assert take(service, mail) == "failed"
    assert take(service, mail) == "known"
    assert lost(desk) == [(mailed, "came_back")]
    assert actions(desk, mailed).count("message_failed") == 1
    reception.log_call(desk, RITA, mailed, version(desk, mailed), "reached")
    assert lost(desk) == []


@pytest.mark.usefixtures("nothing_amiss")
def test_what_is_only_late_is_told_and_what_was_given_up_for_now_says_so(
    service: Service, desk: Desk, mailed: str, inbox: Inbox
) -> None:
    assert take(service, report(inbox.returns[0], action="delayed", status="4.4.1")) == "delayed"
    assert lost(desk) == []
    assert "message_delayed" in actions(desk, mailed)
    assert take(service, report(inbox.returns[0], status="4.2.2")) == "failed"
    assert lost(desk) == [(mailed, "came_back_for_now")]


@pytest.mark.usefixtures("nothing_amiss")
@pytest.mark.parametrize("email", [PATIENT, "not@an@address"])
def test_a_confirmation_that_is_refused_or_comes_back_is_on_the_list_too(
    service: Service,
    desk: Desk,
    serve: Callable[..., int],
    delivery: Callable[..., Delivery],
    inbox: Inbox,
    email: str,
) -> None:
    reference = send(service, **BY_MAIL | {"email": email})
    delivery(serve(), **RETURN).run()
    for (to, _mail), back_to in zip(inbox.mails, inbox.returns, strict=True):
        assert take(service, report(back_to)) == ("failed" if to == PATIENT else "not_ours")
    assert [found for found, _why in lost(desk)] == [reference]
    assert "message_failed" in actions(desk, reference)


def test_a_mail_to_the_clinic_that_comes_back_is_nobodys_message(
    service: Service, desk: Desk, serve: Callable[..., int], delivery: Callable[..., Delivery], inbox: Inbox
) -> None:
    send(service)
    delivery(serve(), **RETURN).run()
    assert inbox.returns == ["desk@example.org"]
    assert take(service, only_by_id(inbox)) == "clinics"
    assert lost(desk) == []


@pytest.mark.usefixtures("mailed")
def test_nobody_who_never_had_the_mail_can_say_that_it_failed(
    service: Service, desk: Desk, inbox: Inbox
) -> None:
    name, _at, domain = inbox.returns[0].partition("@")
    digits = "abcdefghijklmnopqrstuvwxyz234567"
    for place in (-3, -5, -12):  # of the digest
        other = digits[(digits.index(name[place]) + 1) % 32]
        forged = name[:place] + other + name[place + 1 :]
        assert take(service, report(f"{forged}@{domain}")) == "not_ours"
    assert take(service, report(f"bounces+{'a' * 42}@{domain}")) == "not_ours"
    assert lost(desk) == []


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"\x00\xff\xfe" * 1000,
        b"Subject: I am away until Monday\n\nKind regards",
        report("x@example.org", action="delivered", status="2.0.0"),
        report("x@example.org").replace(b"message/delivery-status", b"text/plain"),
        report("x@example.org").replace(b"/delivery-status", b"/delivery-status; charset=nonsense"),
        report("x@example.org").replace(b"Action: failed", b"Action: =?utf-8?b?////?="),
        b"Content-Type: multipart/report; boundary=B\n\n" * 3000,
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000)),
    ],
    ids=lambda odd: repr(odd[:20]),
)
def test_what_is_no_report_is_read_without_harm(service: Service, desk: Desk, odd: bytes) -> None:
    assert take(service, odd) in ("no_report", "not_ours")
    assert lost(desk) == []


@given(st.binary(max_size=400), st.integers(0, 900), st.integers(0, 60))
def test_no_bytes_break_the_reading(noise: bytes, where: int, gone: int) -> None:
    whole = report("bounces@example.org")
    read_mail(whole[:where] + noise + whole[where + gone :])


def test_no_address_and_no_words_of_a_mail_server_are_kept_or_logged(
    service: Service, desk: Desk, mailed: str, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        take(service, report(inbox.returns[0]))
    history = json.dumps([line.details for line in audit.history(desk, AUDREY, mailed)])
    for kept in (caplog.text, history):
        assert PATIENT not in kept
        assert "Quincecanary" not in kept
    assert "5.1.1" in history


def test_the_return_address_leaves_room_for_its_token(service: Service) -> None:
    token = returned_mail.token_of(service.index_key(), "0f" * 16)
    settings = service.settings.model_copy(update={"mail_return": f"{'b' * 21}@example.org"})
    assert len(returned_mail.return_address(settings, token).partition("@")[0]) == 64
