"""Who comes to a treatment that is not open any more gets on from there, with any ability and any browser."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.actors import Clock
from tests.browser.test_answering import is_usable
from tests.patient.test_not_open import OTHER, taken_back
from tests.usual import TREATMENT

pytestmark = pytest.mark.browser


def test_the_page_can_be_used_at_any_width_and_leads_on_by_keyboard(
    app: Flask, clock: Clock, address: str, chromium: Browser
) -> None:
    taken_back(app, clock)
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/{TREATMENT}/side?notice=deleted")
    page.locator(f"main a[href='/{OTHER}']").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url == f"{address}/{OTHER}"
    seen = chromium.new_context().new_page()
    seen.goto(f"{address}/{TREATMENT}?notice=deleted")
    is_usable(seen)
