"""Letters and exports: everything that was said, literally, for those who may have it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Generator
from typing import Any

import jsonschema
import pypdf
import pytest
from sqlalchemy import Engine, update

from screening.core.errors import Absent, CannotOpen, Refused
from screening.desk import audit, clinician, outgoing, reception
from screening.desk.desk import Desk, standing_of
from screening.desk.shapes import Filters
from screening.exports import FORMATS, records
from screening.service.patient import Service
from screening.settings import PACKAGE
from screening.storage import tables
from screening.storage.database import reading, writing
from tests.sending import filled_in

from .making import AUDREY, CLARA, MANU, RITA, TWO_FLAGS, WHY, review_flags, send

SOME = 100  # requests
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
    assert text.index(page.flags[0].flag.label) < text.index(page.health.answers[-1].asked)
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
    assert outgoing.export(desk, CLARA, "csv", reason=WHY).content
    json.loads(outgoing.export(desk, CLARA, "json", reason=WHY).content)


def test_json_is_as_the_docs_describe_it(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    clinician.decide(desk, CLARA, reference, 1, review_flags(desk, reference)[0], "discuss", "why")
    for person in (CLARA, RITA):
        whole = json.loads(outgoing.export(desk, person, "json", Filters(status="all"), reason=WHY).content)
        jsonschema.validate(whole, json.loads(SCHEMA.read_text()))
        assert ("health" in whole["requests"][0]) is (person is CLARA)


def test_csv_has_a_row_for_each_request_and_no_health_for_reception(desk: Desk, service: Service) -> None:
    references = {send(service, anything_else="canary words", name="=cmd()") for _ in range(3)}
    for person, sees in ((RITA, False), (CLARA, True)):
        text = outgoing.export(desk, person, "csv", reason=WHY).content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert {row["reference"] for row in rows} == references
        assert ("canary words" in text) is sees
        assert not [cell for row in rows for cell in row.values() if cell.startswith("=")]


@pytest.mark.parametrize("name", [*FORMATS, "exe"])
@pytest.mark.parametrize("person", [MANU, AUDREY])
def test_who_may_not_export_gets_nothing(desk: Desk, person: Any, name: str) -> None:
    assert outgoing.formats(person) == ()
    with pytest.raises(Refused):
        outgoing.export(desk, person, name, reason=WHY)


def test_reception_gets_no_letters(desk: Desk, service: Service) -> None:
    send(service)
    with pytest.raises(Refused):
        outgoing.export(desk, RITA, "pdf", reason=WHY)


def test_letters_of_several_requests_are_one_file(desk: Desk, service: Service) -> None:
    references = [send(service) for _ in range(3)]
    made = outgoing.export(desk, CLARA, "pdf", references=references[:2], reason=WHY)
    text = words_of(made.content)
    assert [reference in text for reference in references] == [True, True, False]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a hundred requests are many pieces."""
    monkeypatch.setattr(records, "PIECE", 1024)


@pytest.mark.usefixtures("small_pieces")
def test_while_an_export_is_half_read_patients_and_staff_go_on(desk: Desk, service: Service) -> None:
    references = [send(service) for _ in range(SOME)]
    visit = filled_in(service)
    for name in ("csv", "json"):
        pieces = outgoing.export(desk, CLARA, name, reason=WHY).pieces
        begun = [next(pieces), next(pieces)]
        saved = service.save_answer(visit, "anything_else", f"while {name} is read")
        assert saved.answers["anything_else"] == f"while {name} is read"
        at = standing_version(desk, references[-1])
        assert reception.write_note(desk, RITA, references[-1], at, f"while {name} is read") == at + 1
        later = send(service)
        whole = b"".join([*begun, *pieces]).decode("utf-8-sig")
        assert later not in whole  # one state of the database, that of the beginning
        assert all(reference in whole for reference in references)
        references.append(later)


def test_the_audit_names_what_is_taken_before_a_byte_is_handed_out(desk: Desk, service: Service) -> None:
    references = {send(service) for _ in range(3)}
    made = outgoing.export(desk, CLARA, "csv", reason=WHY)
    event = audit.events_after(desk, AUDREY)[-1]
    assert (event.action, set(event.named)) == ("exported", references)
    for reference in references:
        assert "exported" in [line.action for line in audit.history(desk, AUDREY, reference)]
    del made


@pytest.mark.usefixtures("small_pieces")
def test_an_export_that_fails_midway_is_visibly_broken(desk: Desk, service: Service, engine: Engine) -> None:
    for _ in range(SOME):
        last = send(service)
    spoil(engine, last)
    pieces = outgoing.export(desk, CLARA, "json", reason=WHY).pieces
    begun: list[bytes] = []
    with pytest.raises(CannotOpen):
        begun += pieces
    assert begun  # a part had been handed out
    with pytest.raises(json.JSONDecodeError):
        json.loads(b"".join(begun))


def test_what_cannot_be_read_at_all_is_refused_before_anything_is_sent(
    desk: Desk, service: Service, engine: Engine
) -> None:
    spoil(engine, send(service))
    for name in FORMATS:
        with pytest.raises(CannotOpen):
            outgoing.export(desk, CLARA, name, reason=WHY)


def test_an_export_that_nobody_fetches_holds_nothing(desk: Desk, service: Service) -> None:
    send(service)
    pieces = outgoing.export(desk, CLARA, "csv", reason=WHY).pieces
    assert isinstance(pieces, Generator)
    pieces.close()
    assert list(pieces) == []


def spoil(engine: Engine, reference: str) -> None:
    """Somebody changed what was sealed."""
    with writing(engine) as connection:
        here = tables.requests.c.reference == reference
        connection.execute(update(tables.requests).where(here).values(sealed_health=b"spoilt"))


def standing_version(desk: Desk, reference: str) -> int:
    with reading(desk.service.engine) as connection:
        return standing_of(connection, reference).version


def test_a_letter_of_nothing_is_absent(desk: Desk) -> None:
    with pytest.raises(Absent):
        outgoing.letter(desk, CLARA, "ABC-DEF-GHJK")
