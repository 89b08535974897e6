"""Letters on their sheets: nothing runs off one, no item is torn, and words keep their order."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest

from screening.core.workflow import STATUSES
from screening.desk import clinician, outgoing, reception
from screening.desk.desk import Desk
from screening.exports.pdf import WORDS
from screening.exports.pictures import LARGEST
from screening.exports.where_it_stands import STATUS
from screening.operating.doctor import AT_START, examine
from screening.operating.surroundings import look
from screening.service.patient import Service
from tests.usual import TREATMENT, everything, rules_of

from .making import CLARA, RITA, WHY, send

LINES = 99  # more than a sheet has
WIDEST = 150  # characters that fit across a sheet, and more
MEDICINES = ",".join(f"medicine{number}" for number in range(20))


def sheets(desk: Desk, reference: str) -> list[str]:
    made = outgoing.letter(desk, CLARA, reference).content
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages]


@pytest.mark.parametrize("lines", range(5))
def test_no_item_is_torn_by_the_end_of_a_sheet(desk: Desk, service: Service, lines: int) -> None:
    told = everything(rules_of(TREATMENT)) | {"other_blood_thinner": "\n".join(["word"] * (lines + 1))}
    reference = send(service, **told)
    found = [" ".join(sheet.split()) for sheet in sheets(desk, reference)]
    for line in clinician.review(desk, CLARA, reference).flags:
        rule = f"{line.flag.id}, {line.flag.place}"
        (sheet,) = [sheet for sheet in found if rule in sheet]
        item = sheet[: sheet.index(rule)].rpartition(".yaml:")[2]
        assert line.flag.label in item


def test_an_item_that_is_longer_than_a_sheet_goes_on_on_the_next(desk: Desk, service: Service) -> None:
    told = everything(rules_of(TREATMENT)) | {"infection_words": "\n".join("§" * LINES)}
    found = [sheet.count("§") for sheet in sheets(desk, send(service, **told))]
    assert sum(found) == 2 * LINES  # in the item, and among the answers
    assert max(found) < LINES


@pytest.mark.parametrize("words", ["W" * 200, MEDICINES, "é" * 200], ids=["letters", "commas", "accents"])
def test_words_without_blanks_do_not_run_off_the_sheet(desk: Desk, service: Service, words: str) -> None:
    reference = send(service, what_happened=words)
    found = "\n".join(sheets(desk, reference))
    assert max(map(len, found.splitlines())) < WIDEST
    assert "".join(words.split()) in "".join(found.split()).replace("\u200b", "")


def test_no_letter_is_torn_from_its_marks(desk: Desk, service: Service) -> None:
    """Thai is written without blanks, and with marks; these two have no letter that is both in one."""
    found = sheets(desk, send(service, what_happened="a" + "q\u0303" * 60))
    marked = [line for sheet in found for line in sheet.splitlines() if "q\u0303" in line]
    assert len(marked) > 1
    assert not [line for line in marked if line.endswith("q")]


def test_what_is_written_from_right_to_left_keeps_its_order(desk: Desk, service: Service) -> None:
    """What was written first stands rightmost, so that it comes last on the sheet."""
    made = outgoing.letter(desk, CLARA, send(service, what_happened="אחת daily שתיים")).content
    first = pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text(extraction_mode="layout")
    assert f"{'שתיים'[::-1]} daily {'אחת'[::-1]}" in first  # as the eye meets the letters


@pytest.mark.parametrize("name", ["علی\u200cرضا", "Ann\u00adMarie", "שרה\u200f"])
def test_marks_that_nobody_sees_are_no_missing_characters(desk: Desk, service: Service, name: str) -> None:
    for sheet in sheets(desk, send(service, name=name)):
        assert "\N{REPLACEMENT CHARACTER}" not in sheet


def test_characters_that_cannot_be_printed_are_told_before_what_is_said(desk: Desk, service: Service) -> None:
    first = sheets(desk, send(service, what_happened="左脚疼痛"))[0]
    assert first.index(WORDS["incomplete"]) < first.index(WORDS["open"])


def test_in_a_batch_only_the_letter_that_lacks_characters_says_so(desk: Desk, service: Service) -> None:
    lacking = send(service, what_happened="左脚疼痛")
    references = [send(service), lacking, send(service)]
    made = outgoing.export(desk, CLARA, "pdf", references=references, reason=WHY).content
    found = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages]
    told = [sheet for sheet in found if WORDS["incomplete"] in sheet]
    assert len(told) == 1
    assert lacking in told[0]


@pytest.mark.parametrize("ended", ["withdrawn", "duplicate", "closed"])
def test_a_letter_says_that_the_request_stands_no_more(desk: Desk, service: Service, ended: str) -> None:
    reference, other = send(service), send(service)
    label = STATUSES[ended].label
    assert f"{STATUS}: {label}" not in sheets(desk, reference)[0]
    if ended == "withdrawn":
        reception.withdraw(desk, RITA, reference, 1, "Better now")
    elif ended == "duplicate":
        reception.mark_duplicate(desk, RITA, reference, 1, other)
    else:
        reception.close(desk, RITA, reference, 1, "patient_declined")
    assert f"{STATUS}: {label}" in sheets(desk, reference)[0]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">%s<path d="M0 0h9v9z"/></svg>'
LOGOS = {  # and whether it is printed
    "whole": (SVG % b"", True),
    "script": (SVG % b"<script>alert(1)</script>", True),  # which nothing runs
    "from elsewhere": (SVG % b'<image href="/etc/hostname" width="9" height="9"/>', False),
    "spoilt": (SVG[:40], False),
    "cut off": (b"\x89PNG\r\n\x1a\n\x00\x00", False),
    "no picture": (b"hello", False),
    "empty": (b"", False),
    "huge": (SVG % (b" " * LARGEST), False),
    "not there": (None, False),
}


@pytest.mark.parametrize("logo", LOGOS)
def test_a_logo_that_cannot_be_printed_keeps_no_letter_back_and_is_told(
    desk: Desk, service: Service, tmp_path: Path, logo: str
) -> None:
    content, printed = LOGOS[logo]
    file, reference = tmp_path / "logo.png", send(service)
    if content is not None:
        file.write_bytes(content)
    without = outgoing.letter(desk, CLARA, reference).content
    service.settings = service.settings.model_copy(update={"letter_logo": file})
    made = outgoing.letter(desk, CLARA, reference).content
    found = pypdf.PdfReader(io.BytesIO(made))
    assert reference in found.pages[0].extract_text()
    assert b"pdfuaid" in made
    assert (len(made) > len(without) + 100) is printed
    told = {finding.check.id for finding in examine(look(service.settings, service.now()), AT_START)}
    assert ("logo_amiss" in told) is not printed
