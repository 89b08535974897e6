"""What was answered and what came of it, without a word for people: as much of a kept request as another
version of the rules is held against. Thousands are, and most of a request is words."""

from __future__ import annotations

from dataclasses import dataclass, field

from screening.core.errors import CannotOpen
from screening.core.kept import KeptFlag
from screening.core.past_shapes import lifted
from screening.core.serialising import Plain, from_plain
from screening.core.stored import Stored


@dataclass(frozen=True, slots=True)
class Judged:
    """Answers by question; the flags that were raised, without their reasons; how each indicator came out."""

    stored: Stored = field(repr=False)
    raised: tuple[KeptFlag, ...] = field(repr=False)
    indicators: tuple[tuple[str, str], ...] = field(repr=False)  # id and state


def judged(contact: Plain, health: Plain) -> Judged:
    """Of both parts, as they lay under their seals, whatever their age. Raises TooNew, CannotOpen."""
    parts = lifted(contact), lifted(health)
    try:
        stored = {
            answer["question"]: given
            for part in parts
            for answer in part["answers"]
            if (given := answer.get("stored")) is not None
        }
        raised = (flag for flag in parts[1]["flags"] if flag["raised"])
        return Judged(
            stored,
            tuple(from_plain(KeptFlag, {**flag, "because": []}) for flag in raised),
            tuple((found["id"], found["state"]) for found in parts[1]["indicators"]),
        )
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise CannotOpen(
            f"The sealed text opened, but is no part of a request ({type(error).__name__})."
        ) from None
