"""Exports: everything that was said, for those who may have it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Generator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from screening.core.entries import SPOKEN, Booking, FromPaper
from screening.core.errors import Refused
from screening.desk import bookings, clinician, opened_request, outgoing, reception
from screening.desk.desk import Desk, standing_of
from screening.desk.shapes import Filters, Person
from screening.exports import FORMATS, records
from screening.exports.pdf import WORDS
from screening.service.patient import Service
from screening.settings import PACKAGE
from screening.storage.database import reading
from tests.sending import filled_in
from tests.thorough import usually

from .making import (
    AUDREY,
    CLARA,
    MANU,
    RITA,
    WHY,
    actions,
    eventful,
    events,
    send,
    words_of,
)

SOME = usually(12, thorough=100)  # requests
SCHEMA = PACKAGE.parent / "docs" / "export.schema.json"


def test_every_paper_and_export_says_when_it_was_made_at_the_clinic(desk: Desk, service: Service) -> None:
    reference = send(service)
    zone = ZoneInfo(desk.settings.time_zone)
    made = desk.service.now().astimezone(zone)
    for for_patient in (False, True):
        content = outgoing.letter(desk, CLARA, reference, for_patient=for_patient).content
        assert outgoing.clinic(desk).moment(made) in words_of(content)
    (request,) = json.loads(outgoing.export(desk, RITA, "json", reason=WHY).content)["requests"]
    assert request["stands"]["made_at"] == made.isoformat(timespec="seconds")
    (row,) = rows_of(desk, RITA)
    assert row["made at"] == made.isoformat(timespec="minutes")


def rows_of(desk: Desk, person: Person) -> list[dict[str, str]]:
    """Of everything, as a spreadsheet reads them."""
    made = outgoing.export(desk, person, "csv", Filters(status="all"), reason=WHY)
    return list(csv.DictReader(io.StringIO(made.content.decode("utf-8-sig"))))


def test_reception_is_told_by_figures_what_must_be_looked_at_and_never_a_word_of_health(
    desk: Desk, service: Service
) -> None:
    reference = eventful(desk, service)
    figures = opened_request.request(desk, RITA, reference).facts.figures
    (row,) = rows_of(desk, RITA)
    (request,) = json.loads(outgoing.export(desk, RITA, "json", reason=WHY).content)["requests"]
    stands = request["stands"]
    assert (int(row["must look first"]), stands["open_flags"]) == (figures.open_flags, figures.open_flags)
    assert (int(row["not read yet"]), stands["unread"]) == (figures.unread, figures.unread)
    assert (int(row["to settle before the treatment"]), stands["unsettled"]) == (3, 3)
    assert (int(row["does not fit"]), stands["does_not_fit"]) == (1, 1)
    assert (row["identity checked"], stands["identity_checked"]) == ("no", False)
    assert (row["urgent"], request["urgent"]) == ("yes", True)
    assert (row["work list"], stands["work_list"]) == ("to_review", "to_review")
    labels = [line.flag.label for line in clinician.review(desk, CLARA, reference).flags]
    for shown in (" ".join(row.values()), " ".join(row), json.dumps(request, ensure_ascii=False)):
        assert [word for word in ("canary", "blood_thinners", *labels) if word in shown] == []


def test_the_standing_appointment_is_on_every_export_and_letter(desk: Desk, service: Service) -> None:
    reference = send(service)
    now = reception.make_ready(desk, RITA, reference, 1)
    now = reception.check_identity(desk, RITA, reference, now, True, "all three")
    bookings.book(desk, RITA, reference, now, Booking(date(2026, 12, 1), "10:00", "Room 7"), side=True)
    (row,) = rows_of(desk, RITA)
    assert row["appointment"] == "consultation 2026-12-01 10:00 Room 7"
    (request,) = json.loads(outgoing.export(desk, RITA, "json", reason=WHY).content)["requests"]
    assert request["stands"]["appointment"] == {
        "on": "2026-12-01", "at": "10:00", "place": "Room 7", "what": "consultation"
    }  # fmt: skip
    text = words_of(outgoing.letter(desk, CLARA, reference).content)
    assert "1 December 2026, 10:00, Room 7" in text


def test_whose_hand_a_paper_is_in_and_who_interpreted_is_on_the_letter_and_in_every_export(
    desk: Desk, service: Service
) -> None:
    paper = FromPaper("2.1.0", "3.0.0", date(2026, 1, 3), "other", "Dr Gill", "yes", "Ines")
    reference = send(service, told=paper)
    send(service, told=SPOKEN)
    send(service)
    text = words_of(outgoing.letter(desk, CLARA, reference).content)
    (row,) = [row for row in rows_of(desk, RITA) if row["reference"] == reference]
    for shown in (text[: text.index(WORDS["to_look_at"])], row["how it came"]):
        for said in ("2.1.0", "3.0.0", "3 January 2026", "Dr Gill", "Ines"):
            assert said in shown
    whole = json.loads(outgoing.export(desk, RITA, "json", Filters(status="all"), reason=WHY).content)
    jsonschema.validate(whole, json.loads(SCHEMA.read_text()))
    came = {request["reference"]: request["came"] for request in whole["requests"]}
    assert came.pop(reference) == {
        "as": "paper", "version": "2.1.0", "entered_as": "3.0.0", "written_on": "2026-01-03", "by": "other",
        "by_name": "Dr Gill", "interpreted": "yes", "interpreter": "Ines",
    }  # fmt: skip
    spoken = {"as": "taken_down", "how": "phone", "consent": "spoken"}
    assert sorted(came.values(), key=bool) == [None, spoken]


def test_who_sees_health_has_it_all_in_a_spreadsheet_too(desk: Desk, service: Service) -> None:
    eventful(desk, service)
    (row,) = rows_of(desk, CLARA)
    for column, words in {
        "urgent because": "canary leg",
        "raised since": "canary fall",
        "asked since": "Which canary dose? canary 5 mg",
        "what does not fit": "right",
        "decisions": "pregnancy: discuss: canary note",
    }.items():
        assert words in row[column]
    assert "canary fall" not in row["open before the treatment"]


def moments_in(value: Any) -> list[datetime]:
    """Everything that says when."""
    if isinstance(value, dict):
        own = [
            datetime.fromisoformat(value[name]) for name in ("at", "made_at", "received_at") if name in value
        ]
        return own + [each for inner in value.values() for each in moments_in(inner)]
    return [each for inner in value for each in moments_in(inner)] if isinstance(value, list) else []


def test_json_is_as_the_docs_describe_it(desk: Desk, service: Service) -> None:
    eventful(desk, service)
    for person in (CLARA, RITA):
        whole = json.loads(outgoing.export(desk, person, "json", Filters(status="all"), reason=WHY).content)
        jsonschema.validate(whole, json.loads(SCHEMA.read_text()))
        assert [each for each in moments_in(whole) if each.utcoffset() is None] == []
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


def test_a_bundle_for_other_systems_is_for_clinicians_and_holds_what_was_decided(
    desk: Desk, service: Service
) -> None:
    reference = eventful(desk, service)
    with pytest.raises(Refused):
        outgoing.export(desk, RITA, "fhir", reason=WHY)
    found = json.loads(outgoing.export(desk, CLARA, "fhir", references=[reference], reason=WHY).content)
    by_kind: dict[str, list[Any]] = {}
    for entry in found["entry"]:
        by_kind.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    page = clinician.review(desk, CLARA, reference)
    assert [flag["code"]["text"] for flag in by_kind["Flag"]] == [line.flag.label for line in page.flags]
    (task,), (asked,) = by_kind["Task"], by_kind["ServiceRequest"]
    for said in ("canary note", "canary fall", "Which canary dose?", "canary 5 mg"):
        assert said in json.dumps(task)
    assert asked["priority"] == "urgent"
    assert "my right ankle, canary words" in json.dumps(by_kind["QuestionnaireResponse"])


def test_what_no_server_of_fhir_takes_is_not_in_a_bundle(desk: Desk, service: Service) -> None:
    words = "a\x00b\x1bc\td\ne\ud83df \\u0000 🙂"
    reference = send(service, anything_else=words)
    made = outgoing.export(desk, CLARA, "fhir", references=[reference], reason=WHY).content
    text = json.dumps(json.loads(made), ensure_ascii=False)
    assert json.dumps("a�b�c\td\ne�f \\u0000 🙂", ensure_ascii=False) in text
    assert "\\u00" not in text.replace("\\\\u0000", "")


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few requests are many pieces."""
    monkeypatch.setattr(records, "PIECE", 1024)


@pytest.mark.both_engines
@pytest.mark.usefixtures("small_pieces")
def test_while_an_export_is_half_read_patients_and_staff_go_on(desk: Desk, service: Service) -> None:
    references = [send(service) for _ in range(SOME)]
    visit = filled_in(service)
    for name in ("csv", "json"):
        pieces = outgoing.export(desk, CLARA, name, reason=WHY).pieces
        begun = [next(pieces), next(pieces)]
        saved = service.save_answers(visit, {"anything_else": f"while {name} is read"})
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
    event = events(desk)[-1]
    assert (event.action, set(event.named)) == ("exported", references)
    for reference in references:
        assert "exported" in actions(desk, reference)
    del made


def test_an_export_that_nobody_fetches_holds_nothing(desk: Desk, service: Service) -> None:
    send(service)
    pieces = outgoing.export(desk, CLARA, "csv", reason=WHY).pieces
    assert isinstance(pieces, Generator)
    pieces.close()
    assert list(pieces) == []


def standing_version(desk: Desk, reference: str) -> int:
    with reading(desk.service.engine) as connection:
        return standing_of(connection, reference).version
