"""All histories of a request at the desk, as far as they differ: what may happen, and where it leads.

The search walks the very functions that the desk runs (`core.stepping.step`), not a model of them. What
is small here is only the patient: a flag for each gate, one thing to read, one item told later, and a
second request of the same person. More of the same kind adds nothing: figures only ask whether there is
none or some, and each entry touches one item, so a history of many is one of these for each of them.
Words, names, days and versions are constants, because no predicate looks at them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import NamedTuple

from screening.core.dealings import travelling
from screening.core.entries import (
    Duplicate,
    Entry,
    MessageSent,
    NotSame,
    PatientAnswer,
    PatientQuestion,
    Raised,
    Written,
)
from screening.core.stepping import Outcome, Position, begun, outcome, step
from screening.core.workflow import BY_NAME, Doer, Role, may, moves_from
from screening.proving.acts import DESK, DOERS, MOMENT, QUESTION, REASON, SILENTLY, Act, acts_on


@dataclass(frozen=True, slots=True)
class Clocks:
    """Whether each clock runs, and whether the time of contact has run out."""

    contact: bool = True
    review: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class RequestState:
    """A request in a history."""

    position: Position
    clocks: Clocks


@dataclass(frozen=True, slots=True)
class PersonWorld:
    """The requests of one person; the second one may not have come yet."""

    first: RequestState
    second: RequestState | None = None
    not_same: bool = False
    _hash: int = field(init=False, repr=False, compare=False)  # worked out once: searches look much up

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.first, self.second, self.not_same)))

    def __hash__(self) -> int:
        return self._hash

    def others_open(self, second: bool) -> int:
        """What is in the way at the other request of the person."""
        other = self.first if second else self.second
        return 0 if other is None or self.not_same else in_the_way(other.position)


class Happening(NamedTuple):
    """A step of a history: who did what to which request, and what it came to for each request."""

    role: Doer | None  # None: nobody, something arrives or time passes
    label: str
    second: bool
    after: PersonWorld
    outcomes: tuple[tuple[bool, Outcome], ...] = ()  # (whether of the second, what it came to)


@dataclass(frozen=True, slots=True)
class Scope:
    """One search: how the first request comes, whether a second may, and which acts are left out.

    What is left out of one scope is in another: they differ in what a few stand for, not in the rules.
    """

    name: str
    first: Position
    second: Position | None = None
    without: frozenset[str] = frozenset()


def happenings(world: PersonWorld, scope: Scope) -> Iterator[Happening]:
    """All that may happen next."""
    for second in (False, True):
        standing = world.second if second else world.first
        if standing is not None:
            yield from _done(world, second, standing, scope.without)
            if "time passes" not in scope.without:
                yield from _time_passes(world, second, standing)
    if scope.second is not None and world.second is None:
        yield _second_arrives(world, scope.second)
    if world.second is not None:
        for role in DESK:
            yield from _parted(world, role)
            yield from _duplicates(world, role)


def _done(
    world: PersonWorld, second: bool, standing: RequestState, without: frozenset[str]
) -> Iterator[Happening]:
    for role, label, made in done_to(standing.position, world.others_open(second)):
        if label not in without:
            yield _seen(world, role, label, second, made)


@lru_cache(maxsize=1_000_000)
def done_to(position: Position, others_open: int) -> tuple[tuple[Doer, str, Outcome], ...]:
    """All that may be done to a request: by whom, what, and what it comes to."""
    items = tuple(item.id for item in position.dealings.items)
    waiting = {asked.question for asked in position.dealings.asked}
    found = (
        (role, act.label, attempt(position, act, role, others_open))
        for role in DOERS
        for act in _in_reach(items, position.status, role)
        if not (act.entries and isinstance(act.entries[0], PatientAnswer | MessageSent))
        or act.entries[0].question in waiting
    )
    return tuple((role, label, made) for role, label, made in found if made is not None)


@cache
def _in_reach(items: tuple[str, ...], status: str, role: Doer) -> tuple[Act, ...]:
    """Those that the table knows from this status by this role, whatever else must hold."""
    names = {move.name for move in moves_from(status, (role,))}
    return tuple(act for act in acts_on(items) if act.name in names)


def attempt(position: Position, act: Act, role: Doer, others_open: int) -> Outcome | None:
    """What it comes to; None where it is refused."""
    facts = position.facts(others_open, act.given)
    if not may(BY_NAME[act.name], position.status, (role,), facts):
        return None
    made = step(position, act.name, (role,), _lines(act.entries), others_open=others_open, given=act.given)
    return replace(made, position=_as_predicates_see(made.position))


@lru_cache(maxsize=1_000_000)
def in_the_way(position: Position) -> int:
    """1 where something of it stands in the way of the person's other request: predicates ask no more."""
    return min(1, position.in_the_way())


@lru_cache(maxsize=1_000_000)
def _seen_again(position: Position, was_open: int, others_open: int) -> Outcome:
    return outcome(position, position, was_open=was_open, others_open=others_open)


def _as_predicates_see(position: Position) -> Position:
    """Without what no predicate looks at: the words of the next step."""
    return replace(position, dealings=replace(position.dealings, step=None))


def _lines(entries: tuple[Entry, ...]) -> list[Written]:
    """Questions are named for their item, so that equal histories are equal."""
    return [
        Written(
            f"{QUESTION} {entry.flag}" if isinstance(entry, PatientQuestion) else "entry",
            0, "who", "Who", MOMENT, entry,
        )
        for entry in entries
    ]  # fmt: skip


def _seen(world: PersonWorld, role: Doer | None, label: str, second: bool, made: Outcome) -> Happening:
    """With what follows for the person's other request, which nobody touched."""
    mine, other = (world.second, world.first) if second else (world.first, world.second)
    clocks = mine.clocks if mine is not None else Clocks(contact=False)
    was_open = in_the_way(mine.position) if mine is not None else 0
    outcomes = [(second, made)]
    fresh = RequestState(made.position, ticked(clocks, made))
    if other is not None and not world.not_same:
        here = other.position
        seen = _seen_again(here, was_open, in_the_way(made.position))
        outcomes.append((not second, seen))
        other = RequestState(here, ticked(other.clocks, seen))
    after = _world(fresh, other, second, world.not_same)
    return Happening(role, label, second, after, tuple(outcomes))


def _world(mine: RequestState, other: RequestState | None, second: bool, not_same: bool) -> PersonWorld:
    if second:
        assert other is not None  # noqa: S101  # there is no second without a first
        return PersonWorld(other, mine, not_same)
    return PersonWorld(mine, other, not_same)


def ticked(clocks: Clocks, made: Outcome) -> Clocks:
    """Both clocks as the outcome leaves them."""
    contact = {"keep": clocks.contact, "renew": True, "appointment": True, "stop": False}[made.contact]
    review = {"keep": clocks.review, "start": True, "stop": False}[made.review]
    return Clocks(contact, review, clocks.late and made.contact == "keep")


def _time_passes(world: PersonWorld, second: bool, standing: RequestState) -> Iterator[Happening]:
    """The time of contact runs out, once for each promise; nobody does anything."""
    if standing.clocks.contact and not standing.clocks.late:
        late = replace(standing, clocks=replace(standing.clocks, late=True))
        after = replace(world, second=late) if second else replace(world, first=late)
        yield Happening(None, "time passes", second, after)


def begin_anew() -> None:
    """Forget what was worked out: the tables may be others now."""
    for known in (done_to, _in_reach, in_the_way, _seen_again, _repeated):
        known.cache_clear()


def first_world(position: Position) -> PersonWorld:
    """The world in which one request has just come."""
    return PersonWorld(RequestState(position, ticked(Clocks(contact=False), begun(position))))


def _second_arrives(world: PersonWorld, position: Position) -> Happening:
    made = begun(position, in_the_way(world.first.position))
    return _seen(world, None, "a second request arrives", True, made)


def _parted(world: PersonWorld, role: Role) -> Iterator[Happening]:
    """Somebody says that they are two persons: nothing of one is in the way of the other any more; or that it
    was said wrongly: now it is again."""
    assert world.second is not None  # noqa: S101  # the caller asked
    label = "the same person after all" if world.not_same else "not the same person"
    said = Act("", "not_same", (NotSame("other", "x", not world.not_same),), frozenset({"other", "reason"}))
    if attempt(world.first.position, said._replace(given=frozenset()), role, 0) is not None:
        yield Happening(role, f"{label}{SILENTLY}", False, world)
    if attempt(world.first.position, said, role, 0) is None:
        return
    told = replace(world, not_same=not world.not_same)
    first, second = (
        _seen_again(standing.position, world.others_open(which), told.others_open(which))
        for which, standing in ((False, world.first), (True, world.second))
    )
    after = PersonWorld(
        RequestState(first.position, ticked(world.first.clocks, first)),
        RequestState(second.position, ticked(world.second.clocks, second)),
        told.not_same,
    )
    yield Happening(role, label, False, after, ((False, first), (True, second)))


def _duplicates(world: PersonWorld, role: Role) -> Iterator[Happening]:
    """The second repeats the first; what nobody has dealt with there goes over."""
    assert world.second is not None  # noqa: S101  # the caller asked
    first, second = world.first, world.second
    found = _repeated(
        first.position, second.position, role, (world.others_open(False), world.others_open(True))
    )
    for lacking in found.although_lacking:
        yield Happening(role, f"a duplicate without {lacking}{SILENTLY}", True, world)
    if found.outcomes is None:
        return
    over, made = found.outcomes
    after = PersonWorld(
        RequestState(over.position, ticked(first.clocks, over)),
        RequestState(made.position, ticked(second.clocks, made)),
        world.not_same,
    )
    yield Happening(
        role, "the second is a duplicate of the first", True, after, ((False, over), (True, made))
    )


class _Repeated(NamedTuple):
    """What marking the second as a duplicate comes to: for the first, for it; None where it is refused."""

    although_lacking: list[str]
    outcomes: tuple[Outcome, Outcome] | None = None


@lru_cache(maxsize=1_000_000)
def _repeated(first: Position, second: Position, role: Role, others_open: tuple[int, int]) -> _Repeated:
    repeats = Act("", "mark_duplicate", (Duplicate("x"),), frozenset({"other", "same_treatment"}))
    lacking = [
        lack
        for lack in sorted(repeats.given)
        if attempt(second, repeats._replace(given=repeats.given - {lack}), role, others_open[1]) is not None
    ]
    made = attempt(second, repeats, role, others_open[1])
    if made is None:
        return _Repeated(lacking)
    kept, moved = first, None
    for item in travelling(second.dealings, kept.dealings, "second"):
        found = attempt(kept, Act("", "raise_item", (Raised(item, "x", ""),), REASON), role, 0)
        if found is None:  # the other one is finished: it can take nothing over
            return _Repeated(lacking)
        kept, moved = found.position, found.moved or moved
    over = outcome(first, kept, moved=moved, was_open=others_open[0], others_open=0)
    return _Repeated(lacking, (over, made))
