"""The auditor's page: events by person, request and day, named, and taken along as a file."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import pytest
from flask import Flask

from tests.actors import Clock, Page
from tests.staff.actors import Staff
from tests.staff.desk import arrives, at


@dataclass
class Days:
    """Two requests; the first was opened on two days, by two people."""

    first: str
    second: str
    desk: Staff
    doctor: Staff


@pytest.fixture
def days(app: Flask, clock: Clock, desk: Staff, clinician: Staff, auditor: Staff) -> Days:
    first, second = arrives(app), arrives(app)
    desk.go(at(first))
    desk.go(at(second))
    clock.forward(days=1)
    clinician.comes_in()
    clinician.go(at(first, "review"))
    auditor.comes_in()
    return Days(first, second, desk, clinician)


def lines(page: Page) -> list[dict[str, str]]:
    """The file as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO(page.response.get_data().decode("utf-8-sig"))))


def taken(auditor: Staff, address: str = "") -> list[dict[str, str]]:
    return lines(auditor.post(f"/staff/audit/export{address}"))


def read(found: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Who opened which, as far as the file says."""
    opened = [row for row in found if row["action"] in ("contact_read", "health_read")]
    return [(row["person"], row["requests"]) for row in opened]


def test_events_are_chosen_by_person_request_and_day(days: Days, auditor: Staff) -> None:
    desk, doctor = days.desk.id, days.doctor.id
    all_of_them = [(desk, days.first), (desk, days.second), (doctor, days.first)]
    assert read(taken(auditor)) == all_of_them
    assert read(taken(auditor, f"?who={doctor}")) == all_of_them[2:]
    assert read(taken(auditor, f"?reference={days.first}")) == [all_of_them[0], all_of_them[2]]
    day = "-day=23&{0}-month=11&{0}-year=2026"
    until, since = "until" + day.format("until"), "since" + day.format("since").replace("23", "24")
    assert read(taken(auditor, f"?{until}")) == all_of_them[:2]
    assert read(taken(auditor, f"?{since}&reference={days.first}")) == all_of_them[2:]
    shown = auditor.go(f"/staff/audit?{since}&action=opened")
    links = [link for link in shown.elements("a") if str(link["href"]).endswith("/history")]
    assert [str(link["href"]).split("/")[3] for link in links] == [days.first]


def test_a_list_that_was_looked_at_names_its_requests_on_the_page(
    days: Days, desk: Staff, auditor: Staff
) -> None:
    desk.comes_in()
    desk.go("/staff/requests")
    page = auditor.go(f"/staff/audit?who={desk.id}&action=list")
    for reference in (days.first, days.second):
        assert at(reference, "history") in [link["href"] for link in page.elements("a")]


def test_a_change_of_an_account_names_the_person(manager: Staff, desk: Staff, auditor: Staff) -> None:
    manager.comes_in()
    manager.post(f"/staff/people/{desk.id}", {"roles": ["reception", "auditor"]})
    auditor.comes_in()
    page = auditor.go(f"/staff/audit?who={desk.id}&action=roles")
    assert manager.name in page.text
    assert f"person: {desk.name}" in page.text


def test_a_day_that_is_none_is_said_and_nothing_is_taken(days: Days, auditor: Staff) -> None:
    wrong = "since-day=31&since-month=2&since-year=2026"
    page = auditor.go(f"/staff/audit?{wrong}")
    assert page.status == 422
    assert days.first not in page.text
    assert auditor.post(f"/staff/audit/export?{wrong}").status == 422


def test_what_is_taken_is_itself_an_event_with_what_was_looked_for(days: Days, auditor: Staff) -> None:
    address = f"?who={days.doctor.id}&action=opened"
    taken(auditor, address)
    last = taken(auditor)
    made = [row for row in last if row["action"] == "audit_exported"]
    assert [row["name"] for row in made] == [auditor.name, auditor.name]
    assert days.doctor.name in made[0]["details"]
    assert "opened" in made[0]["details"]
    numbers = [int(row["number"]) for row in last]
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(len(row["hash"]) == 64 for row in last)


def test_nobody_else_takes_the_audit(desk: Staff) -> None:
    assert desk.post("/staff/audit/export").status == 403
