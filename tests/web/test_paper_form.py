"""The questions on paper: each of them, in few sheets, each of which has room for whose it is."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from screening.core.conditions import leaves
from screening.web.paper_form import sections
from tests.actors import Page, Patient
from tests.usual import TREATMENT, rules_of

RULES = rules_of(TREATMENT)
SHEETS = 6


def plain(text: str) -> str:
    """Without blanks, which a line's end adds or takes away."""
    return re.sub(r"\s+", "", text)


@pytest.fixture
def form(patient: Patient) -> PdfReader:
    """As a patient prints it, without a draft."""
    response = patient.client.get(f"/{TREATMENT}/form-to-print.pdf")
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    return PdfReader(io.BytesIO(response.data))


def test_the_paper_has_every_question_and_every_answer_on_six_tagged_sheets(form: PdfReader) -> None:
    assert len(form.pages) <= SHEETS
    assert "/StructTreeRoot" in form.root_object
    text = plain("".join(page.extract_text() for page in form.pages))
    for question in RULES.questions:
        assert plain(question.ask) in text
        assert all(plain(answer.label) in text for answer in question.answers)


def test_each_sheet_has_room_for_whose_it_is_and_says_its_number_and_version(form: PdfReader) -> None:
    first = form.pages[0].extract_text().splitlines()[0]
    for number, page in enumerate(form.pages, start=1):
        text = page.extract_text()
        assert text.splitlines()[0] == first
        assert f"{number} of {len(form.pages)}" in text
        assert f"{RULES.id}, version {RULES.version}" in text


def test_each_tick_on_paper_leads_to_the_questions_it_calls_for() -> None:
    printed = {one.question.id: one for section in sections(RULES) for one in section.questions}
    assert [one.number for one in printed.values()] == list(range(1, len(RULES.questions) + 1))
    for one in printed.values():
        assert (one.only_if is None) == (one.question.ask_when is None)
        for leaf in leaves(one.question.ask_when):
            boxes = dict(
                zip(printed[leaf.question].question.answers, printed[leaf.question].boxes, strict=True)
            )
            ticked = {answer.id for answer, box in boxes.items() if one.number in box.leads}
            assert ticked == set(leaf.answers)  # type: ignore[union-attr]  # these rules compare no numbers


def test_the_start_page_leads_to_the_form_and_nothing_else_has_one(patient: Patient) -> None:
    links = [link["href"] for link in Page(patient.client.get(f"/{TREATMENT}")).elements("a")]
    assert f"/{TREATMENT}/form-to-print.pdf" in links
    assert patient.client.get("/nonsense/form-to-print.pdf").status_code == 404
