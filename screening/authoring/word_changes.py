"""Every difference of two rule sets that no proof speaks of: words, notices, order, sources, dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from screening.core.ages import bounds, who_is
from screening.core.findings import Problem
from screening.core.rules import Flag, Indicator, Level, Question, RuleSet, Urgent
from screening.core.sources import Age
from screening.proving.patient_sets import Patient

PartKind = Literal["question", "indicator", "flag", "notice", "rule set"]
What = Literal[
    "added", "removed", "reworded", "changed", "reordered", "written otherwise", "now asked",
    "no longer asked", "now rises", "no longer rises", "handled otherwise", "told otherwise", "state",
]  # fmt: skip
LEVELS: tuple[Level, ...] = ("urgent", "emergency")  # ever more pressing
REASON = "Undo this, or have a clinician give the reason in writing."
OURS = frozenset({"place", "places", "digest", "document"})  # of a model, and no part of what was written
LISTS = frozenset({"questions", "indicators", "flags", "urgent"})  # compared entry by entry
LIFE = frozenset({"status"})  # no part of the digest either


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One change in meaning or in words; `witness` is a patient for whom it makes the difference."""

    kind: PartKind
    id: str
    what: What
    before: str = ""
    after: str = ""
    witness: Patient | None = None


def whole(old: RuleSet, new: RuleSet) -> Iterator[RuleChange]:
    """The rule set's own keys, and the order of each list."""
    for key in _keys(new, OURS | LISTS | LIFE):
        yield from _changed("rule set", new.id, key, getattr(old, key), getattr(new, key))
    lists: tuple[tuple[PartKind, Sequence[Any], Sequence[Any]], ...] = (
        ("question", old.questions, new.questions),
        ("indicator", old.indicators, new.indicators),
        ("flag", old.flags, new.flags),
        ("notice", old.urgent, new.urgent),
    )
    for kind, first, second in lists:
        for name in _moved([each.id for each in first], [each.id for each in second]):
            yield RuleChange(kind, name, "reordered")


def _keys(model: BaseModel, without: AbstractSet[str]) -> list[str]:
    return [key for key in type(model).model_fields if key not in without]


def _changed(kind: PartKind, name: str, key: str, before: Any, after: Any) -> Iterator[RuleChange]:
    """A value that differs, part by part where it has parts."""
    if before == after:
        return
    if isinstance(before, BaseModel) and type(before) is type(after):
        for inner in _keys(after, OURS):
            yield from _changed(kind, name, f"{key}.{inner}", getattr(before, inner), getattr(after, inner))
        return
    yield RuleChange(kind, name, "changed", f"{key}: {_shown(before)}", f"{key}: {_shown(after)}")


def _shown(value: Any) -> str:
    if isinstance(value, BaseModel):
        return ", ".join(
            f"{key}: {_shown(inner)}"
            for key in _keys(value, OURS)
            if (inner := getattr(value, key)) is not None
        )
    if isinstance(value, tuple):
        return "; ".join(map(_shown, value))
    if isinstance(value, dict):
        return "; ".join(f"{key}: {inner}" for key, inner in value.items())
    return "" if value is None else str(value)


def _moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Those that come after something that they came before; of what stands in both."""
    there, here = (
        [name for name in those if name in set(others)]
        for those, others in ((before, after), (after, before))
    )
    at = {name: number for number, name in enumerate(here)}
    return [
        name
        for number, name in enumerate(there)
        if any(at[other] < at[name] for other in there[number + 1 :])
    ]


def of_entry(
    kind: PartKind, old: Question | Indicator | Flag, new: Question | Indicator | Flag, told: Iterable[str]
) -> Iterator[RuleChange]:
    """What differs in an entry besides what the keys `told` hold."""
    for key in _keys(new, {*OURS, *told}):
        yield from _changed(kind, new.id, key, getattr(old, key), getattr(new, key))


def of_answers(old: Question, new: Question) -> Iterator[RuleChange]:
    """The order in which answers stand."""
    if _moved([each.id for each in old.answers], [each.id for each in new.answers]):
        before, after = (", ".join(each.id for each in version.answers) for version in (old, new))
        yield RuleChange("question", new.id, "reordered", before, after)


def notices(old: RuleSet, new: RuleSet, quieter: list[Problem]) -> Iterator[RuleChange]:
    """Of "get help now", and of the age rule: fewer, later, weaker or other words are quieter than before."""
    quieter += weaker_age_rule(old, new)
    before, after = ({notice.id: notice for notice in version.urgent} for version in (old, new))
    for name, notice in before.items():
        if name not in after:
            yield RuleChange("notice", name, "removed", before=notice.heading)
            quieter.append(_quieter(new, f'The notice "{name}" is gone: “{notice.heading}”.'))
    yield from (
        RuleChange("notice", name, "added", after=after[name].heading) for name in after if name not in before
    )
    for name in (name for name in after if name in before):
        yield from _notice(before[name], after[name], quieter)
    later = _moved([each.id for each in old.urgent], [each.id for each in new.urgent])
    quieter += (_quieter(after[name], f'The notice "{name}" comes later than before.') for name in later)


def weaker_age_rule(old: RuleSet, new: RuleSet) -> Iterator[Problem]:
    """On each side, that fewer are asked to ring for their age than before."""
    after = bounds(new.age)
    for side, years in bounds(old.age).items():
        now = after.get(side)
        if now is None or (now < years if side == "under" else now > years):
            what = f"Not all who are {who_is(side, years)} are asked to ring any more."
            yield _quieter(new.age or new, what)


def _notice(old: Urgent, new: Urgent, quieter: list[Problem]) -> Iterator[RuleChange]:
    if old.level != new.level:
        yield RuleChange("notice", new.id, "handled otherwise", old.level, new.level)
        if LEVELS.index(new.level) < LEVELS.index(old.level):
            quieter.append(_quieter(new, f'The notice "{new.id}" is {new.level}, no longer {old.level}.'))
    first, second = _lines(old), _lines(new)
    if first != second:
        gone, fresh = (
            [line for line in those if line not in others]
            for those, others in ((first, second), (second, first))
        )
        what: What = "reworded" if gone or fresh else "reordered"
        yield RuleChange("notice", new.id, what, " / ".join(gone), " / ".join(fresh))
        quieter += (_quieter(new, f'The notice "{new.id}" no longer says “{line}”.') for line in gone)
    yield from _changed("notice", new.id, "source", old.source, new.source)


def _lines(notice: Urgent) -> list[str]:
    return [notice.heading, *notice.items, *([notice.after] if notice.after else [])]


def _quieter(where: RuleSet | Urgent | Age, what: str) -> Problem:
    return Problem(where.place, "notice-quieter", what, REASON)
