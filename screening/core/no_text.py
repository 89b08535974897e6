"""What a file is that was saved as something else than plain text."""

from __future__ import annotations

from typing import NamedTuple

_BEGINNINGS = {
    b"PK\x03\x04": "a Word document, or something else that is packed",
    b"\xd0\xcf\x11\xe0": "a document of an older Word",
    b"%PDF-": "a PDF",
    b"{\\rtf": "a document with formatting (RTF)",
}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # how it begins; without a mark, every second byte is a zero
PLAIN = "Save it as plain text, in UTF-8."
SAVE_AS = "Save it as UTF-8: in Notepad, File, Save as, Encoding: UTF-8."


class NoText(NamedTuple):
    """What a file is, and what to do about it."""

    what: str
    remedy: str


def no_text(data: bytes) -> NoText | None:
    """What is wrong with it, where its first bytes tell; None for whatever may be text."""
    if data.startswith(_UTF_16) or data[:2].count(0) == 1:
        return NoText("This is text in UTF-16 (Notepad also says Unicode), and not in UTF-8.", SAVE_AS)
    kinds = (kind for start, kind in _BEGINNINGS.items() if data.startswith(start))
    return next((NoText(f"This is {kind}, and no plain text.", PLAIN) for kind in kinds), None)
