"""What the script adds, and what stands in for it where there is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MakePatient, Watch
from tests.browser.people import Patient, option

pytestmark = pytest.mark.browser

KEPT = 60  # minutes that the server keeps a draft
SOON = "55:30"  # past the moment of the warning


def test_none_of_these_takes_the_other_choices_away_and_they_take_it_away(patient: Patient) -> None:
    patient.is_at("changes")
    asked = patient.question
    warmer, none = option(patient.page, asked, "warmer"), option(patient.page, asked, "none")
    warmer.check()
    none.check()
    expect(warmer).not_to_be_checked()
    warmer.check()
    expect(none).not_to_be_checked()


def test_a_long_text_is_counted_when_little_is_left(patient: Patient) -> None:
    patient.is_at("what_happened")
    box = patient.box
    count = patient.page.locator(".govuk-character-count__status")
    box.fill("x" * 10)
    expect(count).not_to_be_visible()
    box.fill("x" * 499)
    expect(count).to_have_text("You have 1 character left")
    box.fill("x" * 503)
    expect(count).to_have_text("You have 3 characters too many")


@pytest.mark.parametrize("written", ["🙂", "e\u0301"], ids=["beyond the BMP", "of two code points"])
def test_a_character_is_one_in_the_browser_as_at_the_server(patient: Patient, written: str) -> None:
    patient.is_at("what_happened")
    patient.box.fill(written * 499)
    count = patient.page.locator(".govuk-character-count__status")
    expect(count).to_have_text("You have 1 character left")
    patient.box.fill(written * 500)
    patient.press("Continue")
    expect(patient.page.locator(".govuk-error-summary [href='#answer-what_happened']")).to_have_count(0)


def test_without_script_the_limit_is_written_down(make_patient: MakePatient) -> None:
    patient = make_patient(javascript=False)
    patient.is_at("what_happened")
    expect(patient.page.get_by_text("You can write up to 500 characters")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_print_button_is_there_only_where_it_works(make_patient: MakePatient, javascript: bool) -> None:
    patient = make_patient(javascript=javascript)
    patient.has_sent()
    patient.follow("See and print your copy")
    button = patient.button("Print this page")
    expect(button).to_have_count(1 if javascript else 0)


def is_at_with_a_clock(patient: Patient, question: str) -> None:
    patient.page.clock.install()
    patient.is_at(question)


def test_a_warning_comes_before_the_answers_are_deleted(patient: Patient) -> None:
    is_at_with_a_clock(patient, "what_happened")
    warning = patient.page.get_by_role("alertdialog", name="Do you need more time?")
    patient.page.clock.fast_forward("54:00")
    expect(warning).to_be_hidden()
    patient.page.clock.fast_forward("01:30")
    expect(warning).to_be_visible()
    expect(patient.page.get_by_role("heading", name="Do you need more time?")).to_be_focused()
    expect(warning).to_be_in_viewport()


def test_keeping_the_answers_gives_focus_back_and_the_time_starts_again(patient: Patient) -> None:
    is_at_with_a_clock(patient, "what_happened")
    box = patient.box
    box.press_sequentially("A fall")
    with patient.page.expect_response(lambda response: response.request.method == "POST"):
        patient.page.clock.fast_forward("00:05")  # what was typed is kept, and the time starts again
    patient.page.evaluate("fetch('/health').then(answer => answer.text())")  # by now the page has read it
    patient.page.clock.fast_forward(SOON)
    warning = patient.page.get_by_role("alertdialog")
    patient.button("Keep my answers").click()
    expect(warning).to_be_hidden()
    expect(box).to_be_focused()
    expect(box).to_have_value("A fall")
    patient.page.clock.fast_forward("54:00")
    expect(warning).to_be_hidden()
    patient.page.clock.fast_forward("01:30")
    expect(warning).to_be_visible()


def test_keeping_the_answers_moves_the_moment_at_which_they_are_deleted(patient: Patient) -> None:
    patient.page.clock.install()
    patient.has_answered("what_happened", lives=timedelta(minutes=2))
    patient.go("what_happened")
    patient.page.clock.fast_forward("01:30")
    with patient.page.expect_response(lambda answer: answer.request.method == "POST") as kept:
        patient.button("Keep my answers").click()
    assert kept.value.json()["expires_in"] > (KEPT - 1) * 60


def test_who_has_little_time_in_all_is_not_warned_at_once(patient: Patient) -> None:
    patient.page.clock.install()
    patient.has_answered("what_happened", lives=timedelta(minutes=4))
    patient.go("what_happened")
    warning = patient.page.get_by_role("alertdialog")
    patient.page.clock.fast_forward("01:30")
    expect(warning).to_be_hidden()
    patient.page.clock.fast_forward("01:00")
    expect(warning).to_be_visible()


def test_answers_that_could_not_be_kept_are_not_said_to_be(patient: Patient) -> None:
    is_at_with_a_clock(patient, "what_happened")
    patient.page.clock.fast_forward(SOON)
    expect(patient.page.get_by_role("alertdialog")).to_be_visible()
    patient.page.route("**/keep-my-answers", lambda route: route.abort())
    patient.button("Keep my answers").click()
    expect(patient.page.get_by_text("We could not keep your answers.")).to_be_visible()
    expect(patient.page.get_by_role("alertdialog")).to_be_visible()


def test_who_waits_at_a_treatment_that_was_closed_meanwhile_is_told_that_the_answers_are_deleted(
    patient: Patient, watch: Watch
) -> None:
    is_at_with_a_clock(patient, "what_happened")
    patient.page.clock.fast_forward(SOON)
    expect(patient.page.get_by_role("alertdialog")).to_be_visible()
    patient.page.route("**/keep-my-answers", lambda route: route.fulfill(status=404))
    patient.page.clock.fast_forward("05:00")
    expect(patient.page.get_by_role("heading", name="We have deleted your answers")).to_be_focused()
    assert watch.complaints
    assert all(told.startswith("404") for told in watch.complaints)
    watch.complaints.clear()  # they were meant


def test_without_script_the_start_page_says_how_long_answers_are_kept(make_patient: MakePatient) -> None:
    patient = make_patient(javascript=False)
    patient.go()
    expect(patient.page.get_by_role("main")).to_contain_text(f"for {KEPT} minutes")


def test_what_is_typed_is_there_again_after_a_refresh(patient: Patient) -> None:
    patient.is_at("medicines")
    with patient.page.expect_response("**/keep-my-words") as kept:
        patient.box.fill("Aspirin, and one more")
    assert kept.value.ok
    patient.page.reload()
    expect(patient.box).to_have_value("Aspirin, and one more")


def test_what_is_chosen_on_the_first_page_is_there_again_too(patient: Patient) -> None:
    patient.go("for_whom")
    with patient.page.expect_response("**/keep-my-words") as kept:
        patient.fill("someone_else")
    assert kept.value.json()["expires_in"] > 0
    patient.page.reload()
    expect(option(patient.page, patient.question, "someone_else")).to_be_checked()
    patient.press("Continue")
    assert patient.name == "representative_name"


def test_after_the_end_it_is_said_that_the_answers_are_deleted_and_the_words_stay_on_the_page(
    patient: Patient,
) -> None:
    is_at_with_a_clock(patient, "what_happened")
    patient.page.clock.fast_forward("58:30")
    expect(patient.page.get_by_role("alertdialog")).to_contain_text("in 2 minutes")
    patient.box.fill("A fall")
    patient.is_too_late()
    patient.page.clock.fast_forward("01:31")
    expect(patient.page.get_by_role("heading", name="We have deleted your answers")).to_be_focused()
    expect(patient.box).to_have_value("A fall")
