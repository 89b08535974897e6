"""How a question is asked, as data: the pages and the paper form are drawn from these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

ONE_FIELD = ("",)  # the name of the only field of a form


@dataclass(frozen=True, slots=True)
class Option:
    """Something to tick; `value` is what is sent."""

    value: str
    label: str
    hint: str | None = None
    alone: bool = False  # cannot stand beside another


@dataclass(frozen=True, slots=True)
class Ticks:
    """Boxes to tick: one of them, or several; `in_a_row` for the points of a scale."""

    options: tuple[Option, ...]
    several: bool = False
    in_a_row: bool = False
    names: ClassVar[tuple[str, ...]] = ONE_FIELD


@dataclass(frozen=True, slots=True)
class Box:
    """A box to type into; sizes are in characters."""

    longest: int
    width: int | None = None  # None: as wide as the page
    keyboard: str | None = None  # HTML's inputmode
    input_type: str | None = None  # HTML's type, where it is not text
    suffix: str | None = None
    counted: bool = False  # whether the person is told how many characters are left
    names: ClassVar[tuple[str, ...]] = ONE_FIELD


@dataclass(frozen=True, slots=True)
class Part:
    """One of the boxes of an answer that is typed in parts."""

    name: str
    width: int


@dataclass(frozen=True, slots=True)
class Parts:
    """Boxes side by side, such as day, month and year."""

    parts: tuple[Part, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of the form."""
        return tuple(part.name for part in self.parts)


Control = Ticks | Box | Parts
