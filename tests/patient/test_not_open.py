"""At a treatment that is not open any more a patient reads what to do instead, and loses nothing typed."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from flask import Flask

from screening.settings import shipped
from screening.storage import publications
from screening.storage.database import writing
from screening.web.door import service_of
from tests.actors import Clock, Page, Patient
from tests.conftest import MakeApp
from tests.usual import TREATMENT, rules_of

OTHER = "example-knee-injection"
WORDS = "Fell off a ladder"
TITLE = rules_of(TREATMENT).title


def taken_back(app: Flask, clock: Clock) -> None:
    """The version that patients have is recalled while the service runs."""
    service = service_of(app)
    version = next(found.version for found in service.treatments() if found.id == TREATMENT)
    with writing(service.engine) as connection:
        publications.recall(connection, TREATMENT, version, by="Robin", because="Unsafe", now=clock())
    service.library.load(clock())


def says_what_to_do(app: Flask, page: Page) -> bool:
    """The clinic's number, what can be asked for instead, and no way to what cannot."""
    phone = "".join(service_of(app).settings.clinic_phone.split())
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return f"tel:{phone}" in main and f'href="/{OTHER}"' in main and f'href="/{TREATMENT}"' not in main


@pytest.mark.parametrize("name", ["", "side", "get-help-now", "form-to-print.pdf"])
def test_who_comes_to_a_treatment_that_is_not_open_any_more_reads_what_to_do_instead(
    app: Flask, clock: Clock, name: str
) -> None:
    taken_back(app, clock)
    page = Patient(app).go(name)
    assert page.status == 404
    assert TITLE in page.text
    assert says_what_to_do(app, page)


@pytest.mark.parametrize(("status", "known"), [("retired", True), ("draft", False)])
def test_a_treatment_that_was_never_shown_to_patients_is_not_named(
    make_app: MakeApp, tmp_path: Path, status: str, known: bool
) -> None:
    rules = tmp_path / "rules"
    copytree(shipped("rules"), rules)
    file = rules / f"{TREATMENT}.yaml"
    file.write_text(file.read_text().replace("status: live", f"status: {status}"))
    app = make_app(rules=rules)
    page = Patient(app).go()
    assert page.status == 404
    assert (TITLE in page.text) == known
    assert says_what_to_do(app, page) == known


def test_who_answers_there_too_late_is_told_once_and_reads_what_they_typed(
    app: Flask, clock: Clock, patient: Patient
) -> None:
    patient.fill_in(until="what_happened")
    token = patient.go("delete-my-answers").token
    clock.forward(hours=2)
    taken_back(app, clock)
    sent = {"csrf_token": token} | patient.typed("what_happened", WORDS)
    page = Page(patient.client.post(f"/{TREATMENT}/what_happened", data=sent))
    assert WORDS in page.text
    assert says_what_to_do(app, page)
    banner = {"class": "govuk-notification-banner"}
    assert page.elements("div", **banner)
    assert not patient.go("what_happened").elements("div", **banner)


def test_who_deletes_their_answers_there_is_told_that_they_are_deleted(
    app: Flask, clock: Clock, patient: Patient
) -> None:
    patient.fill_in(until="side")
    taken_back(app, clock)
    assert patient.go("side").name == "questions-withdrawn"
    token = patient.go("delete-my-answers").token
    response = patient.client.post(
        f"/{TREATMENT}/delete-my-answers", data={"csrf_token": token}, follow_redirects=True
    )
    page = Page(response)
    assert page.elements("div", role="alert")
    assert says_what_to_do(app, page)
