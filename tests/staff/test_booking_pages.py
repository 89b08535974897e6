"""Booking: in one form, for somebody who is known, on a day to come; and how the patient hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from screening.desk.bookings import SIDE_CONFIRMED
from screening.staff import request_page
from tests.actors import Clock
from tests.conftest import MakeApp
from tests.every_page import BY_MAIL
from tests.staff.actors import Staff
from tests.staff.desk import arrives, at, body, books, fill, identify, rows


def test_reception_books_what_needs_no_review(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    fill(desk, at(reference, "ready"))
    identify(desk, reference)
    wrong = fill(desk, at(reference, "book"), on__day="31", on__month="2", on__year="2027", place="")
    assert wrong.status == 422
    assert wrong.value("on-day") == "31"
    when = {"on__day": "3", "on__month": "3", "on__year": "2027", "at": "9.30"}
    page = fill(desk, at(reference, "book"), **when, place="Room 7", what="consultation", side="y")
    assert page.path == at(reference)
    assert "3 March 2027, 09:30, Room 7" in page.text
    fill(desk, at(reference, "unbook"), reason="Snow")
    assert "Room 7" not in body(desk.go(at(reference))).split("Notes")[0]


def test_a_clean_request_is_booked_from_its_next_step_in_one_form(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    page = desk.go(at(reference))
    (button,) = [link for link in page.elements("a") if "data-next-step" in link]
    assert button["href"] == at(reference, "book")
    when = {"on__day": "3", "on__month": "3", "on__year": "2027", "at": "9.30", "what": "consultation"}
    unchecked = fill(desk, at(reference, "book"), **when, place="Room 7")
    assert unchecked.status == 422  # nobody said who it is
    booked = fill(desk, at(reference, "book"), **when, place="Room 7", known="y", side="y")
    assert "3 March 2027, 09:30, Room 7" in booked.text
    assert rows(desk.go(f"/staff/requests?list=booked&owner={desk.id}")) == [reference]
    calendar = desk.go(at(reference, "appointment.ics"))
    assert b"DTSTART:20270303T093000Z" in calendar.response.data
    again = desk.go(at(reference, "book"))
    assert "3 March 2027, 09:30, Room 7" in again.text
    assert not again.elements("input", name="known")


def test_who_takes_back_the_identity_check_of_a_booking_is_led_to_another_one(
    app: Flask, desk: Staff, doctor: Staff
) -> None:
    reference = arrives(app)
    when = {"on__day": "3", "on__month": "3", "on__year": "2027", "at": "9.30", "what": "consultation"}
    booked = fill(desk, at(reference, "book"), **when, place="Room 7", known="y", side="y")
    assert [link for link in booked.elements("a") if "data-next-step" in link] == []
    assert rows(desk.go()) == []  # nothing is to be done until the day
    taken_back = fill(doctor, at(reference, "identity"), checked="no", how="It was her sister")
    (button,) = [link for link in taken_back.elements("a") if "data-next-step" in link]
    assert button["href"] == at(reference, "identity")
    for listed in ("", "?list=booked_but_stopped"):
        assert rows(desk.go(f"/staff/requests{listed}")) == [reference]
    again = fill(desk, at(reference, "identity"), checked="yes", how="She gave her address")
    assert rows(desk.go("/staff/requests?list=booked")) == [reference]
    assert [link for link in again.elements("a") if "data-next-step" in link] == []


@pytest.mark.parametrize(("mails", "answers"), [(True, BY_MAIL), (True, {}), (False, BY_MAIL)])
def test_whoever_books_is_told_how_the_patient_hears_of_it(
    make_app: MakeApp, clock: Clock, mails: bool, answers: dict[str, object]
) -> None:
    app = make_app(smtp_host="127.0.0.1", mail_from="clinic@example.org") if mails else make_app()
    who, reference = Staff(app, clock, ("reception",)), arrives(app, **answers)
    who.comes_in()
    with app.test_request_context():
        sent, tell = str(request_page.CONFIRMED), str(request_page.TELL_THEM)
    asked = who.go(at(reference, "book"))
    done = books(who, reference, clock.now.date() + timedelta(days=9))
    for page in (asked, done):
        assert (sent in page.text, tell in page.text) == (mails and bool(answers), not (mails and answers))


def test_who_cancels_an_appointment_is_told_how_the_patient_hears_of_it(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    when = {"on__day": "3", "on__month": "3", "on__year": "2027", "at": "9.30", "what": "consultation"}
    fill(desk, at(reference, "book"), **when, place="Room 7", known="y", side="y")
    form = desk.go(at(reference, "unbook"))
    assert str(request_page.TELL_THEM_NOT_TO_COME) in body(form)
    assert str(request_page.TELL_THEM_NOT_TO_COME) in body(fill(desk, at(reference, "unbook"), reason="Snow"))


def test_the_side_is_confirmed_with_the_patient_before_booking_and_that_is_noted(
    app: Flask, desk: Staff
) -> None:
    reference = arrives(app)
    when = {"on__day": "3", "on__month": "3", "on__year": "2027", "what": "consultation", "known": "y"}
    assert fill(desk, at(reference, "book"), **when, place="Room 7").status == 422
    before = desk.go(at(reference)).text
    booked = fill(desk, at(reference, "book"), **when, place="Room 7", side="y").text
    assert SIDE_CONFIRMED in booked
    assert SIDE_CONFIRMED not in before


@pytest.mark.parametrize(
    ("over", "status"), [({"on__day": "22"}, 422), ({"on__day": "23", "at": "08:59"}, 409)]
)
def test_nothing_is_booked_for_a_time_that_is_over(
    app: Flask, desk: Staff, over: dict[str, str], status: int
) -> None:
    reference = arrives(app)
    when = {
        "on__month": "11",
        "on__year": "2026",
        "what": "consultation",
        "known": "y",
        "side": "y",
        "place": "Room 7",
    }
    page = fill(desk, at(reference, "book"), **(when | over))
    assert page.status == status
    assert page.value("on-day") == over["on__day"]
    assert rows(desk.go("/staff/requests?list=booked")) == []


def test_the_clinics_places_and_times_are_offered(make_app: MakeApp, clock: Clock) -> None:
    app = make_app(places="Room 7, first floor", usual_times="09:00, 09:30")
    who = Staff(app, clock, ("reception",))
    who.sign_in()
    page = who.go(at(arrives(app), "book"))
    assert page.value("place") == "Room 7, first floor"
    offered = {option.get("value") for option in page.elements("option")}
    assert {"09:00", "09:30", "Room 7, first floor"} <= offered
