"""The faithful repetition: what was asked and answered, in order, in the words the patient saw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from screening.core.answers import show
from screening.core.assessment import Assessment, FlagFinding, IndicatorFinding
from screening.core.journey import Path, Stored
from screening.core.rules import Question, RuleSet


@dataclass(frozen=True, slots=True)
class Line:
    """One question and its answer; `said` is empty where nothing was given."""

    question: Question
    stored: Any
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Neighbouring questions under one heading."""

    heading: str
    lines: tuple[Line, ...]


def lines(rule_set: RuleSet, path: Path, stored: Stored) -> Iterator[Line]:
    """Every question that was asked, in order; answers that count for nothing are left out."""
    for question_id in path.asked:
        question = rule_set.by_id[question_id]
        held = stored.get(question_id) if question_id in path.answers else None
        yield Line(question, held, show(question, held) if held is not None else ())


def sections(rule_set: RuleSet, path: Path, stored: Stored) -> list[Section]:
    """The lines under the headings of their questions."""
    grouped = groupby(lines(rule_set, path, stored), key=lambda line: line.question.section or "")
    return [Section(heading, tuple(group)) for heading, group in grouped]


def patient_notes(assessment: Assessment) -> list[str]:
    """What the raised flags say to the patient, each sentence once."""
    return list(dict.fromkeys(flag.say.patient for flag in assessment.raised if flag.say.patient))


def contact_part(rule_set: RuleSet, assessment: Assessment, stored: Stored) -> dict[str, Any]:
    """Who the request is for and how to reach them: what reception may see, as JSON data."""
    return {
        "answers": [_kept(line) for line in lines(rule_set, assessment.path, stored) if line.question.contact]
    }


def health_part(rule_set: RuleSet, assessment: Assessment, stored: Stored) -> dict[str, Any]:
    """The health answers and the assessment as it was, as JSON data."""
    kept = (line for line in lines(rule_set, assessment.path, stored) if not line.question.contact)
    return {
        "rule_set": {
            "id": rule_set.id,
            "version": rule_set.version,
            "digest": rule_set.digest,
            "title": rule_set.title,
        },
        "summary": {"heading": rule_set.summary.heading, "statement": rule_set.summary.statement},
        "answers": [_kept(line) for line in kept],
        "unanswered": list(assessment.path.unanswered),
        "indicators": [_indicator(finding) for finding in assessment.indicators],
        "flags": [_flag(finding) for finding in assessment.flags],
        "said_to_patient": patient_notes(assessment),
    }


def _kept(line: Line) -> dict[str, Any]:
    question = line.question
    return {
        "question": question.id,
        "section": question.section,
        "contact": question.contact,
        "asked": question.ask,
        "hint": question.hint,
        "type": question.type,
        "safety": question.safety,
        "offered": {answer.id: answer.label for answer in question.answers},
        "answer": line.stored,
        "said": list(line.said),
    }


def _indicator(finding: IndicatorFinding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "label": finding.label,
        "state": finding.state,
        "because": [because._asdict() for because in finding.because],
        "place": str(finding.place),
    }


def _flag(finding: FlagFinding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "label": finding.label,
        "raised": finding.raised,
        "handling": finding.handling,
        "say": finding.say.model_dump(),
        "because": [because._asdict() for because in finding.because],
        "place": str(finding.place),
    }
