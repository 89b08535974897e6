"""Which questions apply and which comes next, worked out from the answers each time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from screening.core.conditions import Answers
from screening.core.rules import RuleSet
from screening.core.stored import Stored
from screening.core.voices import ME, OTHER


@dataclass(frozen=True, slots=True)
class Path:
    """One patient's way through a rule set.

    `asked` is in order; `answers` holds only what counts; `ignored` names stored answers that count
    for nothing: of questions that are not asked, or outside what the question offers.
    """

    asked: tuple[str, ...]
    answers: Answers
    unanswered: tuple[str, ...]
    ignored: tuple[str, ...]
    due: tuple[str, ...]  # still to be asked; an optional question left empty is not


# Contact answers that belong to whom the request is for: another person has another name.
BELONG_TO = {"for_whom": ("name", "birth_date")}


def asked_again(rule_set: RuleSet, changed: str, stored: Stored) -> tuple[str, ...]:
    """Questions whose answers do not hold any more when the answer of `changed` becomes another one."""
    question = rule_set.by_id.get(changed)
    if question is None or question.contact is None or stored.get(changed) is None:
        return ()
    theirs = BELONG_TO.get(question.contact, ())
    asked = (rule_set.by_contact[contact] for contact in theirs if contact in rule_set.by_contact)
    return tuple(each for each in asked if stored.get(each) is not None)


def belongs_to(rule_set: RuleSet, questions: Collection[str], stored: Stored) -> str:
    """The answers without which the answers to these questions mean nobody, as one text; empty for none."""
    asks = rule_set.by_contact
    whose = [
        asks.get(whom, "")
        for whom, theirs in BELONG_TO.items()
        if any(asks.get(each) in questions for each in theirs)
    ]
    return " ".join(str(stored[asked]) for asked in whose if stored.get(asked) is not None)


def voice_of(rule_set: RuleSet, stored: Stored) -> str:
    """Who is spoken to: the patient, until it is said that somebody fills this in for them."""
    asked = rule_set.by_contact.get("for_whom")
    return ME if asked is None or stored.get(asked) in (None, ME) else OTHER


def walk(rule_set: RuleSet, stored: Stored) -> Path:
    """The path that the stored answers make."""
    answers: dict[str, object] = {}
    asked: list[str] = []
    unanswered: list[str] = []
    due: list[str] = []
    for question, applies, read, required in rule_set.steps:
        if applies is not None and not applies(answers):
            continue
        asked.append(question)
        held = stored.get(question)
        counted = None if held is None else read(held)
        if counted is not None:
            answers[question] = counted
            continue
        unanswered.append(question)
        if required or held is not None or question not in stored:
            due.append(question)
    ignored = tuple(
        question for question in stored if stored[question] is not None and question not in answers
    )
    return Path(tuple(asked), answers, tuple(unanswered), ignored, tuple(due))
