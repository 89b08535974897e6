"""A treatment page as HTML, read by lxml: as browsers do it, and every element knows its line."""

from __future__ import annotations

import re

from lxml import etree

from screening.core.errors import unreadable
from screening.core.findings import Place
from screening.tracing.treatment_page import Block, BlockKind, TreatmentPage, bullet_in

_ENDS = frozenset({
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "figcaption",
    "footer", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "td",
    "th", "tr", "ul",
})  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SILENT = frozenset({"script", "style", "template", "noscript", "title", "svg", "button", "form"})
_LISTS = frozenset({"ol", "ul"})
_MENU = re.compile(r"cookie|consent-banner|gdpr", re.IGNORECASE)  # in the class or id of what is no text
_MAY_HOLD_CRUMBS = frozenset({"nav", "ol", "ul", "div", "p"})


def read(text: str, file: str) -> TreatmentPage:
    """The page; scripts, styles and what is to be filled in are no text. Raises RuleSetError."""
    reader = _Reader(file)
    root = _tree(text, file)
    if root is None:
        return TreatmentPage(Place(file), ())
    reader.walk(root)
    title = " ".join(str(root.xpath("string(//title[not(ancestor::svg)])")).split())
    return TreatmentPage(Place(file), tuple(reader.blocks), {"title": title} if title else {})


def _tree(text: str, file: str) -> etree._Element | None:
    """The elements; None where there are none. Raises RuleSetError rather than leave any out."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode(), parser)
    if root is not None and parser.error_log.filter_from_fatals():
        what, remedy = "The page is nested too deeply.", "Save only the treatment's own page."
        raise unreadable(file, what, remedy)
    return root


class _Reader:
    def __init__(self, file: str) -> None:
        self.blocks: list[Block] = []
        self._file = file
        self._words: list[str] = []
        self._place = Place(file)
        self._line = 1
        self._depth = 0  # of the lists that are open
        self._kinds: list[tuple[BlockKind, int]] = [
            ("paragraph", 0)
        ]  # of the elements that are open, and levels
        self._crumbs_seen = False

    def walk(self, root: etree._Element) -> None:
        steps = etree.iterwalk(root, events=("start", "end"))
        for step, element in steps:
            if step == "end":
                self._close(element.tag)
                self._say(element.tail)
                continue
            self._line = max(self._line, element.sourceline or 1)
            self._open(element.tag)
            if self._holds_crumbs(element):
                self._take_crumbs(element)
                steps.skip_subtree()
            elif _is_silent(element) or _is_menu(element):
                steps.skip_subtree()
            else:
                self._say(_picture(element) if element.tag == "img" else element.text)
        self._flush()

    def _open(self, tag: str) -> None:
        if tag in _HEADINGS:
            self._flush()
            self._kinds.append(("heading", _HEADINGS[tag]))
        elif tag in _ENDS:
            self._flush()
            self._depth += tag in _LISTS
            self._kinds.append(("bullet", 0) if tag == "li" else self._kinds[-1])

    def _close(self, tag: str) -> None:
        if tag in _HEADINGS or tag in _ENDS:
            self._flush()
            self._depth -= tag in _LISTS
            self._kinds.pop()

    def _say(self, words: str | None) -> None:
        if not words:
            return
        if words.strip() and not "".join(self._words).strip():
            before = words[: len(words) - len(words.lstrip())]
            self._place = Place(self._file, self._line + before.count("\n"))
        self._line += words.count("\n")
        self._words.append(words)

    def _flush(self) -> None:
        text = " ".join("".join(self._words).split())
        self._words = []
        if not text:
            return
        kind, level = self._kinds[-1]
        bullet = bullet_in(text) if kind != "heading" else None
        found: BlockKind = "bullet" if bullet is not None else kind
        said = bullet if bullet is not None else text
        self.blocks.append(Block(found, said, self._place, level, self._depth if found == "bullet" else 0))

    def _holds_crumbs(self, element: etree._Element) -> bool:
        named = " ".join(element.get(key, "") for key in ("class", "aria-label", "id"))
        return not self._crumbs_seen and element.tag in _MAY_HOLD_CRUMBS and "breadcrumb" in named.casefold()

    def _take_crumbs(self, element: etree._Element) -> None:
        """The path to the page as one line, however it is marked up."""
        self._crumbs_seen = True
        said = (part for words in element.itertext() for part in str(words).split(" > "))
        parts = [" ".join(part.split()).strip(" >›»/→") for part in said]
        text = " > ".join(part for part in parts if re.search(r"\w", part))
        self.blocks.append(Block("paragraph", text, Place(self._file, self._line)))


def _is_silent(element: etree._Element) -> bool:
    """Not a form around a whole page, nor the button of a heading that opens what is below it."""
    if element.tag == "form":
        return next(element.iter(*_HEADINGS), None) is None
    if element.tag == "button":
        return next(element.iterancestors(*_HEADINGS), None) is None
    return element.tag in _SILENT


def _picture(element: etree._Element) -> str | None:
    """The words in place of a picture, which may be a warning; not those of a logo."""
    outside = next(element.iterancestors("a", "header", "footer"), None)
    return element.get("alt") if outside is None else None


def _is_menu(element: etree._Element) -> bool:
    """Links to other pages, and what asks about cookies: on every page, and no part of any."""
    if element.tag == "nav" or element.get("role") in ("navigation", "search"):
        return True
    named = f"{element.get('class', '')} {element.get('id', '')}"
    return element.tag in ("div", "section", "aside", "dialog") and _MENU.search(named) is not None
