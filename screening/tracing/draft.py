"""A first rule set from a treatment page: everything that can be read off, nothing that must be decided."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
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
from screening.core.serialising import Plain, as_yaml
from screening.tracing.common_blocks import (
    SMALL_WORDS,
    asked_of,
    borrowed_from,
    ids_of,
    is_asked,
    known_blocks,
)
from screening.tracing.drafted_head import head_of
from screening.tracing.drafted_notices import URGENT, drafted_notices
from screening.tracing.headings import NO_BULLETS, taken_as
from screening.tracing.pages import read_page
from screening.tracing.said_ages import rule_for, said_age
from screening.tracing.statements import PageSection, Statement, read_section, section_of, word_count
from screening.tracing.strange_words import StrangeWord, strange_words
from screening.tracing.treatment_page import TreatmentPage, plain

NO_HEADINGS: Mapping[str, str] = MappingProxyType({})
NEVER_READ = "never read"
FOR_WHOM = "If it says for whom the treatment is"
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
        _without(read, kind, said)
        or Problem(
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
        if _taken(text, said) != kind:
            continue
        name = kind if not found else f"{kind}_{len(found) + 1}"
        section = section_of(page, name, text)
        if section is not None and any(statement.needed for statement in section.statements):
            found.append((text, section))
    return found


def _without(page: TreatmentPage, kind: str, said: Mapping[str, str]) -> Problem | None:
    """That there is such a heading, and nothing below it: a list may have lost its bullets."""
    headings = (block for block in page.blocks if block.kind == "heading")
    there = next((each for each in headings if _taken(each.text, said) == kind), None)
    if there is None:
        return None
    what = f'Nothing can be read below the heading "{there.text}".'
    return Problem(there.place, "section-missing", what, f"{NO_BULLETS} Or save the page as HTML.")


def _taken(heading: str, said: Mapping[str, str]) -> str:
    return said.get(plain(heading), taken_as(heading))


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
        **head_of(page, TO_REVIEW),
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
    headings = tuple(_headings(page, sections))
    return DraftedRules(data["id"], _remark(strange) + as_yaml(kept), linked, tuple(new), headings, strange)


def _headings(page: TreatmentPage, sections: Iterable[Found]) -> Iterator[tuple[str, str]]:
    """Each of the page, and what was made of it."""
    read = {heading: section.name for heading, section in sections}
    for text in dict.fromkeys(page.headings):
        lost = f". {NO_BULLETS}" if page.may_be_item(text) else ""
        yield text, read.get(text, NEVER_READ + lost)


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
    why = "it asks for no question and no rule."
    if statement is not None and (bounds := said_age(statement.text)):
        why = f"it speaks of an age. {FOR_WHOM}, write below the title: {rule_for(bounds)}"
    return {"section": section.name, **phrase, "because": f"{TO_REVIEW}: {why}"}


def _rest_aside(section: PageSection) -> list[Plain]:
    """All of a heading at once; what speaks of an age by itself.

    What asks the patient something is left for `trace` to tell. So is a line that only looks like a heading:
    it may be one of a list of contra-indications, and then what is below is, too.
    """
    silent = [each for each in section.statements if not each.asks and each.text != section.name]
    an_item = section.name in [each.text for each in section.statements]
    by_itself = an_item or taken_as(section.name) != "unread"
    alone = [each for each in silent if by_itself or said_age(each.text)]
    whole = [_aside(section)] if len(silent) > len(alone) else []
    return [*(_aside(section, each) for each in alone), *whole]


def _there(name: str, blocks: dict[str, Node]) -> list[str]:
    return [name] if name in blocks else []


def _indicator(statement: Statement, names: _Names, section: PageSection) -> _New:
    phrase = phrase_of(statement, section)
    name = names.give(phrase)
    question = {
        "id": name,
        "section": SYMPTOMS,
        "ask": f"{TO_REVIEW}: do you have this? {statement.text}{_of_age(statement, section, phrase)}",
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
        "ask": f"{TO_REVIEW}: does this apply to you? {statement.text}{_of_age(statement, section, phrase)}",
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


def _of_age(statement: Statement, section: PageSection, phrase: str) -> str:
    """What to write instead of a question where the date of birth may answer it."""
    if not (bounds := said_age(statement.text)):
        return ""
    rule = rule_for(bounds, {"section": section.name, "phrase": phrase})
    return f" (An age. {FOR_WHOM}, remove this question and its rule, and write below the title: {rule})"


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
