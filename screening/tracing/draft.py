"""A first rule set from a treatment page: everything that can be read off, nothing that must be decided."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from screening.core import documents
from screening.core.documents import Node
from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.loading import OWN
from screening.core.rules import RESERVED_ADDRESSES
from screening.core.serialising import Plain, as_yaml
from screening.tracing.pages import read_page
from screening.tracing.statements import PageSection, Statement, section_of, word_count
from screening.tracing.treatment_page import TreatmentPage

WHO = re.compile(
    r"\bwho\b.*\b(helps?|benefits?|for|suits?)\b|\bconditions? (?:we )?treat|\bindications?\b", re.I
)
SAFETY = re.compile(r"\bsafety\b|\bbefore (?:you|your) (?:come|treatment|appointment)\b|\btell us\b", re.I)
TO_REVIEW = "TO REVIEW"  # where a person must find the words
WHOM = "common/whom"
ABOUT_YOU = "common/about-you"
SMALL_WORDS = frozenset({
    "a", "affecting", "an", "and", "any", "are", "as", "at", "be", "by", "for", "from", "had", "has",
    "have", "in", "is", "it", "may", "need", "of", "on", "or", "previous", "such", "take", "that", "the",
    "their", "to", "which", "who", "with", "you", "your",
})  # fmt: skip
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
    written: tuple[str, ...]  # indicators and flags that are new


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


class _Borrowed(NamedTuple):
    """What the common blocks know of a page: blocks taken whole, and of others their questions and flags."""

    uses: list[str]
    questions: list[Plain]
    flags: list[Plain]
    linked: list[Plain]  # every flag that stands on the page, of either


class _New(NamedTuple):
    """A question, and the indicator or flag that looks at it, as they will stand in the file."""

    question: Plain
    rule: Plain


def draft(page: Path, rules: Path) -> DraftedRules:
    """A rule set for `page`, with what the common blocks in `rules` know already. Raises RuleSetError."""
    read = read_page(page)
    who, safety = _find(read, "who", WHO), _find(read, "safety", SAFETY)
    missing = [what for what, found in ((WHO_WANTED, who), (SAFETY_WANTED, safety)) if found is None]
    if who is None or safety is None:
        there = ", ".join(f'"{heading}"' for heading in read.headings[:12]) or "none"
        problems = [
            Problem(
                read.place,
                "section-missing",
                f"The page has no heading such as {what}.",
                f"Its headings are: {there}.",
            )
            for what in missing
        ]
        raise RuleSetError(problems)
    return _written(read, who, safety, _known_blocks(rules))


WHO_WANTED = '"Who this treatment helps"'
SAFETY_WANTED = '"Safety note"'
Found = tuple[str, PageSection]


def _find(page: TreatmentPage, name: str, heading: re.Pattern[str]) -> Found | None:
    for text in page.headings:
        found = section_of(page, name, text) if heading.search(text) else None
        if found is not None and any(statement.needed for statement in found.statements):
            return text, found
    return None


def _known_blocks(rules: Path) -> dict[str, Node]:
    """The common blocks by name; broken ones are left to `check`."""
    found: dict[str, Node] = {}
    for file in sorted(rules.glob("common/*.yaml")):
        try:
            found[file.relative_to(rules).with_suffix("").as_posix()] = documents.parse(
                file.read_bytes(), str(file)
            )
        except (RuleSetError, OSError):
            continue
    return found


def _written(page: TreatmentPage, who: Found, safety: Found, blocks: dict[str, Node]) -> DraftedRules:
    needed = [statement for statement in safety[1].statements if statement.needed]
    uses, questions, flags, linked = _borrowed(blocks, needed)
    names = _Names({entry["id"] for entry in (*questions, *flags)})
    rest = [
        statement
        for statement in needed
        if not any(statement.holds(flag["source"]["phrase"]) for flag in linked)
    ]
    own = _own(rest, names, safety[1])
    indicators = [_indicator(statement, names, who[1]) for statement in who[1].statements if statement.needed]
    data = {
        **_head(page),
        "uses": [name for name in (WHOM, *uses, OWN, ABOUT_YOU) if name in blocks or name == OWN],
        "page": {"sections": {"who": who[0], "safety": safety[0]}},
        "questions": [
            *(question for question, _ in indicators),
            *questions,
            *(question for question, _ in own),
        ],
        "indicators": [indicator for _, indicator in indicators],
        "flags": [*flags, *(flag for _, flag in own)],
    }
    kept = {key: value for key, value in data.items() if value != []}
    remark = f"# Drafted from a treatment page. Find every {TO_REVIEW}, then run: screening rules check\n"
    new = [entry["id"] for _, entry in (*indicators, *own)]
    return DraftedRules(data["id"], remark + as_yaml(kept), tuple(flag["id"] for flag in linked), tuple(new))


def _head(page: TreatmentPage) -> Plain:
    title = page.title or "Treatment"
    slug = page.meta.get("url slug", "") or title
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
        "title": _as_sentence(title),
        "category": _as_sentence(group),
    }


def _as_sentence(heading: str) -> str:
    """Title Case as a sentence; names in capitals stay."""
    words = heading.split()
    return " ".join(
        word if number == 0 or not word.istitle() else word.lower() for number, word in enumerate(words)
    )


def _borrowed(blocks: dict[str, Node], needed: Sequence[Statement]) -> _Borrowed:
    """Whole blocks where all that has a source stands on the page; of others, what does."""
    found = _Borrowed([], [], [], [])
    for name, block in blocks.items():
        flags = [flag for flag in _entries(block, "flags") if _safety_phrase(flag)]
        known = [
            flag for flag in flags if sum(statement.holds(_safety_phrase(flag)) for statement in needed) == 1
        ]
        found.linked.extend(known)
        if known and len(known) == len(flags):
            found.uses.append(name)
        elif known:
            found.questions.extend(_needed_questions(_entries(block, "questions"), known))
            found.flags.extend(known)
    return found


def _entries(block: Node, key: str) -> list[Plain]:
    listed = block.get(key)
    entries = [entry.plain() for entry in listed.items()] if listed is not None else []
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def _safety_phrase(flag: Plain) -> str:
    source = flag.get("source")
    there = isinstance(source, dict) and source.get("section") == "safety"
    return str(source.get("phrase", "")) if there and isinstance(source, dict) else ""


def _needed_questions(questions: list[Plain], flags: list[Plain]) -> list[Plain]:
    """The questions that these flags look at, with the follow-ups that hang on them alone."""
    every = {question["id"] for question in questions}
    wanted = {name for flag in flags for name in _names_in(flag.get("raise_when"))} & every
    for question in questions:
        hangs_on = _names_in(question.get("ask_when"))
        if hangs_on and hangs_on <= wanted:
            wanted.add(question["id"])
    return [question for question in questions if question["id"] in wanted]


def _names_in(condition: Any) -> set[str]:
    if isinstance(condition, list):
        return {name for part in condition for name in _names_in(part)}
    if not isinstance(condition, dict):
        return set()
    found: set[str] = set()
    for key, inner in condition.items():
        found |= _names_in(inner) if key in ("all", "any") else {key}
    return found


def _indicator(statement: Statement, names: _Names, section: PageSection) -> _New:
    phrase = phrase_of(statement, section)
    name = names.give(phrase)
    question = {
        "id": name,
        "section": "Your symptoms",
        "ask": f"{TO_REVIEW}: do you have this? {statement.text}",
        "type": "choose_one",
        "answers": "yes_no_not_sure",
    }
    indicator = {
        "id": name,
        "label": f"{TO_REVIEW}: {statement.text}",
        "matched_when": {name: "yes"},
        "possible_when": {name: "not_sure"},
        "source": {"section": "who", "phrase": phrase},
    }
    return _New(question, indicator)


def _own(statements: Sequence[Statement], names: _Names, section: PageSection) -> list[_New]:
    return [_safety(statement, names, section) for statement in statements]


def _safety(statement: Statement, names: _Names, section: PageSection) -> _New:
    phrase = phrase_of(statement, section)
    name = names.give(phrase)
    question = {
        "id": name,
        "section": "Your health",
        "ask": f"{TO_REVIEW}: does this apply to you? {statement.text}",
        "type": "choose_one",
        "safety": True,
        "answers": "yes_no_not_sure",
    }
    flag = {
        "id": name,
        "label": f"{TO_REVIEW}: may {statement.text}",
        "raise_when": {name: ["yes", "not_sure"]},
        "handling": "review_before_booking",
        "say": dict(REVIEW_SAY),
        "source": {"section": "safety", "phrase": phrase},
    }
    return _New(question, flag)


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
