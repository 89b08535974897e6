"""What a new version says more quietly than the one before: each thing for a clinician to tick by itself."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from screening.authoring.diff import Difference, diff
from screening.authoring.word_changes import RuleChange, weaker_age_rule
from screening.core.findings import Problem
from screening.core.rules import RuleSet
from screening.core.word_lists import LostName
from screening.proving.patient_sets import Patient

REMEDY = "Undo this, or have a clinician tick it by itself, with a reason, at /staff/rules."
WORDS = frozenset({"reworded", "reordered", "changed", "no longer asked", "removed"})  # of a safety question


@dataclass(frozen=True, slots=True)
class QuieterThing:
    """A flag, notice, age rule or question, and in what it is quieter; `key` is the same while that is so."""

    about: str
    problem: Problem

    @property
    def what(self) -> str:
        """In a sentence."""
        return self.problem.message

    @property
    def key(self) -> str:
        """What a reason for it is found by."""
        return hashlib.sha256(f"{self.about}\n{self.what}".encode()).hexdigest()[:16]


def quieter_things(old: RuleSet, new: RuleSet, *, same_treatment: bool = True) -> list[QuieterThing]:
    """All that is gone, for fewer, handled more lightly, told to fewer, or said in other words.

    What looks at too much to be compared for every patient counts as quieter. Of another treatment, only
    what has the same name is compared.
    """
    difference = diff(old, new)
    found = [*_gone(difference)] if same_treatment else []
    found += _less(difference)
    asked = {question.id for question in (old if same_treatment else new).questions}
    found += _other_words(difference, asked)
    return list({thing.key: thing for thing in found}.values())


def fewer_words(new: RuleSet, lost: Iterable[LostName]) -> Iterator[QuieterThing]:
    """Names that own words are no longer held against, subject by subject."""
    gone = defaultdict[str, list[str]](list)
    for name in lost:
        gone[name.subject].append(name.phrase)
    for subject, phrases in gone.items():
        what = f'The word lists no longer name, for "{subject}": {", ".join(phrases)}.'
        yield QuieterThing(f"words {subject}", Problem(new.place, "words-fewer", what, REMEDY))


def _gone(difference: Difference) -> Iterator[QuieterThing]:
    old, new = difference.old, difference.new
    witness = {change.id: change.witness for change in difference.changes if change.what == "removed"}
    names = {*(flag.id for flag in new.flags), *(notice.id for notice in new.urgent)}
    for flag in (flag for flag in old.flags if flag.id not in names):
        yield _thing(new, flag.id, f'The flag "{flag.id}" is gone.', witness.get(flag.id))
    for notice in (notice for notice in old.urgent if notice.id not in names):
        what = f'The notice "{notice.id}" is gone: “{notice.heading}”.'
        yield QuieterThing(notice.id, Problem(new.place, "notice-quieter", what, REMEDY))
    for weaker in weaker_age_rule(old, new):
        yield QuieterThing("age", replace(weaker, remedy=REMEDY))


def _thing(new: RuleSet, about: str, what: str, witness: Patient | None = None) -> QuieterThing:
    return QuieterThing(about, Problem(new.place, "flag-quieter", what, REMEDY, witness))


def _less(difference: Difference) -> Iterator[QuieterThing]:
    """What the comparison of all patients found at flags and notices that are still there."""
    new = difference.new
    at = {flag.place: flag.id for flag in new.flags} | {notice.place: notice.id for notice in new.urgent}
    for problem in (*difference.quieter, *difference.unproved):
        if problem.place in at:
            yield QuieterThing(at[problem.place], replace(problem, remedy=REMEDY))


def _other_words(difference: Difference, asked: Collection[str]) -> Iterator[QuieterThing]:
    """No machine reads whether other words say less: so a person does, at flags and at what is `asked`."""
    old, new = difference.old, difference.new
    there = {rule.id for rule in new.flags}
    safety = {question.id for question in old.questions if question.safety and question.id in asked}
    flags, questions = defaultdict[str, list[RuleChange]](list), defaultdict[str, list[RuleChange]](list)
    for change in difference.changes:
        if change.kind == "flag" and change.what == "reworded" and change.id in there:
            flags[change.id].append(change)
        elif change.after.startswith("codings: "):
            continue  # nobody reads them
        elif change.kind == "question" and change.what in WORDS and change.id in safety:
            questions[change.id].append(change)
    for name, changes in flags.items():
        yield _thing(new, name, f'The flag "{name}" says something else: {_told(changes)}.')
    for name, changes in questions.items():
        yield _thing(new, name, f'The safety question "{name}" is another: {_told(changes)}.')


def _told(changes: list[RuleChange]) -> str:
    return "; ".join(f"“{each.before}” → “{each.after}” ({each.what})" for each in changes)
