"""Teeth for the proof of the desk: every small mistake in the tables, and whether a claim notices.

Each mutant is made in the tables that the desk runs, for as long as one search takes. One that leaves all
histories as they are (a predicate that another one implies) is no mistake, and is counted apart.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from unittest.mock import patch

from screening.core import dealings, owed, stepping, workflow
from screening.core.workflow import Move
from screening.proving.desk_search import SCOPES, Broken, Search, search

Making = Callable[[ExitStack], object]


@dataclass(frozen=True, slots=True)
class TableMutant:
    """A mistake, named; `make` plants it until the stack is closed."""

    name: str
    make: Making


@dataclass(frozen=True, slots=True)
class Bite:
    """What became of a mutant: the first claim that noticed it, or whether it makes no difference at all."""

    mutant: str
    noticed: Broken | None
    changes_nothing: bool = False


def mutants() -> Iterator[TableMutant]:
    """All of them, in the order of the tables."""
    for move in workflow.MOVES:
        yield from _of_move(move)
    for kind in dealings.EFFECTS:
        yield TableMutant(f"an entry {kind.kind} has no effect", _without(dealings, "EFFECTS", kind))
    for decision in ("ask_patient", "do_not_proceed"):
        yield TableMutant(f"{decision} counts as noted", _changed(dealings, "DECIDED", {decision: "noted"}))
    for name in ("to_review", "to_ask", "waiting_for_patient", "booked_but_stopped"):
        lists = tuple(found for found in owed.WORK_LISTS if found.name != name)
        yield TableMutant(f"no list {name}", _set(owed, "WORK_LISTS", lists))
    yield from _of_clocks()
    yield TableMutant("nothing goes back to review by itself", _set(stepping, "BOOKABLE", frozenset()))
    yield TableMutant("a duplicate takes nothing over", _travels_nothing)
    yield TableMutant("what is open at another request does not count", _others_do_not_count)


def _of_move(move: Move) -> Iterator[TableMutant]:
    for need in move.needs:
        rest = tuple(other for other in move.needs if other is not need)
        yield TableMutant(f"{move.name} without “{need.name}”", _as(replace(move, needs=rest)))
    if "reception" not in move.who:
        yield TableMutant(f"{move.name} by reception too", _as(replace(move, who=("reception", *move.who))))
    yield TableMutant(f"{move.name} by managers too", _as(replace(move, who=(*move.who, "manager"))))
    if move.clinical:
        yield TableMutant(f"{move.name} by patients too", _as(replace(move, who=(*move.who, "patient"))))
    if move.to is not None and move.to != "booked" and not workflow.is_finished(move.to):
        yield TableMutant(f"{move.name} leads to booked", _as(replace(move, to="booked")))
    if move.to is not None and workflow.is_finished(move.to):
        yield TableMutant(f"{move.name} leads to new", _as(replace(move, to="new")))


def _of_clocks() -> Iterator[TableMutant]:
    for clock, answers in (("contact_clock", ("keep", "stop")), ("review_clock", ("keep", "stop"))):
        for answer in answers:
            yield TableMutant(f"{clock} always says {answer}", _set(owed, clock, _always(answer)))
    for kind in ("review_digest", "stopped_booking", "marked_urgent"):
        yield TableMutant(f"no notice {kind}", _set(owed, "notices", _silent(owed.notices, kind)))


def _always(answer: str) -> Callable[..., str]:
    return lambda *_args, **_more: answer


def _silent(real: Callable[..., frozenset[str]], kind: str) -> Callable[..., frozenset[str]]:
    return lambda *args, **more: real(*args, **more) - {kind}


def _as(move: Move) -> Making:
    """The table with this move in the place of the one of its name."""

    def make(stack: ExitStack) -> None:
        moves = tuple(move if old.name == move.name else old for old in workflow.MOVES)
        stack.enter_context(patch.object(workflow, "MOVES", moves))
        stack.enter_context(patch.dict(workflow.BY_NAME, {move.name: move}))

    return make


def _set(module: Any, name: str, value: object) -> Making:
    return lambda stack: stack.enter_context(patch.object(module, name, value))


def _changed(module: Any, name: str, values: Mapping[str, object]) -> Making:
    return lambda stack: stack.enter_context(patch.dict(getattr(module, name), values))


def _without(module: Any, name: str, key: object) -> Making:
    return _set(module, name, {k: value for k, value in getattr(module, name).items() if k is not key})


def _travels_nothing(stack: ExitStack) -> None:
    from screening.proving import histories

    stack.enter_context(patch.object(histories, "travelling", lambda *_args: ()))


def _others_do_not_count(stack: ExitStack) -> None:
    real = stepping.Position.figures
    stack.enter_context(
        patch.object(stepping.Position, "figures", lambda self, _others_open=0: real(self, 0))
    )


@contextmanager
def planted(mutant: TableMutant) -> Iterator[None]:
    """While this mistake stands in the tables."""
    with ExitStack() as stack:
        mutant.make(stack)
        yield


Sizes = tuple[tuple[int, int], ...]  # states and steps of each scope


def sizes(found: Iterable[Search]) -> Sizes:
    """By which two tables that make no difference are known."""
    return tuple((scope.states, scope.steps) for scope in found)


def bite(mutant: TableMutant, sound: Sizes) -> Bite:
    """Search until a claim notices; where none does and the histories are the same, it changes nothing."""
    whole: list[Search] = []
    with planted(mutant):
        for scope in SCOPES:
            found = search(scope, first_only=True)
            if found.broken:
                return Bite(mutant.name, found.broken[0])
            whole.append(found)
    return Bite(mutant.name, None, changes_nothing=sizes(whole) == sound)


def bites(sound: Sizes, processes: int = 1, begin: Callable[[], None] | None = None) -> Iterator[Bite]:
    """Each mutant with the claim that noticed it, as they are found; `sound` are the sizes without any.

    Each process does `begin` first.
    """
    # Each process makes its mistakes in its own tables; a mutant is a function, so it goes by its number.
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawning, initializer=begin) as pool:
        begun = [pool.submit(_bite, number, sound) for number, _mutant in enumerate(mutants())]
        yield from (done.result() for done in as_completed(begun))


def _bite(number: int, sound: Sizes) -> Bite:
    return bite(next(islice(mutants(), number, None)), sound)
