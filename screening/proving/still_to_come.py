"""What may still be asked, over all answers that can still be given: exact bounds, not a guess.

The questions are gone through once, in their order, with all states that answers can lead to: which of the
comparisons that later questions look at are met. States that differ only in what nobody looks at any more are
one. What may come after the last answer that is held depends on such a state alone, whoever's it is: it is
worked out once and kept with the rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple

from screening.core.conditions import Answers
from screening.core.journey import BELONG_TO
from screening.core.rules import Question, RuleSet
from screening.core.stored import Stored
from screening.proving.question_steps import MOST, Bits, QuestionStep, steps_of

KEPT = 20_000  # states of one rule set of which is kept what may come after them


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
NONE_READ: Answers = {}


@dataclass(frozen=True, slots=True)
class ToCome:
    """What may still come: how much of what is counted, and every question that may be asked at all."""

    bounds: Span
    may_be_asked: frozenset[str]


def still_to_come(
    rule_set: RuleSet,
    stored: Stored,
    here: Collection[str] = (),
    costs: Costs = PAGES,
    counted: Answers = NONE_READ,
) -> ToCome | None:
    """What is due after the page with the questions `here`, whose answers may become any.

    `counted`: answers of `stored` that were read already, to be read no second time. None for a rule set with
    more classes of answers than are gone through.
    """
    steps = steps_of(rule_set)
    if steps is None:
        return None
    tails = _tails(rule_set) if costs is PAGES else _Tails(steps, costs)
    found = _Walk(steps, stored, frozenset(here), costs, counted).through(tails)
    if found is None:
        return None
    asked = found.asked
    named = frozenset([step.name for step in steps if step.mask & asked])
    return ToCome(Span(found.least, found.most), named)


def from_nothing(rule_set: RuleSet, costs: Costs) -> ToCome | None:
    """What is asked of anybody, from the first question to the last."""
    return still_to_come(rule_set, {}, (), costs)


class _State(NamedTuple):
    bits: Bits
    counted: bool = False  # whether the page at hand is
    turned: bool = False  # whether the page `here` now means another person


class _Tail(NamedTuple):
    """What may come after a state: the bounds of what it costs, and a mask of the questions."""

    least: int
    most: int
    asked: int

    @classmethod
    def of(cls, ways: Iterable[_Tail]) -> _Tail:
        """All of these ways together."""
        least, most, asked = zip(*ways, strict=True)
        return cls(min(least), max(most), reduce(or_, asked))

    def after(self, least: int, most: int, asked: int) -> _Tail:
        """With what came before it."""
        return _Tail(self.least + least, self.most + most, self.asked | asked)


_END = _Tail(0, 0, 0)


_From = tuple[int, Bits, frozenset[str]]  # a step, what is met before it, the questions of the page at hand


class _Tails:
    """What may come where nothing is held any more: for each state before each step, as it is asked for."""

    def __init__(self, steps: tuple[QuestionStep, ...], costs: Costs) -> None:
        self.steps, self.costs = steps, costs
        self.kept: list[dict[_State, _Tail]] = [{} for _ in steps]
        self.onward: dict[_From, _Tail] = {}  # from where nothing is held beyond the page at hand

    def after(self, at: int, states: Iterable[_State]) -> Mapping[_State, _Tail] | None:
        """For states before the step `at`; None for too many."""
        if at == len(self.steps):
            return dict.fromkeys(states, _END)
        kept = self.kept[at]
        new = [state for state in states if state not in kept]
        if not new:
            return kept
        found = self._found(at, new)
        return found if found is None else {**kept, **found}

    def _found(self, at: int, new: list[_State]) -> dict[_State, _Tail] | None:
        layers = [dict.fromkeys(new)]
        for index, step in enumerate(self.steps[at:-1], at):
            following = (way for state in layers[-1] for way in _unheld(step, state))
            layers.append(dict.fromkeys(way for way in following if way not in self.kept[index + 1]))
            if len(layers[-1]) > MOST:
                return None
        later: Mapping[_State, _Tail] = {}
        for index in range(len(self.steps) - 1, at - 1, -1):
            found = {state: self._tail(index, state, later) for state in layers.pop()}
            later = {**self.kept[index], **found}
            if sum(map(len, self.kept)) < KEPT:
                self.kept[index].update(found)
        return found

    def _tail(self, index: int, state: _State, later: Mapping[_State, _Tail]) -> _Tail:
        step = self.steps[index]
        ways = [later.get(way, _END) for way in _unheld(step, state)]
        if step.asked is not None and not step.asked(state.bits):
            return ways[0]
        more = _costs(self.costs, step, counted=state.counted and not step.turns_page)
        return _Tail.of(ways).after(more, more, step.mask)


@lru_cache(maxsize=32)
def _tails(rule_set: RuleSet) -> _Tails:
    return _Tails(steps_of(rule_set) or (), PAGES)


def _costs(costs: Costs, step: QuestionStep, *, counted: bool) -> int:
    return costs.questions.get(step.question.id, 0) + (0 if counted else costs.page)


def _unheld(step: QuestionStep, state: _State) -> Iterable[_State]:
    """The states after a question to which nothing is held."""
    bits = state.bits
    if step.asked is not None and not step.asked(bits):
        return [_State(bits & step.later, state.counted and not step.turns_page)]
    return [_State((bits | met) & step.later, counted=True) for met in step.met]


class _Walk:
    """Through the questions of which something is held, or which are on the page at hand."""

    def __init__(
        self,
        steps: tuple[QuestionStep, ...],
        stored: Stored,
        here: frozenset[str],
        costs: Costs,
        counted: Answers,
    ) -> None:
        self.steps, self.stored, self.here, self.costs, self.counted = steps, stored, here, costs, counted
        self.asked = 0
        whose = [each.question for each in steps if each.name in here and self._held(each.question)]
        self.theirs = {kind for asked in whose for kind in BELONG_TO.get(asked.contact or "", ())}

    def _held(self, question: Question) -> bool:
        return self.stored.get(question.id) is not None

    def through(self, tails: _Tails) -> _Tail | None:
        """To the end; None where there are too many states."""
        at, bits = self._answered()
        answered, known = self.asked, (at, bits, self.here)
        if not self._is_new_from(at):
            return self._onward(at, bits, tails)
        found = tails.onward.get(known)
        if found is None:
            self.asked = 0
            found = self._onward(at, bits, tails)
            if found is not None and len(tails.onward) < KEPT:
                tails.onward[known] = found
        return None if found is None else found.after(0, 0, answered)

    def _is_new_from(self, at: int) -> bool:
        """Whether nothing is held from there on but answers of the page at hand, and these mean nobody."""
        for step in self.steps[at:]:
            if step.name in self.stored and step.name not in self.here:
                return False
        return not self.theirs

    def _onward(self, at: int, bits: Bits, tails: _Tails) -> _Tail | None:
        states = {_State(bits): Span(0, 0)}
        end = self._held_until()
        for step in self.steps[at:end]:
            if step.turns_page:
                states = _merged((state._replace(counted=False), cost) for state, cost in states.items())
            states = _merged(
                (after, Span(cost.least + more, cost.most + more))
                for state, cost in states.items()
                for after, more in self._after(step, state)
            )
            if len(states) > MOST:
                return None
        at = max(at, end)
        # Whether another person is meant changes only what is held.
        ends = _merged((state._replace(turned=False), cost) for state, cost in states.items())
        later = tails.after(at, ends)
        if later is None:
            return None
        ways = (later[state].after(cost.least, cost.most, self.asked) for state, cost in ends.items())
        return _Tail.of(ways)

    def _answered(self) -> tuple[int, Bits]:
        """How far everything is answered, on one way; what is met there."""
        bits, asked, here, read = 0, 0, self.here, self.counted
        for at, step in enumerate(self.steps):
            if step.asked is None or step.asked(bits):
                name, met = step.name, None
                if name not in here:
                    counted, meets = read.get(name), step.meets
                    if counted is None:
                        met = self._counts(step, turned=False)
                    else:
                        met = meets(counted) if meets else 0
                if met is None:
                    self.asked |= asked
                    return at, bits
                asked |= step.mask
                bits |= met
            bits &= step.later
        self.asked |= asked
        return len(self.steps), bits

    def _held_until(self) -> int:
        for at in range(len(self.steps), 0, -1):
            name = self.steps[at - 1].name
            if name in self.stored or name in self.here:
                return at
        return 0

    def _after(self, step: QuestionStep, state: _State) -> Iterable[tuple[_State, int]]:
        bits = state.bits
        if step.asked is not None and not step.asked(bits):
            yield state._replace(bits=bits & step.later), 0
            return
        self.asked |= step.mask
        if step.question.id in self.here:
            for met, turned in self._answers_here(step):
                yield _State((bits | met) & step.later, state.counted, state.turned or turned), 0
            return
        met_now = self._counts(step, turned=state.turned)
        if met_now is not None:
            yield state._replace(bits=(bits | met_now) & step.later), 0
            return
        more = _costs(self.costs, step, counted=state.counted)
        for met in step.met:
            yield _State((bits | met) & step.later, True, state.turned), more

    def _counts(self, step: QuestionStep, *, turned: bool) -> Bits | None:
        """What the answer that is held meets; None for a question that is due."""
        question = step.question
        gone = turned and question.contact in self.theirs
        counted = None if gone else self.counted.get(step.name)
        held = None if gone else self.stored.get(step.name)
        if counted is None and held is not None:
            counted = question.read(held)
        if counted is not None:
            return 0 if step.meets is None else step.meets(counted)
        left_empty = held is None and question.id in self.stored and not question.required
        return 0 if left_empty else None

    def _answers_here(self, step: QuestionStep) -> Iterable[tuple[Bits, bool]]:
        """What they may meet; and whether one means another person than the answer before."""
        question = step.question
        if not (self._held(question) and BELONG_TO.get(question.contact or "")):
            yield from ((met, False) for met in step.met)
            return
        for answer in question.answers:
            met = 0 if step.meets is None else step.meets(question.read(answer.id))
            yield met, answer.id != self.stored[question.id]


def _merged(found: Iterable[tuple[_State, Span]]) -> dict[_State, Span]:
    merged: dict[_State, Span] = {}
    for state, cost in found:
        other = merged.get(state, cost)
        merged[state] = Span(min(cost.least, other.least), max(cost.most, other.most))
    return merged
