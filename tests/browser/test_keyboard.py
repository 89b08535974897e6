"""Without a mouse: Tab, Space, arrows and Enter."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from screening.core.answers import typed_of
from screening.core.rules import Question
from tests.browser.people import Patient, asks, option, point
from tests.usual import USUAL, said

pytestmark = pytest.mark.browser

# The mark of focus may stand on the thing itself, or on the box drawn beside a radio or checkbox.
SEEN_AND_REACHED = """wanted => {
  const element = document.activeElement
  const drawn = [getComputedStyle(element)]
  if (element.nextElementSibling) drawn.push(getComputedStyle(element.nextElementSibling, '::before'))
  const place = element.getBoundingClientRect()
  const within = place.bottom > 0 && place.top < innerHeight
  const marked = drawn.some(style =>
    (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none')
  return [within && marked ? '' : element.outerHTML, element === wanted]
}"""
MOST_STOPS = 60  # the check page has a link for each answer


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus, which must be seen at each stop."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        unseen, reached = wanted.evaluate(SEEN_AND_REACHED)
        assert not unseen, "the focus is not seen"
        if reached:
            return
    pytest.fail(f"Tab does not lead to {wanted}")


def choose(page: Page, first: Locator, steps: int) -> None:
    """Radios: Tab leads to the first, Space takes it, arrows move on."""
    tab_to(page, first)
    page.keyboard.press("Space")
    for _ in range(steps):
        page.keyboard.press("ArrowDown")


def type_answer(page: Page, question: Question, stored: Any) -> None:
    if question.type == "choose_one":
        ids = [answer.id for answer in question.answers]
        choose(page, option(page, question, ids[0]), ids.index(stored))
    elif question.type == "scale":
        choose(page, point(page, question, 0), stored)
    elif question.type == "choose_many":
        for chosen in stored:
            tab_to(page, option(page, question, chosen))
            page.keyboard.press("Space")
    elif question.type == "date":
        for part, texts in typed_of(question, stored).items():
            tab_to(page, asks(page, question).get_by_label(part.title(), exact=True))
            page.keyboard.type(texts[0])
    else:
        tab_to(page, asks(page, question))
        page.keyboard.type(stored or "")


def press(page: Page, words: str, role: Any = "button") -> None:
    tab_to(page, page.get_by_role(role, name=words, exact=True))
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_whole_journey_needs_no_mouse_and_focus_is_always_seen(patient: Patient) -> None:
    page = patient.page
    page.goto(patient.server.address)
    press(page, patient.rule_set.title, "link")
    press(page, "Start now")
    press(page, "Continue")
    while patient.name != "check-your-answers":
        for question in patient.asked:
            type_answer(page, question, said(question, USUAL))
        press(page, "Continue")
    press(page, "Send my request")
    expect(patient.heading).to_have_text("We have your request")


def test_the_skip_link_is_first_and_leads_past_the_header(patient: Patient) -> None:
    patient.is_at("blood_thinners")
    skip = patient.page.get_by_role("link", name="Skip to main content")
    patient.page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    patient.page.keyboard.press("Enter")
    patient.page.keyboard.press("Tab")
    expect(patient.page.get_by_role("radio").first).to_be_focused()


def test_a_mistake_moves_focus_to_the_summary_and_its_link_to_the_field(patient: Patient) -> None:
    patient.is_at("name")
    press(patient.page, "Continue")
    expect(patient.page.locator(".govuk-error-summary")).to_be_focused()
    tab_to(patient.page, patient.page.get_by_role("alert").get_by_role("link").first)
    patient.page.keyboard.press("Enter")
    expect(patient.box).to_be_focused()


def test_enter_in_a_field_goes_on(patient: Patient) -> None:
    patient.is_at("name")
    patient.put("Sam Example")
    patient.box.focus()
    patient.page.keyboard.press("Enter")
    expect(patient.heading).to_have_text(str(patient.rule_set.by_id["phone"].page))
