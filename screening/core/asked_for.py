"""What somebody types to find a person, as people say it: names, a date of birth, part of a number. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from screening.core.answers import Circumstances, Mistake, understand
from screening.core.rules import Question
from screening.core.same_person import TITLES

_DATE = Question(id="born", ask="born", type="date")  # read as patients' dates are, "12 April 1961" too
_YEAR = r"(?P<year>(?:18|19|20)\d\d)"
_DATES = (
    re.compile(
        rf"(?<!\w)(?P<day>\d{{1,2}})[\s./-]+(?P<month>\d{{1,2}}|[^\W\d_]{{3,}})[\s./,-]+{_YEAR}(?!\w)"
    ),
    re.compile(rf"(?<!\w){_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)(?!\w)"),
)
_NUMBER = re.compile(r"\+?[\d(][\d\s()./-]*\d")
_FEWEST = 4  # digits of a phone number
_ASIDE = TITLES | {"born", "dob"}  # said around a name; who is called nothing else is looked for by it


@dataclass(frozen=True, slots=True)
class AskedFor:
    """`birth_date` is YYYY-MM-DD; `phone` has four digits or more; `words` is all that is neither."""

    birth_date: str = ""
    phone: str = ""
    words: str = ""


def asked_for(text: str) -> AskedFor:
    """Each part told apart by its form, in whatever order they are typed."""
    birth_date, rest = _born(text)
    for found in _NUMBER.finditer(rest):
        if sum(letter.isdigit() for letter in found[0]) >= _FEWEST:
            return AskedFor(birth_date, found[0], _name(rest[: found.start()] + " " + rest[found.end() :]))
    return AskedFor(birth_date, "", _name(rest))


def _name(words: str) -> str:
    """Without what is only said around it."""
    said = words.split()
    kept = [word for word in said if word.casefold().strip(".,:") not in _ASIDE]
    named = any(letter.isalpha() for word in kept for letter in word)
    return words if kept == said else " ".join(kept if named else said[-1:])


def _born(text: str) -> tuple[str, str]:
    """The first real date in it, and what is left."""
    for pattern in _DATES:
        for found in pattern.finditer(text):
            parts = {name: [found[name]] for name in ("day", "month", "year")}
            try:
                born = understand(_DATE, parts, Circumstances(date.max))
            except Mistake:
                continue
            return str(born), f"{text[: found.start()]} {text[found.end() :]}"
    return "", text
