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
        ("war\u00adfarin", "warfarin"),  # a soft hyphen, as web pages have it
        ("\u202bblood\u200f thin\u2060ning", "blood thinning"),
        ("blood\u200bthinning", "blood thinning"),  # parted, though nobody sees by what
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


def slip(word: str, kind: str, at: int, letter: str) -> str:
    """The word with one slip; a letter changed round with its neighbour is one."""
    at %= len(word) - 1
    after = {
        "missing": word[at + 1 :],
        "too many": letter + word[at:],
        "wrong": letter + word[at + 1 :],
        "changed round": word[at + 1] + word[at] + word[at + 2 :],
    }
    return word[:at] + after[kind]


SLIPS = st.tuples(
    st.sampled_from(["missing", "too many", "wrong"]), st.integers(0, 20), st.sampled_from("abcde")
)


@given(st.text("abcde", min_size=6, max_size=12), SLIPS, SLIPS, st.integers(0, 20))
def test_any_slip_is_forgiven_in_a_word_of_six_letters_and_any_two_in_one_of_nine(
    word: str, first: tuple[str, int, str], second: tuple[str, int, str], at: int
) -> None:
    assert holds(slip(word, "changed round", at, ""), word)
    once = slip(word, *first)
    assert holds(once, word)
    assert len(word) < 9 or holds(slip(once, *second), word)


@given(st.text("abcde", min_size=3, max_size=12), st.integers(0, 20))
def test_more_slips_than_its_letters_allow_make_another_word(word: str, at: int) -> None:
    allowed = 2 if len(word) >= 9 else 1 if len(word) >= 6 else 0
    places = [(at + step) % len(word) for step in range(allowed + 1)]
    typed = "".join("x" if place in places else letter for place, letter in enumerate(word))
    assert not holds(typed, word)


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
