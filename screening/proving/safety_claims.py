"""Claims D to G: no safety answer is lost, none is hidden, worse is never quieter, unasked is nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from screening.core.answers import NOT_SURE, Choices
from screening.core.assessment import Assessment, assess
from screening.core.conditions import All, AnyOf, Chosen, leaves
from screening.core.findings import Place, Problem
from screening.core.questions import Answer
from screening.core.rules import Flag, Question, RuleSet
from screening.proving.answer_classes import classes_of
from screening.proving.examination import Examination, named, quoted
from screening.proving.model import Cones, World, about_the_same, not_clear
from screening.proving.patient_sets import Given, Patient
from screening.proving.worlds import all_leaves


def lost_answers(examination: Examination) -> Iterator[Problem]:
    """D: every answer to a safety question that does not clear is named by a flag, which it raises."""
    rule_set = examination.book.rule_set
    naming: dict[str, list[Flag]] = {}
    for flag in rule_set.flags:
        for name in rule_set.safety_of[flag.id]:
            naming.setdefault(name, []).append(flag)
    for question in rule_set.questions:
        if question.safety and question.id in naming:
            yield from _lost(examination, question, naming[question.id])
        elif question.safety:
            examination.checked["lost-answer"] += 1
            yield _without_flag(examination, question)


def _not_clearing(question: Question) -> list[Answer]:
    return [answer for answer in question.answers if not answer.clears]


def _without_flag(examination: Examination, question: Question) -> Problem:
    leaf = not_clear(question)
    world = examination.world(named(question), [question.id], [leaf] if leaf is not None else [])
    what = f'No flag looks at the safety question "{question.id}": whatever is answered, nobody is told.'
    remedy = "Write a flag whose raise_when names its answers, or remove safety: true."
    return Problem(question.place, "lost-answer", what, remedy, world.space.find(world.leaf(leaf)))


def _lost(examination: Examination, question: Question, flags: Sequence[Flag]) -> Iterator[Problem]:
    looks_at = [question.id, *(name for flag in flags for name in flag.looks_at)]
    told = [leaf for flag in flags for leaf in leaves(flag.raise_when)]
    ids = ", ".join(f'"{flag.id}"' for flag in flags)
    enough = {answer for flag in flags for leaf in _enough(flag, question) for answer in leaf.answers}
    for answer in _not_clearing(question):
        examination.checked["lost-answer"] += 1
        if answer.id in enough:
            continue
        leaf = Chosen(question.id, (answer.id,))
        world = examination.world(named(question), looks_at, [*told, leaf])
        space = world.space
        met = space.some(world.met(flag.raise_when) for flag in flags)
        lost = space.every((world.leaf(leaf), space.but(met)))
        raised = space.some(world.raised(flag) for flag in flags)
        # a patient whom the engine's own caution does not save shows it best
        unseen = space.find(space.every((lost, space.but(raised))))
        witness = unseen or space.find(lost)
        if witness is None:
            continue
        what = (
            f'The answer {quoted(question, answer.id)} to the safety question "{question.id}" can be lost: '
        )
        what += f"this patient gives it, and the raise_when of {ids} is not met."
        if unseen is None:
            what += (
                " The flag rises all the same, but only because the service never lets such an answer pass."
            )
        remedy = (
            f"Let {{{question.id}: {answer.id}}} alone be enough to raise the flag, or mark it clears: true."
        )
        yield Problem(_named_at(question, flags), "lost-answer", what, remedy, witness)


def _enough(flag: Flag, question: Question) -> Iterator[Chosen]:
    """The leaves on the question that alone meet the flag's condition, whoever the patient is."""
    waiting = [flag.raise_when]
    while waiting:
        part = waiting.pop()
        if isinstance(part, AnyOf) or (isinstance(part, All) and len(part.parts) == 1):
            waiting.extend(part.parts)
        elif isinstance(part, Chosen) and part.question == question.id:
            yield part


def _named_at(question: Question, flags: Sequence[Flag]) -> Place:
    found = (leaf.place for flag in flags for leaf in leaves(flag.raise_when) if leaf.question == question.id)
    return next((place for place in found if place.file), flags[0].place)


def hidden_questions(examination: Examination) -> Iterator[Problem]:
    """E: what keeps a safety question from being asked is a clearing answer to another one."""
    for question in examination.book.rule_set.questions:
        if not question.safety:
            continue
        examination.checked["hidden-safety"] += 1
        examination.checked["hidden-by-another"] += 1
        if question.ask_when is None:
            continue
        above = examination.book.cones.leaves[question.id]
        names = [leaf.question for leaf in above]
        world = examination.world(named(question), names, above)
        space = world.space
        hidden = (space.but(world.asked(question.id)), space.but(world.cleared(question.id)))
        witness = space.find(space.every((*hidden, world.complete(names))))
        if witness is not None:
            what = (
                f'The safety question "{question.id}" can be hidden without a clearing answer: '
                "this patient is not asked it."
            )
            remedy = (
                "Remove its ask_when, or let it be hidden only by an answer with clears: true to another "
                "safety question."
            )
            yield Problem(question.place, "hidden-safety", what, remedy, witness)
        yield from _hidden_by_another(examination, world, question, names)


def _hidden_by_another(
    examination: Examination, world: World, question: Question, names: Sequence[str]
) -> Iterator[Problem]:
    """What clears one thing says nothing of another: "No" to allergies hides no question about pregnancy."""
    rule_set, space = examination.book.rule_set, world.space
    if rule_set.accepts("hidden-by-another", f"questions.{question.id}"):
        return
    related = world.cleared(question.id, about_the_same(rule_set, question.id))
    parts = (world.cleared(question.id), space.but(related), world.complete(names))
    witness = space.find(space.every((space.but(world.asked(question.id)), *parts)))
    if witness is not None:
        what = (
            f'The safety question "{question.id}" is hidden by a clearing answer to a question about '
            "something else: this patient is not asked it."
        )
        remedy = (
            "Remove its ask_when; or give both questions the same about, or one flag that looks at both; or "
            f"accept: [{{code: hidden-by-another, where: questions.{question.id}, reason: ...}}]."
        )
        yield Problem(question.place, "hidden-by-another", what, remedy, witness)


def hiding(rule_set: RuleSet) -> list[str]:
    """Each safety question that is not asked of everyone, and the safety questions that can hide it."""
    cones = Cones(rule_set)
    return [
        f"{question.id}, by a clearing answer to: {', '.join(above)}"
        for question in rule_set.questions
        if question.safety
        and (
            above := [
                name
                for name in cones.names(cones.bits([question.id]))
                if name != question.id and rule_set.by_id[name].safety
            ]
        )
    ]


SAMPLE = 8  # patients besides the empty one who hold stale answers


class _Step(NamedTuple):
    """From one answer of a safety question to a worse one."""

    better: Any
    worse: Any


def quieter_flags(examination: Examination) -> Iterator[Problem]:
    """F: going from clear to unsure to yes never removes a flag."""
    rule_set, cones = examination.book.rule_set, examination.book.cones
    bent = _not_upward(rule_set)
    for question in rule_set.questions:
        if not question.safety:
            continue
        bit = 1 << cones.position(question.id)
        for flag in rule_set.flags:
            direct = question.id in flag.looks_at
            # Met conditions only grow when what they name grows. So where every condition that
            # names an answer names all worse ones too, only a flag's own question can matter.
            if direct or (question.id in bent and cones.bits(flag.looks_at) & bit):
                yield from _quieter(examination, question, flag)


def _not_upward(rule_set: RuleSet) -> frozenset[str]:
    """The safety questions of which some condition names an answer, and not every worse one."""
    found = set()
    for leaf in all_leaves(rule_set):
        question = rule_set.by_id[leaf.question]
        if question.safety and isinstance(leaf, Chosen):
            steps = (
                (answer.id, worse.id)
                for answer in question.answers
                for worse in question.answers
                if _level(answer) < _level(worse)
            )
            if any(better in leaf.answers and worse not in leaf.answers for better, worse in steps):
                found.add(question.id)
    return frozenset(found)


def _level(answer: Answer) -> int:
    """How bad an answer is: it clears, it is unsure, it says that the thing is there."""
    return 0 if answer.clears else 1 if answer.id == NOT_SURE else 2


def _quieter(examination: Examination, question: Question, flag: Flag) -> Iterator[Problem]:
    examination.checked["quieter-when-worse"] += 1
    bad = {answer.id for answer in question.answers if _level(answer) == 2}
    named_alone = {answer for leaf in _enough(flag, question) for answer in leaf.answers}
    if question.id in flag.looks_at and bad <= named_alone:
        return  # whoever is asked and answers so has the flag; for "not sure" the engine sees to it
    world = examination.world(named(flag), [question.id, *flag.looks_at], leaves(flag.raise_when))
    space = world.space
    raised: dict[str, int] = {}
    for step in _steps(question):
        for stored in step:
            if str(stored) not in raised:
                given = Given(space, question.id, question.read(stored))
                raised[str(stored)] = World(examination.book.rule_set, examination.book.cones, given).raised(
                    flag
                )
        louder, quieter = raised[str(step.better)], raised[str(step.worse)]
        found = space.find(space.every((louder, space.but(quieter))))
        if found is not None:
            yield _quieter_problem(question, flag, step, found)
            return


def _quieter_problem(question: Question, flag: Flag, step: _Step, found: Patient) -> Problem:
    better, worse = quoted(question, step.better), quoted(question, step.worse)
    what = (
        f'A worse answer makes the {named(flag)} go away: with {better} to "{question.id}" '
        f"this patient has it, with {worse} not."
    )
    remedy = "Let its raise_when, and the questions it depends on, name the worse answer too."
    place = _named_at(question, [flag])
    return Problem(place, "quieter-when-worse", what, remedy, {**found, question.id: step.better})


def _steps(question: Question) -> Iterator[_Step]:
    """Enough pairs of answers to speak for all: the most that can be chosen of better ones, and one worse.

    More chosen answers never meet fewer conditions, so larger sets of worse ones need no look.
    """
    comparison = question.kind.comparison
    if not isinstance(comparison, Choices):
        return
    for level in (0, 1):
        most = [answer for answer in question.answers if _level(answer) <= level]
        singly = ([answer.id] for answer in most if _level(answer) == level)
        for better in _largest(most, level) if comparison.several else singly:
            for worse in question.answers:
                if _level(worse) > level:
                    yield _Step(comparison.stored(better), comparison.stored([worse.id]))


def _largest(answers: Sequence[Answer], level: int) -> Iterator[list[str]]:
    """The largest sets of these answers that may be chosen together and reach this level."""
    together = [answer for answer in answers if not answer.alone]
    if any(_level(answer) == level for answer in together):
        yield [answer.id for answer in together]
    yield from ([answer.id] for answer in answers if answer.alone and _level(answer) == level)


def stale_answers(examination: Examination) -> Iterator[Problem]:
    """G: an answer held from before the patient went back counts for nothing, asked of the engine itself.

    In the model it holds by the way an answer is counted. The patients are the one who has answered
    nothing, who is asked no follow-up, and some for whom a rule appears.
    """
    rule_set = examination.book.rule_set
    follow_ups = [question for question in rule_set.questions if question.ask_when is not None]
    examination.checked["stale-answer-counts"] += len(follow_ups)
    if not follow_ups:
        return
    reported: set[str] = set()
    possible = {question.id: _one_of_each(question) for question in follow_ups}
    for patient in ({}, *examination.patients[:SAMPLE]):
        before = assess(rule_set, patient)
        unasked = {
            name: answers
            for name, answers in possible.items()
            if name not in before.path.asked and name not in patient
        }
        rounds = 1 if patient else max(map(len, possible.values()))
        if any(_differs(rule_set, patient, before, unasked, turn) for turn in range(rounds)):
            for name, answers in unasked.items():
                turns = range(len(answers))
                found = (_differs(rule_set, patient, before, {name: answers}, turn) for turn in turns)
                held = next(filter(None, found), {})
                if held and name not in reported:
                    reported.add(name)
                    yield _stale(rule_set.by_id[name], {**patient, **held})


def _stale(question: Question, witness: Patient) -> Problem:
    what = f"An answer to the {named(question)} counts although this patient is not asked it."
    remedy = "This is a fault of the service, not of the rules: report it, and do not go live."
    return Problem(question.place, "stale-answer-counts", what, remedy, witness)


def _differs(
    rule_set: RuleSet, patient: Patient, before: Assessment, unasked: Mapping[str, list[Any]], turn: int
) -> Patient:
    """Stored answers to unasked questions, where they change what comes out; else nothing."""
    stale = {name: answers[turn % len(answers)] for name, answers in unasked.items() if answers}
    after = assess(rule_set, {**patient, **stale})
    return stale if _outcome(after) != _outcome(before) else {}


def _one_of_each(question: Question) -> list[Any]:
    """Each answer of a choice, those that may be chosen together at once; one answer of anything else.

    An answer that counts is among the reasons of every rule that looks at it, whatever stands beside it.
    """
    comparison = question.kind.comparison
    if not isinstance(comparison, Choices):
        return [answer_class.stored for answer_class in (classes_of(question, [], 3) or [])[1:]]
    together = [answer.id for answer in question.answers if comparison.several and not answer.alone]
    singly = [[answer.id] for answer in question.answers if answer.id not in together]
    return [comparison.stored(chosen) for chosen in ([together] if together else []) + singly]


def _outcome(assessment: Assessment) -> tuple[Any, ...]:
    """Everything that is made of the answers; what is held and ignored is not part of it."""
    path = assessment.path
    return path.asked, dict(path.answers), path.unanswered, assessment.indicators, assessment.flags
