"""Words as people write them: with a slip in a long word, with other words in between. Keeps no text.

A word of a list is also found with slips in it: one where it has six letters or more, two where it has
nine. A slip is a letter too many, missing, wrong, or changed round with its neighbour.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

_WORD = re.compile(r"[^\W_]+")
# A soft hyphen, joiners, marks of direction: nobody sees them, and they part no words, as U+200B does.
UNSEEN = (
    "\u00ad\u061c\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_IN_WORDS = re.compile(f"['’‘ʼ`´{UNSEEN}]")  # and no letters of them
_EXACT = "="  # before a word that is only found as it stands; no word of a text has it
BETWEEN = 2  # other words that may stand between two words of a phrase


@dataclass(frozen=True, slots=True)
class Phrase:
    """Some words of a list, in their order; `parts` as a vocabulary knows them."""

    text: str
    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str, *, exactly: bool = False) -> Phrase:
        """A phrase as it is written in a list."""
        return cls(text, tuple(f"{_EXACT if exactly else ''}{word}" for word in words_of(text)))


@dataclass(frozen=True, slots=True)
class Seen:
    """What of a vocabulary stands in one text."""

    phrases: frozenset[Phrase]

    def holds(self, phrase: Phrase) -> bool:
        """Whether its words stand here in their order, with few others between."""
        return phrase in self.phrases


@dataclass(frozen=True)
class Vocabulary:
    """Every phrase that is looked for; reads texts of any length and kind."""

    phrases: tuple[Phrase, ...]

    def read(self, texts: Iterable[str]) -> Seen:
        """What of it stands in these lines."""
        at: defaultdict[str, set[int]] = defaultdict(set)
        meant: dict[str, frozenset[str]] = {}
        for place, word in enumerate(words_of("\n".join(texts))):
            if word not in meant:
                meant[word] = self._meant_by(word)
            for part in meant[word]:
                at[part].add(place)
        begun = (phrase for part in at for phrase in self._by_first.get(part, ()))
        return Seen(frozenset(phrase for phrase in begun if _in_order(phrase, at)))

    @cached_property
    def read_once(self) -> Callable[[tuple[str, ...]], Seen]:
        """The same of words that are chosen, of which there are few; never of any that somebody typed."""
        return lru_cache(maxsize=1024)(self.read)

    def _meant_by(self, word: str) -> frozenset[str]:
        near = {part for part in self._candidates(word) if _slips_between(word, part) <= _slips(part)}
        return frozenset({_EXACT + word, *near})

    def _candidates(self, word: str) -> set[str]:
        """The words of the list that are the same after leaving out a few letters of each."""
        if len(word) > self._longest:
            return set()
        shorter = _shortened(word, 2 if len(word) > 6 else 1 if len(word) > 4 else 0)
        return {part for short in shorter for part in self._shortened.get(short, ())}

    @cached_property
    def _parts(self) -> frozenset[str]:
        return frozenset(
            part for phrase in self.phrases for part in phrase.parts if not part.startswith(_EXACT)
        )

    @cached_property
    def _by_first(self) -> Mapping[str, tuple[Phrase, ...]]:
        found: defaultdict[str, tuple[Phrase, ...]] = defaultdict(tuple)
        for phrase in self.phrases:
            for part in phrase.parts[:1]:
                found[part] += (phrase,)
        return dict(found)

    @cached_property
    def _longest(self) -> int:
        return max((len(part) + _slips(part) for part in self._parts), default=0)

    @cached_property
    def _shortened(self) -> Mapping[str, frozenset[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for part in self._parts:
            for short in _shortened(part, _slips(part)):
                found[short].add(part)
        return {short: frozenset(parts) for short, parts in found.items()}


def _in_order(phrase: Phrase, at: Mapping[str, set[int]]) -> bool:
    """Whether its parts stand one after the other, with few words between; `at`: part -> where, in words."""
    ends: set[int] | None = None
    for part in phrase.parts:
        here = at.get(part, set())
        if ends is not None:
            here = here & {end + step for end in ends for step in range(1, BETWEEN + 2)}
        ends = here
    return bool(ends)


def words_of(text: str) -> list[str]:
    """The words of a text, whatever its capitals, accents' encoding and apostrophes (I'm -> im), and
    whatever was copied along that nobody sees."""
    return _WORD.findall(_IN_WORDS.sub("", unicodedata.normalize("NFKC", text).casefold()))


def _slips(word: str) -> int:
    return 2 if len(word) >= 9 else 1 if len(word) >= 6 else 0


def _shortened(word: str, letters: int) -> set[str]:
    """The word, and all that is left of it without so many letters or fewer."""
    found = newest = {word}
    for _ in range(letters):
        newest = {short[:at] + short[at + 1 :] for short in newest for at in range(len(short))}
        found = found | newest
    return found


def _slips_between(word: str, other: str) -> int:
    """Letters added, left out, replaced, or changed round with the next (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for down, letter in enumerate(word, 1):
        above, row = row, [down]
        for across, there in enumerate(other, 1):
            steps = [above[across] + 1, row[-1] + 1, above[across - 1] + (letter != there)]
            if down > 1 and across > 1 and letter == other[across - 2] and word[down - 2] == there:
                steps.append(before[across - 2] + 1)
            row.append(min(steps))
        before = above
    return row[-1]
