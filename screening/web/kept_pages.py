"""Pages that are kept as their text with holes: what a visit alone has goes into the holes, and is not kept.

A template is rendered once for equal *facts*, from nothing but these and marks for the holes: so nothing
else can stand in what is kept. Facts come from the rules and the settings, and say which page it is; tokens,
times, and whatever a patient typed or chose go into holes.
"""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from flask import Flask, render_template
from markupsafe import Markup, escape

from screening.core.rules import KnownBy, RuleSet
from screening.web.at_hand import app_at_hand, request_at_hand

MOST = 1024  # pages and parts of pages, of 1 to 15 KB

_MARK = f"hole{secrets.token_hex(8)}n"  # nobody can type it
_HOLE = re.compile(f"{_MARK}([0-9]+)e")
_INDENTED = re.compile(r"\s*\n\s*")  # of the template's own: what a patient typed stands in holes

Fills = str | Callable[[], str]  # what no hole asks for need not be made
Marks = Mapping[str, Markup]
Pieces = tuple[str, ...]  # text, the name of a hole, text, ... and text


@dataclass(frozen=True)
class Shape:
    """What a page is made of: facts, and what goes into its holes, both as the template calls them.

    `also` makes more of the holes' marks for the template, and of nothing that is not among the facts.
    """

    facts: Mapping[str, Hashable] = field(default_factory=dict)
    holes: Mapping[str, Fills] = field(default_factory=dict, repr=False)
    also: Callable[[Marks], Mapping[str, object]] = lambda _marks: {}


@dataclass(frozen=True)
class _Kept:
    """A page, by all that it is made of."""

    template: str
    under: str  # where the service is mounted
    rules: KnownBy | None
    facts: tuple[Hashable, ...]
    holes: tuple[str, ...]


@dataclass
class KeptPages:
    """Of one app; the longest unused go first."""

    most: int = MOST
    pages: OrderedDict[_Kept, Pieces] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def find(self, asked: _Kept) -> Pieces | None:
        """Its pieces, where it was made."""
        with self.lock:
            found = self.pages.get(asked)
            if found is not None:
                self.pages.move_to_end(asked)
            return found

    def keep(self, asked: _Kept, pieces: Pieces) -> None:
        """Remember it."""
        with self.lock:
            self.pages[asked] = pieces
            while len(self.pages) > self.most:
                self.pages.popitem(last=False)


def init_app(app: Flask) -> None:
    """Each app keeps its own: they have their own settings."""
    app.extensions["kept_pages"] = KeptPages()


def keeps() -> bool:
    """Whether this app keeps pages: where it does not, its templates may want to see the whole visit."""
    return _pages_of(app_at_hand()).most > 0


def _pages_of(app: Flask) -> KeptPages:
    found: KeptPages = app.extensions["kept_pages"]
    return found


def kept(template: str, shape: Shape, rule_set: RuleSet | None = None) -> Markup:
    """A template as the words of a rule set and the facts make it, with what goes into its holes.

    The template prints holes, and asks nothing of them.
    """
    holes, rules = shape.holes, None if rule_set is None else rule_set.known_by
    names = tuple(shape.holes)
    here = request_at_hand()
    pages = _pages_of(here.app)
    asked = _Kept(template, here.request.root_path, rules, tuple(shape.facts.items()), names)
    pieces = pages.find(asked)
    if pieces is None:
        pieces = _made(template, shape, names, rule_set)
        pages.keep(asked, pieces)
    filled = list(pieces)
    filled[1::2] = [_text(holes[name]) for name in pieces[1::2]]
    return Markup("".join(filled))  # noqa: S704  # escaped, all that was not the template's


def _text(filling: Fills) -> Markup:
    if type(filling) is Markup:
        return filling
    return escape(filling() if callable(filling) else filling)


def _made(template: str, shape: Shape, names: Pieces, rule_set: RuleSet | None) -> Pieces:
    marks = {name: escape(f"{_MARK}{number}e") for number, name in enumerate(names)}
    text = render_template(template, **{**shape.facts, **marks, **shape.also(marks), "rule_set": rule_set})
    pieces = _HOLE.split(_INDENTED.sub("\n", text))
    pieces[1::2] = [names[int(number)] for number in pieces[1::2]]
    return tuple(pieces)
