"""From the list of treatments to a request that the clinic can open."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MakePatient
from tests.browser.people import Patient
from tests.usual import USUAL

pytestmark = pytest.mark.browser


def walk_from_the_index_to_the_reference(patient: Patient) -> None:
    patient.page.goto(patient.server.address)
    patient.follow(patient.rule_set.title)
    patient.press("Start now")
    patient.press("Continue")
    patient.fill_in()
    patient.press("Send my request")


def answers_in(patient: Patient) -> dict[str, Any]:
    kept = patient.server.opened(patient.reference)
    return dict(kept.kept.stored)


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_what_a_patient_types_is_the_request_that_the_clinic_opens(
    make_patient: MakePatient, javascript: bool
) -> None:
    patient = make_patient(javascript=javascript)
    walk_from_the_index_to_the_reference(patient)
    expect(patient.heading).to_have_text("We have your request")
    assert answers_in(patient) == USUAL
