"""A form of ours in a renderer of other people gives back the answers that we count, and no others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from playwright.sync_api import Browser, Page, sync_playwright

from screening.core.assessment import assess
from screening.core.kept import keep
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.core.stored import Stored
from screening.exports.fhir.questionnaire import questionnaire
from screening.exports.fhir.responses import read_back
from tests.core.making import SHIPPED, load_data
from tests.usual import USUAL, whole

from .conftest import THOROUGH, Reached
from .making import dressed_and_answered
from .partners import MODULES
from .test_fhir_engines import responses

CHROMIUM = os.environ.get("SCREENING_TEST_CHROMIUM", "")
LHC_FORMS = MODULES / "lforms" / "package" / "dist" / "lforms"
SCRIPTS = ("webcomponent/assets/lib/zone.min.js", "webcomponent/lhc-forms.js", "fhir/R4/lformsFHIR.min.js")
SETS = THOROUGH // 20 or 5
SHOWN = """async ([asked, answered]) => {
    const place = document.getElementById("form");
    place.replaceChildren();
    let form = LForms.Util.convertFHIRQuestionnaireToLForms(asked, "R4");
    form = LForms.Util.mergeFHIRDataIntoLForms("QuestionnaireResponse", answered, form, "R4");
    await LForms.Util.addFormToPage(form, place, {fhirVersion: "R4"});
    await new Promise((resolve) => setTimeout(resolve, 50));
    return LForms.Util.getFormFHIRData("QuestionnaireResponse", "R4", place).item ?? [];
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="set SCREENING_TEST_CHROMIUM=/usr/bin/chromium"),
    pytest.mark.skipif(not LHC_FORMS.is_dir(), reason="LHC-Forms is not installed: make fhir"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def lhc_forms(browser: Browser) -> Page:
    """A page with the renderer, and no form yet."""
    page = browser.new_page()
    page.set_content('<!DOCTYPE html><html lang="en"><body><div id="form"></div></body></html>')
    for script in SCRIPTS:
        page.add_script_tag(path=LHC_FORMS / script)
    page.wait_for_function("window.LForms && LForms.FHIR && LForms.FHIR.R4")
    return page


def ordered(stored: Stored) -> dict[str, Any]:
    """Which of several answers was ticked first means nothing."""
    return {name: sorted(held) if isinstance(held, list) else held for name, held in stored.items()}


def gives_back(page: Page, rule_set: RuleSet, stored: Stored) -> int:
    """From what was asked, and from a client that kept answers of hidden questions."""
    form, found = questionnaire(rule_set), assess(rule_set, stored)
    types = {question.id: question.type for question in rule_set.questions}
    counted = ordered(keep(rule_set, found, stored).stored)
    both = list(responses(rule_set, form, stored, found))
    for response in both:
        assert ordered(read_back(page.evaluate(SHOWN, [form, response]), types)) == counted
    return len(both)


def test_the_shipped_form_gives_back_what_was_answered(lhc_forms: Page) -> None:
    rule_set = load(SHIPPED)
    stored = whole(rule_set, USUAL | {"blood_thinners": "yes", "which_blood_thinner": ["apixaban"]})
    for answers in (stored, {**stored, "blood_thinners": "no"}, {**stored, "for_whom": "someone_else"}):
        assert gives_back(lhc_forms, rule_set, answers) == 2


# What LHC-Forms 40.1.3 cannot do, told in docs/fhir.md: its comparisons are of numbers only, so what is
# asked because of a date stays hidden; and of a date without its day it makes the first of the month.


def behind_a_date(rule_set: RuleSet) -> bool:
    looked_at = {name for question in rule_set.questions for name in rule_set.follows(question.id)}
    return any(rule_set.by_id[name].type == "date" for name in looked_at)


def in_part(rule_set: RuleSet, stored: Stored) -> bool:
    asked = [question.id for question in rule_set.questions if question.partial]
    return any(isinstance(held := stored.get(name), str) and len(held) < len("2026-01-01") for name in asked)


def test_random_forms_give_back_what_was_answered(lhc_forms: Page, reached: Reached) -> None:
    found: list[tuple[RuleSet, list[Stored]]] = []

    @settings(max_examples=SETS, deadline=None, phases=[Phase.generate], database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(dressed_and_answered())
    def collect(drawn: tuple[Plain, list[Stored]]) -> None:
        rule_set = load_data(drawn[0])
        assume(not behind_a_date(rule_set))
        found.append((rule_set, drawn[1]))

    collect()
    many = sum(
        gives_back(lhc_forms, rule_set, stored)
        for rule_set, patients in found
        for stored in patients
        if not in_part(rule_set, stored)
    )
    assert many
    reached(f"LHC-Forms, {len(found)} random sets: forms given back equal", "20 sets or more", f"{many:,}")
