"""A small rule set with its cases, which passes everything, and ways to change it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from screening.core.errors import RuleSetError
from screening.core.loading import load
from screening.publishing.comparing import compare
from screening.publishing.publish import Candidate, PublishOutcome, publish
from screening.publishing.sign import Dossier, dossier
from screening.storage import binding, events, rule_sets
from screening.storage.database import reading, writing
from screening.storage.sign_offs import EVENTS, GivenReason, SignOff, SignPart, insert_sign_off
from screening.tracing.trace import sign as fingerprint
from screening.tracing.trace import trace

REASON = "The nurse rings everybody and asks it again."
PAGE_FILE = "page.txt"
_SECONDS = count()  # no two signatures are of the same moment
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
    expect: {indicators: {night_pain: not_reported}, flags: {infection: answered}}
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
    page = folder / PAGE_FILE
    page.write_text(PAGE)
    with suppress(RuleSetError):  # some of them cannot be read, on purpose
        rule_set = load(file)
        fingerprint(file, rule_set, trace(file, rule_set, page))
    return file


def sign_it(engine: Engine, file: Path, *, reason: str = REASON, second: str = "Dr Kim Other") -> None:
    """As a clinician and a second person would, each of what became quieter with this reason."""
    rule_set = load(file)
    whole = dossier(file, rule_set)
    with reading(engine) as connection:
        things = compare(connection, whole).things
    reasons = tuple(GivenReason(thing.key, thing.about, thing.what, reason) for thing in things if reason)
    keep_signature(engine, whole, "agreed", "Dr Robin Example", reasons)
    if second:
        keep_signature(engine, whole, "seconded", second, reasons)


def keep_signature(
    engine: Engine,
    whole: Dossier,
    part: SignPart,
    name: str,
    reasons: tuple[GivenReason, ...] = (),
    *,
    told: bool = True,
) -> None:
    """What the staff door keeps; `told`: with the event that vouches for it."""
    signed = SignOff(
        rule_set_id=whole.rule_set.id,
        version=whole.rule_set.version,
        digest=whole.rule_set.digest,
        content=whole.content,
        part=part,
        by_id=name,
        by_name=name,
        by_role="Consultant",
        at=NOW + timedelta(seconds=next(_SECONDS)),
        document=whole.document,
        reasons=reasons,
    )
    with writing(engine) as connection:
        rule_sets.archive(connection, whole.rule_set, whole.rule_set.document, NOW)
        insert_sign_off(connection, signed)
        action = EVENTS[0] if part == "agreed" else EVENTS[1]
        if not told:
            binding.forget(connection)
            return
        events.append(connection, actor=name, action=action, request=None, details={}, origin="", now=NOW)


def publish_it(
    engine: Engine, file: Path, page: Path | None = None, *, today: date = TODAY, later: int = 0
) -> PublishOutcome:
    """Publish the rule set in a file, held against the page beside it or another."""
    candidate = Candidate(file, load(file), page or file.parent / PAGE_FILE)
    return publish(engine, candidate, today=today, now=NOW + timedelta(minutes=later))


def agreed_and_published(engine: Engine, file: Path, **more: Any) -> PublishOutcome:
    """Signed by both, and published."""
    sign_it(engine, file)
    return publish_it(engine, file, **more)


def codes(outcome: PublishOutcome) -> set[str]:
    """Why it was refused."""
    return {problem.code for problem in outcome.problems}
