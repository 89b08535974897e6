"""What can be read of a treatment page: headings, paragraphs and bullets, whatever its format."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from screening.core.findings import Place
from screening.tracing.headings import taken_as

MAX_BLOCKS = 4_000
BlockKind = Literal["heading", "paragraph", "bullet"]

TOP = "Top of the page"  # what stands above the first heading of a page without a title

_BULLET = re.compile(r"(?:[•‣◦▪●·*+–—-]|\d{1,2}[.)])\s+(.*)")
_CRUMBS = re.compile(r"\s*[>›»/→]\s+")
_META = re.compile(r"(page title|subtitle|meta title|meta description|url slug)\s*:\s*(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph or bullet, and where it stands."""

    kind: BlockKind
    text: str
    place: Place
    level: int = 0  # of a heading, 1 for the page's own; 0 where the page does not say
    depth: int = 0  # of a bullet: deeper ones below it belong to it


@dataclass(frozen=True)
class TreatmentPage:
    """What can be read of a page; `meta` has lower-case keys such as "page title"."""

    place: Place
    blocks: tuple[Block, ...]
    meta: dict[str, str] = field(default_factory=dict)

    @property
    def headings(self) -> list[str]:
        """Every heading, in order."""
        return [block.text for block in self.blocks if block.kind == "heading"]

    @property
    def title(self) -> str:
        """The name of the treatment; empty where the page has none."""
        first = next(
            (block.text for block in self.blocks if block.kind == "heading" and block.level == 1), ""
        )
        return first or self.meta.get("page title", "") or self.meta.get("title", "")

    @property
    def crumbs(self) -> tuple[str, ...]:
        """Home, its groups, and the page itself; nothing where there is no such line."""
        return next((crumbs_in(block.text) for block in self.blocks if _is_path(block)), ())

    def section(self, heading: str) -> list[Block] | None:
        """What stands below a heading, up to the next of its level or above; None where it is not there."""
        span = self._span(heading)
        return None if span is None else [self.blocks[at] for at in span if self._says(at)]

    def outside(self, headings: Iterable[str]) -> list[tuple[str, list[Block]]]:
        """All that stands in the sections of none of these: heading by heading, first what is above any."""
        traced = {plain(heading) for heading in headings}
        spans = (self._span(heading) for heading in traced)
        inside = {at for span in spans if span is not None for at in span}
        found: list[tuple[str, list[Block]]] = [(self.title or TOP, [])]
        for at, block in enumerate(self.blocks):
            if block.kind == "heading":
                alone = plain(block.text) not in traced and self._is_item(at)
                found.append((block.text, [block] if alone else []))
            elif at not in inside and self._says(at):
                found[-1][1].append(block)
        return [(heading, blocks) for heading, blocks in found if blocks]

    def _span(self, heading: str) -> range | None:
        """Where the blocks of a section stand, the headings in it too."""
        wanted = plain(heading)
        kinds = enumerate(self.blocks)
        starts = (at for at, block in kinds if block.kind == "heading" and plain(block.text) == wanted)
        at = next(starts, None)
        if at is None:
            return None
        level = self.blocks[at].level
        for end in range(at + 1, len(self.blocks)):
            block = self.blocks[end]
            if block.kind == "heading" and (not level or block.level <= level):
                return range(at + 1, end)
        return range(at + 1, len(self.blocks))

    def may_be_item(self, heading: str) -> bool:
        """Whether a line that looks like a heading may be an item of a list without bullets."""
        same = (at for at, block in enumerate(self.blocks) if _is_heading(block) and block.text == heading)
        return taken_as(heading) == "unread" and any(map(self._is_item, same))

    def _is_item(self, at: int) -> bool:
        """Whether nothing stands below such a line; or it ends a run of them. The first is the title."""
        if not self._is_guessed(at):
            return False
        if all(map(_is_heading, self.blocks[at + 1 : at + 2])):
            return True
        above, text = self.blocks[at - 1], self.blocks[at].text
        begins_anew = taken_as(text) != "unread" or (text.isupper() and not above.text.isupper())
        return self._is_guessed(at - 1) and taken_as(above.text) == "unread" and not begins_anew

    def _is_guessed(self, at: int) -> bool:
        """Whether it is a heading by its looks alone, and not the first."""
        block = self.blocks[at]
        return _is_heading(block) and not block.level and any(map(_is_heading, self.blocks[:at]))

    def _says(self, at: int) -> bool:
        """Whether a block says something of the treatment: a heading and the path to the page do not."""
        block = self.blocks[at]
        return block.kind != "heading" and not _is_path(block)


def _is_heading(block: Block) -> bool:
    return block.kind == "heading"


def _is_path(block: Block) -> bool:
    parts = crumbs_in(block.text) if block.kind == "paragraph" else ()
    return len(parts) > 2 and parts[0].casefold() in ("home", "start")


@lru_cache(maxsize=4 * MAX_BLOCKS)
def plain(text: str) -> str:
    """A text for comparing: no case, one space, straight quotes and dashes, no end mark."""
    flat = unicodedata.normalize("NFKC", text).casefold().translate(_STRAIGHT)
    return " ".join(flat.split()).strip(" .;:,!?")


_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-"})


def crumbs_in(text: str) -> tuple[str, ...]:
    """The parts of a line such as "Home > Hands > Thumb injection"."""
    return tuple(part.strip() for part in _CRUMBS.split(text))


def bullet_in(text: str) -> str | None:
    """What follows the bullet or the number at the start of a line; None where there is none."""
    found = _BULLET.fullmatch(text)
    return found[1] if found else None


def meta_in(text: str) -> tuple[str, str] | None:
    """The key, in lower case, and the words of a line such as "Page title: Thumb injection"."""
    found = _META.fullmatch(text)
    return (found[1].casefold(), found[2].strip()) if found else None
