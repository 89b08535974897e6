"""Words that decide or advise, and how old a reader must be: what can be said of a text by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from screening.tracing.statements import WORD

# Facts: MHRA's line between a form and a device, UK GDPR Art 22 (reference/health.md, part 1). A word
# ending in "*" stands for every word that begins so.
BANNED = (
    "suitable", "suitability", "unsuitable", "eligible", "eligibility", "ineligible", "approve*",
    "disapprove*", "qualif*", "good candidate", "ideal candidate", "right for you", "fit for treatment",
    "safe to", "safe for you", "unsafe", "not safe", "no risk", "low risk", "high risk", "risk score",
    "your score", "we recommend", "we advise", "is recommended", "you are accepted", "you are refused",
    "rejected", "contraindicat*", "diagnosis is", "you have been diagnosed by", "stop taking", "stop your",
    "start taking", "do not take", "don't take", "skip your", "take less", "take more", "reduce your",
    "increase your", "change your dose", "you should take", "you must take", "you can have this",
    "you cannot have", "you should have this", "you need this treatment", "will cure", "guarantee*",
)  # fmt: skip
_SENTENCE = re.compile(r"[.!?:;]+(?:\s|$)|\n+")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^laeiouy]|[aeiouy]l)e$|[^aeioudt]ed$|[^aeiousxzcg]es$")


def banned_words(text: str, more: Iterable[str] = ()) -> Iterator[str]:
    """The banned words and phrases in a text, as they are listed."""
    flat = " ".join(text.casefold().replace("’", "'").split())
    for word in (*BANNED, *more):
        if _pattern(word).search(flat):
            yield word


def _pattern(word: str) -> re.Pattern[str]:
    plain = re.escape(" ".join(word.casefold().replace("’", "'").rstrip("*").split()))
    return re.compile(rf"\b{plain}" if word.endswith("*") else rf"\b{plain}\b")


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
