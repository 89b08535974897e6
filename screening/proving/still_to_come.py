"""What may still be asked, over all answers that can still be given: exact bounds, not a guess.

The questions are gone through once, in their order, with all states that answers can lead to: which of the
comparisons that later questions look at are met. States that differ only in what nobody looks at any more are
one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from screening.core.conditions import All, AnyOf, Condition, Leaf, Test, compile_condition, leaves
from screening.core.journey import BELONG_TO
from screening.core.rules import Question, RuleSet
from screening.core.stored import Stored
from screening.proving.answer_classes import UNANSWERED, classes_of

MOST = 4096  # classes of one question, and states; what has more is said to be unknown
Bits = int  # of comparisons that are met
Met = Callable[[Bits], bool]


class Span(NamedTuple):
    """The least and the most."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Costs:
    """What is counted: something for each page, and for each question of it."""

    page: int
    questions: Mapping[str, int]


PAGES = Costs(1, {})


@dataclass(frozen=True, slots=True)
class ToCome:
    """What may still come: how much of what is counted, and every question that may be asked at all."""

    bounds: Span
    may_be_asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Step:
    """A question, what decides on it, what its answers can meet, and what is looked at after it."""

    question: Question
    page: tuple[str, ...]
    asked: Met | None
    tests: tuple[tuple[Bits, Test], ...]  # what its answers may meet
    classes: tuple[Bits, ...]  # of counted answers
    later: Bits


@dataclass(frozen=True)
class _Rules:
    digest: str
    rule_set: RuleSet = field(compare=False)


def still_to_come(
    rule_set: RuleSet, stored: Stored, here: Collection[str] = (), costs: Costs = PAGES
) -> ToCome | None:
    """What is due after the page with the questions `here`, whose answers may become any.

    None for a rule set with more classes of answers than are gone through.
    """
    steps = _steps(_Rules(rule_set.digest, rule_set))
    return None if steps is None else _Walk(steps, stored, frozenset(here), costs).through()


def from_nothing(rule_set: RuleSet, costs: Costs) -> ToCome | None:
    """What is asked of anybody, from the first question to the last."""
    return still_to_come(rule_set, {}, (), costs)


@lru_cache(maxsize=32)
def _steps(rules: _Rules) -> tuple[_Step, ...] | None:
    questions = rules.rule_set.questions
    seen = list(
        dict.fromkeys((leaf.question, leaf) for asked in questions for leaf in leaves(asked.ask_when))
    )
    bit = {leaf: 1 << index for index, leaf in enumerate(leaf for _, leaf in seen)}
    needed = 0
    steps = []
    for question in reversed(questions):
        own = tuple(leaf for name, leaf in seen if name == question.id)
        classes = classes_of(question, own, MOST)
        if classes is None:
            return None
        place = [bit[leaf] for leaf in own]
        counted = tuple(
            sum(place[index] for index in range(len(own)) if each.meets >> index & 1)
            for each in classes
            if each is not UNANSWERED
        )
        page = rules.rule_set.pages[question.id]
        asked = None if question.ask_when is None else _met(question.ask_when, bit)
        tests = tuple((bit[leaf], compile_condition(leaf)) for leaf in own)
        steps.append(_Step(question, page, asked, tests, counted, needed))
        needed |= sum({bit[leaf] for leaf in leaves(question.ask_when)})
    return tuple(reversed(steps))


def _met(condition: Condition, bit: Mapping[Leaf, Bits]) -> Met:
    if isinstance(condition, All | AnyOf):
        parts, join = (
            [_met(part, bit) for part in condition.parts],
            all if isinstance(condition, All) else any,
        )
        return lambda bits: join(part(bits) for part in parts)
    mine = bit[condition]
    return lambda bits: bool(bits & mine)


class _State(NamedTuple):
    bits: Bits
    counted: bool  # whether the page at hand is
    turned: bool  # whether the page `here` now means another person


class _Walk:
    def __init__(self, steps: tuple[_Step, ...], stored: Stored, here: frozenset[str], costs: Costs) -> None:
        self.steps, self.stored, self.here, self.costs = steps, stored, here, costs
        self.may_be_asked: set[str] = set()
        whose = [each.question for each in steps if each.question.id in here and self._held(each.question)]
        self.theirs = {kind for asked in whose for kind in BELONG_TO.get(asked.contact or "", ())}

    def _held(self, question: Question) -> bool:
        return self.stored.get(question.id) is not None

    def through(self) -> ToCome | None:
        states = {_State(0, False, False): Span(0, 0)}
        page: tuple[str, ...] = ()
        for step in self.steps:
            if step.page != page:
                page = step.page
                states = _merged((state._replace(counted=False), cost) for state, cost in states.items())
            states = _merged(
                (after, Span(cost.least + more, cost.most + more))
                for state, cost in states.items()
                for after, more in self._after(step, state)
            )
            if len(states) > MOST:
                return None
        bounds = Span(min(cost.least for cost in states.values()), max(cost.most for cost in states.values()))
        return ToCome(bounds, frozenset(self.may_be_asked))

    def _after(self, step: _Step, state: _State) -> Iterable[tuple[_State, int]]:
        bits = state.bits
        if step.asked is not None and not step.asked(bits):
            yield state._replace(bits=bits & step.later), 0
            return
        question = step.question
        self.may_be_asked.add(question.id)
        if question.id in self.here:
            for met, turned in self._answers_here(step):
                yield _State((bits | met) & step.later, state.counted, state.turned or turned), 0
            return
        met_now = self._counts(step, state)
        if met_now is not None:
            yield state._replace(bits=(bits | met_now) & step.later), 0
            return
        more = self.costs.questions.get(question.id, 0) + (0 if state.counted else self.costs.page)
        for met in self._answers(step):
            yield _State((bits | met) & step.later, True, state.turned), more

    def _counts(self, step: _Step, state: _State) -> Bits | None:
        """What the answer that is held meets; None for a question that is due."""
        question = step.question
        held = None if self._is_gone(question, state) else self.stored.get(question.id)
        counted = None if held is None else question.read(held)
        if counted is not None:
            return _meets(step, counted)
        left_empty = held is None and question.id in self.stored and not question.required
        return 0 if left_empty else None

    def _is_gone(self, question: Question, state: _State) -> bool:
        return state.turned and question.contact in self.theirs

    def _answers(self, step: _Step) -> Iterable[Bits]:
        yield from step.classes
        if not step.question.required:
            yield 0

    def _answers_here(self, step: _Step) -> Iterable[tuple[Bits, bool]]:
        """The same; and whether it means another person than the answer before."""
        question = step.question
        if not (self._held(question) and BELONG_TO.get(question.contact or "")):
            yield from ((met, False) for met in self._answers(step))
            return
        for answer in question.answers:
            yield _meets(step, question.read(answer.id)), answer.id != self.stored[question.id]


def _meets(step: _Step, counted: object) -> Bits:
    answers = {step.question.id: counted}
    return sum(place for place, test in step.tests if test(answers))


def _merged(found: Iterable[tuple[_State, Span]]) -> dict[_State, Span]:
    merged: dict[_State, Span] = {}
    for state, cost in found:
        other = merged.get(state, cost)
        merged[state] = Span(min(cost.least, other.least), max(cost.most, other.most))
    return merged
