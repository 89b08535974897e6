"""Which small mistakes in a rule set would be noticed: by `prove`, by its cases, by either."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from screening.authoring.cases import Cases, check_cases, run, run_case
from screening.authoring.mutants import Mutant, age_mutants, mutants
from screening.core.conditions import Leaf
from screening.core.errors import RuleSetError
from screening.core.rules import Flag, Indicator, Question, RuleSet
from screening.proving.model import World, sure, unsure
from screening.proving.patient_sets import ListedPatients, Patient
from screening.proving.prove import prove
from screening.proving.worlds import Book, leaves_of


@dataclass(frozen=True, slots=True)
class Noticed:
    """One mutant and who noticed it; `patient` is one for whom it makes a difference."""

    mutant: Mutant
    patient: Patient
    by_prove: tuple[str, ...]  # the codes
    by_cases: bool


@dataclass(frozen=True, slots=True)
class MutationReport:
    """Every mutant that changes something; `equivalent` counts those proved to change nothing."""

    noticed: tuple[Noticed, ...]
    equivalent: int

    @property
    def by_prove(self) -> float:
        """The share that the claims notice, from 0 to 1."""
        return self._share([noticed for noticed in self.noticed if noticed.by_prove])

    @property
    def by_cases(self) -> float:
        """The share that the cases notice, from 0 to 1."""
        return self._share([noticed for noticed in self.noticed if noticed.by_cases])

    @property
    def by_both(self) -> float:
        """The share that the claims and the cases together notice, from 0 to 1."""
        return self._share([noticed for noticed in self.noticed if noticed.by_prove or noticed.by_cases])

    @property
    def missed(self) -> tuple[Noticed, ...]:
        """Those that nothing notices."""
        return tuple(noticed for noticed in self.noticed if not (noticed.by_prove or noticed.by_cases))

    def _share(self, found: Sequence[Noticed]) -> float:
        return len(found) / len(self.noticed) if self.noticed else 1.0


def mutate(
    rule_set: RuleSet,
    cases: Sequence[Cases] = (),
    track: Callable[[Sequence[Mutant]], Iterable[Mutant]] = iter,
) -> MutationReport:
    """Makes every small mistake and looks who notices; the cases must hold for the rule set itself.

    `track` is given all mutants and gives them back one by one: a place for a progress bar.
    """
    book = Book(rule_set)
    known = {problem.message for problem in prove(rule_set).problems}
    listed = [Tried(rule_set, file) for file in cases]
    noticed: list[Noticed] = []
    equivalent = 0
    for mutant in track([*mutants(rule_set), *age_mutants(rule_set)]):
        patient = difference(book, mutant)
        if patient is None:
            equivalent += 1
            continue
        found = (problem for problem in prove(mutant.rule_set).problems if problem.message not in known)
        codes = tuple(dict.fromkeys(problem.code for problem in found))
        noticed.append(Noticed(mutant, patient, codes, any(tried.notice(book, mutant) for tried in listed)))
    return MutationReport(tuple(noticed), equivalent)


def difference(book: Book, mutant: Mutant) -> Patient | None:
    """A patient for whom a mutant makes a difference; None is the proof that there is none.

    Of the age rule it is told by the day, which no patient is: then anybody.
    """
    if mutant.rule_set.age != book.rule_set.age:
        return {}
    before = _changed(book.rule_set, mutant)
    after = _changed(mutant.rule_set, mutant)
    names = [name for rule in (*before, *after) for name in looked_at(rule)]
    told = [leaf for rule in (*before, *after) for leaf in told_apart(book.rule_set, rule)]
    (first, second), _ = book.beside(mutant.rule_set).worlds(names, told)
    return first.space.find(differing(first, second, mutant))


def differing(first: World, second: World, mutant: Mutant) -> int:
    """Those for whom the two rule sets do not come out the same, in what was changed itself.

    Whatever else changes does so only through this: a question is not asked of the same people.
    """
    space = first.space
    pairs = list(zip(_outcomes(first, mutant), _outcomes(second, mutant), strict=True))
    either = space.some(space.every((space.some(pair), space.but(space.every(pair)))) for pair in pairs)
    return space.some((either, _told_otherwise(first, mutant)))


def _changed(rule_set: RuleSet, mutant: Mutant) -> list[Question | Flag | Indicator]:
    """What a mutant changes, as this rule set has it: for a safety mark, the flags that go by it."""
    rule = mutant.rule
    if isinstance(rule, Question):
        if rule.safety != mutant.rule_set.by_id[rule.id].safety:
            return [flag for flag in rule_set.flags if rule.id in flag.looks_at]
        return [rule_set.by_id[rule.id]]
    there = rule_set.flags if isinstance(rule, Flag) else rule_set.indicators
    return [finding for finding in there if finding.id == rule.id]


def _outcomes(world: World, mutant: Mutant) -> Iterator[int]:
    changed = _changed(world.rule_set, mutant)
    for rule in changed:
        if isinstance(rule, Question):
            yield world.asked(rule.id)
        elif isinstance(rule, Flag):
            yield from world.reasons(rule)
        else:
            yield from world.states(rule)
    if not changed and not isinstance(mutant.rule, Question):
        yield from [world.space.nobody] * (3 if isinstance(mutant.rule, Flag) else 2)  # it was dropped


def _told_otherwise(world: World, mutant: Mutant) -> int:
    """Those who have a flag that is handled, or told to somebody, in another way."""
    if not isinstance(mutant.rule, Flag):
        return world.space.nobody
    after = next((flag for flag in mutant.rule_set.flags if flag.id == mutant.rule.id), mutant.rule)
    same = (after.handling, after.say) == (mutant.rule.handling, mutant.rule.say)
    return world.space.nobody if same else world.raised(mutant.rule)


def looked_at(rule: Question | Flag | Indicator) -> Sequence[str]:
    """The questions whose answers tell what comes of a rule, or of a question: its own."""
    return [rule.id] if isinstance(rule, Question) else rule.looks_at


def told_apart(rule_set: RuleSet, rule: Question | Flag | Indicator) -> Iterator[Leaf]:
    """The leaves that tell answers apart in what comes of a rule, reasons included."""
    yield from leaves_of(rule)
    if isinstance(rule, Flag):
        for question in (rule_set.by_id[name] for name in rule.looks_at):
            yield from (leaf for leaf in (unsure(question), sure(question)) if leaf is not None)


class Tried:
    """A file of cases, of which only those are run again that a mutant can touch."""

    def __init__(self, rule_set: RuleSet, cases: Cases) -> None:
        self._cases = cases
        self._space = ListedPatients(rule_set, [cases.answers(case) for case in cases.cases])

    def notice(self, book: Book, mutant: Mutant) -> bool:
        """Whether some case surprises in the mutant."""
        if not _changed(mutant.rule_set, mutant) and self._names_what_is_gone(mutant.rule_set):
            return True
        if mutant.rule_set.age != book.rule_set.age:
            return any(run(mutant.rule_set, self._cases))
        first, second = book.beside(mutant.rule_set).over(self._space)
        touched = self._space.those(differing(first, second, mutant))
        cases = (self._cases.cases[at] for at in touched)
        return any(any(run_case(mutant.rule_set, self._cases, case)) for case in cases)

    def _names_what_is_gone(self, rule_set: RuleSet) -> bool:
        try:
            check_cases(rule_set, self._cases)
        except RuleSetError:
            return True
        return False
