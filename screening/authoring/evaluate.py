"""One rule set, one patient's answers, in JSON: what `screening rules evaluate` prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from screening.core import complaints
from screening.core.assessment import assess
from screening.core.errors import RuleSetError
from screening.core.findings import Place, Problem
from screening.core.rules import Question, RuleSet
from screening.core.serialising import Plain
from screening.core.stored import Stored


def read_answers(path: Path) -> Stored:
    """Question id -> stored answer, from a JSON object. Raises RuleSetError, for half characters too."""
    place = Place(str(path))
    try:
        data = json.loads(path.read_bytes())
        json.dumps(data, ensure_ascii=False).encode()  # refuses half characters, such as "\\ud800"
    except OSError:
        raise RuleSetError(
            [Problem(place, "format", "The file cannot be read.", "Check the name and the folder.")]
        ) from None
    except json.JSONDecodeError as error:
        place = Place(str(path), error.lineno, error.colno)
        raise RuleSetError(
            [Problem(place, "format", f"This is not JSON: {error.msg}.", "Mend it here.")]
        ) from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise RuleSetError(
            [Problem(place, "format", "This is not JSON.", 'Write {"question": "answer"}.')]
        ) from None
    if not isinstance(data, dict):
        raise RuleSetError(
            [Problem(place, "format", "The answers are not an object.", 'Write {"question": "answer"}.')]
        )
    return data


def check_answers(
    rule_set: RuleSet, answers: Stored, whole: Place, places: Mapping[str, Place] = MappingProxyType({})
) -> None:
    """Raises RuleSetError naming every question nobody asks and every answer not offered.

    `places` has those of single answers; the others are told at the place of them all.
    """
    problems = []
    for question_id, answer in answers.items():
        question, place = rule_set.by_id.get(question_id), places.get(question_id, whole)
        if question is None:
            what = f'No question is called "{question_id}".'
            problems.append(
                Problem(place, "format", what, complaints.did_you_mean(question_id, rule_set.by_id))
            )
        elif answer is not None and question.read(answer) is None:
            problems.append(_refused(question, answer, place))
    if problems:
        raise RuleSetError(problems)


def _refused(question: Question, answer: Any, place: Place) -> Problem:
    shown = json.dumps(answer, ensure_ascii=False)[:60]
    what = f'{shown} is not an answer to the question "{question.id}" ({question.type}).'
    offered = [offered.id for offered in question.answers]
    guessed = complaints.did_you_mean(answer, offered) if offered and isinstance(answer, str) else None
    return Problem(place, "format", what, guessed or question.kind.possible(question))


def evaluate(rule_set: RuleSet, answers: Stored) -> Plain:
    """The path and the assessment as JSON data; `flags` holds the raised ones."""
    assessment = assess(rule_set, answers)
    path = assessment.path
    return {
        "rule_set": {"id": rule_set.id, "version": rule_set.version, "digest": rule_set.digest},
        "asked": list(path.asked),
        "unanswered": list(path.unanswered),
        "ignored": list(path.ignored),
        "indicators": {finding.id: finding.state for finding in assessment.indicators},
        "flags": {
            finding.id: {
                "handling": finding.handling,
                "because": [because._asdict() for because in finding.because],
            }
            for finding in assessment.raised
        },
    }
