"""Fingerprints of a page, kept beside the rule set at sign-off: what has changed since, never its text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from screening.core import complaints
from screening.core.errors import RuleSetError
from screening.core.findings import Place, Problem
from screening.core.loading import PAGE, beside, read_file
from screening.core.questions import Model, Text
from screening.core.rules import PageRule, RuleSet
from screening.core.serialising import as_yaml, canonical
from screening.core.sources import SetAside
from screening.storage.files import write
from screening.tracing.covering import Covered
from screening.tracing.statements import PageSection, Statement
from screening.tracing.treatment_page import TreatmentPage, plain

PageRules = Mapping[Statement, Sequence[PageRule]]
OTHER = "other"  # what stands under headings that no rule traces
HEADING, LEAD_IN = "heading", "lead-in"


class Signed(Model):
    """One statement as it was: its fingerprint, and the rules that stood for it, or what set it aside.

    `aside` is `heading`, `lead-in`, or the mark of an entry of the rule set: see `mark_of`.
    """

    fingerprint: Text
    rules: tuple[str, ...] = ()
    aside: Text | None = None


class Signature(Model):
    """The whole page as it was; `sections` by the rule set's short names, the rest under `other`."""

    schema_: Literal["screening-page/1"]
    rule_set: Text
    version: Text
    sections: Mapping[str, tuple[Signed, ...]] = Field(default_factory=dict)
    place: Place = Place("")


def load(file: Path) -> Signature | None:
    """The fingerprints beside a rule set; None where nobody signed. Raises RuleSetError."""
    path = beside(file, PAGE)
    if not path.exists():
        return None
    node = read_file(path)
    problems: list[Problem] = []
    signature = complaints.model_of(Signature, node, problems, {"place": node.place})
    if signature is None:
        raise RuleSetError(problems)
    return signature


def save(file: Path, signature: Signature) -> None:
    """Writes the fingerprints beside the rule set. Raises RuleSetError."""
    sections = {
        name: [{key: value for key, value in _written(signed) if value} for signed in those]
        for name, those in signature.sections.items()
    }
    head = {"schema": signature.schema_, "rule_set": signature.rule_set, "version": signature.version}
    write(beside(file, PAGE), as_yaml({**head, "sections": sections}).encode())


def _written(signed: Signed) -> Iterator[tuple[str, object]]:
    yield "fingerprint", signed.fingerprint
    yield "rules", list(signed.rules)
    yield "aside", signed.aside


def of(
    rule_set: RuleSet,
    page: TreatmentPage,
    sections: Mapping[str, PageSection],
    rest: Sequence[PageSection],
    covered: Covered,
) -> Signature:
    """The fingerprints of a page as it is."""
    kept = {
        name: tuple(_signed(each, covered) for each in _all_of(section)) for name, section in sections.items()
    }
    other = tuple(_signed(each, covered) for each in _others(page, rest))
    return Signature(
        schema_="screening-page/1",
        rule_set=rule_set.id,
        version=rule_set.version,
        sections={**kept, OTHER: other},
    )


def _signed(statement: Statement, covered: Covered) -> Signed:
    rules = tuple(rule.id for rule in covered.rules.get(statement, ()))
    return Signed(fingerprint=statement.fingerprint, rules=rules, aside=_aside(statement, covered))


def _aside(statement: Statement, covered: Covered) -> str | None:
    if statement.section == HEADING:
        return HEADING
    if statement not in covered.rules:
        return LEAD_IN
    entry = covered.aside.get(statement)
    return None if entry is None else mark_of(entry)


def mark_of(entry: SetAside) -> str:
    """What stands for an entry in the file of fingerprints, which holds no words."""
    said = canonical([plain(each or "") for each in (entry.section, entry.phrase, entry.under)])
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def changes(
    kept: Signature,
    page: TreatmentPage,
    sections: Mapping[str, PageSection],
    rest: Sequence[PageSection],
    covered: Covered,
) -> Iterator[Problem]:
    """What was added to the page, changed on it, or removed from it since it was signed."""
    for name, section in sections.items():
        yield from _section_changes(kept.sections.get(name, ()), _all_of(section), covered.rules, page.place)
    others = _others(page, rest)
    yield from _section_changes(kept.sections.get(OTHER, ()), others, covered.rules, page.place)


def stale(kept: Signature, rule_set: RuleSet) -> bool:
    """Whether it was taken with other sources, or with other statements set aside, than there are now.

    So too where a statement had neither: before the whole page was covered, nobody had to say why.
    """
    signed = [(name, each) for name, those in kept.sections.items() for each in those]
    then = {(name, rule) for name, each in signed for rule in each.rules}
    now = {(source.section, rule.id) for rule in rule_set.sourced for source in rule.sources}
    marks = {each.aside for _, each in signed if not each.rules} - {HEADING, LEAD_IN}  # None: it had neither
    return then != now or marks != {mark_of(entry) for entry in rule_set.page.set_aside}


def _all_of(section: PageSection) -> list[Statement]:
    """What it says, and the lead-ins: "You must not have it if you have:" may change, too."""
    return sorted((*section.statements, *section.aside), key=lambda each: each.place.line)


def _section_changes(
    before: Sequence[Signed], now: Sequence[Statement], rules: PageRules, page: Place
) -> Iterator[Problem]:
    known = {signed.fingerprint for signed in before}
    there = {statement.fingerprint for statement in now}
    new = [statement for statement in now if statement.fingerprint not in known]
    for at, gone in enumerate(before):
        if gone.fingerprint in there:
            continue
        changed = _successor(at, gone, before, now, new, rules)
        if changed is not None:
            new.remove(changed)
            what = f'Changed since sign-off ({_of(gone)}); it now says "{changed.text}".'
            yield Problem(changed.place, "page-changed", what, _look_again(gone))
        else:
            what = f"Removed since sign-off: a statement, {_of(gone)}."
            yield Problem(page, "page-removed", what, _look_again(gone))
    for statement in new:
        what = f'Added since sign-off: "{statement.text}".'
        ids = [rule.id for rule in rules.get(statement, ())]
        remedy = f"Look again at {', '.join(ids)}." if ids else "See whether it needs a question and a rule."
        yield Problem(statement.place, "page-added", what, f"{remedy} Then sign again.")


def _successor(
    at: int,
    gone: Signed,
    before: Sequence[Signed],
    now: Sequence[Statement],
    new: Sequence[Statement],
    rules: PageRules,
) -> Statement | None:
    """The new statement in place of one that is gone: it has its rules, or stands between its neighbours."""
    for statement in new:
        if gone.rules and {rule.id for rule in rules.get(statement, ())} & set(gone.rules):
            return statement
    prints = ["", *(statement.fingerprint for statement in now), ""]
    above = before[at - 1].fingerprint if at else ""
    below = before[at + 1].fingerprint if at + 1 < len(before) else ""
    for number, statement in enumerate(now, 1):
        if statement in new and (prints[number - 1], prints[number + 1]) == (above, below):
            return statement
    return None


def _of(gone: Signed) -> str:
    return f"of {', '.join(gone.rules)}" if gone.rules else "which no rule stood for"


def _look_again(gone: Signed) -> str:
    again = f"Look again at {', '.join(gone.rules)}. " if gone.rules else ""
    return f"{again}See that questions and rules still say what the page says, then sign again."


def _others(page: TreatmentPage, rest: Sequence[PageSection]) -> list[Statement]:
    """Every heading, and what stands under those that are not traced: a new warning counts there too."""
    headings = [
        Statement(HEADING, block.text, block.place, False) for block in page.blocks if block.kind == "heading"
    ]
    said = [each for section in rest for each in _all_of(section)]
    return sorted((*headings, *said), key=lambda each: each.place.line)
