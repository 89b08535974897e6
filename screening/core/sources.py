"""What of the treatment page rules stand for, or why for nothing of it; and what of it needs no rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from screening.core.conditions import EVERYONE
from screening.core.findings import Place
from screening.core.questions import Model, Text

AGE_RULE = "age rule"  # as the page's rules are named; with a blank, so that no author's rule is called so


class Source(Model):
    """The statement of the treatment page that a rule stands for; `under` points at a parent in a list."""

    section: Text
    phrase: Text
    under: Text | None = None


class NoSource(Model):
    """Why a rule stands for no statement of the treatment page."""

    none: Text


class Guidance(Model):
    """What is asked by guidance that the treatment page does not speak of: which, and why here."""

    guidance: Text
    reason: Text


def _kind_of_source(value: Any) -> str:
    if isinstance(value, tuple):
        return "source[pages]"
    keys = value if isinstance(value, dict) else {}
    return next((f"source[{key}]" for key in ("none", "guidance") if key in keys), "source[page]")


AnySource = Annotated[
    Annotated[Source, Tag("source[page]")]
    | Annotated[NoSource, Tag("source[none]")]
    | Annotated[Guidance, Tag("source[guidance]")]
    | Annotated[tuple[Source, ...], Field(min_length=2), Tag("source[pages]")],
    Discriminator(_kind_of_source),
]


def why_not_on_the_page(source: Source | tuple[Source, ...] | NoSource | Guidance | None) -> str | None:
    """What stands in place of a statement of the treatment page; None where there is one, or nothing."""
    if isinstance(source, Guidance):
        return f"{source.guidance}: {source.reason}"
    return source.none if isinstance(source, NoSource) else None


class WithPlace(Model):
    """What knows where it stands, which is no part of what it says."""

    place: Place = EVERYONE

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._said() == other._said()

    def __hash__(self) -> int:
        return hash(self._said())

    def _said(self) -> tuple[object, ...]:
        return tuple(getattr(self, key) for key in type(self).model_fields if key != "place")


class Sourced(Model):
    """What may stand for statements of the treatment page: one, several, or none with a reason."""

    source: AnySource | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """The statements of the page that it stands for."""
        if isinstance(self.source, tuple):
            return self.source
        return (self.source,) if isinstance(self.source, Source) else ()


class Age(Sourced, WithPlace):
    """For whom a treatment is, in full years: who is outside is asked to ring, and may send all the same."""

    at_least: Annotated[int, Field(ge=1, le=120)] | None = None
    at_most: Annotated[int, Field(ge=0, le=120)] | None = None

    @property
    def id(self) -> str:
        """As rules that stand for the page are named."""
        return AGE_RULE


class SetAside(WithPlace):
    """A statement of the page that no rule needs, and why; without a phrase all below a heading.

    `section` is one of the short names, or a heading of the page as it stands there.
    """

    section: Text
    phrase: Text | None = None
    under: Text | None = None
    because: Text


class Page(Model):
    """The treatment page; `sections` maps our short names to its headings."""

    url: Text | None = None
    sections: Mapping[str, Text] = Field(default_factory=dict)
    set_aside: tuple[SetAside, ...] = ()
