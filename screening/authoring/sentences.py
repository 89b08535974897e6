"""Rules and conditions as sentences that a clinician can sign."""

from __future__ import annotations

from typing import NamedTuple

from screening.core.answers import NOT_SURE
from screening.core.conditions import All, AnyOf, Chosen, Condition, Leaf
from screening.core.rules import Flag, Handling, Indicator, Question, RuleSet


class Piece(NamedTuple):
    """A stretch of a sentence; the patient's answers are stressed."""

    text: str
    stressed: bool = False


Sentence = list[Piece]
HANDLED: dict[Handling, str] = {
    "review_before_booking": "a doctor or nurse looks at it before anything is booked",
    "discuss_at_consultation": "it is discussed at the consultation",
    "arrange": "something is to be arranged; it holds nothing up",
}


def condition(rule_set: RuleSet, when: Condition, nested: bool = False) -> Sentence:
    """When something applies, to follow "when": "the patient answers *Yes* to “...”"."""
    if not isinstance(when, All | AnyOf):
        return _leaf(rule_set, when)
    word = " and " if isinstance(when, All) else " or "
    found: Sentence = [Piece("(")] if nested and len(when.parts) > 1 else []
    for number, part in enumerate(when.parts):
        found += [Piece(("," if not nested else "") + word)] if number else []
        found += condition(rule_set, part, True)
    return [*found, Piece(")")] if nested and len(when.parts) > 1 else found


def _leaf(rule_set: RuleSet, leaf: Leaf) -> Sentence:
    question = rule_set.by_id[leaf.question]
    if isinstance(leaf, Chosen):
        many = question.kind.several and len(leaf.answers) > 1
        verb = "the patient chooses any of " if many else "the patient answers "
        return [Piece(verb), *_listed(_labels(question, leaf.answers)), Piece(f" to “{question.ask}”")]
    bounds = [
        Piece(f"{word}{bound}{f' {question.unit}' if question.unit else ''}", True)
        for word, bound in (("at least ", leaf.at_least), ("at most ", leaf.at_most))
        if bound is not None
    ]
    return [Piece("the patient gives "), *_listed(bounds, " and "), Piece(f" to “{question.ask}”")]


def _labels(question: Question, answers: tuple[str, ...]) -> Sentence:
    offered = {answer.id: answer.label for answer in question.answers}
    return [Piece(offered.get(name, name), True) for name in answers]


def _listed(pieces: Sentence, last: str = " or ") -> Sentence:
    found: Sentence = []
    for number, piece in enumerate(pieces):
        if number:
            found.append(Piece(last if number == len(pieces) - 1 else ", "))
        found.append(piece)
    return found


def of_flag(rule_set: RuleSet, flag: Flag) -> Sentence:
    """When a flag is raised, an open safety question included, and what happens then."""
    safety = [rule_set.by_id[name] for name in rule_set.safety_of[flag.id]]
    said: Sentence = [Piece("Raised when "), *condition(rule_set, flag.raise_when), Piece(".")]
    if safety:
        asked = " or ".join(f"“{question.ask}”" for question in safety)
        unsure = [Piece(f" or is answered with {label}") for label in _not_sure(safety)]
        said += [Piece(f" Raised, too, when {asked} is asked and is left open"), *unsure, Piece(".")]
    return [*said, Piece(f" Then {HANDLED[flag.handling]}.")]


def _not_sure(questions: list[Question]) -> list[str]:
    labels = (answer.label for question in questions for answer in question.answers if answer.id == NOT_SURE)
    return [f"“{label}”" for label in dict.fromkeys(labels)]


def of_indicator(rule_set: RuleSet, indicator: Indicator) -> Sentence:
    """When an indicator is reported as matched, and when as possible."""
    said: Sentence = [Piece("Matched when "), *condition(rule_set, indicator.matched_when), Piece(".")]
    if indicator.possible_when is not None:
        said += [Piece(" Else possible when "), *condition(rule_set, indicator.possible_when), Piece(".")]
    return [*said, Piece(" Else not reported.")]


def of_question(rule_set: RuleSet, question: Question) -> Sentence:
    """Of whom a question is asked."""
    if question.ask_when is None:
        return [Piece("Asked of everyone.")]
    return [Piece("Asked when "), *condition(rule_set, question.ask_when), Piece(".")]
