"""Somebody at the desk fills in for two patients in two tabs: each answer lands where it belongs."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.actors import Clock
from tests.browser.colleagues import Person, begins, person, reaches
from tests.browser.people import Patient
from tests.staff.actors import Staff
from tests.staff.desk import at
from tests.thorough import usually
from tests.usual import TREATMENT, rules_of

pytestmark = pytest.mark.browser
EITHER_WAY = pytest.mark.parametrize("scripts", [True, False], ids=["with script", "without script"])
SEEN = pytest.mark.parametrize("scripts", usually([True], thorough=[True, False]))
# Whole journeys, which take long.
WITHOUT = pytest.mark.parametrize("scripts", [False], ids=["without script"])
ANNA, BERT = "Anna Ahorn", "Bert Birke"
RULES = rules_of(TREATMENT)
WORDS = "Fell off a ladder"


@pytest.fixture
def desk(app: Flask, clock: Clock, address: str, chromium: Browser, scripts: bool) -> Person:
    """Reception who are clinicians too, and so can read what became of it."""
    account = Staff(app, clock, ("reception", "clinician"))
    return person(chromium, address, account, java_script_enabled=scripts)


def both_until(desk: Person, question: str) -> tuple[Patient, Patient]:
    """The same question open for Anna in one tab and for Bert in another."""
    anna, bert = begins(desk), begins(desk)
    for tab, name in ((anna, ANNA), (bert, BERT)):
        reaches(desk.account.app, tab, question, name=name)
    return anna, bert


def sent(desk: Person, tab: Patient) -> str:
    """Fill in the rest and send it; the reference."""
    reaches(desk.account.app, tab, "check-your-answers")
    tab.press("Send for the patient")
    return tab.reference


def side_of(desk: Person, reference: str) -> str:
    """The side, as a clinician reads it under its question."""
    desk.go(at(reference, "review"))
    row = desk.page.locator(".govuk-summary-list__row").filter(has_text="Which side hurts?")
    return row.locator("dd").first.inner_text().strip()


def path_of(tab: Patient) -> str:
    """The address of the page that is open."""
    return tab.page.url.removeprefix(tab.server.address)


@WITHOUT
def test_the_answers_of_two_patients_are_never_mixed(desk: Person) -> None:
    anna, bert = both_until(desk, "side")
    bert.put("left")
    anna.put("right")
    anna.fill(WORDS, RULES.by_id["what_happened"])
    anna.press("Continue")
    bert.press("Continue")
    references = {BERT: sent(desk, bert), ANNA: sent(desk, anna)}
    for name, side, words in ((ANNA, "Right", True), (BERT, "Left", False)):
        assert side_of(desk, references[name]) == side
        assert desk.has(WORDS) == words
        desk.go(at(references[name]))
        assert desk.has(name)
    assert desk.broken == []


@SEEN
def test_the_list_leads_back_to_each_of_them(desk: Person) -> None:
    both_until(desk, "side")
    for name in (ANNA, BERT):
        desk.go("/staff/entry")
        desk.page.get_by_role("row").filter(has_text=name).get_by_role("link").first.click()
        expect(desk.page.get_by_role("main")).to_contain_text(name)
        assert desk.at().endswith(f"/{RULES.pages['side'][0]}")
    assert desk.broken == []


@EITHER_WAY
def test_a_form_whose_draft_was_deleted_in_another_tab_keeps_its_words(desk: Person) -> None:
    anna, bert = both_until(desk, "what_happened")
    anna.put(WORDS)
    desk.go("/staff/entry")
    desk.page.get_by_role("row").filter(has_text=ANNA).get_by_role("link").last.click()
    desk.press()
    assert desk.has(BERT)
    assert not desk.has(ANNA)
    anna.press("Continue")
    for words in (WORDS, ANNA):
        expect(anna.page.get_by_role("main")).to_contain_text(words)
    bert.page.reload()
    expect(bert.box).to_have_value("")


@WITHOUT
def test_the_browsers_back_button_stays_with_its_patient(desk: Person) -> None:
    anna, bert = both_until(desk, "side")
    for tab, first, then in ((anna, "right", "left"), (bert, "left", "right")):
        tab.answer(first)
        tab.page.go_back()
        tab.answer(then)
        assert tab.name not in ("side", "pain_where")  # on to the next page
    for tab, then in ((anna, "left"), (bert, "right")):
        tab.page.go_back()
        expect(tab.page.locator(f"[name=answer-side][value={then}]")).to_be_checked()


@EITHER_WAY
def test_what_was_typed_before_a_lock_in_another_tab_comes_back_for_its_patient(desk: Person) -> None:
    anna, bert = both_until(desk, "what_happened")
    anna.put(WORDS)
    desk.go("/staff/account")
    desk.page.locator('header form[action="/staff/lock"] button').click()
    anna.press("Continue")
    desk.page.fill("[name=password]", desk.account.password)
    desk.press()
    for tab, words in ((anna, WORDS), (bert, "")):
        tab.page.goto(f"{desk.address}{path_of(tab)}")
        expect(tab.box).to_have_value(words)


@EITHER_WAY
def test_what_was_typed_before_signing_out_in_another_tab_is_kept_for_its_patient(desk: Person) -> None:
    anna, bert = both_until(desk, "what_happened")
    anna.put(WORDS)
    question = path_of(anna)
    desk.go("/staff/account")
    desk.page.locator('header form[action="/staff/sign-out"] button').click()
    anna.press("Continue")
    expect(anna.page.locator("textarea")).to_have_value(WORDS)
    desk.sign_in()
    anna.page.locator("main form button").first.click()  # the form of a session before is shown once more
    expect(anna.page.locator("textarea")).to_have_value(WORDS)
    anna.page.locator("main form button").first.click()
    expect(anna.page.locator("main")).not_to_contain_text(WORDS)
    anna.page.goto(f"{desk.address}{question}")
    expect(anna.box).to_have_value(WORDS)
    bert.page.reload()
    expect(bert.box).to_have_value("")
