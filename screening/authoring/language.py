"""How old a reader must be, and what reads alike: what can be said of a text by itself."""

from __future__ import annotations

import re

from screening.tracing.statements import WORD

_SENTENCE = re.compile(r"[.!?:;]+(?:\s|$)|\n+")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^laeiouy]|[aeiouy]l)e$|[^aeioudt]ed$|[^aeiousxzcg]es$")


def reading_age(text: str) -> float:
    """Years: the grade of Kincaid and others (Flesch-Kincaid, 1975) plus five; 0 for no words.

    It means little for less than a paragraph.

    Computed here: textstat up to 0.7.7 needs setuptools or GPL data, later ones fetch a word list from
    the network when they are first used.
    """
    words = WORD.findall(text)
    sentences = [part for part in _SENTENCE.split(text) if WORD.search(part)]
    if not words:
        return 0.0
    syllables = sum(map(_syllables, words))
    return round(0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59 + 5, 1)


def _syllables(word: str) -> int:
    plain = word.casefold()
    silent = 1 if len(plain) > 3 and _SILENT.search(plain) else 0
    return max(1, len(_VOWELS.findall(plain)) - silent)


def plainly(text: str) -> str:
    """A text as the eye takes it in a hurry: no case, no punctuation, no small words."""
    small = {"a", "an", "the", "of", "to", "or", "and", "in", "is", "it", "your", "my", "you", "i"}
    found = [word.casefold() for word in re.findall(r"\w+", text)]
    return " ".join(word for word in found if word not in small) or " ".join(found)
