"""A treatment page as plain text: copied from a browser, or an export of a page with its meta lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from screening.core.findings import Place
from screening.tracing.headings import taken_as
from screening.tracing.treatment_page import Block, TreatmentPage, bullet_in, crumbs_in, meta_in, plain

LONGEST_HEADING = 12  # words

_BULLET_ALONE = re.compile(r"[•‣◦▪●·*+–—-]")
_INNER = {"◦": 1, "▪": 2}  # how much deeper than a dot at the same place, where a list was copied flat
_UNDERLINE = re.compile(r"(=+|-{2,})")
# bounded, so that no line makes it look for long
_INLINE = re.compile(r"!?\[([^][]{0,300})\]\([^()]{0,500}\)|[*_`]{1,3}([^\s*_`](?:[^*_`]{0,300}))[*_`]{1,3}")


def read(text: str, file: str, known: set[str]) -> TreatmentPage:
    """The page; `known` are headings (see `plain`), however they look."""
    lines = text.splitlines()
    meta: dict[str, str] = {}
    blocks = list(_blocks(lines, file, known, meta))
    return TreatmentPage(Place(file), tuple(blocks), meta)


def _blocks(lines: list[str], file: str, known: set[str], meta: dict[str, str]) -> Iterator[Block]:
    pending = False  # a dash alone: the bullet is on the next line
    listing = False  # a list begins, or goes on: its bullets may be lost
    for number, line in enumerate(lines, 1):
        bare = " ".join(line.split())
        following = lines[number].strip() if number < len(lines) else ""
        place = Place(file, number, len(line) - len(line.lstrip()) + 1)
        if not bare or _is_rule(bare):
            pending = pending and not bare
            listing = False
        elif _BULLET_ALONE.fullmatch(bare):
            pending = True
        elif not pending and (found := meta_in(bare)):
            meta.setdefault(*found)
        else:
            block = _block(bare, place, known, pending, following)
            listing = listing and _is_item(block, known)
            yield replace(block, kind="bullet", depth=place.column) if listing else block
            listing = listing or _begins_list(block)
            pending = False


def _is_rule(bare: str) -> bool:
    return len(bare) > 1 and _UNDERLINE.fullmatch(bare) is not None


def _block(bare: str, place: Place, known: set[str], pending: bool, following: str) -> Block:
    if pending:
        return Block("bullet", _inline(bare), place, depth=place.column)
    if (bullet := bullet_in(bare)) is not None:
        return Block("bullet", _inline(bullet), place, depth=place.column + _INNER.get(bare[0], 0))
    text = _inline(bare)
    if _is_rule(following):
        return Block("heading", text, place, 1 if following[0] == "=" else 2)
    if plain(text) in known or _looks_like_heading(text):
        return Block("heading", text, place)
    return Block("paragraph", text, place)


def _begins_list(block: Block) -> bool:
    """Whether what stands in the very next lines is a list, bullets or none: browsers copy them without."""
    if block.kind == "heading":
        return taken_as(block.text) != "unread"
    return block.text.endswith(":")


def _is_item(block: Block, known: set[str]) -> bool:
    """Not a sentence, a bullet, or a heading that is more than a line with a capital letter."""
    if block.kind == "heading":
        named = plain(block.text) in known or taken_as(block.text) != "unread" or block.text.isupper()
        return not block.level and not named
    return block.kind == "paragraph" and block.text[-1] not in ".:!"


def _inline(text: str) -> str:
    return _INLINE.sub(lambda found: found[1] or found[2] or "", text).strip()


def _looks_like_heading(text: str) -> bool:
    return (
        text[-1] not in ".:!,;"
        and len(text.split()) <= LONGEST_HEADING
        and text[0].isupper()
        and len(crumbs_in(text)) < 3
    )
