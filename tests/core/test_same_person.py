"""One person under two names that are nearly the same: found where one thing differs, and only there."""

from __future__ import annotations

import pytest

from screening.core.same_person import APART, told_apart

BORN = "1961-04-12"


@pytest.mark.parametrize(
    ("name", "other", "born", "expected"),
    [
        ("Ada Avery", "Mrs Ada Avery", BORN, "title"),
        ("Ada Avery", "AVERY, Dr. Ada", BORN, "title"),
        ("Ada Avery", "Ada Maria Avery", BORN, "middle_name"),
        ("Ms Ada Maria Avery", "Ada Avery", BORN, "middle_name"),
        ("Ada Avery", "Ada Averi", BORN, "letter"),
        ("Ada Avery", "Ada Avrey", BORN, "letter"),
        ("Ada Avery", "Ada Avry", BORN, "letter"),
        ("Ada Avery", "Mr Ada Avery", "1961-04-13", "digit"),
        ("Zoë O’Neill", "Zoe ONeill", BORN, None),  # the same words: known as one person anyway
        ("Ada Avery", "Ada Birch", BORN, None),
        ("Ada Avery", "Ida Averi", BORN, None),
        ("Ada Avery", "Ada Averi", "1961-04-13", None),
        ("Ada Avery", "Ada Avery", "1962-04-13", None),
        ("Ada B Avery", "Ada C Avery", BORN, None),
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
