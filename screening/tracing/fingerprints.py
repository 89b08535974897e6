"""Fingerprints of a page, kept beside the rule set at sign-off: what has changed since, never its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from screening.core import complaints, documents
from screening.core.errors import RuleSetError
from screening.core.findings import Place, Problem
from screening.core.loading import PAGE, beside
from screening.core.questions import Model, Text
from screening.core.rules import Flag, Indicator, RuleSet
from screening.core.serialising import as_yaml
from screening.storage.files import write
from screening.tracing.statements import PageSection, Statement, read_section
from screening.tracing.treatment_page import TreatmentPage, plain

Rules = Mapping[Statement, Sequence[Indicator | Flag]]
OTHER = "other"  # what stands under headings that no rule traces


class Signed(Model):
    """One statement as it was: its fingerprint, and the rules that stood for it."""

    fingerprint: Text
    rules: tuple[str, ...] = ()


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
    try:
        node = documents.parse(path.read_bytes(), str(path))
    except OSError:
        problem = Problem(Place(str(path)), "unreadable", "The file cannot be read.", "Check its rights.")
        raise RuleSetError([problem]) from None
    data = node.plain() if isinstance(node.value, dict) else {}
    data["schema_"] = data.pop("schema", None)
    try:
        return Signature.model_validate(_tuples(data) | {"place": node.place})
    except ValidationError as error:
        raise RuleSetError(list(complaints.problems_of(error, Signature, node))) from None


def save(file: Path, signature: Signature) -> None:
    """Writes the fingerprints beside the rule set. Raises RuleSetError."""
    sections = {
        name: [
            {"fingerprint": signed.fingerprint, **({"rules": list(signed.rules)} if signed.rules else {})}
            for signed in those
        ]
        for name, those in signature.sections.items()
    }
    head = {"schema": signature.schema_, "rule_set": signature.rule_set, "version": signature.version}
    write(beside(file, PAGE), as_yaml({**head, "sections": sections}).encode())


def of(
    rule_set: RuleSet, page: TreatmentPage, sections: Mapping[str, PageSection], rules: Rules
) -> Signature:
    """The fingerprints of a page as it is."""
    kept = {
        name: tuple(
            Signed(fingerprint=statement.fingerprint, rules=tuple(rule.id for rule in rules[statement]))
            for statement in section.statements
        )
        for name, section in sections.items()
    }
    other = tuple(Signed(fingerprint=statement.fingerprint) for statement in _others(rule_set, page))
    return Signature(
        schema_="screening-page/1",
        rule_set=rule_set.id,
        version=rule_set.version,
        sections={**kept, OTHER: other},
    )


def changes(
    kept: Signature, rule_set: RuleSet, page: TreatmentPage, sections: Mapping[str, PageSection], rules: Rules
) -> Iterator[Problem]:
    """What was added to the page, changed on it, or removed from it since it was signed."""
    for name, section in sections.items():
        yield from _section_changes(kept.sections.get(name, ()), section.statements, rules, page.place)
    yield from _section_changes(kept.sections.get(OTHER, ()), _others(rule_set, page), rules, page.place)


def _section_changes(
    before: Sequence[Signed], now: Sequence[Statement], rules: Rules, page: Place
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
    rules: Rules,
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


def _others(rule_set: RuleSet, page: TreatmentPage) -> list[Statement]:
    """What stands under headings that are not traced, heading and all: a new warning counts there too."""
    traced = {plain(heading) for heading in rule_set.page.sections.values()}
    found: list[Statement] = []
    for heading in (block for block in page.blocks if block.kind == "heading"):
        if plain(heading.text) in traced:
            continue
        found.append(Statement(OTHER, heading.text, heading.place, False))
        blocks = page.section(heading.text) or []
        found += read_section(OTHER, heading.text, blocks).statements
    return list({statement.fingerprint: statement for statement in found}.values())


def _tuples(value: object) -> dict[str, object]:
    frozen = _frozen(value)
    return frozen if isinstance(frozen, dict) else {}


def _frozen(value: object) -> object:
    if isinstance(value, dict):
        return {key: _frozen(inner) for key, inner in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
