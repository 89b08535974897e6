"""Notices of a first rule set: what a page says to do in danger, outside of what it says about safety."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from screening.core.rules import Level
from screening.core.serialising import Plain
from screening.tracing.statements import PageSection, Statement, read_section
from screening.tracing.treatment_page import TreatmentPage

URGENT = "urgent"  # how such sections are called
_DANGER: dict[Level, re.Pattern[str]] = {
    "emergency": re.compile(r"\b(?:999|112|a\s?&\s?e|ambulance|emergency department)\b", re.IGNORECASE),
    "urgent": re.compile(r"\b111\b"),
}
_WHAT_TO_DO: dict[Level, str] = {"emergency": "Call 999 or go to A&E if:", "urgent": "Call 111 if:"}


@dataclass(frozen=True, slots=True)
class DraftedNotices:
    """The sections of the page that say what to do in danger, by heading, and a notice for each."""

    sections: tuple[tuple[str, PageSection], ...]
    notices: tuple[Plain, ...]
    statements: frozenset[Statement]  # the statements that they stand for


def drafted_notices(
    page: TreatmentPage, taken: set[str], point: Callable[[Statement, PageSection], Plain], mark: str
) -> DraftedNotices:
    """Of every heading that is not `taken`; `point` names a notice and its source, `mark` its words.

    Whether they are for somebody who asks for the treatment, and not only for afterwards, a person says.
    """
    sections: list[tuple[str, PageSection]] = []
    notices: list[Plain] = []
    told: set[Statement] = set()
    for heading, blocks in page.outside(taken):
        if heading not in page.headings or page.section(heading) != blocks:
            continue  # nothing can be named by it, or what stands below other headings as well
        name = f"{URGENT}_{len(sections) + 1}" if sections else URGENT
        section = read_section(name, heading, blocks)
        dangers = [*_dangers(section)]
        sections += [(heading, section)] if dangers else []
        for level, statements in dangers:
            told.update(statements)
            sources = [point(each, section) for each in statements]
            notices.append(
                {
                    "id": sources[0]["id"],
                    "level": level,
                    "heading": f"{mark}: {_WHAT_TO_DO[level]}",
                    "items": [f"{mark}: {each.text}" for each in statements],
                    "source": sources[0]["source"]
                    if len(sources) == 1
                    else [each["source"] for each in sources],
                }
            )
    return DraftedNotices(tuple(sections), tuple(notices), frozenset(told))


def _dangers(section: PageSection) -> Iterator[tuple[Level, list[Statement]]]:
    """Sentence by sentence; bullets together, with the sentence that introduces them."""
    leads = [(each.place.line, _level(each.text)) for each in section.aside]
    led: dict[int, list[Statement]] = {}
    for each in section.statements:
        level = _level(each.text)
        if level is not None:
            yield level, [each]
            continue
        above = [line for line, _ in leads if line < each.place.line]
        if each.asked and above and not replace(each, asked=False).asks:
            led.setdefault(max(above), []).append(each)
    for line, found in leads:
        if found is not None and line in led:
            yield found, led[line]


def _level(text: str) -> Level | None:
    return next((level for level, said in _DANGER.items() if said.search(text)), None)
