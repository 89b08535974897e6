"""A mistake never costs what was typed, and says where it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MakePatient
from tests.browser.kinds import KNEE
from tests.browser.people import Patient, option
from tests.usual import USUAL

pytestmark = pytest.mark.browser

BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])


def comes_back_with_a_problem(patient: Patient) -> None:
    patient.press("Continue")
    expect(patient.page).to_have_title(re.compile("^Error: "))
    summary = patient.page.get_by_role("alert").filter(has_text="There is a problem")
    for link in summary.get_by_role("link").all():
        field = str(link.get_attribute("href")).split("#")[1]
        beside = patient.page.locator(".govuk-form-group--error").filter(
            has=patient.page.locator(f"[id='{field}']")
        )
        said = beside.locator("p.govuk-error-message").inner_text().removeprefix("Error:").strip()
        assert link.inner_text().startswith(said)  # and says of which question, where there are several


def the_summary_links_to_a_field(patient: Patient) -> None:
    patient.page.get_by_role("alert").get_by_role("link").first.click()
    expect(patient.page.locator("input:focus, textarea:focus")).to_have_count(1)


@BOTH
@pytest.mark.parametrize(
    ("question", "typed"),
    [
        ("name", " "),
        ("phone", "01632 <960> & more"),
        ("what_happened", "Line one\nline “two” <b>\n" + "long " * 100),
    ],
)
def test_words_are_still_there(
    make_patient: MakePatient, javascript: bool, question: str, typed: str
) -> None:
    patient = make_patient(javascript=javascript)
    patient.is_at(question)
    patient.fill(typed)
    comes_back_with_a_problem(patient)
    expect(patient.box).to_have_value(typed)
    the_summary_links_to_a_field(patient)


@BOTH
def test_the_parts_of_a_date_are_still_there(make_patient: MakePatient, javascript: bool) -> None:
    patient = make_patient(javascript=javascript)
    patient.is_at("birth_date")
    patient.fill("1950-02-31")
    comes_back_with_a_problem(patient)
    for part, typed in {"Day": "31", "Month": "2", "Year": "1950"}.items():
        expect(patient.page.get_by_label(part, exact=True)).to_have_value(typed)
    the_summary_links_to_a_field(patient)


def test_dates_that_cannot_be_and_texts_of_any_length_are_still_there(patient: Patient) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)  # at the clinic too
    patient.is_at("birth_date")
    patient.put(USUAL["birth_date"])
    for typed in (("27", "3", "47"), ("1", "1", "1000"), (tomorrow.day, tomorrow.month, tomorrow.year)):
        parts = dict(zip(("Day", "Month", "Year"), map(str, typed), strict=True))
        for part, words in parts.items():
            patient.page.get_by_label(part, exact=True).fill(words)
        comes_back_with_a_problem(patient)
        for part, words in parts.items():
            expect(patient.page.get_by_label(part, exact=True)).to_have_value(words)
    patient.turn_to("medicines")
    for text in ("x" * 70_000, "😀" * 6_000, "好" * 10_000):
        patient.fill(text)
        comes_back_with_a_problem(patient)
        expect(patient.box).to_have_value(text)
    patient.fill("x" * 2_000_000)  # far more than is read
    comes_back_with_a_problem(patient)
    assert len(patient.box.input_value()) > 200_000


def test_the_summary_leads_to_the_part_of_a_date_that_is_wrong(patient: Patient) -> None:
    patient.is_at("birth_date")
    patient.put(USUAL["birth_date"])
    patient.page.get_by_label("Month", exact=True).fill("")
    patient.page.get_by_label("Day", exact=True).fill("3")
    patient.page.get_by_label("Year", exact=True).fill("1950")
    comes_back_with_a_problem(patient)
    the_summary_links_to_a_field(patient)
    expect(patient.page.get_by_label("Month", exact=True)).to_be_focused()


@BOTH
def test_a_number_with_its_unit_is_still_there(make_patient: MakePatient, javascript: bool) -> None:
    patient = make_patient(javascript=javascript)
    patient.treatment = "example-knee-injection"
    patient.is_at("bad_nights", **KNEE)
    patient.fill("9 or so")
    comes_back_with_a_problem(patient)
    expect(patient.box).to_have_value("9 or so")
    expect(patient.page.get_by_text("nights", exact=True)).to_be_visible()
    the_summary_links_to_a_field(patient)


@BOTH
@pytest.mark.parametrize("question", ["pain_where", "changes", "severity", "blood_thinners"])
def test_nothing_chosen_is_asked_for_again(
    make_patient: MakePatient, javascript: bool, question: str
) -> None:
    patient = make_patient(javascript=javascript)
    patient.is_at(question)
    comes_back_with_a_problem(patient)
    the_summary_links_to_a_field(patient)


def test_without_script_a_choice_that_contradicts_itself_is_still_chosen(make_patient: MakePatient) -> None:
    patient = make_patient(javascript=False)
    patient.is_at("changes")
    patient.fill(["warmer", "none"])
    comes_back_with_a_problem(patient)
    asked = patient.rule_set.by_id["changes"]
    for answer in ("warmer", "none"):
        expect(option(patient.page, asked, answer)).to_be_checked()


def test_what_was_mended_goes_on_to_the_next_question(patient: Patient) -> None:
    patient.is_at("blood_thinners")
    comes_back_with_a_problem(patient)
    patient.answer("no")
    assert patient.name == "bleeding"
    assert not patient.page.title().startswith("Error")
