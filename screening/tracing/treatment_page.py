"""A treatment page as headings, paragraphs and bullets, from plain text, Markdown or HTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

from screening.core.errors import RuleSetError
from screening.core.findings import Place, Problem

MAX_BYTES = 1_000_000
MAX_BLOCKS = 4_000
LONGEST_HEADING = 12  # words
Kind = Literal["heading", "paragraph", "bullet"]

_META = re.compile(r"(page title|subtitle|meta title|meta description|url slug)\s*:\s*(.*)", re.IGNORECASE)
_BULLET = re.compile(r"(?:[•‣◦▪●·*+–—-]|\d{1,2}[.)])\s+(.*)")
_BULLET_ALONE = re.compile(r"[•‣◦▪●·*+–—-]")
_MARKDOWN = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
_UNDERLINE = re.compile(r"(=+|-{2,})")
_CRUMBS = re.compile(r"\s*[>›»/→]\s+")
# bounded, so that no line makes it look for long
_INLINE = re.compile(r"!?\[([^][]{0,300})\]\([^()]{0,500}\)|[*_`]{1,3}([^\s*_`](?:[^*_`]{0,300}))[*_`]{1,3}")


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph or bullet, and where it stands."""

    kind: Kind
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
            parts = tuple(part.strip() for part in _CRUMBS.split(text))
            if len(parts) > 2 and parts[0].casefold() in ("home", "start"):
                return parts
        return ()

    def section(self, heading: str) -> list[Block] | None:
        """What stands below a heading, up to the next of its level or above; None where it is not there."""
        wanted = plain(heading)
        at = next(
            (n for n, one in enumerate(self.blocks) if one.kind == "heading" and plain(one.text) == wanted),
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


def read_page(path: Path, headings: tuple[str, ...] = ()) -> TreatmentPage:
    """The page in `path`; `headings` are known to be such, however they look. Raises RuleSetError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError:
        raise _unreadable(path, "The page cannot be read.", "Check the name and the folder.") from None
    if len(data) > MAX_BYTES:
        raise _unreadable(path, "The page is too large.", f"Keep it under {MAX_BYTES:,} bytes.")
    try:
        text = unicodedata.normalize("NFC", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _unreadable(path, "This is not UTF-8 text.", "Save the page as UTF-8.", line) from None
    if "\0" in text or not text.strip():
        what = "The page is empty." if not text.strip() else "This is not a text."
        raise _unreadable(path, what, "Save the page as text, Markdown or HTML.")
    page = parse_page(text, str(path), headings)
    if len(page.blocks) > MAX_BLOCKS:
        remedy = "Save only the treatment's own page."
        raise _unreadable(path, "The page has too many paragraphs and bullets.", remedy)
    return page


def parse_page(text: str, file: str, headings: tuple[str, ...] = ()) -> TreatmentPage:
    """The page that `text` holds; HTML is told by its tags."""
    if re.search(r"<(!doctype|html|body|h[1-6]|p|ul|li|main|article)\b", text, re.IGNORECASE):
        return _of_html(text, file)
    return _of_text(text, file, {plain(heading) for heading in headings})


@lru_cache(maxsize=4 * MAX_BLOCKS)
def plain(text: str) -> str:
    """A text for comparing: no case, one space, straight quotes and dashes, no end mark."""
    flat = unicodedata.normalize("NFKC", text).casefold().translate(_STRAIGHT)
    return " ".join(flat.split()).strip(" .;:,!?")


_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-"})


def _unreadable(path: Path, what: str, remedy: str, line: int = 1) -> RuleSetError:
    return RuleSetError([Problem(Place(str(path), line), "unreadable", what, remedy)])


def _of_text(text: str, file: str, known: set[str]) -> TreatmentPage:
    lines = text.splitlines()
    meta: dict[str, str] = {}
    blocks = list(_blocks(lines, file, known, meta))
    return TreatmentPage(Place(file), tuple(blocks), meta)


def _blocks(lines: list[str], file: str, known: set[str], meta: dict[str, str]) -> Iterator[Block]:
    marked = any(_MARKDOWN.fullmatch(line.strip()) for line in lines)  # then nothing else is a heading
    pending = False  # a dash alone: the bullet is on the next line
    for number, line in enumerate(lines, 1):
        bare = " ".join(line.split())
        following = lines[number].strip() if number < len(lines) else ""
        place = Place(file, number, len(line) - len(line.lstrip()) + 1)
        if not bare or _is_rule(bare):
            pending = pending and not bare
        elif _BULLET_ALONE.fullmatch(bare):
            pending = True
        elif not pending and (found := _META.fullmatch(bare)):
            meta.setdefault(found[1].casefold(), found[2].strip())
        else:
            yield _block(bare, place, known, marked, pending, following)
            pending = False


def _is_rule(bare: str) -> bool:
    return len(bare) > 1 and _UNDERLINE.fullmatch(bare) is not None


def _block(bare: str, place: Place, known: set[str], marked: bool, pending: bool, following: str) -> Block:
    if pending:
        return Block("bullet", _inline(bare), place)
    if found := _MARKDOWN.fullmatch(bare):
        return Block("heading", _inline(found[2]), place, len(found[1]))
    if found := _BULLET.fullmatch(bare):
        return Block("bullet", _inline(found[1]), place)
    text = _inline(bare)
    if _is_rule(following):
        return Block("heading", text, place, 1 if following[0] == "=" else 2)
    if plain(text) in known or (not marked and _looks_like_heading(text)):
        return Block("heading", text, place)
    return Block("paragraph", text, place)


def _inline(text: str) -> str:
    return _INLINE.sub(lambda found: found[1] or found[2] or "", text).strip()


def _looks_like_heading(text: str) -> bool:
    return (
        text[-1] not in ".:!,;"
        and len(text.split()) <= LONGEST_HEADING
        and text[0].isupper()
        and len(_CRUMBS.split(text)) < 3
    )


class _Html(HTMLParser):
    """Collects the text of headings, paragraphs and items; scripts and styles are no text."""

    ENDS = frozenset({"p", "li", "ul", "ol", "div", "section", "article", "main", "br", "tr", "td", "header"})
    SILENT = frozenset({"script", "style", "template", "noscript", "title", "svg", "button", "form"})

    def __init__(self, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.title = ""
        self._file = file
        self._words: list[str] = []
        self._kind: Kind = "paragraph"
        self._level = 0
        self._place = Place(file)
        self._silent: list[str] = []
        self._crumbs: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self._silent.append(tag)
        named = " ".join(value or "" for key, value in attrs if key in ("class", "aria-label", "id"))
        if (
            self._crumbs is None
            and tag in ("nav", "ol", "ul", "div", "p")
            and "breadcrumb" in named.casefold()
        ):
            self._end()
            self._crumbs = []
            self._crumb_tag = tag
        if tag in self.ENDS or _level(tag):
            self._end()
            self._kind = "heading" if _level(tag) else "bullet" if tag == "li" else self._kind
            self._level = _level(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        if tag in self.ENDS or _level(tag):
            inside = tag == "p" and self._kind == "bullet"  # <li><p>...</p></li>
            self._end()
            self._kind = "bullet" if inside else "paragraph"
        if self._crumbs is not None and tag == self._crumb_tag:
            crumbs, self._crumbs = self._crumbs, None
            parts = [part for part in crumbs if re.search(r"\w", part)]
            self.blocks.append(Block("paragraph", " > ".join(parts), self._place))

    def handle_data(self, data: str) -> None:
        if self._silent:
            if self._silent[-1] == "title":
                self.title = (self.title + data).strip()
            return
        if self._crumbs is not None:
            self._crumbs += [part.strip(" >›»/→\n\t") for part in data.split(" > ") if part.strip()]
            return
        if data.strip() and not "".join(self._words).strip():
            line, column = self.getpos()
            skipped = data[: len(data) - len(data.lstrip())].count("\n")
            self._place = Place(self._file, line + skipped, 1 if skipped else column + 1)
        self._words.append(data)

    def _end(self) -> None:
        text = " ".join("".join(self._words).split())
        self._words = []
        if not text:
            return
        found = None if self._kind == "heading" else _BULLET.fullmatch(text)
        kind: Kind = "bullet" if found else self._kind
        self.blocks.append(Block(kind, found[1] if found else text, self._place, self._level))

    def finish(self) -> None:
        self.close()
        self._end()


def _level(tag: str) -> int:
    return int(tag[1]) if re.fullmatch("h[1-6]", tag) else 0


def _of_html(text: str, file: str) -> TreatmentPage:
    parser = _Html(file)
    parser.feed(text)
    parser.finish()
    return TreatmentPage(Place(file), tuple(parser.blocks), {"title": parser.title} if parser.title else {})
