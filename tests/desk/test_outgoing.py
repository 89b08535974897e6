"""Letters and exports: everything that was said, literally, for those who may have it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import jsonschema
import pypdf
import pytest

from screening.core.errors import Absent, Refused
from screening.desk import clinician, outgoing
from screening.desk.desk import Desk
from screening.desk.shapes import Filters
from screening.exports import FORMATS
from screening.service.patient import Service
from screening.settings import PACKAGE

from .making import AUDREY, CLARA, MANU, RITA, TWO_FLAGS, review_flags, send

MARKUP = (
    '#read("/etc/passwd") *bold* $x^2$ #{panic()} <label> @ref \\u{41} [x] // gone /* gone */ = no heading'
)
SCHEMA = PACKAGE.parent / "docs" / "export.schema.json"


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_a_letter_has_the_flags_first_and_all_that_was_said(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    clinician.decide(desk, CLARA, reference, 1, "pregnancy", "discuss", "ring first")
    content = outgoing.letter(desk, CLARA, reference).content
    text = words_of(content)
    page = clinician.review(desk, CLARA, reference)
    for line in page.flags:
        assert line.flag.label in text
    assert "ring first" in text
    assert text.index(page.flags[0].flag.label) < text.index("Sam Example")
    for answer in page.health.answers:
        assert answer.asked in text
        for said in answer.said:
            assert said in text
    assert reference in text


def test_the_letter_is_tagged_and_says_its_language_and_title(desk: Desk, service: Service) -> None:
    reader = pypdf.PdfReader(io.BytesIO(outgoing.letter(desk, CLARA, send(service)).content))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"].startswith("en")
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert len(reader.pages) == 1


def test_text_that_looks_like_markup_is_shown_literally(desk: Desk, service: Service) -> None:
    reference = send(service, anything_else=MARKUP, name="*Sam* #pagebreak()")
    text = words_of(outgoing.letter(desk, CLARA, reference).content)
    assert MARKUP in text
    assert "*Sam* #pagebreak()" in text
    assert "root:" not in text


def test_the_patients_copy_has_no_flags_and_no_notes(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    clinician.decide(desk, CLARA, reference, 1, "pregnancy", "do_not_proceed", "canary note")
    page = clinician.review(desk, CLARA, reference)
    text = words_of(outgoing.letter(desk, CLARA, reference, for_patient=True).content)
    assert "canary note" not in text
    for line in page.flags:
        assert line.flag.label not in text
        assert not line.flag.say.clinician or line.flag.say.clinician not in text
    assert page.health.answers[0].asked in text


def test_odd_characters_do_not_stop_a_letter(desk: Desk, service: Service) -> None:
    reference = send(service, anything_else="a\ud800 \x01 \u202e 名前 🙂 اسم\nsecond line", name="Ł 名 \x07")
    assert outgoing.letter(desk, CLARA, reference).content.startswith(b"%PDF")
    assert outgoing.export(desk, CLARA, "csv").content
    json.loads(outgoing.export(desk, CLARA, "json").content)


def test_json_is_as_the_docs_describe_it(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    clinician.decide(desk, CLARA, reference, 1, review_flags(desk, reference)[0], "discuss", "why")
    for person in (CLARA, RITA):
        whole = json.loads(outgoing.export(desk, person, "json", Filters(status="all")).content)
        jsonschema.validate(whole, json.loads(SCHEMA.read_text()))
        assert ("health" in whole["requests"][0]) is (person is CLARA)


def test_csv_has_a_row_for_each_request_and_no_health_for_reception(desk: Desk, service: Service) -> None:
    references = {send(service, anything_else="canary words", name="=cmd()") for _ in range(3)}
    for person, sees in ((RITA, False), (CLARA, True)):
        text = outgoing.export(desk, person, "csv").content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert {row["reference"] for row in rows} == references
        assert ("canary words" in text) is sees
        assert not [cell for row in rows for cell in row.values() if cell.startswith("=")]


@pytest.mark.parametrize("name", [*FORMATS, "exe"])
@pytest.mark.parametrize("person", [MANU, AUDREY])
def test_who_may_not_export_gets_nothing(desk: Desk, person: Any, name: str) -> None:
    assert outgoing.formats(person) == ()
    with pytest.raises(Refused):
        outgoing.export(desk, person, name)


def test_reception_gets_no_letters(desk: Desk, service: Service) -> None:
    send(service)
    with pytest.raises(Refused):
        outgoing.export(desk, RITA, "pdf")


def test_letters_of_several_requests_are_one_file(desk: Desk, service: Service) -> None:
    references = [send(service) for _ in range(3)]
    made = outgoing.export(desk, CLARA, "pdf", references=references[:2])
    text = words_of(made.content)
    assert [reference in text for reference in references] == [True, True, False]


def test_a_letter_of_nothing_is_absent(desk: Desk) -> None:
    with pytest.raises(Absent):
        outgoing.letter(desk, CLARA, "ABC-DEF-GHJK")
