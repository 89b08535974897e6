"""The claims A to F and H said a second time, one patient at a time, by the engine's own path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from screening.core.assessment import Assessment, assess
from screening.core.conditions import All, AnyOf, Chosen, Condition, Leaf, compile_condition, leaves
from screening.core.rules import Flag, Indicator, Question, RuleSet
from tests.authoring.strategies import everybody, stored_answers

Found = set[tuple[str, int]]  # code, line


class Seen:
    """One patient and what the engine makes of them."""

    def __init__(self, rule_set: RuleSet, patient: dict[str, Any]) -> None:
        self.rule_set = rule_set
        self.patient = patient
        self.assessment: Assessment = assess(rule_set, patient)
        self.asked = self.assessment.path.asked
        self.answers = self.assessment.path.answers
        self.complete = not any(rule_set.by_id[name].required for name in self.assessment.path.unanswered)
        self.raised = {flag.id for flag in self.assessment.raised}
        self.states = {one.id: one.state for one in self.assessment.indicators}

    def meets(self, leaf: Leaf) -> bool:
        """Whether this patient's counted answers meet a leaf."""
        return bool(compile_condition(leaf)(self.answers))

    def values(self, condition: Condition) -> list[bool]:
        """Which leaves of a condition are met."""
        return [self.meets(leaf) for leaf in leaves(condition)]


def holds(condition: Condition, values: list[bool]) -> bool:
    """A condition, given its leaves."""
    left = iter(values)

    def join(part: Condition) -> bool:
        if isinstance(part, All | AnyOf):
            inner = [join(one) for one in part.parts]
            return all(inner) if isinstance(part, All) else any(inner)
        return next(left)

    return join(condition)


def brute(rule_set: RuleSet) -> Found:
    """Every failed claim, by looking at everybody."""
    seen = [Seen(rule_set, patient) for patient in everybody(rule_set)]
    found: Found = set()
    for question in rule_set.questions:
        found |= set(_asking(question, seen))
        if question.safety:
            found |= set(_safe(rule_set, question, seen))
    for flag in rule_set.flags:
        found |= set(_flagging(flag, seen))
    for indicator in rule_set.indicators:
        found |= set(_indicating(indicator, seen))
    return found | set(_alike(rule_set, seen))


def _asking(question: Question, seen: list[Seen]) -> Iterator[tuple[str, int]]:
    if question.ask_when is None:
        return
    if not any(question.id in one.asked for one in seen):
        yield "never-asked", question.place.line
    elif all(question.id in one.asked for one in seen if one.complete):
        yield "idle-condition", question.place.line
    else:
        yield from _idle(question.ask_when, question.place.line, seen, lambda _: True)


def _flagging(flag: Flag, seen: list[Seen]) -> Iterator[tuple[str, int]]:
    if not any(flag.met(one.answers) for one in seen):
        yield "never-raised", flag.place.line
    elif all(flag.id in one.raised for one in seen if one.complete):
        yield "always-raised", flag.place.line
    else:
        yield from _idle(flag.raise_when, flag.place.line, seen, lambda _: True)


def _indicating(indicator: Indicator, seen: list[Seen]) -> Iterator[tuple[str, int]]:
    line, states = indicator.place.line, {one.states[indicator.id] for one in seen}
    always = all(one.states[indicator.id] != "not_reported" for one in seen if one.complete)
    if always:
        yield "always-raised", line
    if "matched" not in states:
        yield "never-raised", line
    elif not always:
        yield from _idle(indicator.matched_when, line, seen, lambda _: True)
    if indicator.possible_when is not None and "possible" not in states:
        yield "never-raised", line
    elif indicator.possible_when is not None and not always:
        unmatched = lambda one: one.states[indicator.id] != "matched"  # noqa: E731
        yield from _idle(indicator.possible_when, line, seen, unmatched)


def _idle(
    condition: Condition, line: int, seen: list[Seen], among: Callable[[Seen], bool]
) -> Iterator[tuple[str, int]]:
    for at, leaf in enumerate(leaves(condition)):
        met = missed = False
        for one in filter(among, seen):
            values = one.values(condition)
            flipped = [*values[:at], not values[at], *values[at + 1 :]]
            if holds(condition, values) != holds(condition, flipped):
                met |= values[at]
                missed |= not values[at] and one.complete
        if not (met and missed) or not all(_counts(condition, at, leaf, a, seen) for a in _named(leaf)):
            yield "idle-condition", line


def _named(leaf: Leaf) -> tuple[str, ...]:
    return leaf.answers if isinstance(leaf, Chosen) else ()


def _counts(condition: Condition, at: int, leaf: Leaf, answer: str, seen: list[Seen]) -> bool:
    """Whether somebody meets the condition only because the leaf names this answer."""
    rest = tuple(one for one in _named(leaf) if one != answer)
    for one in seen:
        values = one.values(condition)
        fewer = bool(rest) and one.meets(Chosen(leaf.question, rest))
        if holds(condition, values) and not holds(condition, [*values[:at], fewer, *values[at + 1 :]]):
            return True
    return False


def _safe(rule_set: RuleSet, question: Question, seen: list[Seen]) -> Iterator[tuple[str, int]]:
    flags = [flag for flag in rule_set.flags if question.id in flag.looks_at]
    if not flags:
        yield "lost-answer", question.place.line
    for one in seen:
        counted = one.answers.get(question.id, ())
        chosen = {counted} if isinstance(counted, str) else set(counted) if question.answers else set()
        bad = any(not answer.clears for answer in question.answers if answer.id in chosen)
        if flags and bad and not any(flag.met(one.answers) for flag in flags):
            yield "lost-answer", flags[0].place.line
        if question.id not in one.asked and one.complete and not lifted(one, question):
            yield "hidden-safety", question.place.line
        elif question.id not in one.asked and one.complete and not lifted(one, question, akin(one, question)):
            yield "hidden-by-another", question.place.line
    yield from _louder(rule_set, question, seen)


def akin(one: Seen, question: Question) -> set[str]:
    """The questions about the same thing, or under the same flag."""
    flagged = {x for flag in one.rule_set.flags if question.id in flag.looks_at for x in flag.looks_at}
    about = question.about or question.id
    return flagged | {x.id for x in one.rule_set.questions if (x.about or x.id) == about}


def lifted(one: Seen, question: Question, among: set[str] | None = None) -> bool:
    """Whether the question would be asked, had clearing answers (of those `among`) met what they miss."""
    if question.id in one.asked or question.ask_when is None:
        return True
    return holds(
        question.ask_when,
        [one.meets(leaf) or _excused(one, leaf.question, among) for leaf in leaves(question.ask_when)],
    )


def _excused(one: Seen, name: str, among: set[str] | None) -> bool:
    question = one.rule_set.by_id[name]
    if name not in one.asked:
        return lifted(one, question, among)
    if among is not None and name not in among:
        return False
    return question.safety and name in one.answers and _level(question, one.answers[name]) == 0


def _level(question: Question, counted: Any) -> int:
    if not question.answers:
        return 2  # a number clears nothing, and none is worse than another
    chosen = {counted} if isinstance(counted, str) else counted
    bad = {answer.id for answer in question.answers if answer.id in chosen and not answer.clears}
    return 0 if not bad else 1 if bad == {"not_sure"} else 2


def _louder(rule_set: RuleSet, question: Question, seen: list[Seen]) -> Iterator[tuple[str, int]]:
    raised = {repr(sorted(one.patient.items())): one.raised for one in seen}
    worse_than = {
        repr(low): [
            high
            for high in stored_answers(question)[1:]
            if _level(question, question.read(low)) < _level(question, question.read(high))
        ]
        for low in stored_answers(question)[1:]
    }
    for one in seen:
        for worse in worse_than.get(repr(one.patient.get(question.id)), ()):
            other = raised[repr(sorted((one.patient | {question.id: worse}).items()))]
            for flag in rule_set.flags:
                if flag.id in one.raised and flag.id not in other:
                    place = next(
                        (x.place for x in leaves(flag.raise_when) if x.question == question.id), flag.place
                    )
                    yield "quieter-when-worse", place.line


def _alike(rule_set: RuleSet, seen: list[Seen]) -> Iterator[tuple[str, int]]:
    known: set[tuple[object, ...]] = set()
    rules: list[Flag | Indicator] = [*rule_set.flags, *rule_set.indicators]
    for rule in rules:
        outcome = tuple(
            rule.id in one.raised if isinstance(rule, Flag) else one.states[rule.id] for one in seen
        )
        if set(outcome) in ({False}, {"not_reported"}):
            continue
        if (type(rule), outcome) in known:
            yield "same-rule", rule.place.line
        known.add((type(rule), outcome))
