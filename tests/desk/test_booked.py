"""A booked request rests until something about it is due: its questions again, its day, what is urgent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from screening.core.entries import Booking
from screening.desk import beside_lists, bookings, catching_up, clinician, opened_request, queues, reception
from screening.desk.desk import Desk
from screening.desk.shapes import Filters
from screening.service.patient import Service
from screening.storage import tables
from screening.storage.database import writing
from tests.actors import Clock
from tests.desk.standings import booked, walk
from tests.thorough import usually

from .making import CLARA, RITA, send


def booked_for(desk: Desk, service: Service, on: date) -> str:
    reference = send(service)
    booked(desk, reference, Booking(on, "09:00", "Room 7"))
    return reference


def test_a_booked_request_is_asked_again_in_time_and_is_over_after_its_day(
    desk: Desk, service: Service, clock: Clock
) -> None:
    reference = booked_for(desk, service, clock.now.date() + timedelta(days=100))
    seen: list[str] = []
    days = usually(5, thorough=1)
    for _day in range(0, 110, days):
        (name,) = (name for name, number in beside_lists.load(desk, RITA).counts.by_list.items() if number)
        assert walk(desk, Filters(work_list=name), 10) == [reference]
        assert opened_request.request(desk, RITA, reference).row.work_list == name
        seen += [name] if seen[-1:] != [name] else []
        clock.forward(days=days)
    assert seen == ["booked", "to_ask_again", "appointment_over"]
    assert beside_lists.load(desk, RITA).counts.overdue == 0
    now = opened_request.request(desk, RITA, reference).row.version
    reception.close(desk, RITA, reference, now, "attended")
    assert not any(beside_lists.load(desk, RITA).counts.by_list.values())


@pytest.mark.parametrize("later", [True, False])
def test_an_appointment_that_was_moved_is_over_after_its_new_day(
    desk: Desk, service: Service, clock: Clock, later: bool
) -> None:
    first, then = (clock.now.date() + timedelta(days=days) for days in ((2, 4) if later else (4, 2)))
    reference = booked_for(desk, service, first)
    now = opened_request.request(desk, RITA, reference).row.version
    bookings.book(desk, RITA, reference, now, Booking(then, "10:00", "Room 7"), side=True)
    clock.forward(days=3)
    seen = opened_request.request(desk, RITA, reference).row.work_list
    assert seen == ("booked" if later else "appointment_over")


@pytest.mark.parametrize("status", ["booked", "needs_review"])
def test_who_is_told_that_an_appointment_does_not_stand_is_promised_an_answer_anew(
    desk: Desk, service: Service, clock: Clock, status: str
) -> None:
    reference = booked_for(desk, service, clock.now.date() + timedelta(days=5))
    now = opened_request.request(desk, RITA, reference).row.version
    if status == "booked":
        now = reception.check_identity(desk, RITA, reference, now, False)
    else:
        now = clinician.call_back_to_review(desk, CLARA, reference, now)
    before = opened_request.request(desk, RITA, reference).row
    clock.forward(days=1)
    bookings.unbook(desk, RITA, reference, now, "The room is flooded")
    after = opened_request.request(desk, RITA, reference).row
    assert before.status == status
    assert before.due_at is not None
    assert after.due_at is not None
    assert after.due_at > before.due_at


@pytest.mark.both_engines
def test_what_is_marked_urgent_does_not_rest_until_the_day_of_its_appointment(
    desk: Desk, service: Service, clock: Clock
) -> None:
    other = send(service, name="Another Person")
    reference = booked_for(desk, service, clock.now.date() + timedelta(days=5))
    assert walk(desk, Filters("to_do"), 10) == [other]
    now = opened_request.request(desk, RITA, reference).row.version
    now = reception.mark_urgent(desk, RITA, reference, now, "The leg went cold")
    for filters in (Filters("to_do"), Filters("to_do", work_list="urgent_before_the_day")):
        assert walk(desk, filters, 10)[0] == reference
    counts = beside_lists.load(desk, CLARA).counts
    assert (counts.to_do, counts.by_list["booked"], counts.by_list["urgent_before_the_day"]) == (2, 0, 1)
    reception.unmark_urgent(desk, RITA, reference, now, "In hospital")
    assert walk(desk, Filters("to_do"), 10) == [other]
    assert walk(desk, Filters(work_list="booked"), 10) == [reference]


def test_answers_that_were_asked_again_hold_for_their_time_once_more(
    desk: Desk, service: Service, clock: Clock
) -> None:
    reference = booked_for(desk, service, clock.now.date() + timedelta(days=100))
    again = opened_request.request(desk, RITA, reference).row.ask_again_at
    assert again is not None
    clock.now = again
    now = opened_request.request(desk, RITA, reference).row.version
    reception.ask_again(desk, RITA, reference, now, changed=False)
    row = opened_request.request(desk, RITA, reference).row
    assert (row.work_list, row.ask_again_at) == ("booked", None)
    with writing(service.engine) as connection:
        connection.execute(update(tables.requests).values(counted=0))  # as a migration may leave it
    assert catching_up.count(desk) == 1
    assert opened_request.request(desk, RITA, reference).row.ask_again_at is None


def test_what_is_different_when_asked_again_stops_the_booking_and_goes_to_a_clinician(
    desk: Desk, service: Service, clock: Clock
) -> None:
    reference = booked_for(desk, service, clock.now.date() + timedelta(days=100))
    now = opened_request.request(desk, RITA, reference).row.version
    reception.ask_again(desk, RITA, reference, now, True, "Pregnant since", "pregnancy")
    assert [row.reference for row in queues.review_queue(desk, CLARA).rows] == [reference]


def test_a_booking_that_nothing_makes_old_is_not_asked_again(
    desk: Desk, service: Service, clock: Clock
) -> None:
    reference = booked_for(desk, service, clock.now.date() + timedelta(days=5))
    assert opened_request.request(desk, RITA, reference).row.ask_again_at is None
