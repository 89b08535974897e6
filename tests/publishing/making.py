"""A small rule set with its cases, which passes everything, and ways to change it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine

from screening.core.loading import load
from screening.publishing.publish import Candidate, PublishOutcome, publish
from screening.publishing.sign import sign

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
ID = "sore-thumb"
RULES = """\
schema: screening/1
id: sore-thumb
version: 1.0.0
status: live
title: Sore thumb injection
accept:
  - {code: no-urgent, reason: A thumb for tests only.}
  - {code: no-contact, reason: A thumb for tests only.}
  - {code: no-safety, where: safety.blood_thinners, reason: A thumb for tests only.}
  - {code: no-safety, where: safety.allergies, reason: A thumb for tests only.}
  - {code: no-safety, where: safety.pregnancy, reason: A thumb for tests only.}
page:
  url: https://clinic.example/sore-thumb
  sections: {who: Who this treatment helps, safety: Safety note}
questions:
  - id: where
    section: Your thumb
    ask: Which thumb hurts?
    type: choose_one
    answers:
      - {id: left, label: Left}
      - {id: right, label: Right}
  - id: night
    ask: Does it wake you at night?
    type: choose_one
    answers: yes_no_not_sure
  - id: infection
    section: Your health
    ask: Do you have an infection in your hand now?
    type: choose_one
    safety: true
    answers: yes_no_not_sure
  - id: fever
    ask: Do you have a high temperature?
    type: choose_one
    safety: true
    answers: yes_no_not_sure
indicators:
  - id: night_pain
    label: Thumb pain that wakes the patient
    matched_when: {night: yes}
    possible_when: {night: not_sure}
    source: {section: who, phrase: wakes you}
flags:
  - id: infection
    label: May have an infection in the hand
    raise_when: {infection: [yes, not_sure]}
    handling: review_before_booking
    say:
      clinician: Check where the infection is.
      reception: A doctor or nurse must look at this request before you book.
    source: {section: safety, phrase: infection}
  - id: fever
    label: May have a high temperature
    raise_when: {any: [{fever: [yes, not_sure]}, {infection: [yes, not_sure]}]}
    handling: review_before_booking
    say:
      clinician: Check the temperature again.
      reception: A doctor or nurse must look at this request before you book.
    source: {section: safety, phrase: temperature}
"""
CASES = """\
schema: screening-cases/1
rule_set: sore-thumb
usual: {where: left, night: yes, infection: no, fever: no}
cases:
  - case: The usual patient raises nothing.
    expect: {indicators: {night_pain: matched}, no_other_flags: true}
  - case: An infection is looked at.
    differs: {night: no, infection: yes}
    expect: {flags: {infection: answered}}
  - case: A high temperature is looked at.
    differs: {fever: yes}
    expect: {flags: {fever: answered}}
"""
PAGE = """\
Sore thumb injection

Who this treatment helps

- Thumb pain that wakes you at night

Safety note

Tell us about:

- an infection in the hand
- a high temperature
"""
BOTH = "{any: [{fever: [yes, not_sure]}, {infection: [yes, not_sure]}]}"
QUIETER = (BOTH, "{fever: [yes, not_sure]}")


def write_rules(folder: Path, *changes: tuple[str, str], cases: str = CASES) -> Path:
    """The rule set in `folder`, with each old text replaced by its new one."""
    folder.mkdir(parents=True, exist_ok=True)
    text = RULES
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file = folder / f"{ID}.yaml"
    file.write_text(text)
    (folder / f"{ID}.cases.yaml").write_text(cases)
    return file


def sign_it(file: Path) -> None:
    """As a clinician would."""
    sign(file, load(file), name="Dr Robin Example", role="Consultant", on=TODAY)


def publish_it(engine: Engine, file: Path, page: Path | None = None, **reasons: str) -> PublishOutcome:
    """Publish the rule set in a file."""
    return publish(engine, Candidate(file, load(file), page, reasons), today=TODAY, now=NOW)


def codes(outcome: PublishOutcome) -> set[str]:
    """Why it was refused."""
    return {problem.code for problem in outcome.problems}
