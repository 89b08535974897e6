"""A treatment page as Markdown, read by markdown-it (CommonMark with tables)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from screening.core.findings import Place
from screening.tracing.treatment_page import (
    Block,
    BlockKind,
    TreatmentPage,
    bullet_in,
    crumbs_in,
    meta_in,
    plain,
)

_BULLET_ALONE = re.compile(r"\s*([•‣◦▪●·*+–—-])\s*")
_MEANT = "\v"  # at the end of a line: a break that was meant, not one where the line was full


def read(text: str, file: str, known: set[str]) -> TreatmentPage:
    """The page; `known` are headings (see `plain`) that are not marked as such."""
    lines = _whole_bullets(text.splitlines())
    meta: dict[str, str] = {}
    blocks = _Blocks(lines, file, known, meta)
    return TreatmentPage(Place(file), tuple(blocks.of(_reader().parse("\n".join(lines)))), meta)


def _reader() -> MarkdownIt:
    """Without what would make words vanish: tags, definitions of links, code by indentation."""
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable(["code", "reference"])


def _whole_bullets(lines: Sequence[str]) -> list[str]:
    """A bullet alone on its line belongs to the next; lines keep their numbers."""
    found = list(lines)
    for at in range(len(found) - 1):
        alone = _BULLET_ALONE.fullmatch(found[at])
        if alone and found[at + 1].strip():
            found[at], found[at + 1] = "", f"{alone[1]} {found[at + 1].strip()}"
    return found


class _Blocks:
    def __init__(self, lines: Sequence[str], file: str, known: set[str], meta: dict[str, str]) -> None:
        self._lines = lines
        self._file = file
        self._known = known
        self._meta = meta

    def of(self, tokens: Sequence[Token]) -> Iterator[Block]:
        """The blocks of a page; an item of a list is a bullet, with all its paragraphs."""
        items = 0
        line = 1
        for before, token in zip([None, *tokens], tokens, strict=False):
            items += token.nesting if token.type.startswith("list_item_") else 0
            line = token.map[0] + 1 if token.map else line
            if token.type == "inline" and before is not None and before.type == "heading_open":
                level = int(before.tag[1])
                yield Block("heading", " ".join(_words(token).split()), self._place(line), level)
            elif token.type == "inline":
                found = self._lines_of(_words(token), line, "bullet" if items else "paragraph")
                yield from (replace(each, depth=items) if each.kind == "bullet" else each for each in found)
            elif token.type == "fence":
                yield from self._lines_of(token.content, line + 1, "paragraph")

    def _lines_of(self, words: str, line: int, kind: BlockKind) -> Iterator[Block]:
        """One block, or several: a line that says itself what it is does not belong to the one before."""
        held: list[Block] = []
        for number, text in enumerate(words.split("\n"), line):
            bare = self._without_meta(" ".join(text.split()))
            found = self._by_itself(bare, kind, number)
            if found is not None or not bare:
                yield from _taken(held)
            if found is None and held:
                held[0] = replace(held[0], text=f"{held[0].text} {bare}")
            elif found is not None or bare:
                held.append(found or Block(kind, bare, self._place(number)))
            if text.endswith(_MEANT) or any(map(_is_whole, held)):
                yield from _taken(held)
        yield from held

    def _without_meta(self, bare: str) -> str:
        """The line, once what it says of the page itself is taken."""
        if meta := meta_in(bare):
            self._meta.setdefault(*meta)
        return "" if meta else bare

    def _by_itself(self, bare: str, kind: BlockKind, line: int) -> Block | None:
        """What begins at a line, whatever stands above it."""
        if plain(bare) in self._known:
            return Block("heading", bare, self._place(line))
        if (bullet := bullet_in(bare)) is not None:
            return Block("bullet", bullet, self._place(line))
        return Block(kind, bare, self._place(line)) if len(crumbs_in(bare)) > 2 else None

    def _place(self, line: int) -> Place:
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return Place(self._file, line, len(text) - len(text.lstrip()) + 1)


def _taken(held: list[Block]) -> list[Block]:
    taken, held[:] = held[:], []
    return taken


def _is_whole(block: Block) -> bool:
    return block.kind == "heading" or len(crumbs_in(block.text)) > 2


def _words(token: Token) -> str:
    """The text of a heading or a paragraph, as people see it."""
    return "".join(map(_piece, token.children or ()))


def _piece(token: Token) -> str:
    return {"softbreak": "\n", "hardbreak": f"{_MEANT}\n"}.get(token.type, token.content)
