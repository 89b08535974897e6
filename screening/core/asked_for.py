"""What somebody types to find a person, as people say it: names, a date of birth, part of a number. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from screening.core.answers import Circumstances, Mistake, understand
from screening.core.rules import Question
from screening.core.same_person import TITLES

_DATE = Question(id="born", ask="born", type="date")  # read as patients' dates are, "12 April 1961" too
_DAY, _YEAR = r"(?<!\w)(?P<day>\d{1,2})", r"(?P<year>(?:18|19|20)\d\d)"
_NAMED = r"(?:st|nd|rd|th)?(?:\s+of)?[\s./-]+(?P<month>[^\W\d_]{3,})[\s./,-]+"
_SHORT = (
    r"(?P<year>\d\d)(?![\w./-])"  # of a year; between bare numbers only after a mark: 01 02 03 is a number
)
_DATES = (
    re.compile(rf"{_DAY}[\s./-]+(?P<month>\d{{1,2}})[\s./,-]+{_YEAR}(?!\w)"),
    re.compile(rf"{_DAY}{_NAMED}{_YEAR}(?!\w)"),
    re.compile(rf"(?<!\w){_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)(?!\w)"),
    re.compile(rf"(?<![./-]){_DAY}[./-](?P<month>\d{{1,2}})[./-]{_SHORT}"),
    re.compile(rf"{_DAY}{_NAMED}{_SHORT}"),
)
_CENTURIES = ("19", "20")  # that a year in two digits may be of: nobody is asked which
_NUMBER = re.compile(r"\+?[\d(][\d\s()./-]*\d")
_FEWEST = 4  # digits of a phone number
_ASIDE = TITLES | {"born", "dob"}  # said around a name; who is called nothing else is looked for by it


@dataclass(frozen=True, slots=True)
class AskedFor:
    """`born`: each YYYY-MM-DD that it may be; `phone`: four digits or more; `words`: what is neither."""

    born: tuple[str, ...] = ()
    phone: str = ""
    words: str = ""


def asked_for(text: str) -> AskedFor:
    """Each part told apart by its form, in whatever order they are typed."""
    born, rest = _born(text)
    for found in _NUMBER.finditer(rest):
        if sum(letter.isdigit() for letter in found[0]) >= _FEWEST:
            return AskedFor(born, found[0], _name(rest[: found.start()] + " " + rest[found.end() :]))
    return AskedFor(born, "", _name(rest))


def _name(words: str) -> str:
    """Without what is only said around it."""
    said = words.split()
    kept = [word for word in said if word.casefold().strip(".,:") not in _ASIDE]
    named = any(letter.isalpha() for word in kept for letter in word)
    return words if kept == said else " ".join(kept if named else said[-1:])


def _born(text: str) -> tuple[tuple[str, ...], str]:
    """The first real date in it, and what is left."""
    for pattern in _DATES:
        for found in pattern.finditer(text):
            said = found["year"]
            years = [said] if len(said) > len(_CENTURIES[0]) else [century + said for century in _CENTURIES]
            if born := tuple(day for year in years for day in _days(found["day"], found["month"], year)):
                return born, f"{text[: found.start()]} {text[found.end() :]}"
    return (), text


def _days(day: str, month: str, year: str) -> Iterator[str]:
    try:
        yield str(
            understand(_DATE, {"day": [day], "month": [month], "year": [year]}, Circumstances(date.max))
        )
    except Mistake:
        return
