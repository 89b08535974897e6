"""What common questions speak of, and the treatment page does not: X-rays where none are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from screening.core.serialising import Plain
from screening.tracing.treatment_page import TreatmentPage

SPOKEN_OF: Mapping[str, re.Pattern[str]] = {  # a means of treatment -> how pages and questions name it
    "X-rays": re.compile(r"\bx-?\s?rays?\b|fluoroscop|\bct\b|imaging|radiograph", re.IGNORECASE),
    "sedation": re.compile(r"\bsedat|sleepy|make you drowsy", re.IGNORECASE),
    "contrast": re.compile(r"\bcontrast\b|\bdye\b", re.IGNORECASE),
    "steroids": re.compile(r"\bsteroid|cortisone|\bcorticoster", re.IGNORECASE),
}
_WORDS = ("ask", "hint", "why")


@dataclass(frozen=True, slots=True)
class StrangeWord:
    """A common question, and what it speaks of that the page does not name."""

    question: str
    means: str


def strange_words(page: TreatmentPage, questions: Sequence[Plain]) -> Iterator[StrangeWord]:
    """Whatever comes along with a common question and may not fit this treatment."""
    said = " ".join([*page.meta.values(), *(block.text for block in page.blocks)])
    absent = [means for means, named in SPOKEN_OF.items() if not named.search(said)]
    for question in questions:
        words = " ".join(str(question.get(key, "")) for key in _WORDS)
        for means in (means for means in absent if SPOKEN_OF[means].search(words)):
            yield StrangeWord(str(question["id"]), means)
