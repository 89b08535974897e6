"""Every page of the staff door: as people with any ability meet it, and with markup in every field."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from flask import Flask
from playwright.sync_api import Browser, expect

from screening.core.messages import Letter
from screening.desk import opened_request
from screening.storage import messages
from screening.storage.database import writing
from screening.storage.messages import LinkSecret
from screening.web.door import service_of
from tests.actors import Clock
from tests.browser.colleagues import NARROW, WIDE, Person, begins, person, reaches
from tests.browser.test_typed_markup import BORN, ONE_OF_ALL, TALKATIVE
from tests.desk.making import CLARA, RITA, decide, desk_of
from tests.every_page import FORM, HALFWAY, LOCKED, SIGNING_IN, STAFF, stage
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at
from tests.usual import TREATMENT

pytestmark = pytest.mark.browser

STANDARD = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
OF_A_REQUEST = (
    "",
    "note",
    "message",
    "call",
    "hand-over",
    "identity",
    "urgent",
    "duplicate",
    "close",
    "withdraw",
    "history",
)
EVERYTHING = ("reception", "clinician", "manager", "auditor")
LAID_OUT_WIDE = (
    *("staff.inbox", "staff.show", "staff.review", "staff.reviews", "staff.whole_person", "staff.beside"),
    *("staff.entry", "staff.appointments", "staff.away_page", "staff.undelivered", "staff.people"),
    *("staff.message_template", "staff.audit_log", "staff.rule_sets"),
)
TABLES_TO_PUSH = """() => [...document.querySelectorAll('main *:has(table)')]
    .filter(one => /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth)
    .map(one => one.outerHTML)"""
WORDS_CUT_IN_TWO = """most => {
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), found = []
  const unseen = part => part && (part.offsetWidth <= 1 || unseen(part.parentElement))
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    for (const word of unseen(text.parentElement) ? [] : text.data.matchAll(/[^\\s\\-\\/@.]+/g)) {
      const range = document.createRange()
      range.setStart(text, word.index)
      range.setEnd(text, word.index + word[0].length)
      const parts = [...range.getClientRects()]
      const wide = parts.reduce((sum, part) => sum + part.width, 0)
      if (new Set(parts.map(part => Math.round(part.top))).size > 1 && wide < most) found.push(word[0])
    }
  }
  return found
}"""
LONG = "Wolfeschlegelsteinhausenbergerdorff"


@pytest.fixture
def app(talking: Flask) -> Flask:
    """A clinic that writes to patients, so that there are pages for it."""
    return talking


def test_no_page_shuts_anybody_out_or_scrolls_sideways(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    """By axe, on the narrowest screen; pages that are laid out otherwise on a wide one, there too."""
    one = person(chromium, address, Staff(app, clock, EVERYTHING, name="A" * 60), viewport=NARROW)
    staged = stage(app, one.account.id, LONG, LONG[:-1])
    for path in staged.addresses(STAFF):
        one.go(path)
        is_usable(one)
    one.go("/staff/requests")
    one.page.locator("[name=chosen]").first.check()
    one.page.select_option("[name=act]", "take")
    one.page.locator("#many button").click()
    assert one.at() == "/staff/requests/many"
    is_usable(one)
    one.page.set_viewport_size({"width": 1280, "height": 800})
    for path in staged.addresses({endpoint: STAFF[endpoint][-1:] for endpoint in LAID_OUT_WIDE}):
        one.go(path)
        is_usable(one, WIDE["width"])
    one.page.set_viewport_size({"width": 320, "height": 700})
    one.page.locator('header form[action="/staff/lock"] button').click()
    assert one.at() in staged.addresses(LOCKED)
    is_usable(one)
    one.page.locator('main form[action="/staff/sign-out"] button').click()
    for path in staged.addresses(SIGNING_IN):
        one.go(path)
        is_usable(one)
    one.gives_password()
    for path in staged.addresses(HALFWAY):
        one.go(path)
        assert one.at() == path
        is_usable(one)
    assert one.broken == []


def test_no_page_behind_a_link_to_a_question_shuts_anybody_out(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    """What a patient was sent to: the code, the question, that it was kept."""
    reference = arrives(app, **TWO_FLAGS, birth_date="1961-04-12")
    desk = desk_of(app)
    decide(desk, CLARA, reference, 1, "blood_thinners", "ask_patient", "", "Which dose do you take?")
    (asked,) = opened_request.request(desk, RITA, reference).questions
    link, message = LinkSecret.new(), "0f" * 16
    with writing(desk.service.engine) as connection:
        key, now = desk.service.sealing_key(connection), clock()
        messages.put(connection, key, message, reference, "mail", "question", Letter("s", "w"), now)
        messages.give_link(connection, message, asked.id, link, now + timedelta(days=1))
    patient = Person(chromium, address, Staff(app, clock, ("auditor",)), viewport=NARROW)
    patient.go(f"/answer/{link.token}")
    is_usable(patient)
    for part, said in zip(("day", "month", "year"), ("12", "4", "1961"), strict=True):
        patient.page.fill(f"[name=birth_date-{part}]", said)
    patient.page.fill("[name=code]", link.code)
    patient.press()
    expect(patient.page.locator("main textarea")).to_be_visible()
    is_usable(patient)
    patient.page.locator("main textarea").fill("5 mg")
    patient.press()
    expect(patient.page.locator("main textarea")).to_have_count(0)
    assert opened_request.request(desk, RITA, reference).questions[0].answer == "5 mg"
    is_usable(patient)
    assert patient.broken == []


def test_no_page_of_filling_in_shuts_anybody_out_or_scrolls_sideways(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    one = person(chromium, address, Staff(app, clock, ("reception",), name="A" * 60), viewport=NARROW)
    been: set[str] = set()

    def is_well(who: Person) -> None:
        is_usable(who)
        been.add(app.url_map.bind("localhost").match(who.at())[0])

    tab = begins(one, one.page)
    is_well(one)
    reaches(app, tab, "side", name="Wolfeschlegelsteinhausenbergerdorff")
    is_well(one)
    side = one.at()
    for path in (
        "/staff/entry",
        *(side.replace("side", name) for name in ("delete-the-answers", "hand-over")),
    ):
        one.go(path)
        is_well(one)
    colleague = Staff(app, clock, ("reception",), name="B" * 60, email="b@clinic.example")
    second = person(chromium, address, colleague, viewport=NARROW)
    for path in ("/staff/entry", side):
        second.go(path)
        is_well(second)
    other = begins(one)
    reaches(app, other, "side", name="Sam Example")
    one.go(side)
    elsewhere = urlsplit(other.page.url).path
    one.page.locator("main form").first.evaluate("(form, path) => { form.action = path }", elsewhere)
    tab.answer("right")
    assert one.has("Right")
    is_well(one)
    one.go(side)
    reaches(app, tab, "check-your-answers")
    is_well(one)
    one.press()
    is_well(one)
    assert been >= {*FORM, "staff.entry_sent"}
    assert one.broken == []


def is_usable(one: Person, width: int = NARROW["width"]) -> None:
    found = Axe().run(one.page, options=STANDARD).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == [], one.page.url
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width, one.page.url
    assert one.page.evaluate(TABLES_TO_PUSH) == [], one.page.url
    assert one.page.evaluate(WORDS_CUT_IN_TWO, NARROW["width"] / 2) == [], one.page.url


def write_everything(one: Person, reference: str, payload: str) -> None:
    """Into each field of each action that leaves the request open."""
    for page, choice in (("note", ""), ("call", "left_message"), ("identity", "yes"), ("urgent", "")):
        one.go(at(reference, page))
        fill_all(one, "main", payload)
        if choice:
            one.page.locator(f"input[value={choice}]").check()
        one.press()
        assert one.at() == at(reference), page
    one.go(at(reference, "review"))
    form = f'form[action="{at(reference, "review")}"]'
    for flag, choice in (("blood_thinners", "ask_patient"), ("kidney_liver", "do_not_proceed")):
        for name in ("note", "question") if choice == "ask_patient" else ("note",):
            one.page.locator(f"{form} [name={flag}-{name}]").fill(payload)
        one.page.locator(f"{form} input[name={flag}-decision][value={choice}]").check()
    one.page.locator(f"{form} button[type=submit]").first.click()
    one.page.wait_for_url("**/review?**")


def fill_all(one: Person, within: str, words: str) -> None:
    for field in one.page.locator(f"{within} textarea, {within} input[type=text]").all():
        field.fill(words)


@pytest.mark.parametrize("payload", ONE_OF_ALL)
def test_markup_typed_by_patients_and_staff_is_words_on_every_page(
    app: Flask, clock: Clock, address: str, chromium: Browser, payload: str
) -> None:
    known = TALKATIVE | TWO_FLAGS | {"allergies": "yes", "which_blood_thinner": ["other"]}
    reference = arrives(app, **known, **free_words(app, payload))
    everybody = Staff(app, clock, EVERYTHING, name=payload)
    one = person(chromium, address, everybody)
    write_everything(one, reference, payload)
    seen = 0
    for path in [at(reference, name) for name in (*OF_A_REQUEST, "review", "print")] + [
        f"/staff/{name}" for name in ("requests", "review", "audit", "people", "account")
    ]:
        one.go(path)
        main = one.page.locator("body")
        seen += main.inner_text().count(payload)
        assert main.locator(f"img[src=x], main script, main :is({BORN})").count() == 0, path
    assert seen > 30
    assert one.broken == []


def free_words(app: Flask, payload: str) -> dict[str, str]:
    """The payload for every question of free text."""
    visit = service_of(app).fresh_visit(TREATMENT)
    assert visit is not None
    return {one.id: payload for one in visit.base.questions if one.type == "text" and one.format is None}
