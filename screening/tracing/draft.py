"""A first rule set from a treatment page: everything that can be read off, nothing that must be decided."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.loading import OWN
from screening.core.nodes import Node
from screening.core.parts import BORROWED
from screening.core.rules import RESERVED_ADDRESSES
from screening.core.serialising import Plain, as_yaml
from screening.tracing.common_blocks import (
    SMALL_WORDS,
    asked_of,
    borrowed_from,
    ids_of,
    is_asked,
    known_blocks,
)
from screening.tracing.drafted_notices import URGENT, drafted_notices
from screening.tracing.headings import taken_as
from screening.tracing.pages import read_page
from screening.tracing.statements import PageSection, Statement, read_section, section_of, word_count
from screening.tracing.strange_words import StrangeWord, strange_words
from screening.tracing.treatment_page import TreatmentPage, plain

NO_HEADINGS: Mapping[str, str] = MappingProxyType({})
TO_REVIEW = "TO REVIEW"  # where a person must find the words
WHOM = "common/whom"
ABOUT_YOU = "common/about-you"
SYMPTOMS = {"me": "Your symptoms", "other": "The patient’s symptoms"}
HEALTH = {"me": "Your health", "other": "The patient’s health"}  # as common blocks call it
REVIEW_SAY = {
    "clinician": f"{TO_REVIEW}: what a doctor or nurse checks.",
    "reception": "A doctor or nurse must look at this request before you book.",
    "patient": "Before we book, a doctor or nurse will look at this answer.",
}


@dataclass(frozen=True)
class DraftedRules:
    """The text of a rule set, its id, and what was found for whom to look at."""

    id: str
    text: str
    linked: tuple[str, ...]  # flags that come from common blocks
    written: tuple[str, ...]  # indicators, flags and notices that are new
    headings: tuple[tuple[str, str], ...]  # every heading of the page, and the section it is taken as
    strange: tuple[StrangeWord, ...] = ()  # what common questions speak of, and the page does not


@dataclass
class _Names:
    """Ids, each given once."""

    taken: set[str] = field(default_factory=set)

    def give(self, words: str) -> str:
        plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
        base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50]
        base = base if re.match("[a-z]", base) else f"item_{base}".rstrip("_")
        name, number = base, 1
        while name in self.taken or name in ("all", "any", "at_least", "at_most"):
            number += 1
            name = f"{base}_{number}"
        self.taken.add(name)
        return name


class _New(NamedTuple):
    """A question, and the indicator or flag that looks at it, as they will stand in the file."""

    question: Plain
    rule: Plain


def draft(page: Path, rules: Path, taken: Mapping[str, str] = NO_HEADINGS) -> DraftedRules:
    """A rule set for `page`, with what the common blocks in `rules` know already. Raises RuleSetError.

    `taken` says of headings what they are read as, where their words do not.
    """
    read = read_page(page)
    said = {plain(heading): kind for heading, kind in taken.items()}
    there = ", ".join(f'"{heading}"' for heading in read.headings[:12]) or "none"
    strangers = said.keys() - {plain(heading) for heading in read.headings}
    problems = [
        Problem(
            read.place,
            "section-missing",
            f'The page has no heading "{heading}".',
            f"Its headings are: {there}.",
        )
        for heading in taken
        if plain(heading) in strangers
    ]
    found = {kind: _find(read, kind, said) for kind in WANTED}
    problems += [
        Problem(
            read.place,
            "section-missing",
            f"The page has no heading such as {what}.",
            f'Its headings are: {there}. Say which one is it: --{kind} "its words".',
        )
        for kind, what in WANTED.items()
        if not found[kind]
    ]
    if problems:
        raise RuleSetError(problems)
    return _written(read, found["who"], found["safety"], known_blocks(rules))


WANTED: Mapping[str, str] = {"who": '"Who this treatment helps"', "safety": '"Safety note"'}
Found = tuple[str, PageSection]


def _find(page: TreatmentPage, kind: str, said: Mapping[str, str]) -> list[Found]:
    """The sections of a kind, `safety`, `safety_2`, ..., in the order of the page."""
    found: list[Found] = []
    for text in dict.fromkeys(page.headings):
        if said.get(plain(text), taken_as(text)) != kind:
            continue
        name = kind if not found else f"{kind}_{len(found) + 1}"
        section = section_of(page, name, text)
        if section is not None and any(statement.needed for statement in section.statements):
            found.append((text, section))
    return found


def _written(
    page: TreatmentPage, who: list[Found], safety: list[Found], blocks: dict[str, Node]
) -> DraftedRules:
    needed = {each.name: [one for one in each.statements if one.needed] for _, each in safety}
    borrowed = borrowed_from(blocks, needed)
    uses = [*_there(WHOM, blocks), *borrowed.uses, OWN, *_there(ABOUT_YOU, blocks)]
    names = _Names({name for use in uses for name in ids_of(blocks, use)})
    own = [
        _safety(statement, names, section)
        for _, section in safety
        for statement in section.statements
        if statement.needed and not is_asked(statement, section.name, borrowed)
    ]
    told = drafted_notices(
        page, {heading for heading, _ in (*who, *safety)}, partial(_pointing, names), TO_REVIEW
    )
    sections = [*who, *safety, *told.sections]
    indicators = [
        _indicator(statement, names, section)
        for _, section in who
        for statement in section.statements
        if statement.needed
    ]
    data = {
        **_head(page),
        "uses": uses,
        "page": _page(page, sections, borrowed.elsewhere(), told.statements),
        "questions": _spoken([question for question, _ in (*indicators, *own)], uses),
        "indicators": [indicator for _, indicator in indicators],
        "flags": [flag for _, flag in own],
        "urgent": list(told.notices),
    }
    kept = {key: value for key, value in data.items() if value != []}
    strange = tuple(strange_words(page, asked_of(borrowed)))
    new = [entry["id"] for entry in (*data["indicators"], *data["flags"], *data["urgent"])]
    linked = tuple(flag["id"] for flag in borrowed.flags)
    read = {heading: section.name for heading, section in sections}
    headings = tuple((text, read.get(text, "never read")) for text in dict.fromkeys(page.headings))
    return DraftedRules(data["id"], _remark(strange) + as_yaml(kept), linked, tuple(new), headings, strange)


def _remark(strange: Iterable[StrangeWord]) -> str:
    """What stands above a draft, for whoever goes through it."""
    told = (
        f"# {TO_REVIEW}: {each.question} speaks of {each.means}, the page does not.\n" for each in strange
    )
    drafted = f"# Drafted from a treatment page. Find every {TO_REVIEW}, then run: screening rules check\n"
    return "".join(told) + drafted


def _spoken(questions: list[Plain], uses: list[str]) -> list[Plain]:
    """Their headings in both voices; in one where nobody says for whom it is."""
    if WHOM in uses:
        return questions
    return [{**question, "section": question["section"]["me"]} for question in questions]


def _page(page: TreatmentPage, sections: list[Found], elsewhere: Plain, told: frozenset[Statement]) -> Plain:
    """Its sections, and what is set aside: whatever seems to ask for nothing, until a person has looked."""
    rest = [read_section(text, text, blocks) for text, blocks in page.outside(text for text, _ in sections)]
    aside = [
        *(
            _aside(section, each)
            for _, section in sections
            for each in section.statements
            if not each.needed and each not in told and not (section.name.startswith(URGENT) and each.asks)
        ),
        *(entry for section in rest for entry in _rest_aside(section)),
    ]
    named: Plain = {"sections": {section.name: heading for heading, section in sections}}
    more = {BORROWED: elsewhere, "set_aside": aside}
    return {**named, **{key: held for key, held in more.items() if held}}


def _aside(section: PageSection, statement: Statement | None = None) -> Plain:
    phrase = {} if statement is None else {"phrase": phrase_of(statement, section)}
    return {
        "section": section.name,
        **phrase,
        "because": f"{TO_REVIEW}: it asks for no question and no rule.",
    }


def _rest_aside(section: PageSection) -> list[Plain]:
    """All of a heading at once, but for what asks the patient something: that is left for `trace` to tell.

    So is a line that looks like a heading with nothing below: it may be one of a list of contra-indications.
    """
    if [each.text for each in section.statements] == [section.name]:
        return []
    silent = [each for each in section.statements if not each.asks]
    if taken_as(section.name) != "unread":
        return [_aside(section, each) for each in silent]
    return [_aside(section)] if silent else []


def _head(page: TreatmentPage) -> Plain:
    title = page.title or _first_heading(page) or f"{TO_REVIEW}: the name of the treatment"
    slug = page.meta.get("url slug", "") or title
    slug = "treatment" if TO_REVIEW in slug else slug
    address = re.sub(r"[^a-z0-9]+", "-", slug.rsplit("/", 1)[-1].lower()).strip("-")[:100] or "treatment"
    address = (
        address if address[0].isalpha() and address not in RESERVED_ADDRESSES else f"treatment-{address}"
    )
    group = page.crumbs[-2] if len(page.crumbs) > 2 else "Treatments"
    return {
        "schema": "screening/1",
        "id": address,
        "version": "0.1.0",
        "status": "draft",
        "title": title if TO_REVIEW in title else _as_sentence(title),
        "category": _as_sentence(group),
    }


def _first_heading(page: TreatmentPage) -> str:
    """The name that stands above a page without levels; empty where it begins with what it says."""
    first = next(iter(page.headings), "")
    return first if taken_as(first) == "unread" else ""


def _as_sentence(heading: str) -> str:
    """Title Case as a sentence; names in capitals stay."""
    words = heading.split()
    return " ".join(
        word if number == 0 or not word.istitle() else word.lower() for number, word in enumerate(words)
    )


def _there(name: str, blocks: dict[str, Node]) -> list[str]:
    return [name] if name in blocks else []


def _indicator(statement: Statement, names: _Names, section: PageSection) -> _New:
    phrase = phrase_of(statement, section)
    name = names.give(phrase)
    question = {
        "id": name,
        "section": SYMPTOMS,
        "ask": f"{TO_REVIEW}: do you have this? {statement.text}",
        "type": "choose_one",
        "answers": "yes_no_not_sure",
    }
    indicator = {
        "id": name,
        "label": f"{TO_REVIEW}: {statement.text}",
        "matched_when": {name: "yes"},
        "possible_when": {name: "not_sure"},
        "source": {"section": section.name, "phrase": phrase},
    }
    return _New(question, indicator)


def _safety(statement: Statement, names: _Names, section: PageSection) -> _New:
    phrase = phrase_of(statement, section)
    name = names.give(phrase)
    question = {
        "id": name,
        "section": HEALTH,
        "ask": f"{TO_REVIEW}: does this apply to you? {statement.text}",
        "type": "choose_one",
        "safety": True,
        "answers": "yes_no_not_sure",
    }
    flag = {
        "id": name,
        "label": f"{TO_REVIEW}: may apply: {statement.text}",
        "raise_when": {name: ["yes", "not_sure"]},
        "handling": "review_before_booking",
        "say": dict(REVIEW_SAY),
        "source": {"section": section.name, "phrase": phrase},
    }
    return _New(question, flag)


def _pointing(names: _Names, statement: Statement, section: PageSection) -> Plain:
    phrase = phrase_of(statement, section)
    return {"id": names.give(phrase), "source": {"section": section.name, "phrase": phrase}}


def phrase_of(statement: Statement, section: PageSection) -> str:
    """The fewest words, two at least where there are, that stand in this statement only."""
    words = re.findall(r"[\w'’-]+", statement.text)
    others = [other for other in section.statements if other is not statement]
    for length in (2, 1, 3, 4, 5):
        for start in range(len(words) - length + 1):
            run = words[start : start + length]
            phrase = " ".join(run)
            telling = run[0].lower() not in SMALL_WORDS and run[-1].lower() not in SMALL_WORDS
            if telling and statement.holds(phrase) and not any(other.holds(phrase) for other in others):
                return phrase.lower() if phrase.istitle() or phrase[0].isupper() else phrase
    whole = " ".join(words[:5])
    return whole if word_count(whole) else statement.text[:40]
