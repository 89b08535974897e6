"""The few cases that tell a rule set from its mutants and cover every condition both ways.

They wait for a person's sign-off: they say what the rules do, and only a person can say that it is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, cast

from screening.authoring.cases import Case
from screening.authoring.mutants import Mutant, mutants
from screening.authoring.mutate import difference, differing, looked_at, told_apart
from screening.authoring.written_cases import (
    Differs,
    GeneratedCase,
    as_listed,
    birthday_cases,
    of_birthday,
    written_case,
)
from screening.core.assessment import assess
from screening.core.rules import Flag, Indicator, Question, RuleSet
from screening.core.stored import Stored
from screening.proving.answer_classes import named_in
from screening.proving.examination import named
from screening.proving.model import World
from screening.proving.patient_sets import ListedPatients, Patient
from screening.proving.worlds import Book, leaves_on

MOST_TOGETHER = 4  # answers that differ in a case made of several
MOST_TRIED = 600_000  # mistakes times questions; beyond, only each rule is shown both ways


class Generated(NamedTuple):
    """The cases, and how many small mistakes were too many to look for: `mutate` tells which are missed."""

    cases: list[GeneratedCase]
    untried: int


def generate(rule_set: RuleSet, usual: Stored, standing: Sequence[Case] = ()) -> Generated:
    """Cases as data, each near the usual patient, in the order of the questions they speak of.

    Those of `standing` (from an earlier time, still true) are taken first, and keep their signatures while
    their sentences are the same. The usual patient is always among them: of that one, everything is expected;
    of each other, what can come out otherwise by what differs. So no mistake is lost by leaving out the rest.
    """
    plain = as_listed(usual)
    book = Book(rule_set, plain)
    every = list(mutants(rule_set))
    changed = every if len(every) * len(rule_set.questions) <= MOST_TRIED else []
    kept = [as_listed(case.differs) for case in standing if not of_birthday(case)]
    tried = [*kept, *(differs for differs in _candidates(book, plain, changed) if differs not in kept)]
    goals = _goals(book, changed, [plain | differs for differs in tried])
    chosen = _fewest(goals, [len(differs) for differs in tried], len(kept))
    again = [tried[at] for at in chosen if at < len(kept)]
    groups = _grouped(book, [tried[at] for at in chosen if at >= len(kept)])
    new = _joined_without_loss(groups, again, goals, lambda made: _goals(book, changed, made), (plain, tried))
    each = [*again, *new] if {} in (*again, *new) else [{}, *again, *new]
    ordered = _ordered(rule_set, each)
    spoken = _spoken_of(book, changed, plain, ordered)
    before = assess(rule_set, plain)
    made = [
        written_case(rule_set, before, assess(rule_set, {**plain, **differs}), differs, of)
        for differs, of in zip(ordered, spoken, strict=True)
    ]
    made += birthday_cases(rule_set)
    signed = {(case.case, repr(as_listed(case.differs))): case.signed_off for case in standing}
    again_signed = [
        {**case, "signed_off": signed.get((case["case"], repr(case["differs"])))} for case in made
    ]
    return Generated(cast(list[GeneratedCase], again_signed), len(every) - len(changed))


def _candidates(book: Book, usual: Patient, changed: Sequence[Mutant]) -> list[Differs]:
    """How those differ for whom a mutant, or what comes of a rule, makes a difference."""
    patients = [found for mutant in changed if (found := difference(book, mutant)) is not None]
    patients += [usual, *_both_ways(book)]
    return _with_unions(book.rule_set, [_from(usual, patient) for patient in patients])


def _spoken_of(
    book: Book, changed: Sequence[Mutant], usual: Patient, chosen: Sequence[Differs]
) -> list[set[str]]:
    """Of which rules and follow-ups each case expects something: those that its answers can touch.

    A mistake may make a rule look at an answer that it did not look at: then the case that shows it speaks of
    that rule too, where no other case does that shows it.
    """
    rules = [(rule, _cone(book, rule)) for rule in _rules(book.rule_set)]
    bits = [_bits_of(book, differs) for differs in chosen]
    spoken = [{rule.id for rule, cone in rules if cone & mine} for mine in bits]
    everything = {rule.id for rule, _cone_of in rules} | set(book.rule_set.by_id)
    spoken = [found if differs else everything for differs, found in zip(chosen, spoken, strict=True)]
    space = ListedPatients(book.rule_set, [usual | differs for differs in chosen])
    world = World(book.rule_set, book.cones, space)
    for mutant in changed:
        shows = space.those(differing(world, book.beside(mutant.rule_set).over(space)[1], mutant))
        if shows and not any(mutant.rule.id in spoken[at] for at in shows):
            spoken[shows[0]].add(mutant.rule.id)
    return spoken


def _goals(book: Book, changed: Sequence[Mutant], patients: Sequence[Patient]) -> list[int]:
    """For each thing that a case should show: those of the patients who show it."""
    space = ListedPatients(book.rule_set, patients)
    world = World(book.rule_set, book.cones, space)
    shown = [part for rule in _rules(book.rule_set) for part in _appearances(world, rule)]
    told = [differing(world, book.beside(mutant.rule_set).over(space)[1], mutant) for mutant in changed]
    return [*shown, *told]


def _rules(rule_set: RuleSet) -> Iterator[Question | Flag | Indicator]:
    yield from (question for question in rule_set.questions if question.ask_when is not None)
    yield from rule_set.flags
    yield from rule_set.indicators


def _appearances(world: World, rule: Question | Flag | Indicator) -> list[int]:
    """Those for whom each thing comes out that can come of a rule, and each leaf is met or missed."""
    space = world.space
    if isinstance(rule, Question):
        values = world.values(rule.ask_when, rule)
        come = [world.asked(rule.id)]
    elif isinstance(rule, Flag):
        values = world.values(rule.raise_when)
        come = list(world.reasons(rule))
    else:
        values = world.values(rule.matched_when) + world.values(rule.possible_when)
        come = list(world.states(rule))
    rest = space.but(space.some(come))
    return [*come, rest, *values, *(space.but(value) for value in values)]


def _both_ways(book: Book) -> Iterator[Patient]:
    """The nearest patient for each thing that can come of each rule."""
    for rule in _rules(book.rule_set):
        world, _ = book.world(looked_at(rule), told_apart(book.rule_set, rule))
        found = (world.space.find(part) for part in _appearances(world, rule))
        yield from (patient for patient in found if patient is not None)


def _from(usual: Stored, patient: Patient) -> Differs:
    """How a patient differs from the usual one."""
    names = (*usual, *(name for name in patient if name not in usual))
    return {name: patient.get(name) for name in names if patient.get(name) != usual.get(name)}


def _with_unions(rule_set: RuleSet, found: Iterable[Differs]) -> list[Differs]:
    """Each once; and where some differ only in answers that count alike, one who chooses them all."""
    each = {repr(differs): differs for differs in found}
    on = leaves_on(rule_set)
    alike: dict[str, tuple[Differs, str, set[str]]] = {}
    for differs in each.values():
        for name, stored in differs.items():
            question = rule_set.by_id[name]
            if isinstance(stored, list) and not any(
                answer.alone for answer in question.answers if answer.id in stored
            ):
                counted = named_in(question, on.get(name, []))
                key = repr((name, [counted[answer] for answer in stored], {**differs, name: None}))
                alike.setdefault(key, (differs, name, set()))[2].update(stored)
    for differs, name, chosen in alike.values():
        union = {
            **differs,
            name: [answer.id for answer in rule_set.by_id[name].answers if answer.id in chosen],
        }
        each.setdefault(repr(union), union)
    return list(each.values())


def _joined_without_loss(
    groups: list[list[Differs]],
    again: Sequence[Differs],
    goals: Sequence[int],
    shown_by: Callable[[list[Patient]], list[int]],
    known: tuple[Patient, Sequence[Differs]],
) -> list[Differs]:
    """The groups as one case each, but for those whose joining loses something that their parts show.

    A mistake may look at what is joined, so that only the parts by themselves would notice it.
    """
    usual, tried = known
    chosen = [*again, *(differs for group in groups for differs in group)]
    bits = {id(differs): 1 << tried.index(differs) for differs in chosen}
    wanted = sum(bits.values())
    while True:
        joined = [_together(group) for group in groups]
        made = shown_by([usual | differs for differs in (*again, *joined)])
        lost = [goal & wanted for goal, now in zip(goals, made, strict=True) if goal & wanted and not now]
        if not lost:
            return joined
        groups = [
            part
            for group in groups
            for part in (
                [[differs] for differs in group]
                if any(goal & bits[id(differs)] for goal in lost for differs in group)
                else [group]
            )
        ]


def _together(group: Sequence[Differs]) -> Differs:
    return {name: stored for differs in group for name, stored in differs.items()}


def _grouped(book: Book, chosen: Iterable[Differs]) -> list[list[Differs]]:
    """Fewer cases: those that speak of different things, of which no flag, may be one case together.

    Nothing depends on the questions of two of them, so each comes out as it did apart.
    """
    cones = {named(rule): _cone(book, rule) for rule in _rules(book.rule_set)}
    flags = set(map(named, book.rule_set.flags))
    alone: list[list[Differs]] = []
    joined: list[tuple[list[Differs], set[str]]] = []
    for differs in chosen:
        mine = _bits_of(book, differs)
        touched = {name for name, cone in cones.items() if cone & mine}
        if not differs or not flags.isdisjoint(touched):
            alone.append([differs])
            continue
        for there, touches in joined:
            size = sum(map(len, there)) + len(differs)
            if touches.isdisjoint(touched) and size <= MOST_TOGETHER:
                there.append(differs)
                touches.update(touched)
                break
        else:
            joined.append(([differs], touched))
    return [*alone, *(group for group, _ in joined)]


def _cone(book: Book, rule: Question | Flag | Indicator) -> int:
    """The questions that decide what comes of a rule, as bits."""
    return book.cones.bits(looked_at(rule))


def _bits_of(book: Book, differs: Differs) -> int:
    return sum(1 << book.cones.position(name) for name in differs)


def _fewest(goals: Sequence[int], weights: Sequence[int], first: int) -> list[int]:
    """Few patients (greedily) such that each goal that anybody reaches is reached by one of them.

    The `first` of them are taken as long as they reach anything that is left.
    """
    reached = [0] * len(weights)
    for at, goal in enumerate(goals):
        while goal:
            lowest = goal & -goal
            reached[lowest.bit_length() - 1] |= 1 << at
            goal ^= lowest
    left = 0
    for mine in reached:
        left |= mine
    chosen: list[int] = []
    for at in range(first):
        if reached[at] & left:
            chosen.append(at)
            left &= ~reached[at]
    while left:
        best = max(range(len(weights)), key=lambda at: ((reached[at] & left).bit_count(), -weights[at]))
        chosen.append(best)
        left &= ~reached[best]
    return _needed(chosen, reached, first)


def _needed(chosen: list[int], reached: Sequence[int], first: int) -> list[int]:
    """Without those whose goals the others reach together; of the `first`, the last ones go first."""
    new = [case for case in chosen if case >= first]
    for case in [*new, *sorted(set(chosen) - set(new), reverse=True)]:
        others = 0
        for other in chosen:
            others |= reached[other] if other != case else 0
        if not reached[case] & ~others:
            chosen.remove(case)
    return chosen


def _ordered(rule_set: RuleSet, chosen: Iterable[Differs]) -> list[Differs]:
    """In the order of the questions they speak of, and so within each."""
    order = {name: at for at, name in enumerate(rule_set.by_id)}
    each = [{name: differs[name] for name in sorted(differs, key=order.__getitem__)} for differs in chosen]
    return sorted(each, key=lambda differs: ([order[name] for name in differs], repr(differs)))
