"""A letter: everything that was said, literally, and at its head what is open; a copy for the patient."""

from __future__ import annotations

import io
import json
from typing import Any

import pypdf
import pytest

from screening.core.errors import Absent
from screening.core.paper_words import (
    FILLED_IN_BY,
    ITEM_STANDINGS,
    NEVER_CLEAR,
    NO_RULE,
    STILL_OPEN,
    remark_sentence,
    unread_name,
)
from screening.desk import clinician, outgoing
from screening.desk.desk import Desk
from screening.exports.pdf import BORN, WORDS
from screening.service.patient import Service

from .making import CLARA, TWO_FLAGS, WHY, decide, eventful, send, words_of

MARKUP = (
    '#read("/etc/passwd") *bold* $x^2$ #{panic()} <label> @ref \\u{41} [x] // gone /* gone */ = no heading'
)


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


def test_letters_of_several_requests_are_one_file(desk: Desk, service: Service) -> None:
    references = [send(service) for _ in range(3)]
    made = outgoing.export(desk, CLARA, "pdf", references=references[:2], reason=WHY)
    text = words_of(made.content)
    assert [reference in text for reference in references] == [True, True, False]


def test_a_letter_of_nothing_is_absent(desk: Desk) -> None:
    with pytest.raises(Absent):
        outgoing.letter(desk, CLARA, "ABC-DEF-GHJK")
