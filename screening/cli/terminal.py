"""What others wrote, for a terminal: nothing in it moves the cursor, or takes away what was told before."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def harmless(text: str) -> str:
    """Lines and tabs stay."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
