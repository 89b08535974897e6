"""Back, Change, two tabs, impatience: nothing is lost and nothing is sent twice."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import MakePatient
from tests.browser.people import Patient, asks, option
from tests.usual import USUAL

pytestmark = pytest.mark.browser

TOO_LATE = timedelta(minutes=-1)


def choice(patient: Patient, question: str, answer: str) -> Locator:
    return option(patient.page, patient.rule_set.by_id[question], answer)


def answer_on_check_page(patient: Patient, question: str) -> Locator:
    words = patient.rule_set.by_id[question].ask
    row = patient.page.locator(".govuk-summary-list__row").filter(
        has=patient.page.get_by_text(words, exact=True)
    )
    return row.locator("dd").first


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_back_link_shows_earlier_answers_and_forgets_none(
    make_patient: MakePatient, javascript: bool
) -> None:
    patient = make_patient(javascript=javascript)
    patient.is_at("severity")
    patient.follow("Back")
    expect(asks(patient.page, patient.rule_set.by_id["what_happened"])).to_have_value(USUAL["what_happened"])
    patient.follow("Back")
    expect(choice(patient, "implant", USUAL["implant"])).to_be_checked()
    patient.go("severity")
    assert patient.name == "severity"


def test_the_browsers_back_button_shows_the_answers_given_and_they_can_be_given_again(
    patient: Patient,
) -> None:
    patient.is_at("side")
    patient.answer("left")
    patient.answer(USUAL["severity"])
    patient.page.go_back()
    patient.page.go_back()
    expect(choice(patient, "side", "left")).to_be_checked()
    patient.answer("right")
    assert patient.name == "changes"


def test_the_browsers_back_button_and_reload_show_a_page_that_had_a_mistake_with_what_was_typed(
    patient: Patient,
) -> None:
    patient.is_at("name")
    patient.fill("x" * 101, patient.rule_set.by_id["name"])
    patient.press("Continue")
    expect(patient.page.locator(".govuk-error-summary")).to_be_visible()
    patient.page.reload()
    expect(asks(patient.page, patient.rule_set.by_id["name"])).to_have_value("x" * 101)
    patient.answer("y" * 101)
    expect(patient.page.locator(".govuk-error-summary")).to_be_visible()
    patient.answer(USUAL["name"])
    assert patient.name == "phone"
    patient.page.go_back()
    expect(asks(patient.page, patient.rule_set.by_id["name"])).to_have_value(USUAL["name"])


def test_a_changed_answer_returns_to_the_check_page(patient: Patient) -> None:
    patient.is_checking()
    patient.change("side")
    expect(choice(patient, "side", "left")).to_be_checked()
    patient.answer("right")
    expect(answer_on_check_page(patient, "side")).to_have_text("Right")


def test_a_change_that_needs_more_asks_it_first(patient: Patient) -> None:
    patient.is_checking()
    patient.change("diabetes")
    patient.answer("yes")
    assert patient.name == "diabetes_treatment"
    patient.answer(["insulin"])
    expect(answer_on_check_page(patient, "diabetes_treatment")).to_have_text("With insulin")


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_what_a_change_needs_more_is_asked_from_the_top_of_its_page(
    make_patient: MakePatient, javascript: bool
) -> None:
    patient = make_patient(javascript=javascript, viewport={"width": 320, "height": 500})
    patient.is_checking()
    patient.change("contrast_reaction")
    assert urlsplit(patient.page.url).fragment  # it is further down on its page
    patient.answer("yes")
    assert patient.name == "contrast_what"
    expect(patient.heading).to_be_in_viewport()


def test_back_from_a_change_leaves_the_answer_alone(patient: Patient) -> None:
    patient.is_checking()
    patient.change("side")
    patient.follow("Back")
    expect(answer_on_check_page(patient, "side")).to_have_text("Left")


def test_a_double_click_on_continue_goes_on_by_one_question(patient: Patient) -> None:
    patient.is_at("for_whom")
    patient.fill("me")
    patient.button("Continue").dblclick()
    expect(patient.heading).to_have_text(patient.rule_set.by_id["blood_thinners"].ask)


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_a_double_click_on_send_gives_one_request(make_patient: MakePatient, javascript: bool) -> None:
    patient = make_patient(javascript=javascript)
    patient.is_checking()
    before = patient.server.count_requests()
    patient.button("Send my request").dblclick()
    expect(patient.heading).to_have_text("We have your request")
    assert patient.server.count_requests() == before + 1


def test_two_tabs_that_answer_different_questions_lose_nothing(patient: Patient) -> None:
    patient.is_checking()
    other = patient.another_tab()
    patient.change("side")
    other.go("burning", change="1")
    patient.answer("right")
    other.answer("not_sure")
    expect(answer_on_check_page(other, "side")).to_have_text("Right")
    expect(answer_on_check_page(other, "burning")).to_have_text("I’m not sure")


def test_a_tab_left_open_while_another_sends_shows_the_reference(patient: Patient) -> None:
    patient.is_checking()
    other = patient.another_tab()
    other.go("check-your-answers")
    patient.press("Send my request")
    other.press("Send my request")
    assert other.reference == patient.reference


def test_reloading_after_sending_shows_the_same_reference_and_sends_nothing(patient: Patient) -> None:
    patient.has_sent()
    reference, before = patient.reference, patient.server.count_requests()
    patient.page.reload()
    assert patient.reference == reference
    assert patient.server.count_requests() == before


def test_a_name_typed_for_one_person_is_not_kept_for_another_chosen_in_a_second_tab(patient: Patient) -> None:
    patient.has_answered()
    patient.go("name", change="1")
    patient.fill("Whoever Fills It In")
    other = patient.another_tab()
    other.go("for_whom")
    other.answer("someone_else")
    patient.press("Continue")
    assert patient.name == "name"
    expect(patient.page.get_by_role("alert")).to_be_visible()
    expect(patient.page.get_by_label("What is the full name")).to_have_value("Whoever Fills It In")
    other.go("name")
    expect(other.box).to_have_value("")
    patient.answer("The Patient")
    assert patient.name != "name"


def test_what_another_tab_changed_is_marked_before_it_is_sent(patient: Patient) -> None:
    patient.is_checking()
    other = patient.another_tab()
    other.go("what_happened")
    other.answer("Changed meanwhile")
    patient.press("Send my request")
    marked = patient.page.locator(".govuk-summary-list__row").filter(has=patient.page.locator(".govuk-tag"))
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("Changed meanwhile")
    patient.page.locator(".govuk-error-summary a").click()
    expect(marked.locator(".govuk-tag")).to_be_in_viewport()
    patient.press("Try again")
    expect(patient.heading).to_have_text("We have your request")
    patient.page.go_back()
    expect(patient.heading).to_have_text("We have your request")


def test_the_browsers_back_button_after_sending_leads_to_the_reference(patient: Patient) -> None:
    patient.has_sent()
    reference = patient.reference
    patient.page.go_back()
    expect(patient.heading).to_have_text("We have your request")
    assert patient.reference == reference


def test_the_copy_repeats_the_answers_and_can_be_saved(patient: Patient) -> None:
    patient.has_sent(anything_else="First line\nsecond <line>")
    with patient.page.expect_download() as download:
        patient.link("Save your copy as a text file").click()
    saved = download.value.path().read_text(encoding="utf-8")
    assert patient.reference in saved
    assert "second <line>" in saved
    patient.follow("See and print your copy")
    expect(patient.page.get_by_role("main")).to_contain_text("second <line>")


def test_deleted_answers_are_gone_and_the_page_says_so(patient: Patient) -> None:
    patient.is_at("side")
    patient.follow("Delete my answers")
    patient.press("Yes, delete my answers")
    expect(patient.page.get_by_role("alert")).to_contain_text("Your answers are deleted.")
    patient.go("side")
    expect(patient.heading).to_have_text(patient.rule_set.title)


def test_the_privacy_notice_can_be_read_without_leaving_the_page_that_sends(patient: Patient) -> None:
    patient.is_checking()
    with patient.page.context.expect_page() as opened:
        patient.link("Who can see it: our privacy notice (opens in a new tab)").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Privacy notice")
    expect(patient.button("Send my request")).to_be_visible()


@pytest.mark.parametrize("until", ["blood_thinners", ""])
def test_who_does_not_delete_goes_on_where_they_were(patient: Patient, until: str) -> None:
    patient.has_answered(until)
    patient.go("delete-my-answers")
    patient.follow("No, keep my answers")
    assert patient.name == (until or "check-your-answers")


def test_who_comes_back_too_late_is_told_what_happened(patient: Patient) -> None:
    patient.has_answered("side", lives=TOO_LATE)
    patient.go("side")
    expect(patient.page.get_by_role("region", name="Important")).to_be_visible()
    expect(patient.button("Start now")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_an_answer_given_too_late_is_kept_and_the_others_are_asked_again(
    make_patient: MakePatient, javascript: bool
) -> None:
    patient = make_patient(javascript=javascript)
    patient.is_at("blood_thinners")
    patient.is_too_late()
    patient.answer("no")
    expect(patient.page.get_by_role("region", name="Important")).to_contain_text(
        "Please answer the others again"
    )
    patient.answer("me")
    assert patient.name == "bleeding"


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_a_form_of_deleted_answers_is_not_mixed_with_those_of_another_patient_and_its_words_stay(
    make_patient: MakePatient, javascript: bool
) -> None:
    first = make_patient(javascript=javascript)
    first.is_at("what_happened")
    second = first.deletes_in_another_tab()
    second.go("for_whom")
    second.fill_in(until="what_happened")
    first.answer("Fell off a ladder")
    expect(first.page.get_by_role("main")).to_contain_text("Fell off a ladder")
    first.page.get_by_role("main").get_by_role("button").click()
    assert first.name == first.rule_set.pages["what_happened"][0]
    expect(asks(first.page, first.rule_set.by_id["what_happened"])).to_have_value("")
