"""What was typed is there again after whatever kept it from being saved, with and without script."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from screening.web.door import service_of
from tests.actors import Clock
from tests.breaking import missing_table
from tests.browser.colleagues import Person, person
from tests.browser.people import Patient
from tests.browser.serving import Server
from tests.staff.actors import STEP, Staff
from tests.staff.desk import TWO_FLAGS, arrives, at, fill
from tests.thorough import usually

pytestmark = pytest.mark.browser
WRITTEN = {"note": "note", "review": "kidney_liver-note"}  # a page to write on -> its field for words
WORDS = "Half a thought"


# With script and without, on a page with one field and on one with many.
BY_PAGE = pytest.mark.parametrize(
    ("doctor", "page"),
    usually([(True, "note"), (False, "review")], thorough=[*product((True, False), WRITTEN)]),
    indirect=["doctor"],
)


@pytest.fixture
def doctor(
    app: Flask, clock: Clock, address: str, chromium: Browser, request: pytest.FixtureRequest
) -> Person:
    """A clinician, signed in; whether scripts run there is given."""
    account = Staff(app, clock, ("clinician",))
    return person(chromium, address, account, java_script_enabled=bool(request.param))


def in_another_tab(doctor: Person, form: str) -> None:
    """Press the button in the head of a page, beside the one that is written on."""
    tab = doctor.context.new_page()
    tab.goto(f"{doctor.address}/staff/account")
    with tab.expect_navigation():  # a tab that is closed amid one may never close: crbug.com/536385539
        tab.locator(f'header form[action="{form}"] button').click()
    tab.close()


def signs_in(doctor: Person) -> None:
    """From wherever a session that ended has led."""
    if not doctor.page.locator("[name=password]").count():
        doctor.go("/staff/sign-in")
    doctor.page.fill("[name=email]", doctor.account.email)
    doctor.page.fill("[name=password]", doctor.account.password)
    doctor.press()
    doctor.account.clock.forward(seconds=STEP)
    doctor.page.fill("[name=code]", doctor.account.code())
    doctor.press()


def locked(doctor: Person, press: Callable[[], None]) -> None:
    in_another_tab(doctor, "/staff/lock")
    press()
    doctor.page.locator("main a.govuk-button").click()
    doctor.page.fill("[name=password]", doctor.account.password)
    doctor.press()


def expired(doctor: Person, press: Callable[[], None]) -> None:
    doctor.account.clock.forward(minutes=16)
    press()
    signs_in(doctor)


@BY_PAGE
@pytest.mark.parametrize("ended", [locked, expired])
def test_after_a_session_ended_its_writer_finds_the_words_on_their_page(
    app: Flask, doctor: Person, page: str, ended: Callable[[Person, Callable[[], None]], None]
) -> None:
    reference, field = arrives(app, **TWO_FLAGS), f"[name={WRITTEN[page]}]"
    doctor.go(at(reference, page))
    doctor.page.fill(field, WORDS)
    ended(doctor, doctor.press)
    doctor.go(at(reference, page))
    assert doctor.page.input_value(field) == WORDS


@BY_PAGE
def test_what_was_typed_before_signing_out_in_another_tab_stays_until_it_is_sent(
    app: Flask, doctor: Person, page: str
) -> None:
    reference, field = arrives(app, **TWO_FLAGS), f"[name={WRITTEN[page]}]"
    doctor.go(at(reference, page))
    doctor.page.fill(field, WORDS)
    in_another_tab(doctor, "/staff/sign-out")
    for _press in range(2):  # of another session, and then of none
        doctor.press()
        assert WORDS in doctor.page.content()
    written, doctor.page = doctor.page, doctor.context.new_page()
    signs_in(doctor)
    doctor.page = written
    doctor.press()
    assert doctor.page.locator("main").inner_text().count(WORDS) or doctor.page.input_value(field) == WORDS


@BY_PAGE
def test_what_is_refused_or_fails_stands_in_its_field(
    app: Flask, clock: Clock, doctor: Person, page: str
) -> None:
    reference, field = arrives(app, **TWO_FLAGS), f"[name={WRITTEN[page]}]"
    doctor.go(at(reference, page))
    doctor.page.fill(field, WORDS)
    with missing_table(app, "events"):
        doctor.press()
        assert doctor.page.input_value(field) == WORDS
    colleague = Staff(app, clock, ("reception",))
    colleague.comes_in()
    fill(colleague, at(reference, "urgent"), reason="Meanwhile")
    doctor.press()  # of a page that is stale now
    assert doctor.page.input_value(field) == WORDS


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_what_a_patient_typed_stands_in_its_field_after_a_failure_and_goes_on_later(
    app: Flask, address: str, chromium: Browser, javascript: bool
) -> None:
    server = Server(address, service_of(app).settings.instance)
    page = chromium.new_context(java_script_enabled=javascript).new_page()
    patient = Patient(page, server)
    patient.is_at("what_happened")
    patient.fill(WORDS)
    with missing_table(app, "drafts"):
        patient.press("Continue")
        expect(patient.box).to_have_value(WORDS)
    patient.page.locator("main form button").first.click()
    patient.go("what_happened")
    expect(patient.box).to_have_value(WORDS)
