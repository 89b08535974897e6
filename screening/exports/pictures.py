"""The clinic's logo on papers: whether it can be printed is known before a letter is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from screening.exports.typesetting import prints

LARGEST = 1_000_000  # bytes: with more, each letter takes a second

_BEGINNINGS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}


class NotPrintable(Exception):
    """Why not, in words that go on after the file's name."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What it is, is seen in its bytes, whatever it is called."""

    kind: str  # png, jpg or svg
    content: bytes


def picture(file: Path) -> Picture:
    """Raises NotPrintable."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise NotPrintable(f"cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise NotPrintable("is larger than 1 MB")
    kind = next((kind for begins, kind in _BEGINNINGS.items() if content.startswith(begins)), "svg")
    if not prints(kind, content):
        raise NotPrintable("is no PNG, JPEG or SVG that can be printed")
    return Picture(kind, content)
