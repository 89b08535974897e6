"""A search as people say it: a date in any form, a number or its end, and names around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core.asked_for import AskedFor, asked_for


@pytest.mark.parametrize(
    "text",
    [
        "Avery 12/04/1961",
        "12 April 1961 Avery",
        "avery 12.4.1961",
        "Avery, 1961-04-12",
        "12 apr 1961 avery",
        "Avery 12th April 1961",
        "12th of April 1961, avery",
    ],
)
def test_a_name_and_a_date_are_told_apart_in_any_order(text: str) -> None:
    found = asked_for(text)
    assert found.born == ("1961-04-12",)
    assert found.words.strip(" ,").lower() == "avery"
    assert not found.phone


@pytest.mark.parametrize("text", ["12/04/61", "12.4.61", "12-04-61", "12 April 61", "12th Apr 61"])
def test_a_year_in_two_digits_may_be_of_either_century(text: str) -> None:
    assert asked_for(f"{text} Avery").born == ("1961-04-12", "2061-04-12")
    assert asked_for(f"Avery, {text}").words.strip(" ,") == "Avery"


@pytest.mark.parametrize("text", ["Mrs Avery", "Avery, born 12/04/1961", "DOB: 12 April 1961 Mrs. Avery"])
def test_what_is_only_said_around_a_name_is_not_looked_for(text: str) -> None:
    assert asked_for(text).words.strip(" ,").lower() == "avery"


@pytest.mark.parametrize(
    ("text", "name"), [("Mrs", "Mrs"), ("Mrs Lord", "Lord"), ("Born 12/04/1961", "Born")]
)
def test_who_is_called_nothing_else_is_looked_for_by_it(text: str, name: str) -> None:
    assert asked_for(text).words.strip() == name


@pytest.mark.parametrize(
    "text", ["0101", "01 02 03", "01-02-03-04", "7946 0101", "020 7946 0101", "+44 (0)20 7946-0101"]
)
def test_a_number_or_its_end_is_a_number(text: str) -> None:
    assert asked_for(f"avery {text}") == AskedFor((), text, "avery  ")


@pytest.mark.parametrize("text", ["31 2 1961", "12 Averil 1961", "12/04/6", "29/02/01", "Flat 12"])
def test_what_is_no_date_is_not_taken_for_one(text: str) -> None:
    assert asked_for(text).born == ()


@given(st.text(max_size=60))
def test_whatever_is_typed_is_an_answer(text: str) -> None:
    found = asked_for(text)
    assert len(found.phone) + len(found.words) <= len(text) + 2
