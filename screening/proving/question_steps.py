"""Questions as steps: what decides on each, and what its answers meet of what is looked at later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

from screening.core.conditions import All, AnyOf, Chosen, Condition, Leaf, compile_condition, leaves
from screening.core.rules import Question, RuleSet
from screening.proving.answer_classes import UNANSWERED, classes_of

MOST = 4096  # classes of one question, and states; what has more is said to be unknown
Bits = int  # of comparisons that are met
Met = Callable[[Bits], bool]


@dataclass(frozen=True, slots=True)
class QuestionStep:
    """A question, what decides on it, what its answers can meet, and what is looked at after it."""

    question: Question
    name: str  # its id
    mask: int  # of this question, in what may be asked
    turns_page: bool
    asked: Met | None
    meets: Callable[[object], Bits] | None  # what a counted answer meets, where anybody looks at that
    met: tuple[Bits, ...]  # by an answer, or by leaving it empty where that can be done
    later: Bits


@lru_cache(maxsize=32)
def steps_of(rule_set: RuleSet) -> tuple[QuestionStep, ...] | None:
    """In their order; None where a question has more classes of answers than are gone through."""
    questions, pages = rule_set.questions, rule_set.pages
    seen = list(
        dict.fromkeys((leaf.question, leaf) for asked in questions for leaf in leaves(asked.ask_when))
    )
    bit = {leaf: 1 << index for index, leaf in enumerate(leaf for _, leaf in seen)}
    needed = 0
    steps = []
    for index, question in reversed([*enumerate(questions)]):
        own = tuple(leaf for name, leaf in seen if name == question.id)
        met = _met_by_answers(question, own, bit)
        if met is None:
            return None
        turns = index == 0 or pages[question.id] != pages[questions[index - 1].id]
        asked = None if question.ask_when is None else _met(question.ask_when, bit)
        meets = _meeting(question, own, bit) if own else None
        steps.append(QuestionStep(question, question.id, 1 << index, turns, asked, meets, met, needed))
        needed |= sum({bit[leaf] for leaf in leaves(question.ask_when)})
    return tuple(reversed(steps))


def _meeting(question: Question, own: tuple[Leaf, ...], bit: Mapping[Leaf, Bits]) -> Callable[[object], Bits]:
    if question.answers and all(isinstance(leaf, Chosen) for leaf in own):
        return _meeting_by_choice(question, own, bit)
    tests = tuple((bit[leaf], compile_condition(leaf)) for leaf in own)
    return lambda counted: sum(place for place, test in tests if test({question.id: counted}))


def _meeting_by_choice(
    question: Question, own: tuple[Leaf, ...], bit: Mapping[Leaf, Bits]
) -> Callable[[object], Bits]:
    by_choice = {
        answer.id: sum(bit[leaf] for leaf in own if isinstance(leaf, Chosen) and answer.id in leaf.answers)
        for answer in question.answers
    }

    def meets(counted: object) -> Bits:
        if isinstance(counted, frozenset):
            return reduce(or_, map(by_choice.__getitem__, counted), 0)
        return by_choice[str(counted)]

    return meets


def _met_by_answers(
    question: Question, own: tuple[Leaf, ...], bit: Mapping[Leaf, Bits]
) -> tuple[Bits, ...] | None:
    classes = classes_of(question, own, MOST)
    if classes is None:
        return None
    counted = [
        sum(bit[leaf] for index, leaf in enumerate(own) if each.meets >> index & 1)
        for each in classes
        if each is not UNANSWERED
    ]
    return tuple(dict.fromkeys([*counted, *([] if question.required else [0])]))


def _met(condition: Condition, bit: Mapping[Leaf, Bits]) -> Met:
    if isinstance(condition, All | AnyOf) and all(isinstance(part, Leaf) for part in condition.parts):
        mine = sum({bit[leaf] for leaf in leaves(condition)})
        if isinstance(condition, All):
            return lambda bits: bits & mine == mine
        return lambda bits: bits & mine != 0
    if isinstance(condition, All | AnyOf):
        parts, join = (
            [_met(part, bit) for part in condition.parts],
            all if isinstance(condition, All) else any,
        )
        return lambda bits: join(part(bits) for part in parts)
    single = bit[condition]
    return lambda bits: bits & single != 0
