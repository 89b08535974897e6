"""Work lists in a real browser: stopped after booking, urgent, asked again before the day, closed after."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.actors import Clock
from tests.browser.colleagues import NARROW, Person, person
from tests.browser.test_staff_pages import is_usable
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at
from tests.thorough import usually

pytestmark = pytest.mark.browser


EITHER = usually([True], thorough=[True, False])  # without script, staff work in `test_staff`


@pytest.fixture(params=EITHER, ids=["with script", "without script"][: len(EITHER)])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Whether browsers run scripts."""
    return bool(request.param)


@pytest.fixture
def desk(app: Flask, clock: Clock, address: str, chromium: Browser, scripts: bool) -> Person:
    """Reception, signed in."""
    return person(chromium, address, Staff(app, clock, ("reception",)), java_script_enabled=scripts)


@pytest.fixture
def doctor(app: Flask, clock: Clock, address: str, chromium: Browser, scripts: bool) -> Person:
    """A clinician, signed in."""
    return person(chromium, address, Staff(app, clock, ("clinician",)), java_script_enabled=scripts)


def decides(
    doctor: Person, reference: str, *flags: str, decision: str = "", step: str = "", note: str = ""
) -> None:
    """The clinician fills in the review page and saves it."""
    doctor.go(at(reference, "review"))
    for flag in flags:
        within = doctor.page.locator(f"#flag-{flag}")
        if within.locator("details:not([open])").count():
            within.locator("summary").click()
        within.locator(f"input[value={decision}]").check()
        if note:
            within.locator(f"[name={flag}-note]").fill(note)
    doctor.page.fill("[name=next_step]", step)
    doctor.press()


def books(desk: Person, reference: str, on: date) -> None:
    """Reception checks who it is and books."""
    desk.go(at(reference, "identity"))
    desk.page.locator("input[value=yes]").check()
    desk.press()
    desk.go(at(reference, "book"))
    for part in ("day", "month", "year"):
        desk.page.fill(f"[name=on-{part}]", str(getattr(on, part)))
    desk.page.fill("[name=place]", "Room 7")
    desk.page.locator("input[value=consultation]").check()
    desk.page.locator("[name=side]").check()
    desk.press()
    assert desk.has("Room 7")


def listed(who: Person, name: str) -> list[str]:
    """The references on a work list, reached by its link above the queue."""
    who.go("/staff/requests")
    who.page.locator(f'.desk-counts a[href$="list={name}"]').click()
    who.page.wait_for_load_state()
    return who.rows()


def what_to_do(who: Person) -> str:
    """What a page says on top, above notes and what was done."""
    return who.page.locator(".desk-columns > div").first.inner_text()


def signs_in_again(who: Person) -> None:
    """After days away."""
    who.context.clear_cookies()
    who.sign_in()


def test_what_is_stopped_after_booking_is_on_a_list_until_reception_cancels_it(
    app: Flask, clock: Clock, desk: Person, doctor: Person
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    decides(doctor, reference, "blood_thinners", "kidney_liver", decision="proceed", step="Book half an hour")
    desk.go(at(reference))
    assert "Book half an hour" in what_to_do(desk)
    books(desk, reference, clock.now.date() + timedelta(days=3))
    assert listed(desk, "booked") == [reference]

    decides(doctor, reference, "blood_thinners", decision="do_not_proceed", note="Not before the test")
    desk.go(at(reference))
    assert "Book half an hour" not in what_to_do(desk)
    assert desk.has("Room 7")

    decides(doctor, reference, step="Tell the patient that we wait for a test")
    assert listed(doctor, "booked_but_stopped") == [reference]
    assert listed(desk, "booked_but_stopped") == [reference]
    desk.page.locator("[data-row]").click()
    assert "we wait for a test" in what_to_do(desk)
    desk.page.locator(f'a[href="{at(reference, "unbook")}"]').first.click()
    desk.page.fill("[name=reason]", "Stopped by the doctor")
    desk.press()
    assert desk.at() == at(reference)
    assert desk.page.locator(f'a[href="{at(reference, "unbook")}"]').count() == 0
    assert listed(desk, "booked_but_stopped") == []
    assert listed(desk, "to_tell") == [reference]
    assert desk.broken + doctor.broken == []


def test_what_is_marked_urgent_is_first_for_clinicians_with_its_reason(
    app: Flask, clock: Clock, desk: Person, doctor: Person
) -> None:
    references = []
    for number in range(3):
        references.append(arrives(app, **TWO_FLAGS, name=f"Patient {'ABC'[number]}"))
        clock.forward(minutes=3)
    desk.go(at(references[2], "urgent"))
    desk.page.fill("[name=reason]", "The GP rang about it")
    desk.press()
    doctor.go("/staff/review")
    assert doctor.rows() == [references[2], references[0], references[1]]
    first = doctor.page.locator("tbody tr").first.inner_text()
    assert "The GP rang about it" in first
    desk.go("/staff/requests")
    assert not desk.has("The GP rang about it")
    assert desk.rows()[0] == references[2]
    assert desk.broken + doctor.broken == []


def test_before_the_day_somebody_asks_again_and_after_it_the_request_is_closed(
    app: Flask, clock: Clock, desk: Person
) -> None:
    reference = arrives(app)
    books(desk, reference, clock.now.date() + timedelta(days=60))
    assert listed(desk, "to_ask_again") == []
    clock.forward(days=54)
    signs_in_again(desk)
    assert listed(desk, "to_ask_again") == [reference]
    desk.page.locator("[data-row]").click()
    desk.page.locator(f'a[href="{at(reference, "ask-again")}"]').first.click()
    desk.page.locator("input[value=no]").check()
    desk.press()
    assert desk.at() == at(reference)
    assert listed(desk, "to_ask_again") == []
    assert listed(desk, "booked") == [reference]
    clock.forward(days=8)
    signs_in_again(desk)
    assert listed(desk, "appointment_over") == [reference]
    desk.go(at(reference, "close"))
    desk.page.locator("input[value=attended]").check()
    desk.press()
    assert listed(desk, "appointment_over") == []
    assert desk.broken == []


@pytest.mark.parametrize("scripts", [True], indirect=True, ids=["with script"])
def test_what_is_different_when_asked_again_goes_to_a_clinician(
    app: Flask, clock: Clock, desk: Person, doctor: Person
) -> None:
    reference = arrives(app)
    books(desk, reference, clock.now.date() + timedelta(days=60))
    desk.go(at(reference, "ask-again"))
    desk.page.locator("input[value=yes]").check()
    desk.page.fill("[name=told]", "Has taken apixaban since January")
    desk.press()
    doctor.go("/staff/review")
    doctor.page.click(f"text={reference}")
    assert doctor.has("Has taken apixaban since January")
    assert listed(desk, "to_review") == [reference]
    assert desk.broken + doctor.broken == []


@pytest.mark.parametrize("scripts", [True], indirect=True, ids=["with script"])
def test_the_lists_are_usable_on_a_small_phone(
    app: Flask, clock: Clock, address: str, chromium: Browser, desk: Person
) -> None:
    reference = arrives(app, name="Wolfeschlegelsteinhausenbergerdorff", needs=["interpreter"])
    books(desk, reference, clock.now.date() + timedelta(days=60))
    urgent = arrives(app, **TWO_FLAGS)
    desk.go(at(urgent, "urgent"))
    desk.page.fill("[name=reason]", "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz")
    desk.press()
    clock.forward(days=54)
    both = Staff(app, clock, ("reception", "clinician"), email="both@clinic.example")
    narrow = person(chromium, address, both, viewport=NARROW)
    for path in ("requests", "requests?list=to_ask_again", "requests?overdue=y", "review"):
        narrow.go(f"/staff/{path}")
        is_usable(narrow)
    assert narrow.broken == []


@pytest.mark.parametrize("scripts", [True], indirect=True)
def test_a_row_says_who_has_it_open_and_says_it_no_more_once_they_left(
    app: Flask, desk: Person, doctor: Person
) -> None:
    reference = arrives(app)
    desk.go("/staff/requests")
    line = desk.page.locator(f"[data-looks='{reference}']")
    doctor.go(at(reference, "book"))
    expect(line).to_have_text(re.compile(re.escape(doctor.account.name)), timeout=9_000)
    doctor.go("/staff")
    expect(line).to_be_hidden(timeout=9_000)
    desk.go(at(reference, "note"))
    assert not desk.has(doctor.account.name)
    assert desk.broken == doctor.broken == []
