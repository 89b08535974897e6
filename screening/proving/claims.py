"""Claims A to C: every question can be asked, every rule can appear and stay away, every part decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from screening.core.conditions import EVERYONE, Chosen, Condition, Leaf, leaves
from screening.core.findings import Place, Problem
from screening.core.rules import Flag, Indicator, Question
from screening.proving.answer_classes import named_in
from screening.proving.examination import Examination, named, quoted
from screening.proving.model import World, not_clear, unsure
from screening.proving.patient_sets import Enumerated
from screening.proving.worlds import leaves_of, leaves_on


def conditions(examination: Examination) -> Iterator[Problem]:
    """Everything that can be said of each condition by itself."""
    parts = ConditionParts(examination)
    for question in examination.book.rule_set.questions:
        yield from _question(examination, parts, question)
    for flag in examination.book.rule_set.flags:
        yield from _flag(examination, parts, flag)
    for indicator in examination.book.rule_set.indicators:
        yield from _indicator(examination, parts, indicator)


def _question(examination: Examination, parts: ConditionParts, question: Question) -> Iterator[Problem]:
    examination.checked["never-asked"] += 1
    if question.ask_when is None:
        return
    above = examination.book.cones.leaves[question.id]
    names = [leaf.question for leaf in above]
    world = examination.world(named(question), names, above)
    asked, space = world.asked(question.id), world.space
    if not space.any(asked):
        what = f"The {named(question)} can never be asked: no answers above it meet its ask_when."
        yield Problem(question.place, "never-asked", what, "Mend its ask_when, or remove the question.")
        return
    complete = world.complete(names)
    if space.any(complete) and not space.any(space.every((complete, space.but(asked)))):
        what = f"The ask_when of the {named(question)} holds nobody back: whoever answers is asked."
        witness = space.find(space.every((complete, asked)))
        yield Problem(
            question.place, "idle-condition", what, "Remove the ask_when, or name fewer answers.", witness
        )
        return
    yield from parts.idle(world, question, question.ask_when, names, space.everyone)


def _flag(examination: Examination, parts: ConditionParts, flag: Flag) -> Iterator[Problem]:
    examination.checked["never-raised"] += 1
    world = examination.world(named(flag), flag.looks_at, leaves(flag.raise_when))
    space, met, raised = world.space, world.met(flag.raise_when), world.raised(flag)
    shown = space.find(met, nearest=False)
    if shown is None:
        what = f"No answers meet the raise_when of the {named(flag)}."
        yield Problem(flag.place, "never-raised", what, "Mend its raise_when, or remove the flag.")
        return
    examination.patients.append(shown)
    always = _always(examination, world, flag, flag.looks_at, raised)
    if always is not None:
        yield always
        return
    yield from parts.idle(world, flag, flag.raise_when, flag.looks_at, space.everyone)


def _indicator(examination: Examination, parts: ConditionParts, indicator: Indicator) -> Iterator[Problem]:
    written = {"matched": indicator.matched_when, "possible": indicator.possible_when}
    world = examination.world(named(indicator), indicator.looks_at, leaves_of(indicator))
    space, states = world.space, world.states(indicator)
    among = {"matched": space.everyone, "possible": space.but(states[0])}
    always = _always(examination, world, indicator, indicator.looks_at, space.some(states))
    if always is not None:
        yield always
    for (state, condition), part in zip(written.items(), states, strict=True):
        if condition is None:
            continue
        examination.checked["never-raised"] += 1
        shown = space.find(part, nearest=False)
        if shown is None:
            what = f'The {named(indicator)} can never be reported as "{state}".'
            remedy = f"Mend its {state}_when, or remove it."
            yield Problem(indicator.place, "never-raised", what, remedy)
            continue
        examination.patients.append(shown)
        if always is None:
            yield from parts.idle(world, indicator, condition, indicator.looks_at, among[state])


def _always(
    examination: Examination, world: World, rule: Flag | Indicator, names: Sequence[str], there: int
) -> Problem | None:
    """The problem that a rule appears for everybody who leaves no required question open."""
    examination.checked["always-raised"] += 1
    space, complete = world.space, world.complete(names)
    away = space.find(space.every((complete, space.but(there))), nearest=False)
    if away is not None:
        examination.patients.append(away)
        return None
    if not space.any(complete):
        return None
    what = f"The {named(rule)} appears for everybody who answers all questions: it tells nothing."
    witness = space.find(space.every((complete, there)))
    return Problem(rule.place, "always-raised", what, "Name fewer answers in its condition.", witness)


class ConditionParts:
    """Looks for parts of conditions that decide for nobody (MC/DC)."""

    def __init__(self, examination: Examination) -> None:
        self._examination = examination
        self._on = leaves_on(examination.book.rule_set)

    def idle(
        self,
        world: World,
        rule: Question | Indicator | Flag,
        condition: Condition,
        names: Sequence[str],
        among: int,
    ) -> Iterator[Problem]:
        """Each comparison that nobody in `among` depends on, to meet the condition or to miss it."""
        question = rule if isinstance(rule, Question) else None
        values = world.values(condition, question)
        space, complete = world.space, world.complete(names)
        for at, leaf in enumerate(leaves(condition)):
            self._examination.checked["idle-condition"] += 1
            decides = space.every((among, _decides(world, condition, values, at)))
            if not space.any(space.every((decides, values[at]))):
                remedy = "Remove it, or mend the condition: without this part the same people meet it."
            elif space.any(complete) and not space.any(
                space.every((decides, complete, space.but(values[at])))
            ):
                remedy = "Remove it, or name fewer answers: nobody fails the condition by this part."
            else:
                yield from self._idle_answers(rule, condition, names, at, (world, values, decides))
                continue
            what = f'In the {named(rule)}, the part about "{leaf.question}" decides for nobody.'
            yield Problem(_place(leaf, rule), "idle-condition", what, remedy, space.find(values[at]))

    def _idle_answers(
        self,
        rule: Question | Indicator | Flag,
        condition: Condition,
        names: Sequence[str],
        at: int,
        known: tuple[World, list[int], int],
    ) -> Iterator[Problem]:
        """Each answer of one comparison that could be dropped from it without a difference.

        Whoever gives just this answer, and for whom the comparison decides, shows that it makes one; only
        where there is nobody are its other answers told apart from it.
        """
        whole = list(leaves(condition))
        leaf = whole[at]
        if not isinstance(leaf, Chosen):
            return
        world, coarse, decides = known
        among = decides, coarse[at]
        unshown = [answer for answer in dict.fromkeys(leaf.answers) if not _shows(world, among, leaf, answer)]
        if not unshown or not self._differ(leaf):
            return
        asked = self._examination.book.rule_set.by_id[leaf.question]
        for answer in unshown:
            rest = replace(leaf, answers=tuple(other for other in leaf.answers if other != answer))
            finer = self._examination.world(named(rule), names, [*whole, *([rest] if rest.answers else [])])
            owner = rule if isinstance(rule, Question) else None
            values = list(coarse) if finer is world else finer.values(condition, owner)
            if _same_without(finer, condition, values, at, rest):
                said = f'the answer {quoted(asked, answer)} to "{leaf.question}" decides for nobody.'
                what, remedy = f"In the {named(rule)}, {said}", f'Remove "{answer}" from this part.'
                yield Problem(_place(leaf, rule), "idle-condition", what, remedy)

    def _differ(self, leaf: Chosen) -> bool:
        """Whether any condition tells the answers of a leaf apart; if not, all decide or none does."""
        question = self._examination.book.rule_set.by_id[leaf.question]
        extras = [extra for extra in (unsure(question), not_clear(question)) if extra is not None]
        meets = named_in(question, [*self._on[leaf.question], *extras])
        alone = {answer.id for answer in question.answers if answer.alone}
        return len({(meets.get(answer), answer in alone) for answer in leaf.answers}) > 1


def _decides(world: World, condition: Condition, values: list[int], at: int) -> int:
    """Those who meet the condition if they meet its leaf number `at`, and miss it if they do not."""
    space = world.space
    met = world.joined(condition, [*values[:at], space.everyone, *values[at + 1 :]])
    missed = space.but(world.joined(condition, [*values[:at], space.nobody, *values[at + 1 :]]))
    return space.every((met, missed))


def _same_without(world: World, condition: Condition, values: list[int], at: int, rest: Chosen) -> bool:
    """Whether everybody who meets the condition meets it with only the `rest` of a leaf's answers too."""
    space = world.space
    held = world.leaf(rest) if rest.answers else space.nobody
    without = world.joined(condition, [*values[:at], held, *values[at + 1 :]])
    return not space.any(space.every((world.joined(condition, values), space.but(without))))


def _shows(world: World, among: Sequence[int], leaf: Chosen, answer: str) -> bool:
    """Whether somebody in all of `among` may give just this answer; a formula is asked in one way alone."""
    space = world.space
    return isinstance(space, Enumerated) and space.any(
        space.every((*among, space.just(leaf.question, answer)))
    )


def _place(leaf: Leaf, rule: Question | Indicator | Flag) -> Place:
    return rule.place if leaf.place == EVERYONE else leaf.place
