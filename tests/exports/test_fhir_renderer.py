"""A form of ours in renderers of other people gives back the answers that we count, and no others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from playwright.sync_api import Browser, Page, sync_playwright

from screening.core.assessment import assess
from screening.core.journey import voice_of
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
SETS = THOROUGH // 20 or 5
BY_LHC_FORMS = """async ([asked, answered]) => {
    const place = document.getElementById("form");
    place.replaceChildren();
    let form = LForms.Util.convertFHIRQuestionnaireToLForms(asked, "R4");
    form = LForms.Util.mergeFHIRDataIntoLForms("QuestionnaireResponse", answered, form, "R4");
    await LForms.Util.addFormToPage(form, place, {fhirVersion: "R4"});
    await new Promise((resolve) => setTimeout(resolve, 50));
    return LForms.Util.getFormFHIRData("QuestionnaireResponse", "R4", place).item ?? [];
}"""
BY_SMART_FORMS = "async ([asked, answered]) => shown(asked, answered)"


def behind_a_date(rule_set: RuleSet) -> bool:
    looked_at = {name for question in rule_set.questions for name in rule_set.follows(question.id)}
    return any(rule_set.by_id[name].type == "date" for name in looked_at)


def in_part(rule_set: RuleSet, stored: Stored) -> bool:
    asked = [question.id for question in rule_set.questions if question.partial]
    return any(isinstance(held := stored.get(name), str) and len(held) < len("2026-01-01") for name in asked)


def in_part_or_in_other_words(rule_set: RuleSet, stored: Stored) -> bool:
    seen = rule_set.speaking(voice_of(rule_set, stored)).questions
    return in_part(rule_set, stored) or [each.answers for each in seen] != [
        each.answers for each in rule_set.questions
    ]


@dataclass(frozen=True)
class Renderer:
    """Where it lies, what its page needs, how it is asked, and what it cannot do (told in docs/fhir.md)."""

    name: str
    folder: Path
    scripts: tuple[str, ...]
    shown: str
    refuses: Callable[[RuleSet], bool]
    spoils: Callable[[RuleSet, Stored], bool]


RENDERERS = (
    Renderer(
        "LHC-Forms",
        MODULES / "lforms" / "package" / "dist" / "lforms",
        ("webcomponent/assets/lib/zone.min.js", "webcomponent/lhc-forms.js", "fhir/R4/lformsFHIR.min.js"),
        BY_LHC_FORMS,
        behind_a_date,  # its comparisons are of numbers only: what is asked because of a date stays hidden
        in_part_or_in_other_words,  # such a date becomes the first of the month; answers are found by words
    ),
    Renderer(
        "Smart Forms",
        MODULES / "smart-forms" / "built",
        ("smart-forms.js",),
        BY_SMART_FORMS,
        lambda _: False,
        lambda _rules, _stored: False,
    ),
)
Pages = Mapping[str, Page]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="set SCREENING_TEST_CHROMIUM=/usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture(scope="module", params=RENDERERS, ids=lambda renderer: renderer.name)
def renderer(request: pytest.FixtureRequest) -> Renderer:
    """Each that is installed."""
    found: Renderer = request.param
    if not found.folder.is_dir():
        pytest.skip(f"{found.name} is not installed: make fhir")
    return found


@pytest.fixture(scope="module")
def page(renderer: Renderer, browser: Browser) -> Page:  # skips before a browser is begun
    """A page with the renderer, and no form yet."""
    page = browser.new_page()
    page.set_content('<!DOCTYPE html><html lang="en"><body><div id="form"></div></body></html>')
    for script in renderer.scripts:
        page.add_script_tag(path=renderer.folder / script)
    page.wait_for_function("Boolean(window.shown || window.LForms?.FHIR?.R4)")
    return page


def ordered(stored: Stored) -> dict[str, Any]:
    """Which of several answers was ticked first means nothing, nor whether one alone stands in a list."""
    return {
        name: sorted(held if isinstance(held, list) else [held], key=str) for name, held in stored.items()
    }


def gives_back(page: Page, renderer: Renderer, rule_set: RuleSet, stored: Stored) -> int:
    """From what was asked, and from a client that kept answers of hidden questions."""
    form, found = questionnaire(rule_set), assess(rule_set, stored)
    types = {question.id: question.type for question in rule_set.questions}
    counted = ordered(keep(rule_set, found, stored).stored)
    both = list(responses(rule_set, form, stored, found))
    for response in both:
        assert ordered(read_back(page.evaluate(renderer.shown, [form, response]), types)) == counted
    return len(both)


def test_the_shipped_form_gives_back_what_was_answered(page: Page, renderer: Renderer) -> None:
    rule_set = load(SHIPPED)
    stored = whole(rule_set, USUAL | {"blood_thinners": "yes", "which_blood_thinner": ["apixaban"]})
    for answers in (stored, {**stored, "blood_thinners": "no"}, {**stored, "for_whom": "someone_else"}):
        if not renderer.spoils(rule_set, answers):
            assert gives_back(page, renderer, rule_set, answers) == 2


def test_random_forms_give_back_what_was_answered(page: Page, renderer: Renderer, reached: Reached) -> None:
    found: list[tuple[RuleSet, list[Stored]]] = []

    @settings(max_examples=SETS, deadline=None, phases=[Phase.generate], database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(dressed_and_answered())
    def collect(drawn: tuple[Plain, list[Stored]]) -> None:
        rule_set = load_data(drawn[0])
        assume(not renderer.refuses(rule_set))
        found.append((rule_set, drawn[1]))

    collect()
    many = sum(
        gives_back(page, renderer, rule_set, stored)
        for rule_set, patients in found
        for stored in patients
        if not renderer.spoils(rule_set, stored)
    )
    assert many
    what = f"{renderer.name}, {len(found)} random sets: forms given back equal"
    reached(what, "20 sets or more", f"{many:,}")
