"""No cell of an export is a formula, whatever patients write."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from screening.core.errors import CannotOpen
from screening.core.kept import KeptAnswer, KeptContact
from screening.core.paper_words import NOT_PROVIDED, THINGS
from screening.core.workflow import Figures
from screening.exports import Clinic, Record, in_pieces
from screening.exports.csv import NOT_WHOLE, harmless, write
from screening.exports.records import PIECE, StandingOnPaper

BLANKS = " \t\r\n\v\f\xa0\u2003\u3000\u200b\ufeff\x00\u115f\u1160\u3164\uffa0\u2800"
STARTS = "\u2212\u2010\u2013\u2014=+-@＝＋－＠﹢﹦﹣﹫"
nasty = st.builds(
    "".join, st.tuples(st.text(BLANKS, max_size=3), st.sampled_from(STARTS), st.text(max_size=20))
)

RECEIVED = datetime(2026, 11, 25, tzinfo=UTC)
CLINIC = Clinic("Clinic", "1", "", ZoneInfo("UTC"), "en", Path())
GOOD = Record(
    "R1",
    "t",
    "T",
    "new",
    RECEIVED,
    None,
    False,
    "patient",
    KeptContact(),
    StandingOnPaper(RECEIVED, Figures()),
)


def is_formula(cell: str) -> bool:
    """As the most eager of spreadsheets would see it."""
    if cell[:1] in "\t\r\n" and cell:
        return True
    bare = unicodedata.normalize("NFKC", cell).lstrip(BLANKS + " ")
    return bare[:1] in tuple("=+-@\u2212\u2010\u2013\u2014")


@given(st.one_of(st.text(), nasty))
@example("=1+1")
@example("＝cmd|' /C calc'!A0")
@example(" \u200b=1")
@example("\t=1")
@example("\ufeff@SUM(1)")
@example("\u2212" + "1")
@example("\u115f=1")
@example("\u3164=1")
@example("\u2800=1")
@example("+44 20 7946 0018")
def test_no_cell_is_a_formula_after_reading_it_back(text: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow([harmless(text)])
    if "\x00" in text:
        return
    rows = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert not is_formula(rows[0][0])


@given(st.text())
def test_the_words_themselves_are_all_there(text: str) -> None:
    assert harmless(text) in (text, f"'{text}")


@pytest.mark.parametrize(
    "text",
    [
        "I fell, and it hurts - a lot",
        "1950-03-31",
        "7",
        "7.5",
        "0",
        "020 7946 0018",
        "2 or 3",
        "31 March 1950",
        "In March",
        "May",
        "(5 of them)",
    ],
)
def test_plain_words_days_and_numbers_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "7 / 10",
        "3-4",
        "1/2",
        "007",
        "1E5",
        "1.10",
        "1,000",
        "9:30",
        "3-4-26",
        " 3-4 ",
        "1234567890123456",
        "March 2019",
        "5 may",
        "Sept.10",
        "(5)",
    ],
)
def test_what_a_spreadsheet_would_change_is_text_there(text: str) -> None:
    assert harmless(text) == f"'{text}"


def answered(*answers: tuple[str, str, tuple[str, ...]]) -> Record:
    """A request with these: question, its words, what was said."""
    return replace(
        GOOD, contact=KeptContact(tuple(KeptAnswer(id_, asked, said=said) for id_, asked, said in answers))
    )


def table(*records: Record) -> list[dict[str, str]]:
    text = b"".join(write(records, CLINIC)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_no_answer_stands_below_words_that_only_others_were_asked_in() -> None:
    rows = table(
        answered(("where", "Where does it hurt?", ("Knee",))),
        answered(("where", "Where do you live?", ("Bath",)), ("late", "Since when?", ())),
    )
    (heading,) = (name for name in rows[0] if "Where" in name)
    assert "Where does it hurt?" in heading
    assert "Where do you live?" in heading
    assert [row[heading] for row in rows] == ["Knee", "Bath"]


def test_two_questions_in_the_same_words_or_called_as_another_column_have_a_column_each() -> None:
    (row,) = table(
        answered(
            ("a", "Tell us more", ("one",)), ("b", "Tell us more", ("two",)), ("c", "status", ("three",))
        )
    )
    assert row["status"] == "new"
    assert [said for said in row.values() if said in ("one", "two", "three")] == ["one", "two", "three"]


def test_a_question_without_an_answer_is_told_from_one_that_was_not_asked() -> None:
    rows = table(answered(("a", "An infection?", ())), answered(("b", "An allergy?", ("No",))))
    assert [row["An infection?"] for row in rows] == [NOT_PROVIDED, ""]


def test_an_answer_that_cannot_be_read_is_not_said_to_be_missing() -> None:
    unread = replace(GOOD, contact=KeptContact((KeptAnswer("a", "Born?", stored="in April"),)))
    assert [row["Born?"] for row in table(unread)] == [THINGS["unreadable"]]


def test_a_file_that_was_not_read_to_its_end_says_so_in_its_last_row() -> None:
    """Read once for its columns, and broken off on the second way through."""
    ways = 0

    class Spoilt:
        def __iter__(self) -> Iterator[Record]:
            nonlocal ways
            ways += 1
            yield GOOD
            if ways > 1:
                raise CannotOpen

    written: list[bytes] = []
    with pytest.raises(CannotOpen):
        written += write(Spoilt(), CLINIC)
    rows = list(csv.reader(io.StringIO(b"".join(written).decode("utf-8-sig"))))
    assert [row[0] for row in rows[:2]] == ["reference", "R1"]
    assert rows[2:] == [[NOT_WHOLE]]


def test_pieces_are_all_that_was_written() -> None:
    parts = [bytes([number % 251]) * (number * 7919 % 200_000) for number in range(20)]
    made = list(in_pieces(parts))
    assert b"".join(made) == b"".join(parts)
    assert {len(piece) for piece in made[:-1]} == {PIECE}


@pytest.mark.parametrize(("before", "handed_out"), [(10, 0), (PIECE + 10, PIECE + 10)])
def test_what_fails_is_all_or_nothing_until_the_first_piece(before: int, handed_out: int) -> None:
    def parts() -> Iterator[bytes]:
        yield bytes(before)
        raise CannotOpen

    made: list[bytes] = []
    with pytest.raises(CannotOpen):
        made += in_pieces(parts())
    assert sum(map(len, made)) == handed_out
