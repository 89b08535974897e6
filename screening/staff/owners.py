"""Whose requests are, in words: two of one name told apart, and who works here no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol

from flask import g

from screening.web.words import gettext as _


class Named(Protocol):
    """Somebody who works here, or did."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


def names_apart(people: Iterable[Named]) -> dict[str, str]:
    """By id; two of one name with their addresses."""
    found = [*people]
    often = Counter(one.name for one in found)
    return {one.id: f"{one.name} ({one.email})" if often[one.name] > 1 else one.name for one in found}


def gone(name: str) -> str:
    """Somebody who still owns requests."""
    return _("%(name)s, who no longer works here", name=name)


def no_more_here() -> Mapping[str, str]:
    """Who owns open requests and works here no more, as far as a list asked: names by id."""
    found: Mapping[str, str] = g.get("gone", {})
    return found
