"""Words with a slip in them, and phrases with words in between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core.near_words import Phrase, Vocabulary, words_of


def holds(text: str, phrase: str, *, exactly: bool = False) -> bool:
    wanted = Phrase.of(phrase, exactly=exactly)
    return Vocabulary((wanted,)).read([text]).holds(wanted)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Warfarin", "warfarin"),
        ("wafarin", "warfarin"),  # left out
        ("warfarrin", "warfarin"),  # too many
        ("warfarim", "warfarin"),  # wrong
        ("warfairn", "warfarin"),  # changed round
        ("apixban", "apixaban"),
        ("clopidagral", "clopidogrel"),  # two in a long word
        ("insulins", "insulin"),
        ("I’M on warfarin.", "im"),
        ("blood-thinning", "blood thinning"),
        ("ﬁbre", "fibre"),
    ],
)
def test_a_slip_is_forgiven(text: str, word: str) -> None:
    assert holds(text, word)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("wafarim", "warfarin"),  # two in eight letters
        ("clopdagral", "clopidogrel"),  # three
        ("hearing", "heparin"),
        ("die", "dye"),  # a short word has none
        ("fiver", "fever"),
        ("", "warfarin"),
        ("x" * 3000, "warfarin"),
    ],
)
def test_more_than_that_is_another_word(text: str, word: str) -> None:
    assert not holds(text, word)


def test_an_exact_word_is_found_only_as_it_stands() -> None:
    assert holds("an INFECTION", "infection", exactly=True)
    assert not holds("an injection", "infection", exactly=True)


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        ("a baby, due soon", True),
        ("a baby girl who is due", False),
        ("the baby is due", True),
        ("baby boy is due", True),
        ("due: a baby", False),
        ("baby. It is cold. The review is due", False),
    ],
)
def test_a_phrase_stands_in_its_order_with_few_words_between(text: str, is_there: bool) -> None:
    assert holds(text, "baby due") is is_there


def test_a_phrase_goes_on_over_lines() -> None:
    phrase = Phrase.of("blood thinner")
    assert Vocabulary((phrase,)).read(["a blood", "thinner"]).holds(phrase)


@given(st.text(max_size=60))
def test_every_word_is_found_as_it_is_written(text: str) -> None:
    for word in words_of(text):
        assert holds(text, word)
        assert holds(text, word, exactly=True)
