"""What can be read of a treatment page: headings, paragraphs and bullets, whatever its format."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from screening.core.findings import Place

MAX_BLOCKS = 4_000
BlockKind = Literal["heading", "paragraph", "bullet"]

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
        lines = (block.text for block in self.blocks if block.kind == "paragraph")
        for text in lines:
            parts = crumbs_in(text)
            if len(parts) > 2 and parts[0].casefold() in ("home", "start"):
                return parts
        return ()

    def section(self, heading: str) -> list[Block] | None:
        """What stands below a heading, up to the next of its level or above; None where it is not there."""
        wanted = plain(heading)
        at = next(
            (
                n
                for n, block in enumerate(self.blocks)
                if block.kind == "heading" and plain(block.text) == wanted
            ),
            None,
        )
        if at is None:
            return None
        level = self.blocks[at].level
        found = []
        for block in self.blocks[at + 1 :]:
            if block.kind == "heading" and (not level or block.level <= level):
                break
            found.append(block)
        return [block for block in found if block.kind != "heading"]


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
