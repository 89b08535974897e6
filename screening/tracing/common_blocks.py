"""What the common blocks know already of a treatment page: what is used of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from screening.core import documents
from screening.core.errors import RuleSetError
from screening.core.nodes import Node
from screening.core.pieces import MARK
from screening.core.serialising import Plain
from screening.tracing.statements import Statement

SAFETY = "safety"  # as common blocks call the section that their flags have their sources in
SMALL_WORDS = frozenset({
    "a", "affecting", "an", "and", "any", "are", "as", "at", "be", "by", "do", "for", "from", "had", "has",
    "have", "if", "in", "is", "it", "may", "need", "of", "on", "or", "previous", "such", "take", "that",
    "the", "their", "to", "which", "who", "with", "you", "your",
})  # fmt: skip


class Borrowed(NamedTuple):
    """What the common blocks know of a page: what is used of them, their questions, the flags that fit."""

    uses: list[str]
    questions: list[Plain]
    flags: list[Plain]
    standing: dict[str, str]  # flag -> the section in which the page says it

    def elsewhere(self) -> Plain:
        """The sources of flags that the page says in another section than the blocks name."""
        moved = [flag for flag in self.flags if self.standing[flag["id"]] != SAFETY]
        return {flag["id"]: {**flag["source"], "section": self.standing[flag["id"]]} for flag in moved}


def known_blocks(rules: Path) -> dict[str, Node]:
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


def asked_of(borrowed: Borrowed) -> list[Plain]:
    """The borrowed questions that come along: all of a block, or those that are named."""
    named = {use.partition(MARK)[2] for use in borrowed.uses if MARK in use}
    whole = [use for use in borrowed.uses if MARK not in use]
    return [each for each in borrowed.questions if each["id"] in named or each.get("block") in whole]


def is_asked(statement: Statement, section: str, borrowed: Borrowed) -> bool:
    """Whether a borrowed flag stands for the statement, and its questions ask for all that it says."""
    for flag in borrowed.flags:
        if borrowed.standing[flag["id"]] == section and statement.holds(_safety_phrase(flag)):
            looks_at = _names_in(flag.get("raise_when"))
            asked = [flag["label"], *(_asking(each) for each in borrowed.questions if each["id"] in looks_at)]
            return _telling(statement.text) <= _telling(f"{_safety_phrase(flag)} {' '.join(asked)}")
    return False


def _asking(question: Plain) -> str:
    return " ".join(str(question.get(key, "")) for key in ("ask", "hint", "why"))


def _telling(text: str) -> frozenset[str]:
    """The words of a text that say something, without their endings."""
    words = re.findall(r"[a-z]+", text.casefold())
    return frozenset(word[:6].rstrip("s") for word in words if word not in SMALL_WORDS and len(word) > 2)


def borrowed_from(blocks: dict[str, Node], needed: Mapping[str, Sequence[Statement]]) -> Borrowed:
    """Of each block the whole, where all that has a source stands on the page; else one by one what does.

    `needed` are the statements of each section about safety, in the order of the page.
    """
    found = Borrowed([], [], [], {})
    for name, block in blocks.items():
        flags = [flag for flag in _entries(block, "flags") if _safety_phrase(flag)]
        where = {flag["id"]: _said_in(_safety_phrase(flag), needed) for flag in flags}
        known = [flag for flag in flags if where[flag["id"]]]
        if not known:
            continue
        found.flags.extend(known)
        found.standing.update({flag["id"]: where[flag["id"]] for flag in known})
        found.questions.extend({**each, "block": name} for each in _entries(block, "questions"))
        firsts = dict.fromkeys(sorted(_names_in(flag.get("raise_when")))[0] for flag in known)
        found.uses.extend([name] if len(known) == len(flags) else [f"{name}{MARK}{each}" for each in firsts])
    return found


def _said_in(phrase: str, needed: Mapping[str, Sequence[Statement]]) -> str:
    """The first section in which just one statement holds the phrase; empty where none does."""
    each = ((name, sum(one.holds(phrase) for one in statements)) for name, statements in needed.items())
    return next((name for name, holding in each if holding == 1), "")


def ids_of(blocks: dict[str, Node], use: str) -> set[str]:
    """What the block that is used calls its questions and rules."""
    block = blocks.get(use.partition(MARK)[0])
    if block is None:
        return set()
    return {entry["id"] for key in ("questions", "flags", "indicators") for entry in _entries(block, key)}


def _entries(block: Node, key: str) -> list[Plain]:
    listed = block.get(key)
    entries = [entry.plain() for entry in listed.items()] if listed is not None else []
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def _safety_phrase(flag: Plain) -> str:
    source = flag.get("source")
    there = isinstance(source, dict) and source.get("section") == SAFETY
    return str(source.get("phrase", "")) if there and isinstance(source, dict) else ""


def _names_in(condition: Any) -> set[str]:
    if isinstance(condition, list):
        return {name for part in condition for name in _names_in(part)}
    if not isinstance(condition, dict):
        return set()
    found: set[str] = set()
    for key, inner in condition.items():
        found |= _names_in(inner) if key in ("all", "any") else {key}
    return found
