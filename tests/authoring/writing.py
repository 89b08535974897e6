"""A small rule set in a folder of its own, and ways to spoil it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from screening.authoring.check import check
from screening.authoring.diff import Difference, diff
from screening.authoring.doubts import MUST_ASK
from screening.core.findings import Problem
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.serialising import as_yaml

SHIPPED = Path(__file__).parents[2] / "rules"
TODAY = date(2026, 11, 20)
SAY = {"clinician": "Look at it.", "reception": "Wait with booking."}


def small(**changes: Any) -> dict[str, Any]:
    """A rule set without problems, as data."""
    data: dict[str, Any] = {
        "schema": "screening/1",
        "id": "thumb",
        "version": "1.0.0",
        "title": "Thumb injection",
        "page": {"sections": {"who": "Who this helps", "safety": "Safety note"}},
        "questions": [
            question("hurts", ask="Does it hurt?"),
            question("fever", ask="Are you hot?", safety=True),
        ],
        "indicators": [
            {
                "id": "pain",
                "label": "Pain in the thumb",
                "matched_when": {"hurts": "yes"},
                "source": {"section": "who", "phrase": "sore thumb"},
            }
        ],
        "flags": [flag("fever", {"fever": ["yes", "not_sure"]})],
    }
    return {**data, **changes}


def accepted(*more: tuple[str, str]) -> list[dict[str, str]]:
    """Why a rule set of the tests lacks what patients need, and `more`: code and where."""
    lacks = [("no-urgent", "rule set"), ("no-contact", "rule set"), *more]
    lacks += (("no-safety", f"safety.{subject}") for subject in MUST_ASK)
    return [{"code": code, "where": where, "reason": "Only written for a test."} for code, where in lacks]


def live(**changes: Any) -> dict[str, Any]:
    """The same in use, for which somebody has said why it lacks what patients need."""
    return small(status="live", accept=accepted(), **changes)


def question(name: str, **changes: Any) -> dict[str, Any]:
    """A question to be answered yes, no or not sure."""
    return {
        "id": name,
        "ask": f"About {name}?",
        "type": "choose_one",
        "answers": "yes_no_not_sure",
        **changes,
    }


def flag(name: str, raise_when: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A flag with a source, words and a handling."""
    source = {"section": "safety", "phrase": name}
    head = {"id": name, "label": f"May have {name}", "raise_when": raise_when}
    return {**head, "handling": "review_before_booking", "say": SAY, "source": source, **changes}


def written(folder: Path, data: dict[str, Any] | str, name: str = "thumb.yaml") -> Path:
    """The rule set in a file."""
    file = folder / name
    file.write_text(data if isinstance(data, str) else as_yaml(data), encoding="utf-8")
    return file


def loaded(folder: Path, data: dict[str, Any], name: str = "thumb.yaml") -> RuleSet:
    """The rule set, read back from a file."""
    return load(written(folder, data, name))


def found(folder: Path, data: dict[str, Any] | str, today: date = TODAY) -> list[Problem]:
    """Problems and warnings of `check`."""
    report = check([written(folder, data)], today)
    return [*report.problems, *report.warnings]


def codes(findings: list[Problem]) -> set[str]:
    """The codes of some findings."""
    return {finding.code for finding in findings}


def with_flag(*answers: str, **changes: Any) -> dict[str, Any]:
    """Raised by these answers to `hurts`."""
    given = {
        **flag("fever", {"fever": ["yes", "not_sure"]}),
        "raise_when": {"hurts": list(answers)},
        **changes,
    }
    return small(flags=[given])


def compared(folder: Path, old: dict[str, Any], new: dict[str, Any]) -> Difference:
    """What `diff` finds between two rule sets that are data."""
    return diff(loaded(folder, old, "old.yaml"), loaded(folder, new, "new.yaml"))


def told(found: Difference) -> set[tuple[str, str, str]]:
    """Of what, by which id, and how it changed."""
    return {(one.kind, one.id, one.what) for one in found.changes}
