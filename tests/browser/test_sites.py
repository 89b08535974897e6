"""The pages of a group of clinics: where patients choose one, and where one takes nothing new."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser.test_answering import is_usable
from tests.conftest import MakeApp
from tests.two_sites import CLOSED, GROUP_PAGES, written

pytestmark = pytest.mark.browser


@pytest.fixture
def app(make_app: MakeApp, tmp_path: Path) -> Flask:
    return make_app(sites=written(tmp_path, CLOSED))


def test_a_clinic_is_chosen_and_a_closed_one_told_at_any_width(address: str, chromium: Browser) -> None:
    page = chromium.new_context().new_page()
    for path in GROUP_PAGES:
        page.goto(address + path)
        is_usable(page)


def test_the_choice_leads_to_the_pages_of_that_clinic_by_keyboard(address: str, chromium: Browser) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/")
    page.locator("main a[href^='/at/']").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.removeprefix(address).startswith("/at/")
    assert page.locator("footer a[href^='/at/']").count() > 0
