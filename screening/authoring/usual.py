"""The usual patient of a rule set, drafted from its questions: nothing to tell, and no flag raised."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from screening.core.journey import walk
from screening.core.loading import CASES, beside
from screening.core.rules import Question, RuleSet
from screening.core.serialising import as_yaml
from screening.core.stored import Stored, StoredAnswer
from screening.storage.files import write

REMARK = (
    "# The usual patient is drafted from the questions: look at each answer, then write cases.\n"
    "# Once questions have other names, delete this file: screening rules cases --generate drafts it anew.\n"
)
OF_SOMEBODY = {"name": "Sam Example", "birth_date": "1970-06-15"}  # by `contact`


def usual_of(rule_set: RuleSet) -> Stored:
    """Question id -> stored answer, for every question that this patient meets and must answer."""
    usual: dict[str, StoredAnswer | None] = {}
    while due := walk(rule_set, usual).due:
        if due[0] in usual:  # nothing that it takes was found
            break
        usual[due[0]] = _answer(rule_set, usual, rule_set.by_id[due[0]])
    return {name: held for name, held in usual.items() if held is not None}


def write_usual(file: Path, rule_set: RuleSet) -> Path | None:
    """The cases file with the usual patient; None where there is one already. Raises RuleSetError."""
    path = beside(file, CASES)
    if path.exists():
        return None
    head = {"schema": "screening-cases/1", "rule_set": rule_set.id}
    write(path, (REMARK + as_yaml({**head, "usual": usual_of(rule_set), "cases": []})).encode())
    return path


def _answer(rule_set: RuleSet, before: Stored, question: Question) -> StoredAnswer | None:
    """The first answer that raises nothing; where there is none, the first that it takes."""
    if not question.required and not question.safety:
        return None
    taken = [held for held in _possible(question) if question.read(held) is not None]
    quiet = (held for held in taken if not _raises(rule_set, {**before, question.id: held}, question.id))
    return next(quiet, taken[0] if taken else None)


def _possible(question: Question) -> Iterator[StoredAnswer]:
    """What clears, then what is harmless, then whatever can be answered."""
    offered = sorted(question.answers, key=lambda answer: not answer.clears)
    if question.contact in OF_SOMEBODY:
        yield OF_SOMEBODY[question.contact]
    clearing = [answer.id for answer in offered if answer.clears]
    for name in clearing:
        yield [name] if question.kind.several else name
    yield question.kind.example(question)
    for answer in offered:
        yield [answer.id] if question.kind.several else answer.id
    yield from question.range or (0, 10)


def _raises(rule_set: RuleSet, stored: Stored, question: str) -> bool:
    answers = walk(rule_set, stored).answers
    looking = (flag for flag in rule_set.flags if question in flag.looks_at)
    return any(question in flag.met(answers) for flag in looking)
