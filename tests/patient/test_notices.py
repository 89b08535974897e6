"""The pages around the questions: what becomes of patients' data."""

from __future__ import annotations

import pytest

from screening.settings.environment import load_settings
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


def test_what_the_notice_cannot_say_is_known_by_name() -> None:
    assert "SCREENING_LAWFUL_BASIS" in load_settings().unsaid
    assert load_settings(**SAID).unsaid == ()


def test_outside_a_trial_the_operator_is_told_at_the_start(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    clinic = {"trial": False, "clinic_name": "A clinic", "clinic_phone": "01632 960 002"}
    for told, settings in ((True, clinic), (False, clinic | SAID), (False, {})):
        make_app(**settings, log_level="warning")
        assert ("SCREENING_LAWFUL_BASIS" in capsys.readouterr().err) is told
