"""Blind indexes: the same for the same words however typed, different for different words and keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.storage.sealing import blind_index
from screening.storage.sealing.blind_index import IndexKey, person_digest, words_of

KEY, OTHER = IndexKey(bytes(32)), IndexKey(bytes(31) + b"\x01")
names = st.text(max_size=40)


@given(names)
def test_case_and_blanks_do_not_count(name: str) -> None:
    assert words_of(f"  {name}  ") == words_of(name)
    assert words_of(name.casefold()) == words_of(name)


@given(st.lists(st.text("abcdeéß", min_size=1, max_size=8), min_size=1, max_size=4))
def test_the_order_of_a_name_does_not_count_for_a_person(words: list[str]) -> None:
    one, other = " ".join(words), " ".join(reversed(words))
    assert person_digest(KEY, one, "1950-03-31") == person_digest(KEY, other, "1950-03-31")


@given(names, names)
def test_a_kind_and_a_key_make_another_digest(one: str, other: str) -> None:
    assert KEY.digest("name", one) != KEY.digest("phone", one)
    assert KEY.digest("name", one) != OTHER.digest("name", one)
    assert (KEY.digest("name", one) == KEY.digest("name", other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("علی\u200cرضا آوری", "علیرضا آوری"),
        ("\u202bAda\u202c Love\u00adlace", "Ada Lovelace"),
        ("Ada Love\ufefflace", "Ada Lovelace"),
    ],
)
def test_what_nobody_sees_in_a_name_makes_no_other_person(one: str, other: str) -> None:
    assert person_digest(KEY, one, "1950-03-31") == person_digest(KEY, other, "1950-03-31")


def test_phone_numbers_are_the_same_in_any_form() -> None:
    forms = [
        "020 7946 0018",
        "+44 20 7946 0018",
        "(020) 79460018",
        "0044 20 7946 0018",
        "Anne: 020 7946 0018",
    ]
    assert len({blind_index.plain_phone(form, "GB") for form in forms}) == 1


def test_accents_hyphens_and_apostrophes_do_not_count() -> None:
    assert words_of("Zoë O’Neill-Łódź") == words_of("ZOE o'neill lodz")


@pytest.mark.parametrize("said", ["o brien", "obrien", "O'BRIEN", "brien", "mary o’brien", "smithjones"])
def test_a_name_is_found_however_its_parts_are_joined(said: str) -> None:
    assert set(words_of(said)) <= set(blind_index.name_parts("Mary O’Brien Smith-Jones"))


@pytest.mark.parametrize(("one", "other"), [("stephen", "steven"), ("avery", "avary"), ("brien", "brian")])
def test_names_that_sound_alike_are_the_same_by_sound(one: str, other: str) -> None:
    assert blind_index.sound_of(one) == blind_index.sound_of(other) != ""


@given(names)
def test_every_name_has_a_sound_or_none_and_none_is_a_failure(name: str) -> None:
    for word in blind_index.name_parts(name):
        assert blind_index.sound_of(word).strip() == blind_index.sound_of(word)


def test_the_key_does_not_show() -> None:
    assert "00" not in repr(IndexKey(bytes(32)))
