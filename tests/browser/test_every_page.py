"""What holds on a page of every kind."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakePatient
from tests.browser.kinds import KINDS
from tests.browser.people import Patient

pytestmark = pytest.mark.browser

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW = {"width": 320, "height": 640}
LEAST_TARGET = 24  # CSS pixels, WCAG 2.2 target size (minimum)
# Links within a sentence are as high as its lines, which the standard allows.
SMALL_TARGETS = """least => [...document.querySelectorAll('a[href], button, input, textarea, summary')]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && one.type !== 'hidden')
  .filter(one => !one.closest('p, .govuk-skip-link, .govuk-inset-text, .govuk-error-summary'))
  .filter(one => { const box = one.getBoundingClientRect(); return box.height < least || box.width < least })
  .map(one => one.outerHTML)"""
WITHOUT_LABEL = """() => [...document.querySelectorAll('input:not([type=hidden]), textarea')]
  .filter(one => !one.labels.length || !one.labels[0].innerText.trim()).map(one => one.outerHTML)"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
DOUBLE_TEXT = "() => { document.documentElement.style.fontSize = '200%' }"

every_kind = pytest.mark.parametrize("kind", KINDS)


def violations(page: Page) -> list[Any]:
    """What axe-core finds against WCAG 2.2 A and AA, in short."""
    options = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [(one["id"], one["help"], [node["html"] for node in one["nodes"]]) for one in found]


@every_kind
def test_it_stands_the_checks_of_axe_core_and_is_built_soundly(make_patient: MakePatient, kind: str) -> None:
    patient = make_patient(viewport=NARROW)
    KINDS[kind](patient)
    assert violations(patient.page) == []
    assert patient.page.evaluate(SMALL_TARGETS, LEAST_TARGET) == []
    assert patient.page.evaluate(WITHOUT_LABEL) == []
    its_heading_names_it(patient)
    it_fits_a_narrow_screen(patient.page)


def its_heading_names_it(patient: Patient) -> None:
    expect(patient.heading).to_have_count(1)
    words = patient.heading.inner_text().removesuffix(" (optional)")
    assert words in patient.page.title()
    assert patient.page.locator("html").get_attribute("lang") == "en-GB"
    expect(patient.page.get_by_role("main")).to_have_count(1)


def it_fits_a_narrow_screen(page: Page) -> None:
    assert page.evaluate(SIDEWAYS) <= 0
    page.evaluate(DOUBLE_TEXT)
    assert page.evaluate(SIDEWAYS) <= 0, "with text of twice the size"


PARTED = "() => getComputedStyle(document.querySelector('h1')).hyphens"


def test_a_long_word_of_a_heading_is_parted_as_its_language_does_on_a_narrow_screen_alone(
    make_patient: MakePatient,
) -> None:
    patient = make_patient(viewport=NARROW)
    KINDS["scale"](patient)
    assert patient.page.evaluate(PARTED) == "auto"
    patient.page.set_viewport_size({"width": 1280, "height": 800})
    assert patient.page.evaluate(PARTED) == "manual"


def test_the_warning_stands_the_checks_of_axe_core(make_patient: MakePatient) -> None:
    patient = make_patient(viewport=NARROW)
    patient.page.clock.install()
    patient.is_at("severity")
    patient.page.clock.fast_forward("55:30")
    expect(patient.page.get_by_role("alertdialog")).to_be_visible()
    patient.page.clock.resume()
    assert violations(patient.page) == []
    it_fits_a_narrow_screen(patient.page)


@pytest.mark.parametrize("kind", ["scale", "check", "sent"])
def test_it_fits_a_narrow_screen_without_script(make_patient: MakePatient, kind: str) -> None:
    patient = make_patient(javascript=False, viewport=NARROW)
    KINDS[kind](patient)
    its_heading_names_it(patient)
    it_fits_a_narrow_screen(patient.page)


def test_on_paper_there_is_nothing_to_press(patient: Patient) -> None:
    KINDS["copy"](patient)
    pressed = patient.page.locator("main a:not([href^='tel:']), button, .govuk-back-link, .govuk-skip-link")
    assert pressed.count() > 0
    patient.page.emulate_media(media="print")
    assert [one.inner_text() for one in pressed.all() if one.is_visible()] == []
    expect(patient.page.get_by_text(patient.reference).last).to_be_visible()


def test_long_words_do_not_push_the_page_sideways(make_patient: MakePatient) -> None:
    patient = make_patient(viewport=NARROW)
    patient.is_checking(name="Llanfairpwllgwyngyll" * 5, what_happened="x" * 500)
    it_fits_a_narrow_screen(patient.page)
