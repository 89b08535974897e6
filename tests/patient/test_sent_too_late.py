"""Who sends a check page whose answers are gone has them still, and can send them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.actors import Clock, Page, Patient
from tests.breaking import locked
from tests.patient.test_not_open import taken_back
from tests.usual import USUAL

Opened = Callable[[str], Any]
CHECK = "check-your-answers"
WORDS = {
    "what_happened": "Fell; off a \\ladder\n<b>twice</b>, “Zoë” &amp; \\s 99%",
    "medicines": "Ibuprofen \\n 200; ;",
}
GONE: dict[str, Callable[[Patient, Clock], object]] = {
    "ran out": lambda _patient, clock: clock.forward(minutes=61),
    "deleted in another tab": lambda patient, _clock: patient.post("delete-my-answers"),
    "no cookies": lambda patient, _clock: setattr(patient, "client", patient.app.test_client()),
}


def fields_of(page: Page) -> dict[str, str]:
    """What a page's last form says besides what is typed."""
    return {each["name"]: each.get("value", "") for each in page.elements("input") if "name" in each}


def press(patient: Patient, page: Page, **other: str) -> Page:
    """Send the form that a page shows."""
    address = page.elements("form", method="post")[-1].get("action", page.path)
    sent = fields_of(page) | other
    return Page(patient.client.post(address, data=sent, follow_redirects=True))


@pytest.fixture
def check(patient: Patient) -> Page:
    """A check page with words on it, in the browser of who filled them in."""
    patient.fill_in()
    for asked, words in WORDS.items():
        patient.answer(asked, words)
    return patient.go(CHECK)


@pytest.mark.parametrize("how", GONE)
def test_the_answers_are_read_gone_on_with_and_sent(
    patient: Patient, clock: Clock, check: Page, opened: Opened, how: str
) -> None:
    GONE[how](patient, clock)
    told = press(patient, check)
    assert told.status == 409
    lines = [*WORDS["what_happened"].split("\n"), "Sam Example", "31 March 1950"]
    assert [line for line in lines if line not in told.text] == []
    again = press(patient, told)
    assert (again.status, again.name) == (200, CHECK)
    assert again.value("shown") == check.value("shown")
    kept = opened(patient.reference(press(patient, again)))
    given = {asked: kept.kept.stored.get(asked) for asked in USUAL | WORDS}
    assert given == USUAL | WORDS


def test_they_begin_no_draft_before_that_is_asked_for(
    patient: Patient, app: Flask, check: Page, clock: Clock
) -> None:
    clock.forward(minutes=61)
    told = press(patient, check)
    assert patient.go(CHECK).name != CHECK
    with locked(app):
        failed = press(patient, told)
    assert failed.status == 503
    assert "Sam Example" in failed.text
    assert press(patient, failed).name == CHECK


def test_they_are_not_mixed_with_what_was_begun_since(patient: Patient, check: Page, clock: Clock) -> None:
    clock.forward(minutes=61)
    told = press(patient, check)
    patient.fill_in({"name": "Ann Other"}, until="phone")
    for page in (check, told):
        refused = press(patient, page)
        assert refused.status == 409
        assert "Sam Example" in refused.text
        assert not refused.elements("input", name="anew")


def test_what_nobody_could_answer_is_asked_again(patient: Patient, check: Page, clock: Clock) -> None:
    clock.forward(minutes=61)
    told = press(patient, check)
    shown = str(told.value("shown"))
    for forged in ("2950-01-01", "[[[[", "99", "true", "", "\\#"):
        assert press(patient, told, shown=shown.replace("1950-03-31", forged)).name == "name"
        patient.post("delete-my-answers")
    for nonsense in ("", ";", "a" * 64 + ";" * shown.count(";"), shown + ";", shown[1:]):
        refused = press(patient, told, shown=nonsense)
        assert refused.status == 409
        assert "Sam Example" not in refused.text


def test_who_comes_too_late_for_the_treatment_too_reads_them(
    patient: Patient, app: Flask, check: Page, clock: Clock
) -> None:
    taken_back(app, clock)
    clock.forward(minutes=61)
    refused = press(patient, check)
    assert refused.status == 404
    assert "Sam Example" in refused.text
