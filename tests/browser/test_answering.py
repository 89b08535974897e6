"""The way from a link to an answer, as somebody with any ability and any browser goes it."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser.colleagues import NARROW
from tests.browser.test_every_page import SIDEWAYS, it_fits_a_narrow_screen, violations
from tests.patient.test_answering import ASKED, BORN, SAID, Sent, link_to

pytestmark = pytest.mark.browser
WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def app(talking: Flask) -> Flask:
    return talking


@pytest.fixture
def sent(app: Flask) -> Sent:
    return link_to(app)


def identify(page: Page, code: str) -> None:
    """By keyboard alone: from the first field on, tab by tab."""
    page.locator("[name=birth_date-day]").focus()
    for words in (BORN[2], BORN[1], BORN[0], code):
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def is_usable(page: Page) -> None:
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # it is such a size
        assert page.evaluate(SIDEWAYS) <= 0
    assert violations(page) == []
    it_fits_a_narrow_screen(page)


def test_each_page_of_a_link_can_be_used_by_keyboard_and_on_a_narrow_screen(
    sent: Sent, address: str, chromium: Browser
) -> None:
    page = chromium.new_context().new_page()
    page.goto(address + sent.path)
    is_usable(page)
    identify(page, "12")
    is_usable(page)
    identify(page, sent.code)
    assert ASKED in page.locator("main").inner_text()
    is_usable(page)
    page.get_by_role("textbox").focus()
    page.keyboard.type(SAID)
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    is_usable(page)
    assert sent.answers() == [SAID]


def test_it_works_without_script_and_the_back_button_shows_no_question_again(
    sent: Sent, address: str, chromium: Browser
) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(address + sent.path)
    identify(page, sent.code)
    page.get_by_role("textbox").fill(SAID)
    page.locator("main form button").click()
    assert sent.answers() == [SAID]
    page.go_back()
    assert ASKED not in page.locator("body").inner_text()
