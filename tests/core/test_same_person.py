"""One person under two names that are nearly the same: found where one thing differs, and only there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from screening.core.entries import Note, NotSame, Unlike, Written
from screening.core.same_person import APART, set_apart, told_apart

BORN = "1961-04-12"


@pytest.mark.parametrize(
    ("name", "other", "born", "expected"),
    [
        ("Ada Avery", "Mrs Ada Avery", BORN, "title"),
        ("Ada Avery", "AVERY, Dr. Ada", BORN, "title"),
        ("Hélène O’Neill", "Mrs Helene ONeill", BORN, "title"),
        ("Ada Avery", "Ada Maria Avery", BORN, "middle_name"),
        ("Ms Ada Maria Avery", "Ada Avery", BORN, "middle_name"),
        ("Ada Avery", "Ada Averi", BORN, "letter"),
        ("Ada Avery", "Ada Avrey", BORN, "letter"),
        ("Ada Avery", "Ada Avry", BORN, "letter"),
        ("Ann Avery", "Anm Avery", BORN, "letter"),
        ("Ada Avery", "Mr Ada Avery", "1961-04-13", "digit"),
        ("Zoë O’Neill", "Zoe ONeill", BORN, None),  # the same words: known as one person anyway
        ("علی\u200cرضا آوری", "علیرضا آوری", BORN, None),  # a joiner that some type and some do not
        ("Ada Av\u00adery", "Mrs Ada Avery", BORN, "title"),
        ("Ada Avery", "Ada Birch", BORN, None),
        ("Ada Avery", "Ida Averi", BORN, None),
        ("Ada Avery", "Ada Averi", "1961-04-13", None),
        ("Ada Avery", "Ada Avery", "1962-04-13", None),
        ("Ada B Avery", "Ada C Avery", BORN, None),
        ("Li Avery", "Lu Avery", BORN, None),  # too short for a slip
        ("Lord", "Sister", BORN, None),  # titles, of who is called nothing else
        ("Avery", "Avery Maria", BORN, None),
        ("Ada Avery", "", BORN, None),
        ("Ada Avery", "Ada Maria Avery", "1961-04", None),
    ],
)
def test_two_requests_may_be_of_one_person_where_one_thing_differs(
    name: str, other: str, born: str, expected: str | None
) -> None:
    assert told_apart(name, BORN, other, born) == expected
    assert told_apart(other, born, name, BORN) == expected
    assert expected is None or expected in APART


@pytest.mark.parametrize("other", ["Ada Avery", "Mrs Ada Avery", "Ada Maria Avery", "Ada Averi", ""])
def test_without_a_name_or_a_date_of_birth_nobody_is_like_anybody(other: str) -> None:
    assert told_apart("Ada Avery", "", other, "") is None
    assert told_apart("", BORN, "", "1961-04-13") is None


def test_the_last_word_on_each_request_counts_of_what_only_looks_alike() -> None:
    said = (
        Note("Rang both"), NotSame("twin", "another flat"), Unlike("one", True, "person", "x"),
        Unlike("other", True, "matter", "x"), Unlike("other", False, "person", "married"),
    )  # fmt: skip
    at = datetime(2026, 11, 25, tzinfo=UTC)
    lines = [Written(f"e{part}", part, "p", "P", at, entry) for part, entry in enumerate(said)]
    assert set_apart(lines) == {"one"}
