"""A stranger's flood ends, others go on, and staff are told in one line."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from screening.patient.limits import LIMITS, Limit
from screening.storage import tables
from screening.storage.database import reading
from screening.web.door import service_of
from tests.actors import Clock, Page, Patient
from tests.sending import filled_in
from tests.staff.actors import Staff
from tests.usual import TREATMENT

STRANGER, OTHER, CLINIC = "198.51.100.7", "192.0.2.9", "203.0.113.5"
FEW = {"draft": Limit(4, 30), "request": Limit(2, 6)}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with fewer, so that a test need not send hundreds."""
    for kind, limit in FEW.items():
        monkeypatch.setitem(LIMITS, kind, limit)


def sends(app: Flask, address: str) -> Page:
    """A filled-in form, sent from there."""
    patient = Patient(app)
    visit = filled_in(service_of(app))
    assert visit.token is not None
    patient.client.set_cookie("draft", visit.token.encode(), path=f"/{TREATMENT}")
    patient.client.environ_base["REMOTE_ADDR"] = address
    return patient.send()


def begins(app: Flask, address: str) -> int:
    """The status of a first answer from there."""
    patient = Patient(app)
    patient.client.environ_base["REMOTE_ADDR"] = address
    question = patient.rule_set.questions[0].id
    page = patient.post(question, patient.typed(question, "me"), follow=False)
    return page.status


def kept(app: Flask) -> int:
    with reading(service_of(app).engine) as connection:
        return len(connection.execute(select(tables.requests.c.reference)).all())


def test_requests_from_one_address_end_and_another_goes_on(app: Flask, clock: Clock) -> None:
    for _ in range(2):
        assert sends(app, STRANGER).status == 200
    refused = sends(app, STRANGER)
    assert refused.status == 429
    assert refused.elements("input", name="shown")  # the check page, with all that was said
    assert sends(app, OTHER).status == 200
    assert kept(app) == 3
    clock.forward(hours=1)
    assert sends(app, STRANGER).status == 200


def test_drafts_from_one_address_end_and_what_was_typed_stays(app: Flask) -> None:
    assert [begins(app, STRANGER) for _ in range(5)] == [303] * 4 + [429]
    assert begins(app, OTHER) == 303


def test_a_household_is_one_whatever_address_it_takes(app: Flask) -> None:
    found = [begins(app, f"2001:db8:1:2::{number}") for number in range(1, 6)]
    assert found == [303] * 4 + [429]
    assert begins(app, "2001:db8:1:3::1") == 303


def test_from_many_addresses_there_is_an_end_too(app: Flask) -> None:
    found = [sends(app, f"198.51.100.{number}").status for number in range(7)]
    assert found == [200] * 6 + [429]


def test_the_clinics_own_network_may_send_many(make_app: Any) -> None:
    app = make_app(clinic_networks="203.0.113.0/24")
    assert [sends(app, CLINIC).status for _ in range(4)] == [200] * 4


def test_a_flood_is_one_line_to_staff_and_told_to_monitors(app: Flask, reception: Staff) -> None:
    reception.sign_in()
    assert not reception.go("/staff/requests").elements("p", id="flood")
    for _ in range(9):
        begins(app, STRANGER)
    assert len(reception.go("/staff/requests").elements("p", id="flood")) == 1
    assert "flood" in app.test_client().get("/ready").json["attention"]  # type: ignore[index]  # it is there


def test_no_address_is_kept(app: Flask) -> None:
    begins(app, STRANGER)
    with reading(service_of(app).engine) as connection:
        rows = connection.execute(select(tables.arrivals)).all()
    assert rows
    assert STRANGER not in str(rows)
