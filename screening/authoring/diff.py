"""What a change of a rule set means, over all possible answers; then every other difference of the two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from screening.authoring import word_changes
from screening.authoring.word_changes import PartKind, RuleChange, What
from screening.core.conditions import All, AnyOf, Chosen, Condition
from screening.core.dealings import weight
from screening.core.findings import Problem
from screening.core.rules import Flag, Indicator, Question, RuleSet
from screening.core.serialising import Plain
from screening.core.stored import Stored
from screening.core.voices import OTHER
from screening.proving.examination import named
from screening.proving.patient_sets import Patient
from screening.proving.two_rule_sets import Joint, Pair

MEANING = frozenset(("now asked", "no longer asked", "now rises", "no longer rises", "state"))
WORDS = ("ask", "hint", "why", "section", "page", "missing", "low", "high", "unit")


@dataclass(frozen=True)
class Difference:
    """Every change, and `quieter`: each flag that somebody would lose, or that says less."""

    old: RuleSet
    new: RuleSet
    changes: tuple[RuleChange, ...]
    quieter: tuple[Problem, ...]
    unproved: tuple[Problem, ...] = field(default=())  # too large to compare

    @property
    def no_flag_quieter(self) -> bool:
        """Proved for every possible patient."""
        return not self.quieter and not self.unproved

    def data(self) -> Plain:
        """The difference as JSON data."""
        return {
            "old": _version(self.old),
            "new": _version(self.new),
            "changes": [asdict(change) for change in self.changes],
            "no_flag_quieter": self.no_flag_quieter,
        }


def _version(of: RuleSet) -> dict[str, str]:
    return {"id": of.id, "version": of.version, "digest": of.digest}


def diff(old: RuleSet, new: RuleSet, usual: Stored | None = None) -> Difference:
    """What changed in meaning from `old` to `new`; witnesses stay near the `usual` patient."""
    joint = Joint(old, new, usual)
    quieter: list[Problem] = []
    unproved: list[Problem] = []
    changes = [
        *_questions(joint, unproved),
        *_flags(joint, quieter, unproved),
        *_indicators(joint, unproved),
        *word_changes.notices(old, new, quieter),
        *word_changes.whole(old, new),
    ]
    unheard: list[Problem] = []
    changes += [change for change in _told_others(old, new, unheard) if change not in changes]
    quieter += [problem for problem in unheard if problem not in quieter]
    meant = {(change.kind, change.id) for change in changes if change.what in MEANING}
    told = [
        change
        for change in changes
        if change.what != "written otherwise" or (change.kind, change.id) not in meant
    ]
    return Difference(old, new, tuple(told), tuple(quieter), tuple(unproved))


def _told_others(old: RuleSet, new: RuleSet, quieter: list[Problem]) -> Iterator[RuleChange]:
    """The words for somebody who fills in for the patient."""
    before, after = old.speaking(OTHER), new.speaking(OTHER)
    for name in (name for name in before.by_id if name in after.by_id):
        yield from _question(before.by_id[name], after.by_id[name])
    flags = {flag.id: flag for flag in after.flags}
    for flag in before.flags:
        if flag.id in flags:
            yield from _said(flag, flags[flag.id], quieter)
    yield from word_changes.notices(before, after, quieter)
    yield from word_changes.whole(before, after)


def _questions(joint: Joint, unproved: list[Problem]) -> Iterator[RuleChange]:
    old, new = joint.old.by_id, joint.new.by_id
    yield from (
        RuleChange("question", name, "removed", before=old[name].ask) for name in old if name not in new
    )
    for name, question in new.items():
        if name not in old:
            yield RuleChange("question", name, "added", after=question.ask)
            continue
        yield from _question(old[name], question)
        yield from _written("question", old[name], question, "ask_when")
        if not _same_asking(joint, name):
            yield from _asking(joint, question, unproved)


def _question(old: Question, new: Question) -> Iterator[RuleChange]:
    for key in WORDS:
        before, after = getattr(old, key) or "", getattr(new, key) or ""
        if before != after:
            yield RuleChange("question", new.id, "reworded", f"{key}: {before}", f"{key}: {after}")
    before, after = ({answer.id: answer for answer in question.answers} for question in (old, new))
    for name in {**before, **after}:
        first, second = before.get(name), after.get(name)
        if first is None or second is None:
            yield RuleChange("question", new.id, "changed", _answer(first), _answer(second))
        elif first != second:
            only_words = first.model_copy(update={"label": second.label, "hint": second.hint}) == second
            yield RuleChange(
                "question", new.id, "reworded" if only_words else "changed", _answer(first), _answer(second)
            )
    yield from word_changes.of_answers(old, new)
    yield from word_changes.of_entry("question", old, new, {*WORDS, "answers", "ask_when"})


def _written(kind: PartKind, old: Any, new: Any, *keys: str) -> Iterator[RuleChange]:
    """Conditions that are written in another way, whatever comes of it for patients."""
    for key in keys:
        was, now = getattr(old, key), getattr(new, key)
        if was != now:
            yield RuleChange(
                kind, new.id, "written otherwise", f"{key}: {_said_of(was)}", f"{key}: {_said_of(now)}"
            )


def _said_of(condition: Condition | None) -> str:
    if condition is None:
        return "always"
    if isinstance(condition, All | AnyOf):
        word = "all" if isinstance(condition, All) else "any"
        return f"{word}({', '.join(map(_said_of, condition.parts))})"
    if isinstance(condition, Chosen):
        return f"{condition.question} {'/'.join(condition.answers)}"
    return f"{condition.question} from {condition.at_least} to {condition.at_most}"


def _own(question: Question) -> frozenset[str]:
    """The keys of its type, without what is words alone, and the answers, which are compared one by one."""
    return question.kind.keys - {*WORDS, "answers"}


def _answer(answer: Any) -> str:
    if answer is None:
        return ""
    marks = "".join(f", {mark}" for mark in ("alone", "clears") if getattr(answer, mark))
    hint = f" ({answer.hint})" if answer.hint else ""
    return f"answer {answer.id}: {answer.label}{hint}{marks}"


def _same_asking(joint: Joint, name: str) -> bool:
    """Whether nothing at all changed on the way to this question."""
    return all(_same_question(joint, asked) for asked in joint.cone([name]) if asked != name) and (
        joint.old.by_id[name].ask_when == joint.new.by_id[name].ask_when
    )


def _same_question(joint: Joint, name: str) -> bool:
    old, new = joint.old.by_id.get(name), joint.new.by_id.get(name)
    return old is not None and new is not None and _reading(old) == _reading(new)


def _reading(question: Question) -> tuple[Any, ...]:
    answers = tuple((answer.id, answer.alone, answer.clears) for answer in question.answers)
    own = tuple(getattr(question, key) for key in sorted(_own(question)))
    return question.type, question.safety, question.required, answers, own, question.ask_when


def _asking(joint: Joint, question: Question, unproved: list[Problem]) -> Iterator[RuleChange]:
    pair = joint.pair([question.id])
    if pair is None:
        unproved.append(_too_large(question))
        return
    before, after = pair.old.asked(question.id), pair.new.asked(question.id)
    yield from _moves(pair, "question", question.id, before, after, ("now asked", "no longer asked"))


def _moves(
    pair: Pair, kind: PartKind, name: str, before: int, after: int, words: tuple[What, What]
) -> Iterator[RuleChange]:
    space = pair.new.space
    for part, what in ((after & ~before, words[0]), (before & ~after, words[1])):
        witness = space.find(part)
        if witness is not None:
            yield RuleChange(kind, name, what, witness=witness)


def _too_large(rule: Question | Indicator | Flag) -> Problem:
    what = f"The {named(rule)} depends on too many answers to compare all of them."
    remedy = "Have somebody compare this rule in both versions; a smaller condition is easier to review, too."
    return Problem(rule.place, "too-large", what, remedy)


def _flags(joint: Joint, quieter: list[Problem], unproved: list[Problem]) -> Iterator[RuleChange]:
    old = {flag.id: flag for flag in joint.old.flags}
    new = {flag.id: flag for flag in joint.new.flags}
    for name, flag in new.items():
        if name not in old:
            yield RuleChange("flag", name, "added", after=flag.label)
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            yield from _dropped(joint, before, quieter, unproved)
        else:
            yield from _said(before, after, quieter)
            if not _same_rule(joint, [before.raise_when], [after.raise_when], before, after):
                yield from _rising(joint, before, after, quieter, unproved)


def _dropped(
    joint: Joint, flag: Flag, quieter: list[Problem], unproved: list[Problem]
) -> Iterator[RuleChange]:
    pair = joint.pair(flag.looks_at)
    witness = None if pair is None else pair.old.space.find(pair.old.raised(flag))
    yield RuleChange("flag", flag.id, "removed", before=flag.label, witness=witness)
    if pair is None:
        unproved.append(_too_large(flag))
    if pair is None or witness is not None:
        quieter.append(_quieter(flag, joint.new, "is gone", witness))


def _quieter(flag: Flag, new: RuleSet, what: str, witness: Patient | None) -> Problem:
    place = next((other.place for other in new.flags if other.id == flag.id), new.place)
    remedy = "Undo this, or have a clinician give the reason in writing."
    return Problem(place, "flag-quieter", f"The {named(flag)} {what}.", remedy, witness)


def _said(before: Flag, after: Flag, quieter: list[Problem]) -> Iterator[RuleChange]:
    if before.label != after.label:
        yield RuleChange("flag", after.id, "reworded", before.label, after.label)
    yield from _written("flag", before, after, "raise_when")
    yield from word_changes.of_entry("flag", before, after, {"label", "raise_when", "handling", "say"})
    if before.handling != after.handling:
        yield RuleChange("flag", after.id, "handled otherwise", before.handling, after.handling)
        if weight(after.handling) < weight(before.handling):
            said = f"The {named(after)} is handled as {after.handling}, no longer as {before.handling}."
            quieter.append(Problem(after.place, "flag-quieter", said, word_changes.REASON))
    for audience in _AUDIENCES:
        first, second = getattr(before.say, audience), getattr(after.say, audience)
        if first != second:
            what: What = "reworded" if first and second else "told otherwise"
            yield RuleChange(
                "flag", after.id, what, f"{audience}: {first or ''}", f"{audience}: {second or ''}"
            )
        if first and not second:
            said = f"The {named(after)} no longer says anything to the {audience}."
            quieter.append(Problem(after.place, "flag-quieter", said, word_changes.REASON))


_AUDIENCES = ("clinician", "reception", "patient")


def _same_rule(
    joint: Joint,
    before: Sequence[Condition | None],
    after: Sequence[Condition | None],
    *rules: Flag | Indicator,
) -> bool:
    """Whether neither the conditions nor anything they depend on changed."""
    names = [name for rule in rules for name in rule.looks_at]
    return list(before) == list(after) and all(_same_question(joint, name) for name in joint.cone(names))


def _rising(
    joint: Joint, before: Flag, after: Flag, quieter: list[Problem], unproved: list[Problem]
) -> Iterator[RuleChange]:
    pair = joint.pair([*before.looks_at, *after.looks_at])
    if pair is None:
        unproved.append(_too_large(after))
        return
    raised = pair.old.raised(before), pair.new.raised(after)
    for change in _moves(pair, "flag", after.id, *raised, ("now rises", "no longer rises")):
        yield change
        if change.what == "no longer rises":
            what = "no longer rises for this patient, for whom it rose before"
            quieter.append(_quieter(after, joint.new, what, change.witness))


def _indicators(joint: Joint, unproved: list[Problem]) -> Iterator[RuleChange]:
    old = {indicator.id: indicator for indicator in joint.old.indicators}
    new = {indicator.id: indicator for indicator in joint.new.indicators}
    yield from (
        RuleChange("indicator", name, "removed", before=indicator.label)
        for name, indicator in old.items()
        if name not in new
    )
    for name, after in new.items():
        before = old.get(name)
        if before is None:
            yield RuleChange("indicator", name, "added", after=after.label)
            continue
        if before.label != after.label:
            yield RuleChange("indicator", name, "reworded", before.label, after.label)
        yield from _written("indicator", before, after, "matched_when", "possible_when")
        told = {"label", "matched_when", "possible_when"}
        yield from word_changes.of_entry("indicator", before, after, told)
        written = [[version.matched_when, version.possible_when] for version in (before, after)]
        if not _same_rule(joint, written[0], written[1], before, after):
            yield from _states(joint, before, after, unproved)


def _states(
    joint: Joint, before: Indicator, after: Indicator, unproved: list[Problem]
) -> Iterator[RuleChange]:
    pair = joint.pair([*before.looks_at, *after.looks_at])
    if pair is None:
        unproved.append(_too_large(after))
        return
    space = pair.new.space
    first, second = (
        _named_states(world.states(indicator), space.everyone)
        for world, indicator in ((pair.old, before), (pair.new, after))
    )
    for was, those in first.items():
        for now, these in second.items():
            witness = space.find(those & these) if was != now else None
            if witness is not None:
                yield RuleChange("indicator", after.id, "state", was, now, witness)


def _named_states(states: tuple[int, int], everyone: int) -> dict[str, int]:
    matched, possible = states
    return {"matched": matched, "possible": possible, "not_reported": everyone & ~(matched | possible)}
