"""What a page says of ages: a date of birth answers it, where it is for whom the treatment is."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

_OF = r"(?:the )?(?:ages? (?:of )?)?"
_NUMBER = (  # of no weight, week or pressure
    r"(\d{1,3})(?![\d./:]*\d)(?!\s*-?(?:%|kg|lb|st|stone|mg|ml|mm|cm|weeks?|months?|days?|hours?|hrs?|minutes?"
    r"|mins?|times?|units?|mmhg)\b)(?!\s*(?:years?|yrs?) ago\b)"
)
_YEARS = r"\s*-?\s*(?:years?|yrs?)\b(?! ago\b)"
_RANGES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:aged?|ages|between the ages of|age range)\s+(\d{1,3})\s*(?:-|–|to|and)\s*(\d{1,3})\b",
        rf"\b(\d{{1,3}})\s*(?:-|–|to|and)\s*(\d{{1,3}}){_YEARS}",
    )
)
_YOUNGEST = re.compile(
    rf"\b(?:under|below|younger than)[\s-]+{_OF}{_NUMBER}"
    rf"|\b(\d{{1,3}})(?:{_YEARS})?(?: old| of age)?\s+(?:or|and) (?:over|older|above)\b"
    rf"|\b(?:at least|from)\s+(?:the age of\s+)?(\d{{1,3}})(?:{_YEARS})"
    r"|\bage(?:d| of)?\s+(\d{1,3})\b|\b(\d{1,3})\+",
    re.IGNORECASE,
)
_OLDEST = re.compile(rf"\b(?:over|above|older than)[\s-]+{_OF}{_NUMBER}", re.IGNORECASE)
_MOST = 120


def said_age(text: str) -> Mapping[str, int]:
    """The bounds that it may mean, as an age rule has them; empty where it speaks of no age."""
    ranges = (found for each in _RANGES if (found := each.search(text)))
    if (both := next(ranges, None)) is not None:
        return _sound({"at_least": int(both[1]), "at_most": int(both[2])})
    for key, said in (("at_least", _YOUNGEST), ("at_most", _OLDEST)):
        if (one := said.search(text)) is not None:
            return _sound({key: int(next(number for number in one.groups() if number))})
    return {}


def _sound(bounds: Mapping[str, int]) -> Mapping[str, int]:
    years = list(bounds.values())
    return bounds if min(years) > 0 and max(years) <= _MOST and years == sorted(years) else {}


def rule_for(bounds: Mapping[str, int], source: Mapping[str, str] | None = None) -> str:
    """The line of an age rule, as an author may copy it."""
    rule = {**bounds, **({"source": dict(source)} if source is not None else {})}
    line = yaml.safe_dump(rule, default_flow_style=True, sort_keys=False, allow_unicode=True, width=1000)
    return f"age: {line.strip()}"
