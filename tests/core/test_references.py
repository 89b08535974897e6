"""References: easy to read out, and a slip is noticed."""

from __future__ import annotations

import random
import secrets
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from screening.core.references import ALPHABET, draw, recognise

references = st.randoms().map(lambda source: draw(source.randrange))


def put(text: str, index: int, letter: str) -> str:
    return text[:index] + letter + text[index + 1 :]


def letters(reference: str) -> str:
    return reference.replace("-", "")


@given(references)
def test_a_reference_is_recognised(reference: str) -> None:
    assert recognise(reference) == reference
    assert set(letters(reference)) <= set(ALPHABET)


def test_no_two_letters_look_alike() -> None:
    assert set("0O1IL").isdisjoint(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert ALPHABET.upper() == ALPHABET


@given(references)
def test_every_single_wrong_character_is_found(reference: str) -> None:
    text = letters(reference)
    for index, right in enumerate(text):
        assert not any(recognise(put(text, index, wrong)) for wrong in ALPHABET if wrong != right)


@given(references)
def test_every_swap_of_neighbours_is_found(reference: str) -> None:
    text = letters(reference)
    for index, (first, second) in enumerate(pairwise(text)):
        if first != second:
            assert recognise(put(put(text, index, second), index + 1, first)) is None


@given(references)
def test_a_missing_or_doubled_character_is_found(reference: str) -> None:
    text = letters(reference)
    for index in range(len(text)):
        assert recognise(text[:index] + text[index + 1 :]) is None
        assert recognise(text[: index + 1] + text[index:]) is None


@given(references, st.randoms())
def test_case_spaces_and_hyphens_are_forgiven(reference: str, source: random.Random) -> None:
    spoken = "".join(
        source.choice([letter, letter.lower()]) + source.choice(["", " ", "-", "\N{EN DASH}", ". ", "\t"])
        for letter in letters(reference)
    )
    assert recognise(spoken) == reference


@given(st.text(max_size=20) | st.text(ALPHABET + "0O1IL ", max_size=12))
def test_other_words_are_none_or_a_reference_in_its_usual_form(words: str) -> None:
    found = recognise(words)
    assert found is None or recognise(found) == found


def test_all_of_the_alphabet_is_drawn_from_the_source_that_is_given() -> None:
    drawn = {draw(secrets.randbelow) for _ in range(300)}
    assert len(drawn) == 300
    assert set("".join(map(letters, drawn))) == set(ALPHABET)
    assert {draw(lambda _: 0) for _ in range(3)} == {draw(lambda _: 0)}
