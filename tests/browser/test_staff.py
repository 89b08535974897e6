"""Three people, one request, a real browser: it arrives, must be reviewed, is reviewed, is booked."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.actors import Clock
from tests.browser.colleagues import NARROW, Person, person
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
def test_a_request_is_reviewed_and_then_booked(
    app: Flask, clock: Clock, address: str, chromium: Browser, scripts: bool
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    accounts = Staff(app, clock, ("reception",)), Staff(app, clock, ("clinician",))
    desk, doctor = (person(chromium, address, one, java_script_enabled=scripts) for one in accounts)

    desk.go("/staff/requests")
    assert "2" in desk.page.locator("tbody td").first.inner_text()  # flags to look at
    desk.page.click(f"text={reference}")
    assert not desk.has("arfarin")
    assert desk.go(at(reference, "book")) == 409
    assert desk.go(at(reference, "review")) == 403
    desk.go(at(reference))
    desk.page.locator("main summary").click()
    desk.page.locator(f'form[action="{at(reference, "to-review")}"] button').click()

    doctor.go("/staff/review")
    doctor.page.click(f"text={reference}")
    assert doctor.has("arfarin")
    assert doctor.go(at(reference, "send-back")) == 409
    doctor.go(at(reference, "review"))
    doctor.page.fill("[name=blood_thinners-note]", "A note whose decision is forgotten")
    doctor.page.fill("[name=kidney_liver-note]", "Plasters only")
    doctor.page.locator("[name=kidney_liver-decision][value=discuss]").check()
    doctor.press()
    # Nothing was saved, and nothing that was typed on any item is gone.
    assert doctor.page.input_value("[name=blood_thinners-note]") == "A note whose decision is forgotten"
    assert doctor.page.input_value("[name=kidney_liver-note]") == "Plasters only"
    doctor.page.locator("[name=blood_thinners-decision][value=proceed]").check()
    doctor.page.fill("[name=next_step]", "Book half an hour")
    doctor.press()
    assert doctor.has("Plasters only")

    desk.go(at(reference))
    assert desk.has("Book half an hour")
    booked(desk, reference)
    assert desk.has("Room 7")
    assert desk.broken + doctor.broken == []


def booked(desk: Person, reference: str) -> None:
    """Who the patient is, and a consultation."""
    desk.go(at(reference, "identity"))
    desk.page.locator("[name=checked][value=yes]").check()
    desk.press()
    desk.go(at(reference, "book"))
    for part, text in {"day": "3", "month": "3", "year": "2027"}.items():
        desk.page.fill(f"[name=on-{part}]", text)
    desk.page.fill("[name=place]", "Room 7")
    desk.page.locator("[name=what][value=consultation]").check()
    desk.page.locator("[name=side]").check()
    desk.press()


def test_words_that_no_rule_reads_are_read_by_a_clinician_before_anything_is_booked(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    typed = "I take warfarin, my leg is black since yesterday, I want to end my life"
    reference = arrives(app, anything_else=typed)
    accounts = Staff(app, clock, ("reception",)), Staff(app, clock, ("clinician",))
    desk, doctor = (person(chromium, address, one) for one in accounts)
    assert desk.go(at(reference, "ready")) == 409
    assert desk.go(at(reference, "close")) == 409
    doctor.go("/staff/review")
    doctor.page.click(f"text={reference}")
    assert doctor.has(typed)
    doctor.page.fill("[name=next_step]", "Ring today, then book")
    doctor.press()
    assert doctor.page.input_value("[name=next_step]") == "Ring today, then book"  # refused: it is not read
    doctor.page.locator("[name=read]").check()
    doctor.press()
    booked(desk, reference)
    assert desk.has("Room 7")
    assert desk.broken + doctor.broken == []


def test_what_is_learnt_on_the_telephone_takes_a_booking_back_to_the_clinicians(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    reference = arrives(app)
    accounts = Staff(app, clock, ("reception",)), Staff(app, clock, ("clinician",))
    desk, doctor = (person(chromium, address, one) for one in accounts)
    booked(desk, reference)
    desk.go(at(reference, "raise"))
    desk.page.select_option("[name=flag]", "pregnancy")
    desk.page.fill("[name=told]", "now 8 weeks pregnant, on warfarin")
    desk.press()
    assert desk.go(at(reference, "book")) == 409
    doctor.go("/staff/review")
    doctor.page.click(f"text={reference}")
    assert doctor.has("now 8 weeks pregnant, on warfarin")
    doctor.page.locator("[name=pregnancy-decision][value=do_not_proceed]").check()
    doctor.page.fill("[name=pregnancy-note]", "Not while pregnant")
    doctor.page.fill("[name=next_step]", "Tell the patient")
    doctor.press()
    # Booked but stopped: the appointment still shows, and can be cancelled.
    desk.go(at(reference))
    assert desk.has("Room 7")
    assert desk.has("Tell the patient")
    desk.page.click(f'a[href="{at(reference, "unbook")}"] >> nth=0')
    desk.page.fill("[name=reason]", "Stopped by the doctor")
    desk.press()
    assert desk.broken + doctor.broken == []


def test_the_queue_is_worked_by_keys_which_can_be_turned_off(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    first = arrives(app)
    clock.forward(minutes=1)
    second = arrives(app)
    desk = person(chromium, address, Staff(app, clock, ("reception",)))
    desk.go("/staff/requests")
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("k")
    assert first in desk.page.evaluate("document.activeElement.textContent")
    ticked = "[...document.querySelectorAll('[name=chosen]')].map(tick => tick.checked)"
    desk.page.keyboard.press("x")
    assert desk.page.evaluate(ticked) == [True, False]
    for every in (True, False):
        desk.page.keyboard.press("a")
        assert desk.page.evaluate(ticked) == [every, every]
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(f"**{at(second)}")
    desk.page.keyboard.press("/")  # the search of the first page, where this one has none
    desk.page.wait_for_url("**/staff/requests#search")
    expect(desk.page.locator("#search")).to_be_focused()
    for path in (at(second), "/staff/requests", at(second, "note")):
        desk.go(path)
        last = desk.page.locator("[data-list]").last
        keys, href = last.get_attribute("data-list"), last.get_attribute("href")
        assert keys is not None
        for key in f"g{keys}":
            desk.page.keyboard.press(key)
        desk.page.wait_for_url(f"**{href}")
    desk.go("/staff/requests")
    desk.page.fill("#search", "j")
    desk.page.focus("#search")
    desk.page.keyboard.press("j")
    assert desk.page.input_value("#search") in ("jj", "j")
    desk.page.click("[data-keys-switch]")
    desk.go("/staff/requests")
    desk.page.keyboard.press("j")
    assert desk.page.evaluate("document.activeElement.tagName") == "BODY"
    assert desk.broken == []


def test_no_page_is_wider_than_a_small_phone(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    reference = arrives(app, **TWO_FLAGS, name="Wolfeschlegelsteinhausenbergerdorff", needs=["interpreter"])
    everyone = Staff(app, clock, ("reception", "clinician", "auditor"))
    one = person(chromium, address, everyone, viewport=NARROW)
    own = ["", "note", "call", "hand-over", "close", "book", "review", "print", "history"]
    pages = [at(reference, name) for name in own]
    pages += ["/staff/requests", "/staff/review", "/staff/entry", "/staff/exports", "/staff/audit"]
    pages += ["/staff/entry/lumbar-sympathetic-block"]
    for path in pages:
        one.go(path)
        assert one.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], path
    assert one.broken == []
