"""A day's appointments, to print, and labels with name, date of birth and reference."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from flask import Flask
from pypdf import PdfReader

from screening.core.entries import Booking
from screening.desk import audit, bookings
from tests.desk.making import AUDREY, RITA, desk_of
from tests.staff.actors import Staff
from tests.staff.desk import arrives, at, body, rows

LONG = "Maximiliane Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"


def booked(app: Flask, day: date, time: str, **answers: str) -> str:
    """A request with an appointment; its reference."""
    reference, at_desk = arrives(app, **answers), desk_of(app)
    booking = Booking(day, time, "Room 7")
    bookings.book(at_desk, RITA, reference, 1, booking, identity=True, side=True)
    return reference


def test_a_day_has_its_appointments_by_time_and_no_others(app: Flask, desk: Staff) -> None:
    day = desk_of(app).service.today() + timedelta(days=3)
    late = booked(app, day, "14:00", name="Ann Late")
    early = booked(app, day, "09:15", name="Ben Early", birth_date="1950-03-02")
    booked(app, day + timedelta(days=1), "08:00", name="Cy Tomorrow")
    address = f"/staff/appointments?on-day={day.day}&on-month={day.month}&on-year={day.year}"
    page = desk.go(address)
    shown = body(page)
    assert shown.index(early) < shown.index("14:00") < shown.index(late)
    assert "Ben Early" in shown
    assert "Cy Tomorrow" not in shown
    assert not {"Ann Late", "Ben Early"} & set(str(page.elements("title")))
    assert "Cy Tomorrow" in body(desk.go(next(a["href"] for a in page.elements("a", rel="next"))))
    told = audit.history(desk_of(app), AUDREY, early)
    assert (told[-1].action, told[-1].who) == ("day_read", desk.name)


@pytest.mark.parametrize("on", ["on-day=31&on-month=2&on-year=2026", "on-day=x", "on-year=99999"])
def test_what_is_no_day_is_said_and_today_is_shown(desk: Staff, on: str) -> None:
    page = desk.go(f"/staff/appointments?{on}")
    assert page.status == 422
    assert page.elements("h1")


def labels(desk: Staff, **typed: object) -> list[str]:
    """The words of each sheet."""
    sent = {"csrf_token": desk.token(), **typed}
    response = desk.client.post("/staff/labels", data=sent)
    assert response.mimetype == "application/pdf"
    return [page.extract_text() for page in PdfReader(io.BytesIO(response.data)).pages]


def test_labels_say_whose_they_are_and_leave_used_places_free(app: Flask, desk: Staff) -> None:
    first, second = arrives(app, name=LONG), arrives(app, name="<b>Bo</b> #Typ", birth_date="1950-03-02")
    (sheet,) = labels(desk, chosen=[first, f"{second}.1", first, "nonsense"])
    for words in (LONG, first, "<b>Bo</b> #Typ", "2 March 1950", second):
        assert sheet.replace("\n", "").count(words) == 1
    assert len(labels(desk, chosen=[first, second], first="21")) == 2
    assert len(labels(desk, chosen=[first, second], first="999")) == 1
    told = audit.history(desk_of(app), AUDREY, second)
    assert [line.action for line in told].count("labels_made") == 3


def test_one_request_has_a_label_and_none_at_all_is_refused_in_words(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    assert rows(desk.go("/staff/requests")) == [reference]
    links = [link["href"] for link in desk.go(at(reference)).elements("a") if "label" in link["href"]]
    assert desk.client.get(*links).data.startswith(b"%PDF")
    assert desk.post("/staff/labels", {"chosen": ["nonsense"]}).status == 409
