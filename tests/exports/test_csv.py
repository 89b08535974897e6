"""No cell of an export is a formula, whatever patients write."""

from __future__ import annotations

import csv
import io
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from screening.exports.csv import harmless

BLANKS = " \t\r\n\v\f\xa0\u2003\u3000\u200b\ufeff\x00"
STARTS = "=+-@＝＋－＠﹢﹦﹣﹫"
nasty = st.builds(
    "".join, st.tuples(st.text(BLANKS, max_size=3), st.sampled_from(STARTS), st.text(max_size=20))
)


def is_formula(cell: str) -> bool:
    """As the most eager of spreadsheets would see it."""
    if cell[:1] in "\t\r\n" and cell:
        return True
    bare = unicodedata.normalize("NFKC", cell).lstrip(BLANKS + " ")
    return bare[:1] in tuple("=+-@")


@given(st.one_of(st.text(), nasty))
@example("=1+1")
@example("＝cmd|' /C calc'!A0")
@example(" \u200b=1")
@example("\t=1")
@example("\ufeff@SUM(1)")
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


def test_plain_words_stay_as_they_are() -> None:
    assert harmless("I fell, and it hurts - a lot") == "I fell, and it hurts - a lot"
