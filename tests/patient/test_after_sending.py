"""What a patient has after sending: the reference, a copy, and a way to take it from the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from screening.web.door import service_of
from tests.actors import Page, Patient
from tests.sending import filled_in
from tests.usual import USUAL, page_typed


@pytest.fixture
def sent(patient: Patient) -> Patient:
    """Somebody who has sent a request."""
    patient.fill_in()
    patient.send()
    return patient


def test_the_copy_to_save_has_no_run_of_empty_lines(sent: Patient) -> None:
    text = sent.go("your-copy", save=1).text
    assert text == text.strip() + "\n"
    assert "\n\n\n" not in text
    assert len([line for line in text.split("\n") if not line]) < len(text.split("\n")) / 6


def test_deleting_the_copy_is_asked_once_and_then_confirmed(sent: Patient) -> None:
    (button,) = (
        link for link in sent.go("request-sent").elements("a") if "delete-my-answers" in str(link.get("href"))
    )
    asked = sent.go(str(button["href"]).rsplit("/", 1)[1])
    assert sent.reference(asked)
    told = sent.post("delete-my-answers")
    assert told.elements("div", **{"class": "govuk-notification-banner govuk-notification-banner--success"})


@pytest.mark.parametrize("page", ["request-sent", "your-copy"])
def test_without_a_copy_nobody_is_told_that_nothing_was_seen(sent: Patient, page: str) -> None:
    sent.post("delete-my-answers")
    assert "notice=gone" in str(sent.client.get(f"/{sent.treatment}/{page}").headers["Location"])


def test_the_key_is_given_at_the_first_answer_and_at_sending_for_as_long_as_the_copy_is_kept(
    app: Flask, patient: Patient
) -> None:
    lives = int(service_of(app).settings.draft_longest.total_seconds())
    first = patient.rule_set.questions[0].id

    def given(page: Page) -> list[bool]:
        cookies = page.response.headers.getlist("Set-Cookie")
        return [f"Max-Age={lives}" in cookie for cookie in cookies if cookie.startswith("draft=")]

    typed = page_typed(patient.rule_set, first, USUAL[first])
    assert given(patient.post(first, typed, follow=False)) == [True]
    assert given(patient.post(first, typed, follow=False)) == []
    shown = [field["value"] for field in patient.fill_in().elements("input", name="shown")]
    assert given(patient.post("check-your-answers", {"shown": shown}, follow=False)) == [True]


def test_what_is_kept_was_answered_last_although_an_older_reading_is_sent(
    app: Flask, opened: Callable[[str], Any]
) -> None:
    service = service_of(app)
    read = filled_in(service, severity=7)
    service.save_answers(read, {"severity": 3})
    reference = service.send(read, "en").reference
    given = {answer.question: answer.stored for answer in opened(str(reference)).kept.health.answers}
    assert given["severity"] == 3
