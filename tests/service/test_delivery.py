"""Notices reach a real mail server at least once, whatever it does, and hold nothing about health."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from screening.app import open_service
from screening.cli import main
from screening.core.entries import Booking
from screening.desk import bookings, messages
from screening.desk.desk import Desk
from screening.service.delivery import HOLD, TAKING, TIMEOUT, Delivery
from screening.service.patient import Service
from screening.service.premises import utc_now
from screening.settings.environment import load_settings
from screening.storage import outbox
from screening.storage.database import reading
from tests.actors import Clock
from tests.desk.making import CLARA, RITA, TWO_FLAGS, decide, review_flags, send
from tests.ports import free_port
from tests.starting import ReadOnce

from .conftest import Inbox

CANARY = "Quincecanary"
BY_MAIL = {"reach_by": ["email"], "email": "patient@example.org", "name": f"Sam {CANARY}"}


def figures(service: Service) -> dict[str, int]:
    with reading(service.engine) as connection:
        return outbox.figures(connection)


def test_each_is_told_once_and_nothing_about_health(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    references = [send(service, **TWO_FLAGS, **BY_MAIL, anything_else=CANARY) for _ in range(3)]
    clock.forward(minutes=31)
    to_send = delivery(serve())
    assert to_send.run().sent == 7
    assert to_send.run().sent == 0
    assert len(inbox.to("reception@example.org")) == 3
    (digest,) = inbox.to("clinicians@example.org")
    assert "3" in str(digest["Subject"])
    told = {
        reference
        for mail in inbox.to("patient@example.org")
        for reference in references
        if reference in mail.get_content()
    }
    assert told == set(references)
    whole = " ".join(str(mail).lower() for _, mail in inbox.mails)
    for secret in (CANARY.lower(), "blood", "pregnan", "lumbar", "apixaban"):
        assert secret not in whole
    assert figures(service) == {"waiting": 1, "sent": 7, "given_up": 0}  # the reminder of tomorrow


@pytest.mark.usefixtures("nothing_amiss")
def test_a_digest_that_nobody_needs_any_more_is_not_sent(
    service: Service, desk: Desk, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    reference = send(service, **TWO_FLAGS)
    for now, flag in enumerate(review_flags(desk, reference), 1):
        decide(desk, CLARA, reference, now, flag, "proceed")
    clock.forward(minutes=31)
    delivery(serve()).run()
    assert inbox.to("clinicians@example.org") == []


def test_an_appointment_is_confirmed_with_a_file_for_calendars_and_nothing_about_health(
    service: Service, desk: Desk, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    to_send = delivery(serve())
    reference, cancelled = send(service, **BY_MAIL), send(service, **BY_MAIL)
    booking = Booking((clock.now + timedelta(days=9)).date(), "10:30", "Room 7")
    for each in (reference, cancelled):
        now = bookings.book(desk, RITA, each, 1, booking, identity=True, side=True)
    bookings.unbook(desk, RITA, cancelled, now, "Snow")
    to_send.run()
    mails = calendars(inbox, b"METHOD:PUBLISH")
    assert len(mails) == 1  # what does not stand any more is not confirmed
    body, file = mails[0].iter_parts()
    assert "10:30" in body.get_content()
    assert "2 December 2026" in body.get_content()
    assert file.get_content_type() == "text/calendar"
    assert file["Content-Type"].params == {"charset": "utf-8", "method": "PUBLISH"}
    assert b"DTSTART:20261202T103000Z" in file.get_payload(decode=True)
    assert not [secret for secret in (CANARY, "lumbar", "consultation") if secret in str(mails[0])]


def calendars(inbox: Inbox, method: bytes) -> list[Any]:
    """The mails to the patient with a file for calendars that says this."""
    found = [mail for mail in inbox.to("patient@example.org") if mail.is_multipart()]
    return [mail for mail in found if method in list(mail.iter_parts())[1].get_payload(decode=True)]


def test_whose_appointment_is_cancelled_is_told_and_it_leaves_their_calendar(
    service: Service, desk: Desk, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    to_send = delivery(serve())
    reference, booked_again = send(service, **BY_MAIL), send(service, **BY_MAIL)
    booking = Booking((clock.now + timedelta(days=9)).date(), "10:30", "Room 7")
    moved = Booking((clock.now + timedelta(days=8)).date(), "09:15", "Room 7")
    for each in (reference, booked_again):
        now = bookings.book(desk, RITA, each, 1, moved, identity=True, side=True)
        now = bookings.book(desk, RITA, each, now, booking, side=True)
    to_send.run()
    assert calendars(inbox, b"METHOD:CANCEL") == []
    told = calendars(inbox, b"METHOD:PUBLISH")
    clock.forward(hours=-2)  # it was fast
    for each in (reference, booked_again):
        bookings.unbook(desk, RITA, each, now, "It was the wrong side")
    bookings.book(desk, RITA, booked_again, now + 1, booking, side=True)
    to_send.run()
    (mail,) = calendars(inbox, b"METHOD:CANCEL")  # who was booked again has a confirmation of that
    body, file = mail.iter_parts()
    assert "10:30" in body.get_content()
    said = file.get_payload(decode=True)
    assert file["Content-Type"].params["method"] == "CANCEL"
    assert f"UID:{reference}@".encode() in said
    assert b"STATUS:CANCELLED" in said
    assert not [secret for secret in (CANARY, "lumbar", "wrong side", "consultation") if secret in str(mail)]
    assert sequence(mail) > max(map(sequence, told))  # else a calendar keeps what it was told first
    assert len(calendars(inbox, b"METHOD:PUBLISH")) == len(told) + 1


def sequence(mail: Any) -> int:
    said: bytes = list(mail.iter_parts())[1].get_payload(decode=True)
    return int(said.partition(b"SEQUENCE:")[2].split()[0])


def test_a_mail_server_that_is_down_for_a_day_loses_nothing(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    send(service, **BY_MAIL)
    port = free_port()
    to_send = delivery(port)
    for _ in range(24):
        assert to_send.run().sent == 0
        clock.forward(hours=1)
    serve(port)
    clock.forward(hours=1)
    to_send.run()
    assert len(inbox.to("patient@example.org")) == 1
    assert {len(inbox.to("reception@example.org")), figures(service)["waiting"]} == {1, 0}


@pytest.mark.slow
def test_a_slow_mail_server_is_given_up_on_and_tried_again_with_the_same_id(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    send(service)
    inbox.dawdles = 1.5
    port = serve()
    assert delivery(port, taking=1.0).run().put_off == 1
    inbox.dawdles = 0.0
    time.sleep(1)
    clock.forward(minutes=5)
    assert delivery(port).run().sent == 1
    assert len({str(mail["Message-ID"]) for mail in inbox.to("reception@example.org")}) == 1


@pytest.mark.slow
def test_a_mail_server_that_looks_long_at_a_mail_is_waited_for_so_that_it_comes_once(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    send(service)
    inbox.dawdles = 1.5
    to_send = delivery(serve(), timeout=1.0)
    assert to_send.run().sent == 1
    clock.forward(hours=2)
    assert to_send.run().sent == 0
    assert len(inbox.to("reception@example.org")) == 1


def test_nobody_else_takes_a_notice_while_the_slowest_mail_server_may_still_answer() -> None:
    before, about_the_mail = (
        8,
        4,
    )  # greeting, EHLO, STARTTLS, its handshake, EHLO, three of signing in; MAIL to the end
    assert before * TIMEOUT + about_the_mail * TAKING < HOLD.total_seconds()


@pytest.mark.parametrize("farewell", ["250 OK", "421 too late", "502 what?"])
@pytest.mark.parametrize("refuses", [{}, {"reception@example.org": "550 no such user"}])
def test_what_a_mail_server_says_to_a_farewell_changes_nothing(
    service: Service,
    serve: Any,
    delivery: Any,
    inbox: Inbox,
    clock: Clock,
    farewell: str,
    refuses: dict[str, str],
) -> None:
    inbox.farewell, inbox.refuses = farewell, refuses
    send(service)
    to_send = delivery(serve())
    done = to_send.run()
    assert (done.sent, done.put_off, done.given_up) == (1 - len(refuses), 0, len(refuses))
    clock.forward(hours=2)
    assert to_send.run().sent == 0
    assert len(inbox.mails) == done.sent


def test_whoever_looks_why_mail_waits_is_told_what_the_server_did(tmp_path: Path) -> None:
    given = {"instance": tmp_path / "instance", "smtp_host": "127.0.0.1", "smtp_port": free_port()}
    given |= {"smtp_tls": "none", "mail_from": "desk@example.org", "mail_reception": "reception@example.org"}
    given |= {"log_level": "error"}  # so that it is said by the command itself
    here = open_service(load_settings(**given), utc_now, ReadOnce)
    send(here)
    here.engine.dispose()
    environment = {f"SCREENING_{name.upper()}": str(value) for name, value in given.items()}
    told = CliRunner(env=environment).invoke(main, ["deliver"])
    assert told.exit_code == 1, told.output
    assert ConnectionRefusedError.__name__ in told.output


@pytest.mark.usefixtures("nothing_amiss")
def test_one_address_that_is_refused_holds_up_no_other(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    inbox.refuses = {"patient@example.org": "550 no such user", "reception@example.org": "450 later"}
    send(service, **TWO_FLAGS, **BY_MAIL)
    clock.forward(minutes=31)
    to_send = delivery(serve())
    done = to_send.run()
    assert (done.sent, done.put_off, done.given_up) == (1, 1, 1)
    inbox.refuses = {}
    clock.forward(hours=1)
    assert to_send.run().sent == 1  # what was refused for now, and not what was refused for good
    assert figures(service) == {"waiting": 1, "sent": 2, "given_up": 1}  # the reminder of tomorrow


@pytest.mark.usefixtures("nothing_amiss")
def test_a_mail_that_is_refused_for_good_after_its_address_was_taken_is_given_up_and_told(
    service: Service, desk: Desk, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    inbox.takes_no_mail = {"patient@example.org": "550 5.7.1 no", "clinicians@example.org": "554 no"}
    refused = send(service, **TWO_FLAGS, **BY_MAIL)
    clock.forward(minutes=31)
    done = delivery(serve()).run()
    assert (done.put_off, done.given_up) == (0, len(inbox.takes_no_mail))
    assert [found.reference for found in messages.not_delivered(desk, RITA)] == [refused]
    inbox.takes_no_mail = {}
    clock.forward(hours=1)
    assert delivery(serve()).run().sent == 0  # they are not tried again
    send(service, **TWO_FLAGS, name="Ann Other")
    clock.forward(minutes=31)
    delivery(serve()).run()
    assert inbox.to("clinicians@example.org")  # of what is new, they are told


@pytest.mark.usefixtures("nothing_amiss")
@pytest.mark.parametrize("answer", ["451 later", "530 sign in first", "521 takes no mail"])
def test_a_mail_is_kept_where_it_is_not_refused_for_itself(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, clock: Clock, answer: str
) -> None:
    inbox.takes_no_mail = {"patient@example.org": answer}
    send(service, **BY_MAIL)
    port = serve()
    assert delivery(port).run().given_up == 0
    inbox.takes_no_mail = {}
    clock.forward(hours=1)
    delivery(port).run()
    assert len(inbox.to("patient@example.org")) == 1


@pytest.mark.usefixtures("nothing_amiss")
@pytest.mark.both_engines
def test_a_sender_that_died_after_the_server_took_a_mail_sends_it_again_with_the_same_id(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(service)
    to_send = delivery(serve())
    with monkeypatch.context() as killed:
        killed.setattr(outbox, "sent", _die)
        with pytest.raises(KeyboardInterrupt):
            to_send.run()
    clock.forward(seconds=HOLD.total_seconds() + 1)
    assert to_send.run().sent == 1
    first, second = inbox.to("reception@example.org")
    assert first["Message-ID"] == second["Message-ID"]


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_without_the_private_keys_patients_are_left_to_who_has_them(
    service: Service, serve: Any, delivery: Any, inbox: Inbox
) -> None:
    send(service, **BY_MAIL)
    with_keys = delivery(serve())
    assert Delivery(service, None).run().sent == 1
    assert inbox.to("patient@example.org") == []
    assert with_keys.run().sent == 1


@pytest.mark.usefixtures("nothing_amiss")
def test_a_message_to_a_patient_goes_by_mail_as_it_was_written_and_a_refusal_is_pointed_out(
    service: Service, desk: Desk, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    to_send = delivery(serve())
    reached, refused = send(service, **BY_MAIL), send(service, **BY_MAIL | {"email": "gone@example.org"})
    to_send.run()
    inbox.mails.clear()
    for reference in (reached, refused):
        messages.send_message(desk, RITA, reference, 1, "ring_us", "mail")
    inbox.refuses = {"gone@example.org": "550 no such user"}
    done = to_send.run()
    assert (done.sent, done.given_up) == (1, 1)
    (mail,) = inbox.to("patient@example.org")
    assert reached in mail.get_content()
    assert CANARY not in str(mail)
    assert [found.reference for found in messages.not_delivered(desk, RITA)] == [refused]
    clock.forward(hours=2)
    assert to_send.run().sent == 0
