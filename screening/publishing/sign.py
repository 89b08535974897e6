"""What a clinician agrees to, whether they have, and the file that is a copy of it.

The database is what counts: its sign-offs were made by people who were signed in and showed their second
factor, and the audit vouches for them. A file is for reading, and nothing is published by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from screening.core.findings import Problem
from screening.core.loading import CASES, PAGE, SIGNED, beside, load_words, read_file
from screening.core.rules import RuleSet
from screening.core.serialising import Plain, as_yaml, canonical
from screening.core.word_lists import WordLists
from screening.publishing.quieter import QuieterThing
from screening.settings import shipped
from screening.storage import sign_offs
from screening.storage.files import write
from screening.storage.sign_offs import SignOff

SCHEMA = "screening-sign-off/2"
REASON_WORDS, REASON_LETTERS = 4, 15  # at least; different words
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Dossier:
    """All that is agreed to: the rule set, all its cases, the page's fingerprints, and the word lists."""

    file: Path
    rule_set: RuleSet
    document: str  # of all but the rule set, as canonical JSON: remarks and blank lines are no part of it
    words: WordLists  # what own words are held against

    @property
    def content(self) -> str:
        """Digest of everything; the rule set's own covers its blocks, words, notices, sources and dates."""
        return sign_offs.content_of(self.rule_set.digest, self.document)


def dossier(file: Path, rule_set: RuleSet) -> Dossier:
    """What stands beside a rule set, as it is now. Raises RuleSetError."""
    cases = sorted({beside(file, CASES), *file.parent.glob(f"{file.stem}.*{CASES}")})
    found = {path.name: _plain(path) for path in cases if path.exists()}
    page = beside(file, PAGE)
    words = load_words(file.parent)
    words = words if words.subjects else load_words(shipped("rules"))  # as the service does
    held = {"cases": found, "page": _plain(page) if page.exists() else None, "words": words.data()}
    return Dossier(file, rule_set, canonical(held), words)


def _plain(path: Path) -> Plain:
    found: Plain = read_file(path).plain()
    return found


@dataclass(frozen=True)
class Signatures:
    """Who stands for a content: a clinician who agreed, and a second person."""

    agreed: SignOff | None = None
    seconded: SignOff | None = None
    other: SignOff | None = None  # the latest that agreed to another content of this rule set


def signatures(connection: Connection, rule_set_id: str, content: str) -> Signatures:
    """Those that the audit vouches for; whatever else stands in the table counts for nothing."""
    found = [each for each in sign_offs.of_rule_set(connection, rule_set_id) if each.vouched]
    agreed = sign_offs.standing_for(found, content, "agreed")
    seconded = sign_offs.standing_for(found, content, "seconded")
    if agreed is not None and seconded is not None and seconded.at < agreed.at:
        seconded = None  # to reasons that were given since, nobody has stood by
    other = next((each for each in found if each.part == "agreed" and each.content != content), None)
    return Signatures(agreed, seconded, other)


def unsigned(dossier: Dossier, found: Signatures) -> Iterator[Problem]:
    """What is missing of a clinician's agreement, and of a second person's."""
    place = dossier.rule_set.place
    where = f"Have it agreed to at /staff/rules/{dossier.rule_set.id}, by a clinician who is signed in."
    if found.agreed is None and found.other is not None:
        what = (
            f"{found.other.by_name} agreed to another content ({found.other.version}): rules, cases or "
            "fingerprints, or word lists, have changed since."
        )
        yield Problem(place, "signed-other", what, where)
    elif found.agreed is None:
        yield Problem(place, "not-signed", "No clinician has agreed to this content.", where)
    elif found.seconded is None or found.seconded.by_id == found.agreed.by_id:
        what = f"{found.agreed.by_name} agreed to it, and no second person has looked at it."
        remedy = f"Have another clinician, or a manager, stand by it at /staff/rules/{dossier.rule_set.id}."
        yield Problem(place, "not-seconded", what, remedy)


def unreasoned(things: Iterable[QuieterThing], agreed: SignOff | None) -> Iterator[Problem]:
    """What became quieter, and has no reason of substance that the clinician ticked by itself."""
    given = {reason.key: reason.reason for reason in agreed.reasons} if agreed is not None else {}
    for thing in things:
        if not is_reason(given.get(thing.key, "")):
            yield thing.problem


def is_reason(text: str) -> bool:
    """Whether it can be one: a few different words; no machine can tell more."""
    words = {word.casefold() for word in _WORD.findall(text)}
    return len(words) >= REASON_WORDS and sum(map(len, words)) >= REASON_LETTERS


def write_copy(file: Path, found: Signatures) -> Path:
    """Who agreed, for people to read, beside the rule set. Raises RuleSetError."""
    path = beside(file, SIGNED)
    signed = found.agreed
    if signed is None:
        raise ValueError("nobody agreed to it")
    said = {
        "rule_set": signed.rule_set_id, "version": signed.version, "digest": signed.digest,
        "content": signed.content, "name": signed.by_name, "role": signed.by_role,
        "at": signed.at.isoformat(),
    }  # fmt: skip
    second = {"second": found.seconded.by_name} if found.seconded is not None else {}
    reasons = [{"about": each.about, "what": each.what, "reason": each.reason} for each in signed.reasons]
    write(path, as_yaml({"schema": SCHEMA, **said, **second, "reasons": reasons}).encode())
    return path
