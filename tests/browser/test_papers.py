"""Sheets get apart: each says whose it is and which of how many, on the letter and on the page to print."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from playwright.sync_api import Browser
from pypdf import PdfReader

from screening.core.paper_words import remark_sentence, unread_name
from screening.desk import clinician
from screening.exports.pdf import WORDS
from tests.actors import Clock
from tests.browser.colleagues import Person, person
from tests.browser.people import Patient
from tests.desk.making import CLARA, desk_of
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at
from tests.usual import TREATMENT, everything, rules_of

pytestmark = pytest.mark.browser
TALK = "I have a lot to say. " * 20


def sheets(pdf: bytes) -> list[str]:
    """The words of each sheet, with single blanks."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


@pytest.fixture
def doctor(app: Flask, clock: Clock, address: str, chromium: Browser) -> Person:
    return person(chromium, address, Staff(app, clock, ("clinician",)))


def test_each_sheet_says_whose_it_is_and_which_of_how_many(app: Flask, doctor: Person) -> None:
    answers = TWO_FLAGS | {"health_words": TALK, "anything_else": TALK, "what_happened": TALK}
    reference = arrives(app, **answers)
    doctor.go(at(reference, "print"))
    letter = doctor.context.request.get(f"{doctor.page.url.rsplit('/', 1)[0]}/letter.pdf").body()
    for pdf, number in ((doctor.page.pdf(format="A4"), "%s / %s"), (letter, "%s of %s")):
        found = sheets(pdf)
        assert len(found) > 1
        for index, words in enumerate(found, start=1):
            assert "Sam Example" in words
            assert "31 March 1950" in words
            assert reference in words
            assert re.search(re.escape(number % (index, len(found))), words), words


def test_no_item_of_the_page_to_print_is_torn_by_the_end_of_a_sheet(app: Flask, doctor: Person) -> None:
    reference = arrives(app, **everything(rules_of(TREATMENT)))
    doctor.go(at(reference, "print"))
    found = sheets(doctor.page.pdf(format="A4"))
    assert len(found) > 4
    for line in clinician.review(desk_of(app), CLARA, reference).flags:
        rule = f"{line.flag.id}, {line.flag.place}"
        (sheet,) = [sheet for sheet in found if rule in sheet]
        assert line.flag.label in sheet[: sheet.index(rule)].rpartition(".yaml:")[2]


def test_each_sheet_of_a_carers_own_copy_says_whose_it_is_and_they_are_three_at_most(
    patient: Patient,
) -> None:
    patient.has_sent(**everything(rules_of(TREATMENT)), anything_else=TALK)
    reference = patient.reference
    patient.go("your-copy")
    assert not patient.page.locator(".clinic-sheet__whose").is_visible()
    found = sheets(patient.page.pdf(format="A4"))
    assert 1 < len(found) <= 3
    for index, words in enumerate(found, start=1):
        for said in ("Sam Example", "31 March 1950", reference, f"{index} / {len(found)}"):
            assert said in words


def test_answers_that_are_printed_before_they_are_sent_say_so_on_paper_alone(patient: Patient) -> None:
    patient.is_checking()
    said = patient.page.locator(".clinic-paper-only")
    assert not said.is_visible()
    patient.page.emulate_media(media="print")
    words = said.inner_text()
    assert words
    assert words in " ".join(sheets(patient.page.pdf(format="A4")))


def test_the_page_to_print_says_what_is_open_before_which_gate_and_what_is_unread(
    app: Flask, doctor: Person
) -> None:
    reference = arrives(app, **TWO_FLAGS, what_happened="my right ankle")
    found = clinician.review(desk_of(app), CLARA, reference)
    doctor.go(at(reference, "print"))
    printed = " ".join(sheets(doctor.page.pdf(format="A4")))
    for line in found.still_open.treatment:
        # Before each gate that it keeps shut, and where it is looked at.
        assert printed.count(line.flag.label) >= 2 + line.open
    for thing in found.still_open.unread:
        assert unread_name(thing, str) in printed
    for remark in found.remarks:
        assert remark_sentence(remark, str, str) in printed


def test_the_page_to_print_says_at_its_head_who_answered_for_the_patient(app: Flask, doctor: Person) -> None:
    carer = {"representative_name": "Dylan Hughes", "representative_relationship": "Son"}
    doctor.go(at(arrives(app, for_whom="someone_else", **carer), "print"))
    head, _, _ = doctor.page.inner_text("main").partition(WORDS["open"])
    assert "Dylan Hughes, Son" in head


def test_what_was_asked_told_and_answered_since_stands_with_its_item_on_paper(
    app: Flask, clock: Clock, doctor: Person, address: str, chromium: Browser
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    desk = person(chromium, address, Staff(app, clock, ("reception",)))
    doctor.go(at(reference, "review"))
    doctor.page.locator("[name=blood_thinners-decision][value=ask_patient]").check()
    doctor.page.fill("[name=blood_thinners-question]", "Which dose of it?")
    doctor.press()
    desk.go(at(reference))
    desk.page.click("text=Enter the patient’s answer")
    desk.page.fill("[name=words]", "5 mg in the evening")
    desk.press()
    desk.go(at(reference, "raise"))
    desk.page.fill("[name=told]", "fell on the stairs yesterday")
    desk.press()
    doctor.go(at(reference, "print"))
    letter = doctor.context.request.get(f"{doctor.page.url.rsplit('/', 1)[0]}/letter.pdf").body()
    for words in (" ".join(sheets(letter)), " ".join(sheets(doctor.page.pdf()))):
        for said in ("Warfarin", "Which dose of it?", "5 mg in the evening", "fell on the stairs yesterday"):
            assert said in words
