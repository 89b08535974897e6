"""Markdown as blocks of plain data, for a template that cannot read Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from screening.core.serialising import Plain

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_STRESSED = {"strong": "strong", "em": "emph"}


def reader() -> MarkdownIt:
    """CommonMark with tables, and without HTML."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def escaped(value: object) -> str:
    """A value as words of Markdown on one line: nothing in it is markup."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(str(value).split()))


def blocks(markdown: str) -> list[Plain]:
    """Headings, paragraphs, lists, quotes and tables, in order."""
    return list(_blocks(SyntaxTreeNode(reader().parse(markdown)).children))


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[Plain]:
    for node in nodes:
        if node.type == "heading":
            yield {"kind": "heading", "level": int(node.tag[1:]), "words": _words(node)}
        elif node.type == "paragraph":
            yield {"kind": "paragraph", "words": _words(node)}
        elif node.type == "bullet_list":
            yield {"kind": "list", "items": [list(_blocks(item.children)) for item in node.children]}
        elif node.type == "blockquote":
            yield {"kind": "quote", "blocks": list(_blocks(node.children))}
        elif node.type == "table":
            rows = [
                [_words(cell) for cell in row.children] for part in node.children for row in part.children
            ]
            yield {"kind": "table", "head": rows[0], "rows": rows[1:]}
        else:
            raise ValueError(f"a paper has no place for {node.type}")


def _words(node: SyntaxTreeNode) -> list[list[str]]:
    """The inline text of a block: pieces of [words, "", "strong" or "emph"]."""
    return [piece for inline in node.children for piece in _pieces(inline.children, "")]


def _pieces(nodes: Sequence[SyntaxTreeNode], stress: str) -> Iterator[list[str]]:
    for node in nodes:
        if node.type in _STRESSED:
            yield from _pieces(node.children, _STRESSED[node.type])
        elif node.type in ("softbreak", "hardbreak"):
            yield [" ", stress]
        elif node.content:
            yield [node.content, stress]
