"""Every small mistake that could be made in a rule set, each as a rule set of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, get_args

from screening.core.ages import BIRTH_DATE
from screening.core.answers import Bounds
from screening.core.conditions import BOUNDS, All, AnyOf, Chosen, Condition, Leaf, Within
from screening.core.findings import Place
from screening.core.questions import Model
from screening.core.rules import Audience, Flag, Handling, Indicator, Question, RuleSet, Say
from screening.core.sources import Age
from screening.proving.examination import named

MutantRule = Question | Flag | Indicator
Changed = TypeVar("Changed", bound=Model)
LISTS = {Question: "questions", Flag: "flags", Indicator: "indicators"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule set with one mistake; `rule` is what was changed, as it was before."""

    what: str
    rule: MutantRule
    rule_set: RuleSet

    @property
    def place(self) -> Place:
        """The line of the rule that was changed."""
        return self.rule.place


def mutants(rule_set: RuleSet) -> Iterator[Mutant]:
    """All of them, in the order of the rule set."""
    for at, question in enumerate(rule_set.questions):
        for what, changed in _questions(rule_set.questions[:at], question):
            yield _mutant(rule_set, question, what, changed)
    for flag in rule_set.flags:
        for what, changed_flag in _flags(rule_set, flag):
            yield _mutant(rule_set, flag, what, changed_flag)
    for indicator in rule_set.indicators:
        for what, changed_indicator in _indicators(rule_set, indicator):
            yield _mutant(rule_set, indicator, what, changed_indicator)


def age_mutants(rule_set: RuleSet) -> Iterator[Mutant]:
    """The age rule dropped, and each bound a year off; named with the question for the date of birth."""
    born = rule_set.by_id.get(rule_set.by_contact.get(BIRTH_DATE, ""))
    if rule_set.age is None or born is None:
        return
    yield Mutant("age rule: dropped", born, _with(rule_set, age=None))
    for what, changed in _ages(rule_set.age):
        yield Mutant(f"age rule: {what}", born, _with(rule_set, age=changed))


def _ages(age: Age) -> Iterator[tuple[str, Age]]:
    written = {key: years for key in BOUNDS if (years := getattr(age, key)) is not None}
    for key, years in written.items():
        if len(written) == len(BOUNDS):
            yield f"{key} dropped", _with(age, **{key: None})
        for shifted in (years - 1, years + 1):
            yield f"{key} {shifted}", _with(age, **{key: shifted})


def _mutant(rule_set: RuleSet, rule: MutantRule, what: str, changed: MutantRule | None) -> Mutant:
    key = LISTS[type(rule)]
    there = [changed if written is rule else written for written in getattr(rule_set, key)]
    rules = tuple(written for written in there if written is not None)
    return Mutant(f"{named(rule)}: {what}", rule, _with(rule_set, **{key: rules}))


def _with(model: Changed, **changes: Any) -> Changed:
    """A copy with other values, without what the original has worked out already."""
    values = {name: getattr(model, name) for name in type(model).model_fields}
    return type(model).model_construct(**values | changes)


def _questions(above: Sequence[Question], question: Question) -> Iterator[tuple[str, Question]]:
    if question.safety:
        yield "safety dropped", _with(question, safety=False)
    for answer in question.answers:
        if answer.clears:
            others = tuple(
                _with(offered, clears=False) if offered is answer else offered for offered in question.answers
            )
            yield f"clears of {answer.id} dropped", _with(question, answers=others)
    if question.ask_when is not None:
        yield "ask_when dropped", _with(question, ask_when=None)
        for what, condition in _conditions(question.ask_when, above):
            yield f"ask_when, {what}", _with(question, ask_when=condition)
    else:
        other = next((asked for asked in reversed(above) if asked.answers), None)
        if other is not None:
            leaf = Chosen(other.id, (other.answers[0].id,))
            yield f"asked only where {other.id} is {other.answers[0].id}", _with(question, ask_when=leaf)


def _flags(rule_set: RuleSet, flag: Flag) -> Iterator[tuple[str, Flag | None]]:
    yield "dropped", None
    for handling in get_args(Handling):
        if handling != flag.handling:
            yield f"handling {handling}", _with(flag, handling=handling)
    for audience in get_args(Audience):
        said = getattr(flag.say, audience)
        say = Say.model_validate(flag.say.model_dump() | {audience: None if said else "Told."})
        yield f"{audience} {'no longer' if said else 'also'} told", _with(flag, say=say)
    for what, condition in _conditions(flag.raise_when, rule_set.questions):
        yield f"raise_when, {what}", _with(flag, raise_when=condition)


def _indicators(rule_set: RuleSet, indicator: Indicator) -> Iterator[tuple[str, Indicator | None]]:
    yield "dropped", None
    for what, condition in _conditions(indicator.matched_when, rule_set.questions):
        yield f"matched_when, {what}", _with(indicator, matched_when=condition)
    if indicator.possible_when is not None:
        yield "possible_when dropped", _with(indicator, possible_when=None)
        swapped = {"matched_when": indicator.possible_when, "possible_when": indicator.matched_when}
        yield "matched_when and possible_when swapped", _with(indicator, **swapped)
        for what, condition in _conditions(indicator.possible_when, rule_set.questions):
            yield f"possible_when, {what}", _with(indicator, possible_when=condition)


def _conditions(condition: Condition, questions: Sequence[Question]) -> Iterator[tuple[str, Condition]]:
    """A condition with one mistake, anywhere in it."""
    if not isinstance(condition, All | AnyOf):
        yield from _leaves(condition, questions)
        return
    kind, swapped = type(condition), AnyOf if isinstance(condition, All) else All
    parts = condition.parts
    if len(parts) > 1:
        yield "all and any swapped", swapped(parts)
    for at, part in enumerate(parts):
        before, after = parts[:at], parts[at + 1 :]
        if len(parts) > 1:
            yield f"part {at + 1} dropped", kind(before + after)
        for what, changed in _conditions(part, questions):
            yield what, kind((*before, changed, *after))


def _leaves(leaf: Leaf, questions: Sequence[Question]) -> Iterator[tuple[str, Leaf]]:
    question = next((asked for asked in questions if asked.id == leaf.question), None)
    if question is None:
        return
    yield from (_answers(leaf, question) if isinstance(leaf, Chosen) else _bounds(leaf, question))
    other = _neighbour(leaf, question, questions)
    if other is not None:
        yield f"{leaf.question} re-pointed to {other}", replace(leaf, question=other)


def _answers(leaf: Chosen, question: Question) -> Iterator[tuple[str, Leaf]]:
    for answer in question.answers:
        if answer.id not in leaf.answers:
            yield f"{question.id} {answer.id} added", replace(leaf, answers=(*leaf.answers, answer.id))
        elif len(leaf.answers) > 1:
            rest = tuple(named_answer for named_answer in leaf.answers if named_answer != answer.id)
            yield f"{question.id} {answer.id} dropped", replace(leaf, answers=rest)


def _bounds(leaf: Within, question: Question) -> Iterator[tuple[str, Leaf]]:
    comparison = question.kind.comparison
    if not isinstance(comparison, Bounds):
        return
    for key in BOUNDS:
        bound = getattr(leaf, key)
        if bound is None:
            continue
        for shifted in comparison.beside(question, bound):
            yield f"{question.id} {key} {shifted}", _moved(leaf, key, shifted)
        if leaf.at_least is not None and leaf.at_most is not None:
            yield f"{question.id} {key} dropped", _moved(leaf, key, None)


def _moved(leaf: Within, key: str, bound: Any) -> Within:
    return replace(leaf, at_least=bound) if key == "at_least" else replace(leaf, at_most=bound)


def _neighbour(leaf: Leaf, question: Question, questions: Sequence[Question]) -> str | None:
    """The next question that the same words could be said of: what copying and pasting confuses."""
    at = questions.index(question)
    for other in (*questions[at + 1 :], *reversed(questions[:at])):
        offered = {answer.id for answer in other.answers}
        named_there = isinstance(leaf, Chosen) and set(leaf.answers) <= offered
        bounded = isinstance(leaf, Within) and other.kind is question.kind
        if other.kind.comparison.takes(leaf) and (named_there or bounded):
            return other.id
    return None
