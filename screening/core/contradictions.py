"""Where a patient seems to say two things: pointed out for a clinician to read, never weighed.

A safety question was answered with a clearing answer ("no"), while another answer names something
that only the follow-up of that question offers: "no blood thinner", and "apixaban" among the medicines.
Only names that no unrelated question uses count, so that common words ("tablets") point at nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from screening.core.conditions import leaves
from screening.core.kept import KeptAnswer
from screening.core.rules import Question, RuleSet

_LEADING = re.compile(r"^(?:(?:with|a|an|the|another|other|some|my|i|it|on|in)\s+)+")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SHORTEST = 4  # letters of a name that counts


@dataclass(frozen=True, slots=True)
class Contradiction:
    """`asked` was answered `said`, and `elsewhere` was answered `words`, naming `named`."""

    question: str
    asked: str
    said: tuple[str, ...]
    named: str
    other: str
    elsewhere: str
    words: tuple[str, ...]


def find(rule_set: RuleSet, answers: Sequence[KeptAnswer]) -> list[Contradiction]:
    """All of them, in the order asked; `answers` are those of a kept request's health part."""
    by_id = {answer.question: answer for answer in answers}
    return [
        found
        for question in rule_set.questions
        if question.safety and (kept := by_id.get(question.id)) is not None and _cleared(question, kept)
        for found in _against(rule_set, question, kept, answers)
    ]


def _cleared(question: Question, kept: KeptAnswer) -> bool:
    given = kept.stored if isinstance(kept.stored, list) else [kept.stored]
    chosen = [question.answer(one) for one in given if isinstance(one, str)]
    return bool(chosen) and all(answer is not None and answer.clears for answer in chosen)


def _against(
    rule_set: RuleSet, question: Question, kept: KeptAnswer, answers: Iterable[KeptAnswer]
) -> Iterator[Contradiction]:
    family = _family(rule_set, question.id)
    names = _names(rule_set, family)
    for other in answers:
        if other.question in family or not other.said:
            continue
        text = _plain(" ".join(other.said))
        for name, label in names.items():
            if f" {name} " in f" {text} ":
                yield Contradiction(
                    question.id, kept.asked, kept.said, label, other.question, other.asked, other.said
                )
                break


def _family(rule_set: RuleSet, root: str) -> set[str]:
    """The question and every question that is asked because of it, however far down."""
    family = {root}
    for question in rule_set.questions:  # a condition looks only upwards, so one pass is enough
        if question.ask_when is not None and any(
            leaf.question in family for leaf in leaves(question.ask_when)
        ):
            family.add(question.id)
    return family


def _names(rule_set: RuleSet, family: set[str]) -> dict[str, str]:
    """Name as it would be written -> label, of what only this family's follow-ups offer."""
    outside = " ".join(
        f" {_plain(text)} "
        for question in rule_set.questions
        if question.id not in family
        for text in (question.ask, *(answer.label for answer in question.answers))
    )
    labels = [
        answer.label
        for question in rule_set.questions
        if question.id in family and question.ask_when is not None
        for answer in question.answers
        if not (answer.alone or answer.clears)
    ]
    named = {name: label for label in labels for name in _spellings(label)}
    return {name: label for name, label in named.items() if f" {name} " not in outside}


def _spellings(label: str) -> Iterator[str]:
    """`Apixaban (Eliquis)` -> apixaban, eliquis; a longer phrase counts only as a whole."""
    for part in re.split(r"[(),;/]", label):
        name = _LEADING.sub("", _plain(part))
        if len(name) >= _SHORTEST:
            yield name


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
