"""What once slipped between two doors, tried by people at browsers: duplicates, clocks, exports, records."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from screening.storage import publications
from screening.storage.database import writing
from screening.web.door import service_of
from tests.actors import Clock, Patient
from tests.browser.colleagues import NARROW, Person, begins, person, reaches
from tests.browser.kinds import KNEE
from tests.browser.people import Patient as TypingPatient
from tests.browser.serving import Server
from tests.browser.test_staff_pages import is_usable
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at
from tests.usual import TREATMENT, USUAL

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(app: Flask, clock: Clock, address: str, chromium: Browser) -> Person:
    """Reception, signed in."""
    return person(chromium, address, Staff(app, clock, ("reception",)))


@pytest.fixture
def doctor(app: Flask, clock: Clock, address: str, chromium: Browser) -> Person:
    """A clinician, signed in."""
    return person(chromium, address, Staff(app, clock, ("clinician",)))


@pytest.fixture
def auditor(app: Flask, clock: Clock, address: str, chromium: Browser) -> Person:
    """Who looks after the record, signed in."""
    return person(chromium, address, Staff(app, clock, ("auditor",)))


def clocks(who: Person, reference: str) -> dict[str, str]:
    """What the page of a request says of its clocks: until when to get in touch, and to review."""
    who.go(at(reference))
    rows = who.page.locator(".govuk-summary-list__row")
    told = {row.locator("dt").inner_text(): row.locator("dd").inner_text() for row in rows.all()}
    return {name: told[name] for name in ("Get in touch by", "Review by")}


def test_what_was_open_at_a_duplicate_is_open_at_the_request_that_it_repeats(
    app: Flask, desk: Person, doctor: Person
) -> None:
    typed = "My leg is black since yesterday"
    kept, twice = arrives(app), arrives(app, **TWO_FLAGS, anything_else=typed)
    desk.go(at(twice, "duplicate"))
    desk.page.fill("[name=reference]", kept)
    desk.press()
    assert desk.go(at(kept, "book")) == 409
    doctor.go("/staff/review")
    assert doctor.rows() == [kept]
    doctor.go(at(kept, "review"))
    for flag in ("blood_thinners", "kidney_liver"):
        assert doctor.page.locator(f"[name={flag}-decision]").count()
    assert doctor.has(twice)
    assert desk.broken + doctor.broken == []


def test_a_request_of_another_treatment_is_no_duplicate(app: Flask, desk: Person) -> None:
    lumbar, knee = arrives(app, **TWO_FLAGS), Patient(app, "example-knee-injection")
    knee.fill_in({**KNEE, "bad_nights": 2})
    other = knee.reference(knee.send())
    desk.go(at(lumbar, "duplicate"))
    desk.page.fill("[name=reference]", other)
    desk.press()
    assert desk.page.input_value("[name=reference]") == other  # refused, with what was typed
    desk.go(at(lumbar))
    assert desk.page.locator(f'a[href="{at(lumbar, "duplicate")}"]').count()


def test_a_clock_runs_until_what_it_is_for_is_done(app: Flask, desk: Person, doctor: Person) -> None:
    reference = arrives(app, **TWO_FLAGS)
    first = clocks(desk, reference)
    desk.go(at(reference, "call"))
    desk.page.locator("[name=outcome][value=reached]").check()
    desk.press()
    spoken = clocks(desk, reference)
    assert spoken == first  # they spoke, and nothing that was promised is done
    doctor.go(at(reference, "review"))
    for flag in ("blood_thinners", "kidney_liver"):
        doctor.page.locator(f"[name={flag}-decision][value=proceed]").check()
    doctor.page.fill("[name=next_step]", "Book it")
    doctor.press()
    sent_back = clocks(desk, reference)
    assert sent_back["Get in touch by"] == first["Get in touch by"]
    assert sent_back["Review by"] != first["Review by"]


def test_patients_and_staff_go_on_while_an_export_is_made(
    app: Flask, clock: Clock, address: str, chromium: Browser, desk: Person
) -> None:
    references = [arrives(app) for _ in range(30)]
    doctor = person(chromium, address, Staff(app, clock, ("clinician", "reception")))
    doctor.go("/staff/exports")
    doctor.page.locator("[name=format][value=csv]").check()
    doctor.page.fill("[name=reason]", "For the meeting of the team")
    with doctor.page.expect_download() as begun:
        doctor.press()
        desk.go(at(references[0], "note"))
        desk.page.fill("[name=note]", "While the export is made")
        desk.press()
        patient: Page = chromium.new_context().new_page()
        patient.goto(f"{address}/lumbar-sympathetic-block/for_whom")
        assert patient.locator("main form").count()
    assert all(reference in begun.value.path().read_text(encoding="utf-8-sig") for reference in references)
    desk.go(at(references[0]))
    assert desk.has("While the export is made")


def test_who_read_a_request_and_who_tried_in_vain_is_on_its_record(
    app: Flask, desk: Person, doctor: Person, auditor: Person
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    desk.go("/staff/requests")
    desk.go(at(reference))
    assert desk.go(at(reference, "review")) == 403
    doctor.go(at(reference, "review"))
    doctor.go(at(reference, "print"))
    auditor.go("/staff/audit")
    rows = [row for row in auditor.page.locator("tbody tr").all_inner_texts() if reference in row]
    readings = [row for row in rows if desk.account.name in row or doctor.account.name in row]
    assert len([row for row in readings if desk.account.name in row]) >= 3  # the list, the page, in vain
    assert len([row for row in readings if doctor.account.name in row]) >= 2  # the review, the print
    assert auditor.broken == []


def test_who_has_begun_under_questions_that_were_taken_back_reads_so_at_both_doors(
    app: Flask, clock: Clock, address: str, chromium: Browser, desk: Person
) -> None:
    desk.page.set_viewport_size({"width": 320, "height": 700})
    form = begins(desk, desk.page)
    reaches(app, form, "what_happened", name="Anna Ahorn")
    patient = Person(chromium, address, desk.account, viewport=NARROW)
    at_home = TypingPatient(patient.page, Server(address, Path()))
    at_home.go("for_whom")
    at_home.fill_in(until="what_happened")
    service = service_of(app)
    version = next(found.version for found in service.treatments() if found.id == TREATMENT)
    with writing(service.engine) as connection:
        publications.recall(connection, TREATMENT, version, by="Robin", because="Unsafe", now=clock())
    service.library.load(clock())
    for door, typed in ((form, "On the telephone"), (at_home, "At home")):
        door.put(USUAL["pain_where"])  # of a page that was open before
        door.fill(typed, door.rule_set.by_id["what_happened"])
        door.press("Continue")
        assert door.name == "questions-withdrawn"
        expect(door.page.get_by_role("main")).to_contain_text(typed)
    is_usable(desk)
    is_usable(patient)
    assert desk.broken + patient.broken == []
