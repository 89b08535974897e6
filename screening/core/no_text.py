"""What a file is that was saved as something else than plain text."""

from __future__ import annotations

_BEGINNINGS = {
    b"PK\x03\x04": "a Word document, or something else that is packed",
    b"\xd0\xcf\x11\xe0": "a document of an older Word",
    b"%PDF-": "a PDF",
    b"{\\rtf": "a document with formatting (RTF)",
}
PLAIN = "Save it as plain text, in UTF-8."


def no_text(data: bytes) -> str | None:
    """What is wrong with it, where its first bytes tell; None for whatever may be text."""
    kinds = (kind for start, kind in _BEGINNINGS.items() if data.startswith(start))
    return next((f"This is {kind}, and no plain text." for kind in kinds), None)
