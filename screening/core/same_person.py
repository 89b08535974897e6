"""Whether two requests may be of one person although name or date of birth are not quite the same. Pure.

It is pointed out and never acted on: a person compares them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

import jellyfish

from screening.core.entries import Unlike, Written
from screening.core.near_words import UNSEEN
from screening.core.wording import marked

_WORD = re.compile(r"[^\W_]+")
NO_LETTERS = frozenset(f"'’ʼ`{UNSEEN}")  # of a name: O'Brien is OBrien
Apart = Literal["title", "middle_name", "letter", "digit"]
APART: dict[Apart, str] = {
    "title": marked("the same but for a title"),
    "middle_name": marked("the same but for a middle name"),
    "letter": marked("a letter of the name is different"),
    "digit": marked("a digit of the date of birth is different"),
}
TITLES = frozenset(
    {
        *("mr", "mrs", "ms", "miss", "mx", "dr", "doctor", "prof", "professor"),
        *("sir", "dame", "lady", "lord", "rev", "reverend", "father", "sister", "herr", "frau"),
    }
)
SHORTEST = 3  # letters of a word that may have a slip in it
FEWEST = 2  # words of a name that must be the same: one alone says too little


def told_apart(name: str, birth_date: str, other_name: str, other_birth_date: str) -> Apart | None:
    """In which one thing they differ; None where in nothing, or in more than that."""
    if not (name and birth_date and other_name and other_birth_date):
        return None
    same_words = _words(name) == _words(other_name)
    mine, theirs = _without_titles(name), _without_titles(other_name)
    if birth_date != other_birth_date:
        return "digit" if mine == theirs and _digits_apart(birth_date, other_birth_date) == 1 else None
    if mine == theirs:
        return None if same_words else "title"
    if len(mine & theirs) >= FEWEST and (mine < theirs or theirs < mine):
        return "middle_name"
    return "letter" if _a_letter_apart(mine, theirs) else None


def set_apart(written: Iterable[Written]) -> frozenset[str]:
    """Requests that somebody said are another person's or about something else: no longer pointed out."""
    said = {line.entry.of: line.entry.on for line in written if isinstance(line.entry, Unlike)}
    return frozenset(of for of, on in said.items() if on)


def _words(name: str) -> set[str]:
    """Without case, accents and apostrophes, and what nobody sees."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = (sign for sign in plain if not unicodedata.combining(sign) and sign not in NO_LETTERS)
    return set(_WORD.findall("".join(kept)))


def _without_titles(name: str) -> set[str]:
    words = _words(name)
    return words - TITLES or words  # who is called nothing else


def _digits_apart(day: str, other: str) -> int:
    """Of dates as they are kept; of two lengths, every digit."""
    return sum(a != b for a, b in zip(day, other, strict=True)) if len(day) == len(other) else len(day)


def _a_letter_apart(mine: set[str], theirs: set[str]) -> bool:
    """One word each that the other has not, a letter too many, missing, wrong or changed round."""
    if len(mine - theirs) != 1 or len(theirs - mine) != 1:
        return False
    (word,), (other,) = mine - theirs, theirs - mine
    long_enough = min(len(word), len(other)) >= SHORTEST
    return long_enough and jellyfish.damerau_levenshtein_distance(word, other) == 1
