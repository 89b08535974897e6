"""What one check is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from screening.operating.record_facts import RecordFacts
from screening.operating.surroundings import Surroundings

Weight = Literal["refused", "said", "asked", "deployed"]


@dataclass(frozen=True, slots=True)
class Check:
    """`amiss` names each thing that is wrong, `remedy` says what to do; `weight` when it counts.

    - `refused`: no start at all, for it has no good use;
    - `said`: at every start, and by `screening doctor`;
    - `asked`: by `screening doctor`, and by `/ready` where `watched`;
    - `deployed`: by `screening doctor --deploy`, before patients come.
    """

    id: str
    weight: Weight
    amiss: Callable[[Surroundings], Iterable[object]]
    remedy: str
    watched: bool = False


def when(wrong: bool, what: str) -> list[str]:
    """The one thing that is wrong, if it is."""
    return [what] if wrong else []


def recorded(amiss: Callable[[RecordFacts], Iterable[object]]) -> Callable[[Surroundings], Iterable[object]]:
    """A check of what the database says, where it was asked."""
    return lambda at: amiss(at.record) if at.record is not None else ()
