"""The treatment page against the rule set: each statement has its rule, each rule its statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from screening.core.findings import Problem
from screening.core.rules import Rule, RuleSet, Source
from screening.proving.examination import named
from screening.tracing import fingerprints
from screening.tracing.pages import read_page
from screening.tracing.statements import PageSection, Statement, section_of
from screening.tracing.treatment_page import TreatmentPage


@dataclass(frozen=True)
class Trace:
    """What was traced: the sections by short name, the rules at each statement, and the problems."""

    page: TreatmentPage
    sections: Mapping[str, PageSection]
    rules: Mapping[Statement, tuple[Rule, ...]]
    problems: tuple[Problem, ...]
    signed: bool


def trace(file: Path, rule_set: RuleSet, page: Path) -> Trace:
    """Everything that does not fit between a rule set and its page. Raises RuleSetError."""
    read = read_page(page, tuple(rule_set.page.sections.values()))
    sections = {
        name: found
        for name, heading in rule_set.page.sections.items()
        if (found := section_of(read, name, heading)) is not None
    }
    rules = _rules(rule_set, sections)
    kept = fingerprints.load(file)
    problems = [
        *_missing_sections(rule_set, read, sections),
        *_uncovered(rules),
        *_phrases(rule_set, sections),
        *(fingerprints.changes(kept, rule_set, read, sections, rules) if kept is not None else ()),
    ]
    return Trace(read, sections, rules, tuple(problems), kept is not None)


def sign(file: Path, rule_set: RuleSet, found: Trace) -> None:
    """Writes the fingerprints of what the page says now beside the rule set. Raises RuleSetError."""
    fingerprints.save(file, fingerprints.of(rule_set, found.page, found.sections, found.rules))


def _rules(rule_set: RuleSet, sections: Mapping[str, PageSection]) -> dict[Statement, tuple[Rule, ...]]:
    found: dict[Statement, tuple[Rule, ...]] = {
        statement: () for section in sections.values() for statement in section.statements
    }
    for rule in rule_set.rules:
        if isinstance(rule.source, Source) and rule.source.section in sections:
            for statement in sections[rule.source.section].standing_for(rule.source.phrase):
                found[statement] += (rule,)
    return found


def _missing_sections(
    rule_set: RuleSet, page: TreatmentPage, sections: Mapping[str, PageSection]
) -> Iterator[Problem]:
    there = ", ".join(f'"{heading}"' for heading in page.headings[:12]) or "none"
    if not rule_set.page.sections:
        what = "The rule set names no section of its page, so nothing can be traced."
        remedy = f"Write page: {{sections: {{who: ...}}}} with headings of the page. It has: {there}."
        yield Problem(rule_set.place, "section-missing", what, remedy)
    for name, heading in rule_set.page.sections.items():
        if name not in sections:
            what = f'The page has no heading "{heading}", which the rule set traces as "{name}".'
            yield Problem(page.place, "section-missing", what, f"Its headings are: {there}.")
        elif not sections[name].statements and _traced(rule_set, name):
            what = f'Below the heading "{heading}" there are no bullets and no sentences.'
            remedy = "Look for bullets there, or for a list in a sentence."
            yield Problem(page.place, "section-missing", what, remedy)


def _traced(rule_set: RuleSet, name: str) -> bool:
    return any(isinstance(rule.source, Source) and rule.source.section == name for rule in rule_set.rules)


def _uncovered(rules: Mapping[Statement, tuple[Rule, ...]]) -> Iterator[Problem]:
    for statement, covering in rules.items():
        if statement.needed and not covering:
            what = f'No rule stands for "{statement.text}" (section "{statement.section}").'
            remedy = "Write an indicator or a flag whose source.phrase is a few words of it."
            yield Problem(statement.place, "statement-uncovered", what, remedy)


def _phrases(rule_set: RuleSet, sections: Mapping[str, PageSection]) -> Iterator[Problem]:
    for rule in rule_set.rules:
        if not isinstance(rule.source, Source) or rule.source.section not in sections:
            continue  # it stands for none, or that was said by check, or above
        section, phrase = sections[rule.source.section], rule.source.phrase
        holding = section.standing_for(phrase)
        if not holding:
            what = (
                f'The phrase "{phrase}" of the {named(rule)} stands nowhere in the section "{section.name}".'
            )
            remedy = "Read the section again: mend the phrase, or the rule if the page no longer says this."
            yield Problem(rule.place, "phrase-missing", what, remedy)
        elif len(holding) > 1:
            lines = ", ".join(str(statement.place.line) for statement in holding)
            what = f'The phrase "{phrase}" of the {named(rule)} stands in several statements: lines {lines}.'
            yield Problem(rule.place, "phrase-ambiguous", what, "Choose words that only one of them has.")
