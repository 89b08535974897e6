"""The treatment page against the rule set: each statement has its rule, each rule its statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from screening.core.complaints import said_elsewhere
from screening.core.findings import Problem
from screening.core.rules import PageRule, RuleSet
from screening.core.sources import SetAside
from screening.core.wording import so_many
from screening.tracing import fingerprints
from screening.tracing.covering import Covered, Pointer, cover, pointers
from screening.tracing.headings import NO_BULLETS, taken_as
from screening.tracing.pages import read_page
from screening.tracing.statements import PageSection, Statement, read_section, section_of
from screening.tracing.treatment_page import TreatmentPage

SET_ASIDE = "page: {{set_aside: [{{section: {section}, {phrase}because: why}}]}}"


@dataclass(frozen=True)
class Trace:
    """What was traced: the whole page, section by section, what stands for each statement, the problems.

    `sections` are by short name, `rest` is what stands below every other heading.
    """

    page: TreatmentPage
    sections: Mapping[str, PageSection]
    rest: tuple[PageSection, ...]
    covered: Covered
    problems: tuple[Problem, ...]
    signed: bool

    @property
    def every(self) -> tuple[PageSection, ...]:
        """All sections of the page."""
        return (*self.sections.values(), *self.rest)

    @property
    def rules(self) -> Mapping[Statement, tuple[PageRule, ...]]:
        """Statement -> the rules that stand for it."""
        return self.covered.rules

    @property
    def aside(self) -> Mapping[Statement, SetAside]:
        """Statement -> why no rule needs it."""
        return self.covered.aside


def trace(file: Path, rule_set: RuleSet, page: Path) -> Trace:
    """Everything that does not fit between a rule set and its page. Raises RuleSetError."""
    headings = rule_set.page.sections
    read = read_page(page, tuple(headings.values()))
    named = ((name, section_of(read, name, heading)) for name, heading in headings.items())
    sections = {name: found for name, found in named if found is not None}
    rest = tuple(
        read_section(heading, heading, blocks) for heading, blocks in read.outside(headings.values())
    )
    covered = cover(rule_set, sections, rest)
    kept = fingerprints.load(file)
    problems = [
        *_missing_sections(rule_set, read, sections),
        *_uncovered(sections, rest, covered),
        *_phrases(rule_set, covered),
        *(fingerprints.changes(kept, read, sections, rest, covered) if kept is not None else ()),
    ]
    return Trace(read, sections, rest, covered, tuple(problems), kept is not None)


def sign(file: Path, rule_set: RuleSet, found: Trace) -> None:
    """Writes the fingerprints of what the page says now beside the rule set. Raises RuleSetError."""
    kept = fingerprints.of(rule_set, found.page, found.sections, found.rest, found.covered)
    fingerprints.save(file, kept)


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
    return any(source.section == name for rule in rule_set.sourced for source in rule.sources)


def _uncovered(
    sections: Mapping[str, PageSection], rest: Sequence[PageSection], covered: Covered
) -> Iterator[Problem]:
    """Statement by statement; below a heading of which nothing was looked at, what asks nothing in one."""
    for section in (*sections.values(), *rest):
        bare = [statement for statement in section.statements if not covered.has(statement)]
        silent = [statement for statement in bare if not statement.asks]
        at_once = (
            section in rest and len(bare) == len(section.statements) and taken_as(section.name) == "unread"
        )
        if at_once and len(silent) > 1:
            yield _unread(section, silent)
            bare = [statement for statement in bare if statement.asks]
        for statement in bare:
            what = f'No rule stands for "{statement.text}" (section "{statement.section}").'
            how = SET_ASIDE.format(section=section.name, phrase="phrase: a few words, ")
            first = f"{NO_BULLETS} " if statement.text == section.name else ""
            remedy = f"{first}{_write(section, rest)} {how}."
            yield Problem(statement.place, "statement-uncovered", what, remedy)


def _unread(section: PageSection, silent: Sequence[Statement]) -> Problem:
    first = silent[0]
    what = (
        f'Nothing stands for the {so_many(len(silent), "statement")} below "{section.name}", '
        f'the first of which is "{first.text}".'
    )
    how = SET_ASIDE.format(section=section.name, phrase="")
    return Problem(first.place, "statement-uncovered", what, f"{_write(section, [section])} {how}.")


def _write(section: PageSection, rest: Sequence[PageSection]) -> str:
    if section in rest:
        return "Name the heading under page: sections, with a rule for what it says, or set it aside:"
    return "Write an indicator, a flag or a notice whose source.phrase is a few words of it, or set it aside:"


def _phrases(rule_set: RuleSet, covered: Covered) -> Iterator[Problem]:
    for pointer in pointers(rule_set):
        if pointer.section not in covered.sections:
            if pointer.aside is not None:
                what = f'The page has no heading "{pointer.section}", of which something is set aside.'
                yield Problem(pointer.place, "section-missing", what, "Mend it, or remove the entry.")
            continue  # of a rule, it was said by check, or above
        found = covered.found[pointer]
        if not found and pointer.phrase is not None:
            what = f'The phrase "{pointer.phrase}" {pointer.whose} stands nowhere in "{pointer.section}".'
            remedy = "Read the section again: mend the phrase, or the rule if the page no longer says this."
            if pointer.rule is not None and pointer.place.file != rule_set.place.file:
                remedy = said_elsewhere(pointer.rule.id)
            yield Problem(pointer.place, "phrase-missing", what, remedy)
        elif len(found) > 1 and pointer.phrase is not None:
            lines = ", ".join(str(statement.place.line) for statement in found)
            what = (
                f'The phrase "{pointer.phrase}" {pointer.whose} stands in several statements: lines {lines}.'
            )
            remedy = "Choose words that only one of them has, or name the item of the list it is under."
            yield Problem(pointer.place, "phrase-ambiguous", what, remedy)
        elif not found and not pointer.tells:
            what = f'Nothing below "{pointer.section}" can be set aside all at once.'
            remedy = (
                "Each of its statements asks the patient something: set it aside by itself, with a phrase."
            )
            yield Problem(pointer.place, "aside-refused", what, remedy)
        yield from _refused(pointer, found, covered)


def _refused(pointer: Pointer, found: Sequence[Statement], covered: Covered) -> Iterator[Problem]:
    """What cannot be set aside: what a rule stands for, and, with all of a heading, what asks the patient."""
    if pointer.aside is None:
        return
    if pointer.phrase is None and pointer.tells:
        what = (
            f'All below "{pointer.section}" is set aside, and it says whom the treatment is for, or not for.'
        )
        yield Problem(
            pointer.place, "aside-refused", what, "Set aside each statement by itself, with a phrase."
        )
    for statement in (each for each in found if covered.rules[each] and pointer.phrase is not None):
        ids = ", ".join(rule.id for rule in covered.rules[statement])
        what = f'"{statement.text}" is set aside, and {ids} stands for it.'
        yield Problem(statement.place, "aside-refused", what, "Remove one of the two.")
