"""The faithful repetition: what was asked and answered, in order, in the words the patient saw."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any

from screening.core.answers import show
from screening.core.assessment import FlagFinding
from screening.core.journey import Path
from screening.core.rules import Flag, Question, RuleSet
from screening.core.stored import Stored, StoredAnswer


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
class NoLongerAsked:
    """What was given before, and is not sent: because of other answers its questions do not apply."""

    because: tuple[Question, ...]
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


def no_longer_asked(
    rule_set: RuleSet, path: Path, stored: Stored, begun: Collection[str] = ()
) -> list[NoLongerAsked]:
    """By the answers that decide it; `begun` are questions with words that were no answer yet."""
    given = (*path.ignored, *begun)
    left = [one for one in rule_set.questions if one.id in given and one.id not in path.asked]
    decided = groupby(left, key=lambda one: _decided_by(rule_set, path, one.id))
    by_id = rule_set.by_id
    return [
        NoLongerAsked(
            tuple(by_id[name] for name in because),
            tuple(SummaryLine(one, _sound(one, stored.get(one.id))) for one in group),
        )
        for because, group in decided
    ]


def _sound(question: Question, held: StoredAnswer | None) -> StoredAnswer | None:
    return None if held is None or question.read(held) is None else held


def _decided_by(rule_set: RuleSet, path: Path, question: str) -> tuple[str, ...]:
    """Of the questions above one that is not asked: those that are."""
    above = (
        (name,) if name in path.asked else _decided_by(rule_set, path, name)
        for name in rule_set.follows(question)
    )
    return tuple(dict.fromkeys(chain.from_iterable(above)))


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
