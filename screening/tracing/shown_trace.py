"""A trace as people read it before they sign: from the fingerprints, as the page's words are not kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from screening.core.ages import whom_it_asks
from screening.core.rules import PageRule, RuleSet, Urgent
from screening.core.sources import Age
from screening.tracing.fingerprints import HEADING, LEAD_IN, OTHER, Signature, Signed, mark_of


@dataclass(frozen=True, slots=True)
class TracedStatement:
    """What points at a statement, or at several that one entry sets aside, and what stands for them.

    `words` are those of the rule set that point at it, none for what nothing stands for; `leads`: a lead-in.
    """

    words: tuple[str, ...]
    rules: tuple[str, ...] = ()
    because: str = ""
    count: int = 1
    leads: bool = False


@dataclass(frozen=True, slots=True)
class TracedSection:
    """A section of the page, in its order; the last has no heading: all that stands elsewhere on the page."""

    heading: str
    statements: tuple[TracedStatement, ...]


def shown_trace(rule_set: RuleSet, kept: Signature | None) -> list[TracedSection]:
    """Every statement of the page as it was when its fingerprints were taken; nothing without any."""
    if kept is None:
        return []
    headings = {**rule_set.page.sections, OTHER: ""}
    named = sorted(kept.sections.items(), key=lambda section: section[0] == OTHER)
    return [
        TracedSection(headings.get(name, name), tuple(_statements(rule_set, name, those)))
        for name, those in named
    ]


def _statements(rule_set: RuleSet, name: str, those: Sequence[Signed]) -> Iterator[TracedStatement]:
    entries = {mark_of(entry): entry for entry in rule_set.page.set_aside}
    for mark, group in groupby(those, key=lambda each: "" if each.rules else each.aside):
        alike = list(group)
        if not mark:
            yield from (_by_rules(rule_set, name, each) for each in alike)
        elif (entry := entries.get(mark)) is not None:
            words = entry.phrase or entry.section
            yield TracedStatement((words,), because=entry.because, count=len(alike))
        elif mark == LEAD_IN:
            yield TracedStatement((), count=len(alike), leads=True)
        elif mark != HEADING:  # of an entry that is gone: nothing stands for it any more
            yield TracedStatement((), count=len(alike))


def _by_rules(rule_set: RuleSet, name: str, signed: Signed) -> TracedStatement:
    rules = [rule for rule in rule_set.sourced if rule.id in signed.rules]
    points = [source.phrase for rule in rules for source in rule.sources if source.section == name]
    return TracedStatement(tuple(dict.fromkeys(points)), tuple(map(_label, rules)))


def _label(rule: PageRule) -> str:
    if isinstance(rule, Age):
        return f"{whom_it_asks(rule)}."
    return rule.heading if isinstance(rule, Urgent) else rule.label
