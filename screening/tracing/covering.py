"""What stands for each statement of a page: rules and notices, or the reason why none needs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from screening.core.findings import Place
from screening.core.rules import Flag, Indicator, PageRule, RuleSet, Urgent
from screening.core.sources import Age, SetAside
from screening.tracing.headings import taken_as
from screening.tracing.statements import PageSection, Statement
from screening.tracing.treatment_page import plain

_CALLED = {Indicator: "indicator", Flag: "flag", Urgent: "notice"}


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a rule, or what is set aside, points on the page."""

    section: str
    phrase: str | None
    under: str | None
    place: Place
    rule: PageRule | None = None
    aside: SetAside | None = None

    @property
    def whose(self) -> str:
        """As messages name it."""
        if isinstance(self.rule, Age):
            return f"of the {self.rule.id}"
        return f'of the {_CALLED[type(self.rule)]} "{self.rule.id}"' if self.rule else "of what is set aside"

    @property
    def tells(self) -> bool:
        """Whether its heading says whom the treatment is for, or not for."""
        return taken_as(self.section) != "unread"

    def reaches(self, section: PageSection) -> tuple[Statement, ...]:
        """The statements that it points at; with all of a heading, none that asks the patient something."""
        if self.phrase is not None:
            return section.standing_for(self.phrase, self.under)
        return tuple(each for each in section.statements if not self.tells and not each.asks)


@dataclass(frozen=True)
class Covered:
    """Each statement of a page with its rules, or what sets it aside; and what each pointer `found`."""

    sections: frozenset[str]
    found: Mapping[Pointer, tuple[Statement, ...]]
    rules: Mapping[Statement, tuple[PageRule, ...]]
    aside: Mapping[Statement, SetAside]

    def has(self, statement: Statement) -> bool:
        """Whether anything stands for it."""
        return bool(self.rules[statement]) or statement in self.aside


def pointers(rule_set: RuleSet) -> Iterator[Pointer]:
    """All that a rule set says of its page."""
    for rule in rule_set.sourced:
        for source in rule.sources:
            yield Pointer(source.section, source.phrase, source.under, rule.place, rule)
    for each in rule_set.page.set_aside:
        yield Pointer(each.section, each.phrase, each.under, each.place, aside=each)


def cover(rule_set: RuleSet, sections: Mapping[str, PageSection], rest: Sequence[PageSection]) -> Covered:
    """What stands for what."""
    every = [*sections.values(), *rest]
    rules: dict[Statement, tuple[PageRule, ...]] = {
        statement: () for section in every for statement in section.statements
    }
    aside: dict[Statement, SetAside] = {}
    found: dict[Pointer, tuple[Statement, ...]] = {}
    there = set(sections)
    headings = {plain(rule_set.page.sections[name]): section for name, section in sections.items()}
    named = {**headings, **sections}
    for pointer in pointers(rule_set):
        pointed = _pointed(pointer, named, rest)
        there |= {pointer.section} if pointed else set()
        found[pointer] = tuple(each for section in pointed for each in pointer.reaches(section))
        for statement in found[pointer]:
            if pointer.rule is not None and pointer.rule not in rules[statement]:
                rules[statement] += (pointer.rule,)
            elif pointer.aside is not None:
                aside.setdefault(statement, pointer.aside)
    return Covered(frozenset(there), found, rules, aside)


def _pointed(
    pointer: Pointer, named: Mapping[str, PageSection], rest: Sequence[PageSection]
) -> list[PageSection]:
    """By its short name, or, of what is set aside, by its heading too."""
    if pointer.section in named:
        return [named[pointer.section]]
    if pointer.rule is not None:
        return []
    heading = plain(pointer.section)
    found = [named[heading]] if heading in named else []
    return found + [section for section in rest if plain(section.name) == heading]
