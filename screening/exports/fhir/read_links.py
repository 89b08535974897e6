"""Which item looks at which, before any is read: what stands twice, and what runs in rings."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from screening.exports.fhir.reading import Element


@dataclass(frozen=True, slots=True)
class FormLinks:
    """What can be said of a linkId that a condition names, though it is not asked above."""

    all: frozenset[str]
    rings: frozenset[str]  # those that look at each other in a ring, and those that hang on one

    def why_not(self, link: str) -> tuple[str, str]:
        """What is wrong with looking at it, and the remedy."""
        named = f'It looks at "{link[:60]}", which'
        if link not in self.all:
            return f"{named} is nowhere in the form.", "Correct the linkId."
        if link in self.rings:
            return f"{named} looks back: conditions go round in a ring.", "Take one of them away."
        return f"{named} is not asked above it.", "Move that question up, or look at another."


@dataclass(slots=True)
class _Survey:
    seen: dict[str, str] = field(default_factory=dict)
    looks: dict[str, set[str]] = field(default_factory=dict)

    def walk(self, owner: Element, around: tuple[str, ...]) -> None:
        """What is inside an item is asked when that is, so it hangs on whatever `around` hangs on."""
        for item in owner.again().parts("item"):
            link = item.text("linkId") or ""
            if link in self.seen:
                what = f'The linkId "{link[:60]}" stands at {self.seen[link]} too.'
                item.refuse(what, "Give each item its own.")
            name = link or item.path
            self.looks.setdefault(name, set()).update(around, looked_at(item))
            if link:
                self.seen[link] = item.path
            self.walk(item, (name,))


def looked_at(item: Element) -> set[str]:
    """The linkIds that its conditions look at."""
    return {question for each in item.again().parts("enableWhen") if (question := each.text("question"))}


def survey(form: Element) -> FormLinks:
    """Every linkId of the form; one that stands twice is refused."""
    found = _Survey()
    found.walk(form, ())
    return FormLinks(frozenset(found.seen), frozenset(_rings(found.looks)))


def _rings(looks: dict[str, set[str]]) -> set[str]:
    order, left = TopologicalSorter(looks), set(looks)
    with suppress(CycleError):  # what is no part of a ring still comes out below
        order.prepare()
    while ready := order.get_ready():
        left.difference_update(ready)
        order.done(*ready)
    return left
