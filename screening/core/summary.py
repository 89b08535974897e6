"""The faithful repetition: what was asked and answered, in order, in the words the patient saw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from screening.core.answers import show
from screening.core.assessment import FlagFinding
from screening.core.journey import Path
from screening.core.rules import Flag, Question, RuleSet
from screening.core.stored import Stored


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One question and its answer."""

    question: Question
    stored: Any

    @property
    def said(self) -> tuple[str, ...]:
        """In the words the patient saw; empty where nothing was given."""
        return show(self.question, self.stored) if self.stored is not None else ()


@dataclass(frozen=True, slots=True)
class SummarySection:
    """Neighbouring questions under one heading."""

    heading: str
    lines: tuple[SummaryLine, ...]


@dataclass(frozen=True, slots=True)
class PatientNote:
    """A sentence for the patient; `about` is what it speaks of, where it ends in a colon."""

    words: str
    about: tuple[str, ...] = ()

    def __str__(self) -> str:
        listed = "; ".join(about.rstrip(".") for about in self.about)
        return f"{self.words} {listed}." if listed else self.words


def lines(rule_set: RuleSet, path: Path, stored: Stored) -> Iterator[SummaryLine]:
    """Every question that was asked, in order; answers that count for nothing are left out."""
    for question_id in path.asked:
        held = stored.get(question_id) if question_id in path.answers else None
        yield SummaryLine(rule_set.by_id[question_id], held)


def sections(rule_set: RuleSet, path: Path, stored: Stored) -> list[SummarySection]:
    """The lines under the headings of their questions."""
    grouped = groupby(lines(rule_set, path, stored), key=lambda line: line.question.section or "")
    return [SummarySection(heading, tuple(group)) for heading, group in grouped]


def patient_notes(raised: Iterable[Flag | FlagFinding]) -> list[PatientNote]:
    """What raised flags say to the patient."""
    return notes_of(flag.say.patient for flag in raised)


def notes_of(said: Iterable[str | None]) -> list[PatientNote]:
    """One note for all sentences that open in the same words, each once.

    What stands after a colon is one of many things that the same opening may speak of.
    """
    notes: dict[str, list[str]] = {}
    for opening, about in (_parted(sentence) for sentence in dict.fromkeys(filter(None, said))):
        notes.setdefault(opening, []).extend([about] if about else [])
    return [PatientNote(opening, tuple(about)) for opening, about in notes.items()]


def _parted(sentence: str) -> tuple[str, str]:
    opening, colon, about = sentence.partition(": ")
    return opening + colon.rstrip(), about
