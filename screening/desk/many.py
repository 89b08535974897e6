"""One act for many requests: each judged on its own, in its own transaction, and each with its result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from screening.core.errors import Absent, CannotOpen, Refused, ScreeningError, Unavailable
from screening.desk.desk import Desk, actor
from screening.desk.queues import named
from screening.desk.shapes import Person
from screening.service.recording import record_reading

MOST = 100  # requests at a time


@dataclass(frozen=True, slots=True)
class Picked:
    """A request as somebody saw it when they ticked it."""

    reference: str
    version: int


@dataclass(frozen=True, slots=True)
class Dealt:
    """What became of one; `why` is absent where it was done."""

    reference: str
    name: str  # the patient's; empty where the request is absent
    why: ScreeningError | None = None


ActForEach = Callable[[str, int], object]  # reference, version


def each(desk: Desk, person: Person, picked: Sequence[Picked], act: ActForEach) -> tuple[Dealt, ...]:
    """Do it to each, one after the other; what is refused keeps nothing else from being done.

    Raises Refused for none, or too many.
    """
    if not picked:
        raise Refused("none_chosen")
    if len(picked) > MOST:
        raise Refused("too_many_at_once", largest=MOST)
    results = {one.reference: _try(act, one) for one in picked}
    names = {row.reference: row.name for row in named(desk, list(results))}
    record_reading(desk.service, "queue_read", actor(person), list(names))
    return tuple(Dealt(reference, names.get(reference, ""), why) for reference, why in results.items())


def _try(act: ActForEach, one: Picked) -> ScreeningError | None:
    try:
        act(one.reference, one.version)
    except (Refused, Absent, CannotOpen, Unavailable) as why:
        return why
    return None
