"""Labels: name, date of birth and reference, on sheets of 3 by 7 labels of 63.5 by 38.1 mm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from screening.core.wording import marked
from screening.exports.records import Clinic
from screening.exports.typesetting import typeset

ON_A_SHEET = 21
LABELS = marked("Labels")


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on one; `born` in words."""

    name: str
    born: str
    reference: str


def write_labels(labels: Sequence[Label], clinic: Clinic, template: Path, first: int = 1) -> bytes:
    """One each, on the sheet from its place `first` on: those before it were used up. PDF."""
    data = {
        "clinic": clinic.name,
        "language": clinic.language.partition("_")[0],
        "title": clinic.translate(LABELS),
        "skipped": max(0, min(first, ON_A_SHEET) - 1),
        "labels": [{"name": one.name, "born": one.born, "reference": one.reference} for one in labels],
    }
    return typeset(template, data)
