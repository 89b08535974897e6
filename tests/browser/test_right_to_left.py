"""Where the words run from right to left, what points or counts does not run against them."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser

from screening.web.door import service_of
from tests.browser.people import Patient
from tests.browser.serving import Server
from tests.conftest import MakeApp
from tests.usual import USUAL

pytestmark = pytest.mark.browser

TURNED = "icon => new DOMMatrix(getComputedStyle(icon).transform).a"
TIP = "summary => getComputedStyle(summary, '::before').clipPath"
# Where the first and the last letter of a text stand, from the left.
ENDS = """(place, text) => {
  const found = document.evaluate(`.//text()[contains(., '${text}')]`, place, null, 9).singleNodeValue
  const start = found.data.indexOf(text), range = document.createRange()
  return [start, start + text.length - 1].map(at => {
    range.setStart(found, at)
    range.setEnd(found, at + 1)
    return range.getBoundingClientRect().left
  })
}"""


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(language="ar")


@pytest.fixture
def patient(app: Flask, address: str, chromium: Browser) -> Patient:
    page = chromium.new_context().new_page()
    return Patient(page, Server(address, service_of(app).settings.instance))


def test_what_points_onward_points_to_the_left(patient: Patient) -> None:
    patient.go()
    assert patient.page.locator(".govuk-button__start-icon").evaluate(TURNED) == -1
    patient.is_at("side")
    closed = patient.page.locator("summary").first
    assert "0% 50%" in closed.evaluate(TIP).replace("0px", "0%")


def test_a_phone_number_is_read_in_its_own_order(patient: Patient) -> None:
    patient.is_checking()
    value = patient.page.locator("dd").filter(has_text=USUAL["phone"])
    first, last = value.evaluate(ENDS, USUAL["phone"])
    assert first < last
