"""Letters and exports: everything that was said, literally, for those who may have it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Generator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pypdf
import pytest

from screening.core.entries import SPOKEN, Booking, FromPaper
from screening.core.errors import Absent, Refused
from screening.core.paper_words import (
    FILLED_IN_BY,
    ITEM_STANDINGS,
    NEVER_CLEAR,
    NO_RULE,
    STILL_OPEN,
    remark_sentence,
    unread_name,
)
from screening.desk import bookings, clinician, opened_request, outgoing, reception
from screening.desk.desk import Desk, standing_of
from screening.desk.shapes import Filters, Person
from screening.exports import FORMATS, records
from screening.exports.pdf import BORN, WORDS
from screening.service.patient import Service
from screening.settings import PACKAGE
from screening.storage.database import reading
from tests.sending import filled_in
from tests.thorough import usually

from .making import AUDREY, CLARA, MANU, RITA, TWO_FLAGS, WHY, actions, decide, events, send

SOME = usually(12, thorough=100)  # requests
MARKUP = (
    '#read("/etc/passwd") *bold* $x^2$ #{panic()} <label> @ref \\u{41} [x] // gone /* gone */ = no heading'
)
SCHEMA = PACKAGE.parent / "docs" / "export.schema.json"


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_a_letter_has_the_flags_first_and_all_that_was_said(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    decide(desk, CLARA, reference, 1, "pregnancy", "discuss", "ring first")
    content = outgoing.letter(desk, CLARA, reference).content
    text = words_of(content)
    page = clinician.review(desk, CLARA, reference)
    for line in page.flags:
        assert line.flag.label in text
        assert line.flag.place in text  # the rule that raised it
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
    assert len(reader.pages) == 2


def test_text_that_looks_like_markup_is_shown_literally(desk: Desk, service: Service) -> None:
    reference = send(service, anything_else=MARKUP, name="*Sam* #pagebreak()")
    text = words_of(outgoing.letter(desk, CLARA, reference).content)
    assert MARKUP in text
    assert "*Sam* #pagebreak()" in text
    assert "root:" not in text


def test_the_patients_copy_has_no_flags_and_no_notes(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    decide(desk, CLARA, reference, 1, "pregnancy", "do_not_proceed", "canary note")
    page = clinician.review(desk, CLARA, reference)
    text = words_of(outgoing.letter(desk, CLARA, reference, for_patient=True).content)
    assert "canary note" not in text
    for line in page.flags:
        assert line.flag.label not in text
        assert not line.flag.say.clinician or line.flag.say.clinician not in text
    assert page.health.answers[0].asked in text


def test_a_patients_copy_lists_what_is_looked_at_before_booking_as_the_page_does(
    desk: Desk, service: Service
) -> None:
    reference = send(service, **TWO_FLAGS, diabetes="yes")
    notes = clinician.review(desk, CLARA, reference).health.notes
    made = outgoing.letter(desk, CLARA, reference, for_patient=True).content
    text = words_of(made)
    (several,) = [note for note in notes if note.about[1:]]
    listed = [several.words, *several.about]
    assert [text.index(words) for words in listed] == sorted(text.index(words) for words in listed)
    assert str(several) not in text


@pytest.mark.parametrize("for_patient", [True, False])
def test_a_letter_says_at_its_head_who_answered_for_the_patient(
    desk: Desk, service: Service, *, for_patient: bool
) -> None:
    carer = {"representative_name": "Dylan Hughes", "representative_relationship": "Son"}
    theirs, own = send(service, for_whom="someone_else", **carer), send(service)
    for reference in (theirs, own):
        text = words_of(outgoing.letter(desk, CLARA, reference, for_patient=for_patient).content)
        head = text[: text.index(clinician.review(desk, CLARA, reference).health.statement)]
        assert (FILLED_IN_BY in head) is (reference == theirs)
        assert ("Dylan Hughes, Son" in head) is (reference == theirs)


def test_odd_characters_do_not_stop_a_letter(desk: Desk, service: Service) -> None:
    reference = send(service, anything_else="a\ud800 \x01 \u202e 名前 🙂 اسم\nsecond line", name="Ł 名 \x07")
    assert outgoing.letter(desk, CLARA, reference).content.startswith(b"%PDF")
    assert outgoing.export(desk, CLARA, "csv", reason=WHY).content
    json.loads(outgoing.export(desk, CLARA, "json", reason=WHY).content)


def eventful(desk: Desk, service: Service) -> str:
    """A request with something of every kind: unread, unfitting, asked, answered, raised, urgent, decided."""
    reference = send(service, **TWO_FLAGS, side="left", what_happened="my right ankle, canary words")
    now = decide(desk, CLARA, reference, 1, "blood_thinners", "ask_patient", "", "Which canary dose?")
    question = opened_request.request(desk, CLARA, reference).questions[0]
    now = reception.answer_question(desk, RITA, reference, now, question.id, "canary 5 mg")
    now = reception.raise_item(desk, RITA, reference, now, "", "canary fall")
    now = decide(desk, CLARA, reference, now, "pregnancy", "discuss", "canary note")
    reception.mark_urgent(desk, CLARA, reference, now, "canary leg")
    return reference


def test_the_letter_says_what_is_open_before_which_gate_what_is_unread_and_what_does_not_fit(
    desk: Desk, service: Service
) -> None:
    reference = eventful(desk, service)
    found = clinician.review(desk, CLARA, reference)
    text = words_of(outgoing.letter(desk, CLARA, reference).content)
    head = text[: text.index(WORDS["to_look_at"])]
    still = found.still_open
    assert {line.flag.id for line in still.consultation} == {"blood_thinners", "told_1"}
    for gate in ("consultation", "treatment", "unread"):
        assert STILL_OPEN[gate] in head
    for line in still.treatment:
        assert head.count(line.flag.label) >= 1 + (line in still.consultation)
    for thing in still.unread:
        assert unread_name(thing, str) in head
    for said in ("canary leg", "Which canary dose?", "canary 5 mg", "canary fall", "canary note"):
        assert said in text
    assert ITEM_STANDINGS["unsettled"] in text
    assert remark_sentence(found.remarks[0], str, lambda day: day.isoformat()) in text


def test_a_letter_of_a_request_that_no_rule_looks_at_calls_nothing_clear(
    desk: Desk, service: Service
) -> None:
    text = words_of(outgoing.letter(desk, CLARA, send(service)).content)
    for words in (NO_RULE, NEVER_CLEAR, STILL_OPEN["consultation"], STILL_OPEN["treatment"]):
        assert words in text


def test_the_side_stands_at_the_head_of_the_letter(desk: Desk, service: Service) -> None:
    reference = send(service, side="left")
    (side,) = clinician.review(desk, CLARA, reference).sides
    text = words_of(outgoing.letter(desk, CLARA, reference).content)
    assert text.index(f"{side.asked} {side.said[0]}") < text.index(WORDS["to_look_at"])


def test_each_sheet_of_letters_says_whose_it_is_and_which_of_how_many(desk: Desk, service: Service) -> None:
    talk = "I have a lot to say. " * 20
    texts = {"what_happened": talk, "anything_else": talk * 2}
    names = {send(service, **TWO_FLAGS, **texts, name=name): name for name in ("Ann Long", "Bert Long")}
    names[send(service, name="Cy Short")] = "Cy Short"
    made = outgoing.export(desk, CLARA, "pdf", references=list(names), reason=WHY)
    sheets = [
        " ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(made.content)).pages
    ]
    for reference, name in names.items():
        theirs = [words for words in sheets if reference in words]
        assert len(theirs) == 2
        for number, words in enumerate(theirs, start=1):
            assert words.startswith(f"{name}, {BORN % {'day': '31 March 1950'}}, {reference}")
            assert words.endswith(WORDS["page"] % {"number": number, "count": len(theirs)})
    assert all(sum(reference in words for reference in names) == 1 for words in sheets)


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


def test_letters_of_several_requests_are_one_file(desk: Desk, service: Service) -> None:
    references = [send(service) for _ in range(3)]
    made = outgoing.export(desk, CLARA, "pdf", references=references[:2], reason=WHY)
    text = words_of(made.content)
    assert [reference in text for reference in references] == [True, True, False]


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


def test_a_letter_of_nothing_is_absent(desk: Desk) -> None:
    with pytest.raises(Absent):
        outgoing.letter(desk, CLARA, "ABC-DEF-GHJK")
