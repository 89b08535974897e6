"""Reading a treatment page from a file: plain text, Markdown or HTML, told by what is in it."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from screening.core.errors import unreadable
from screening.core.no_text import SAVE_AS, no_text
from screening.tracing import text_page
from screening.tracing.treatment_page import MAX_BLOCKS, TreatmentPage, plain

MAX_BYTES = 1_000_000
_HTML = re.compile(r"<(!doctype|html|body|h[1-6]|p|ul|li|main|article)\b", re.IGNORECASE)
_MARKDOWN = re.compile(r"^ {0,3}#{1,6}[ \t]+\S", re.MULTILINE)


def read_page(path: Path, headings: tuple[str, ...] = ()) -> TreatmentPage:
    """The page in `path`; `headings` are known to be such, however they look. Raises RuleSetError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError:
        raise unreadable(path, "The page cannot be read.", "Check the name and the folder.") from None
    if (found := no_text(data)) is not None:
        raise unreadable(path, *found)
    if len(data) > MAX_BYTES:
        raise unreadable(path, "The page is too large.", f"Keep it under {MAX_BYTES:,} bytes.")
    try:
        text = unicodedata.normalize("NFC", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise unreadable(path, "This is not UTF-8 text.", SAVE_AS, line) from None
    if "\0" in text or not text.strip():
        what = "The page is empty." if not text.strip() else "This is not a text."
        raise unreadable(path, what, "Save the page as text, Markdown or HTML.")
    page = parse_page(text, str(path), headings)
    if len(page.blocks) > MAX_BLOCKS:
        remedy = "Save only the treatment's own page."
        raise unreadable(path, "The page has too many paragraphs and bullets.", remedy)
    return page


def parse_page(text: str, file: str, headings: tuple[str, ...] = ()) -> TreatmentPage:
    """The page that `text` holds; HTML is told by its tags, Markdown by its headings."""
    known = {plain(heading) for heading in headings}
    if _HTML.search(text):
        from screening.tracing import html_page  # with it comes lxml, which no server needs

        return html_page.read(text, file)
    if _MARKDOWN.search(text):
        from screening.tracing import markdown_page  # and with this one markdown-it

        return markdown_page.read(text, file, known)
    return text_page.read(text, file, known)
