"""What a patient types is words, wherever it is shown; the watch of every test looks for dialogs."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import Patient
from tests.thorough import asked

pytestmark = pytest.mark.browser

PAYLOADS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}"]
OTHERS = [
    "<svg/onload=alert(1)>",
    "'><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<math><mi//xlink:href=data:x,1>",
    "<style>@import 'http://x'</style>",
    "<link rel=stylesheet href=//x>",
    "<base href=//x>",
    "<meta http-equiv=refresh content=0>",
    "<form action=//x><button>",
    "<object data=//x>",
    "<embed src=//x>",
    "javascript:alert(1)",
    "{% raw %}{{7*7}}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "<!--><script>alert(1)</script>",
]
BORN = "img, script, iframe, object, embed, math, base, style, [onload], [onfocus], [ontoggle], [href='//x']"
LONGEST = 95  # characters that every field takes


def packed(payloads: list[str]) -> list[str]:
    """As many in one text as a field takes, for each walk through all pages takes its time."""
    texts = [""]
    for payload in payloads:
        fits = len(texts[-1]) + len(payload) < LONGEST
        texts[-1:] = [f"{texts[-1]} {payload}".strip()] if fits else [texts[-1], payload]
    return texts


# All in one, as they hide nothing of each other.
ONE_OF_ALL = asked([" ".join(PAYLOADS)], packed([*PAYLOADS, *OTHERS]))
# Answers that lead to every question of free text.
TALKATIVE: dict[str, Any] = {
    "pain_where": ["foot", "elsewhere"],
    "bleeding": "yes",
    "implant": "yes",
    "patient_knows": "yes",
    "whom_to_ring": "me",
    "blood_thinners": "yes",
    "which_blood_thinner": ["other"],
    "blood_thinner_why": ["other"],
    "allergies": "yes",
    "allergy_kinds": ["other"],
    "allergy_how_bad": ["none"],
    "infection": "yes",
    "anaesthetic_reaction": "yes",
    "anaesthetic_what": ["other"],
    "anaesthetic_treatment": "not_sure",
    "contrast_reaction": "yes",
    "contrast_what": ["other"],
    "contrast_treatment": "not_sure",
    "for_whom": "someone_else",
    "needs": ["other"],
}


def free_text(patient: Patient) -> list[str]:
    """The questions that take any words."""
    return [one.id for one in patient.rule_set.questions if one.type == "text" and one.format is None]


def main(patient: Patient) -> Locator:
    return patient.page.get_by_role("main")


def shown_as_typed(patient: Patient, payload: str, times: int) -> None:
    assert main(patient).inner_text().count(payload) == times
    expect(main(patient).locator(BORN)).to_have_count(0)


@pytest.mark.parametrize("payload", ONE_OF_ALL)
def test_markup_in_every_free_text_is_shown_as_typed(patient: Patient, payload: str) -> None:
    questions = free_text(patient)
    patient.is_checking(**TALKATIVE, **dict.fromkeys(questions, payload))
    shown_as_typed(patient, payload, len(questions))
    patient.press("Send my request")
    patient.follow("See and print your copy")
    shown_as_typed(patient, payload, len(questions))


@pytest.mark.parametrize("payload", ONE_OF_ALL)
@pytest.mark.parametrize("question", ["name", "what_happened"])
def test_markup_typed_into_a_field_is_in_the_field_again(
    patient: Patient, question: str, payload: str
) -> None:
    patient.is_checking()
    patient.change(question)
    patient.answer(payload)
    shown_as_typed(patient, payload, 1)
    patient.change(question)
    expect(patient.box).to_have_value(payload)


@pytest.mark.parametrize("payload", PAYLOADS[:2])
def test_markup_in_a_mistake_is_in_the_field_again(patient: Patient, payload: str) -> None:
    patient.is_at("phone")
    patient.answer(payload)
    expect(patient.box).to_have_value(payload)
    expect(main(patient).locator(BORN)).to_have_count(0)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_markup_in_an_address_is_not_markup_on_the_page(patient: Patient, payload: str) -> None:
    patient.page.goto(f"{patient.server.address}/{payload}?notice={payload}")
    expect(patient.heading).to_have_text("Page not found")
    patient.go(notice=payload)
    expect(main(patient).locator(BORN)).to_have_count(0)
