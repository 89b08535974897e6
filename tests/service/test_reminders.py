"""What is owed is told once each working day to each address, as long as it is owed, without any name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from screening.core.entries import Booking
from screening.desk import bookings, clinician, opened_request, reception
from screening.desk.desk import Desk
from screening.service import reminders
from screening.service.delivery import Delivery
from screening.service.patient import Service
from tests.actors import Clock
from tests.desk.making import CLARA, RITA, TWO_FLAGS, clear, decide, send
from tests.thorough import usually

from .conftest import Inbox

RECEPTION, CLINICIANS = "reception@example.org", "clinicians@example.org"


def reminded(inbox: Inbox, address: str) -> list[str]:
    """The bodies of the reminders that an address got."""
    return [mail.get_content() for mail in inbox.to(address) if "/staff/requests?" in mail.get_content()]


def sender(delivery: Any, serve: Any) -> Delivery:
    """Sends, with links."""
    made: Delivery = delivery(serve(), public_address="https://forms.example.org")
    return made


def test_a_late_promise_is_told_at_once_and_then_each_working_day_until_it_is_kept(
    service: Service, desk: Desk, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    clock.now = datetime(2026, 11, 23, 11, tzinfo=UTC)  # a Monday
    reference = send(service)
    now = reception.make_ready(desk, RITA, reference, 1)
    due = opened_request.request(desk, RITA, reference).row.due_at
    assert due is not None
    to_send = sender(delivery, serve)
    told: list[datetime] = []
    hours = usually(2, thorough=1)
    for _hour in range(0, 24 * 14, hours):
        before = len(reminded(inbox, RECEPTION))
        to_send.run()
        assert len(reminded(inbox, RECEPTION)) - before in (0, 1)
        told += [clock.now] * (len(reminded(inbox, RECEPTION)) - before)
        clock.forward(hours=hours)
    assert due <= told[0] < due + timedelta(days=1)  # a day ends when the clinic closes: at the next opening
    assert len({moment.date() for moment in told}) == len(told)
    assert {moment.weekday() for moment in told} == {0, 1, 2, 3, 4}
    assert len(told) == 7  # Friday, a week, and the Monday after it
    reception.log_call(desk, RITA, reference, now, "reached")
    clock.forward(days=1)
    before = len(reminded(inbox, RECEPTION))
    to_send.run()
    assert len(reminded(inbox, RECEPTION)) == before
    assert not any(reference in body for body in reminded(inbox, RECEPTION))


def test_a_question_that_waits_for_the_patient_is_told_from_the_next_working_day_on(
    service: Service, desk: Desk, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    clock.now = datetime(2026, 11, 27, 10, tzinfo=UTC)  # a Friday
    reference = send(service, **TWO_FLAGS)
    wishes = [
        clinician.WishedDecision(flag, "ask_patient", "", "Which?")
        for flag in ("blood_thinners", "pregnancy")
    ]
    clinician.settle(desk, CLARA, reference, 1, wishes)
    to_send = sender(delivery, serve)
    days = []
    for _hour in range(24 * 3 + 1):
        to_send.run()
        days.append(len(reminded(inbox, RECEPTION)))
        clock.forward(hours=1)
    assert days[0] == days[24] == days[48] == 0
    assert days[-1] == 1
    assert "list=to_ask" in reminded(inbox, RECEPTION)[0]


def test_what_the_night_brought_is_told_once_where_nobody_served_when_the_clinic_opened(
    service: Service, desk: Desk, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    """As on a machine that sleeps when the last one goes home."""
    reference = send(service)
    now = clear(desk, reference)
    bookings.book(desk, RITA, reference, now, Booking(clock.now.date(), "", "Room 7"), side=True)
    to_send = sender(delivery, serve)
    to_send.run()
    assert reminded(inbox, RECEPTION) == []
    clock.forward(days=1, minutes=5)
    for _ in range(2):
        to_send.run()
        assert len(reminded(inbox, RECEPTION)) == 1
        clock.forward(hours=3)
    assert "list=appointment_over" in reminded(inbox, RECEPTION)[0]


def test_after_days_on_which_nobody_served_the_first_day_of_work_has_a_reminder(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    longer = service.settings.model_copy(update={"review_days": 60})  # nothing becomes late
    object.__setattr__(service.arrival, "settings", longer)
    send(service, **TWO_FLAGS)
    to_send = sender(delivery, serve)
    to_send.run()
    clock.forward(days=3, minutes=5)
    for told in (1, 1, 1, 2):
        to_send.run()
        assert len(reminded(inbox, CLINICIANS)) == told
        clock.forward(hours=8)


def test_a_reminder_that_had_nothing_to_tell_keeps_back_none_of_the_same_day(
    service: Service, desk: Desk, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    to_send = sender(delivery, serve)
    object.__setattr__(service.arrival, "settings", service.settings.model_copy(update={"promise_hours": 11}))
    reference, _late_at_noon = send(service, **TWO_FLAGS), send(service, name="Anna Example")
    decide(desk, CLARA, reference, 1, "pregnancy", "ask_patient", question="Which?")
    decide(desk, CLARA, reference, 2, "blood_thinners", "proceed")
    to_send.run()
    reception.close(desk, CLARA, reference, 3, "patient_declined")
    told = []
    for _hour in range(28):
        to_send.run()
        told.append(len(reminded(inbox, RECEPTION)))
        clock.forward(hours=1)
    assert (told[26], told[27]) == (0, 1)


def test_clinicians_are_told_of_waiting_reviews_each_working_day(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    send(service, **TWO_FLAGS)
    to_send = sender(delivery, serve)
    for _hour in range(24 * 6):
        to_send.run()
        clock.forward(hours=1)
    bodies = reminded(inbox, CLINICIANS)
    late = ["overdue=y" in body for body in bodies]
    assert late == sorted(late)  # once late, late until somebody looks
    assert set(late) == {False, True}
    assert all("list=to_review" in body for body in bodies)


def test_what_is_done_before_the_clinic_opens_is_not_reminded_of(
    service: Service, desk: Desk, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    reference = send(service, **TWO_FLAGS)
    to_send = sender(delivery, serve)
    to_send.run()
    now = 1
    for flag in ("blood_thinners", "pregnancy"):
        now = decide(desk, CLARA, reference, now, flag, "proceed")
    clock.forward(days=1)
    to_send.run()
    assert reminded(inbox, CLINICIANS) == []


@pytest.mark.both_engines
def test_several_servers_send_one_reminder_between_them(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    send(service, **TWO_FLAGS)
    first, second = sender(delivery, serve), sender(delivery, serve)
    for _ in range(2):
        reminders.note(first.service)
        reminders.note(second.service)
    clock.forward(days=1)
    first.run()
    second.run()
    assert len(reminded(inbox, CLINICIANS)) == 1


def test_after_days_without_a_mail_server_only_the_reminder_of_the_day_is_sent(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    send(service, **TWO_FLAGS)
    to_send = sender(delivery, serve)
    for _ in range(3):
        reminders.note(service)
        clock.forward(days=1)
    to_send.run()
    assert len(reminded(inbox, CLINICIANS)) == 1


def test_urgency_is_told_to_clinicians_without_its_reason(
    service: Service, desk: Desk, serve: Any, delivery: Any, inbox: Inbox
) -> None:
    reference = send(service, **TWO_FLAGS)
    reception.mark_urgent(desk, RITA, reference, 1, "quince-canary")
    sender(delivery, serve).run()
    (urgent,) = inbox.to(CLINICIANS)
    assert reference in urgent.get_content()
    assert "quince" not in str(urgent)


def test_a_booking_that_is_stopped_is_told_to_both(
    service: Service, desk: Desk, serve: Any, delivery: Any, inbox: Inbox, clock: Clock
) -> None:
    reference = send(service, **TWO_FLAGS)
    now = clear(desk, reference)
    now = bookings.book(desk, RITA, reference, now, Booking(clock.now.date(), "", "Room 7"), side=True)
    wishes = [clinician.WishedDecision("pregnancy", "do_not_proceed", "quince-canary")]
    clinician.settle(desk, CLARA, reference, now, wishes, (), "Ring the patient")
    sender(delivery, serve).run()
    for address in (RECEPTION, CLINICIANS):
        stopped = [mail for mail in inbox.to(address) if reference in mail.get_content()][-1]
        assert "quince" not in str(stopped)
        assert reference in str(stopped["Subject"])
