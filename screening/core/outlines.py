"""What is known of a rule set without reading it: enough to list it, and to hold something against it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

from screening.core.findings import Place
from screening.core.rules import RuleSet, RuleSetStatus

_BESIDE = ("labels", "asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A rule set's own words for itself, its days and its digest; its questions are not here."""

    id: str
    version: str
    title: str
    category: str
    status: RuleSetStatus
    digest: str
    place: Place
    effective_from: date | None = None
    review_by: date | None = None
    labels: tuple[str, ...] = ()  # of its flags and indicators
    asked: tuple[tuple[str, str], ...] = ()  # each question's id, and its subject where it names one

    @classmethod
    def of(cls, rule_set: RuleSet) -> Outline:
        """What is to be known of it."""
        same = {part.name: getattr(rule_set, part.name) for part in fields(cls) if part.name not in _BESIDE}
        labels = tuple(rule.label for rule in rule_set.rules)
        asked = tuple((question.id, question.about or "") for question in rule_set.questions)
        return cls(**same, labels=labels, asked=asked)
