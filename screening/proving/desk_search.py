"""The search over all histories: breadth first, so that a broken claim comes with its shortest history."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from screening.core.dealings import Dealings, Item
from screening.core.owed import LISTS
from screening.core.stepping import Position
from screening.core.workflow import INITIAL, is_finished
from screening.proving.acts import SENDING, TOLD, WORDS
from screening.proving.desk_claims import CLAIMS, LETTERS, forget, list_of
from screening.proving.histories import Happening, PersonWorld, Scope, begin_anew, first_world, happenings

CLAIMS_OF_STEPS = tuple(claim for claim in CLAIMS if not claim.of_tables)
BEFORE, LATER_ON = Item("before", "consultation"), Item("treatment", "treatment")
MOST = 25_000  # states of a scope: more than twice as many as the sound tables make
ASIDE = frozenset({"log a call", "ask again, same", "mark urgent", "unmark urgent", "time passes"})
ALONE = ASIDE | {"check identity", "identity is wrong", "raise an item"}
SAME = frozenset(f"{decision}: {item}" for decision in ("discuss", "settled") for item in ("before", "also"))
BOTH = ALONE | SAME | {"book a treatment", "ask to close", "pass to review", "take back to review", "reach"}
BOTH |= {"withdraw", "close as attended", "ask, to be answered later"}
BOTH |= {f"{SENDING}{item}" for item in ("before", "also")}


def _comes(*items: Item, words: bool = False, identity: bool = False) -> Position:
    unread = frozenset({WORDS}) if words else frozenset[str]()
    return Position(INITIAL, Dealings(items, unread, identity=identity))


SCOPES = (
    Scope("words, urgency, time and identity", _comes(words=True)),
    Scope("a flag and words", _comes(BEFORE, words=True), without=ASIDE),
    Scope("a flag for each gate", _comes(BEFORE, LATER_ON, identity=True), without=ALONE),
    Scope(
        "two requests of one person",
        _comes(BEFORE, identity=True),
        _comes(Item("also", "consultation"), identity=True),
        BOTH,
    ),
    Scope("a duplicate with unread words", _comes(identity=True), _comes(words=True), BOTH),
)


class Broken(NamedTuple):
    """A claim that does not hold: its letter, what is wrong, and the shortest history that shows it."""

    claim: str
    scope: str
    wrong: str
    history: tuple[str, ...]


@dataclass
class Search:
    """What one search found; `states` and `steps` say how much it looked at."""

    scope: Scope
    states: int = 0
    steps: int = 0
    broken: list[Broken] = field(default_factory=list)


def search(scope: Scope, *, first_only: bool = False) -> Search:
    """All histories of a scope; `first_only` ends at the first claim that does not hold."""
    begin_anew()
    forget()
    try:
        return _searched(scope, first_only)
    finally:  # what was worked out is large, and holds for these tables only
        begin_anew()
        forget()


def _searched(scope: Scope, first_only: bool) -> Search:
    start = first_world(scope.first)
    came: dict[PersonWorld, tuple[PersonWorld, str] | None] = {start: None}
    ways: dict[PersonWorld, list[PersonWorld]] = {}
    found, queue, known = Search(scope), deque([start]), set[str]()
    while queue:
        world = queue.popleft()
        for happening in happenings(world, scope):
            found.steps += 1
            _look(found, known, came, world, happening)
            if first_only and found.broken:
                return found
            if _owner_acts(world, happening):
                ways.setdefault(happening.after, []).append(world)
            if happening.after not in came:
                came[happening.after] = (world, _told(happening))
                queue.append(happening.after)
        if len(came) > MOST:
            found.broken.append(Broken("D", scope.name, "there is no end of states", _history(came, world)))
            return found
    found.states = len(came)
    found.broken += _dead_ends(scope, came, ways)
    return found


def _look(
    found: Search,
    known: set[str],
    came: dict[PersonWorld, tuple[PersonWorld, str] | None],
    world: PersonWorld,
    happening: Happening,
) -> None:
    for claim in CLAIMS if found.steps == 1 else CLAIMS_OF_STEPS:
        if claim.letter not in known and (wrong := claim.broken(world, happening)):
            known.add(claim.letter)  # the first is the shortest
            history = (*_history(came, world), _told(happening))
            found.broken.append(Broken(claim.letter, found.scope.name, wrong, history))


def _told(happening: Happening) -> str:
    which = "second: " if happening.second else ""
    return f"{which}{happening.label}" + (f" ({happening.role})" if happening.role else "")


def _history(came: dict[PersonWorld, tuple[PersonWorld, str] | None], world: PersonWorld) -> tuple[str, ...]:
    steps: list[str] = []
    while (before := came[world]) is not None:
        world, told = before
        steps.append(told)
    return tuple(reversed(steps))


def _owner_acts(world: PersonWorld, happening: Happening) -> bool:
    """Whether it is done by somebody whose list the request was on: what counts as a way on."""
    if happening.role is None or happening.label.startswith("raise"):
        return False
    standing = world.second if happening.second else world.first
    if standing is None or is_finished(standing.position.status):
        return False
    listed = list_of(standing.position, world.others_open(happening.second))
    return happening.role in LISTS[listed].who


def _dead_ends(
    scope: Scope,
    came: dict[PersonWorld, tuple[PersonWorld, str] | None],
    ways: dict[PersonWorld, list[PersonWorld]],
) -> Iterator[Broken]:
    """D: from every state there is a way to the end by those whose lists the requests are on."""
    ended = [world for world in came if _ended(world)]
    reached, queue = set(ended), deque(ended)
    while queue:
        for before in ways.get(queue.popleft(), ()):
            if before not in reached:
                reached.add(before)
                queue.append(before)
    for world in came:
        if world not in reached:
            yield Broken("D", scope.name, "it can never end", _history(came, world))
            return


def _ended(world: PersonWorld) -> bool:
    both = [world.first] + ([world.second] if world.second is not None else [])
    return all(is_finished(standing.position.status) for standing in both)


def replay(scope: str, history: Sequence[str]) -> list[str]:
    """The letters of the claims that this history breaks at its last step.

    Raises LookupError for a scope that is none, or a step that may not be made there any more.
    """
    begin_anew()
    forget()
    wanted = next(found for found in SCOPES if found.name == scope)
    world, last = first_world(wanted.first), None
    for told in history:
        before, last = world, next(step for step in happenings(world, wanted) if _told(step) == told)
        world = last.after
    if last is None:
        return []
    return [claim.letter for claim in CLAIMS if claim.broken(before, last)]


def as_test(fault: Broken) -> str:
    """A broken claim as a test that fails until it is mended."""
    steps = "".join(f"    {step!r},\n" for step in fault.history)
    name = f"test_{fault.claim.lower()}_holds_after_{len(fault.history)}_steps"
    return (
        "from screening.proving.desk_search import replay\n\n\n"
        f"def {name}() -> None:\n"
        f"    # {fault.wrong}\n"
        f"    history = (\n    {steps.strip()}\n    )\n"
        f"    assert {fault.claim!r} not in replay({fault.scope!r}, history)\n"
    )


__all__ = ["LETTERS", "SCOPES", "TOLD", "Broken", "Search", "as_test", "replay", "search"]
