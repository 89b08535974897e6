"""The pages around the questions: what becomes of patients' data, and what the clinic has not said of it."""

from __future__ import annotations

import json

import pytest

from screening.settings import load_settings
from tests.actors import Page
from tests.conftest import MakeApp

SAID = {
    "clinic_address": "1 Example Street",
    "clinic_email": "clinic@example.org",
    "data_contact": "The practice manager",
    "lawful_basis": "Article 6(1)(e)",
    "data_complaints": "the office",
}


def test_the_privacy_notice_says_what_the_clinic_set(make_app: MakeApp) -> None:
    page = Page(make_app(**SAID).test_client().get("/privacy"))
    assert [words for words in SAID.values() if words not in page.text] == []


def test_what_the_notice_cannot_say_is_named_at_the_start_outside_a_trial(
    make_app: MakeApp, capfd: pytest.CaptureFixture[str]
) -> None:
    said = {"clinic_name": "C", "clinic_phone": "01632 960 001", "keep_finished_days": 2920}
    make_app(trial=False, log_level="warning", **said)
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    missing = [line["setting"] for line in lines if "setting" in line]
    assert missing == [name for name in load_settings().unsaid if name != "SCREENING_KEEP_FINISHED_DAYS"]
