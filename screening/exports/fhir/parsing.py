"""JSON from anywhere, bounded in size, depth and parts, and read without surprises."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from typing import Any, NoReturn

from screening.core.serialising import Plain

MAX_BYTES = 4_000_000
MAX_DEPTH = 40
MAX_PARTS = 200_000
_SHOWN = 60  # characters of a foreign word in a message


class Unreadable(Exception):
    """No FHIR JSON at all; the message says why."""


def parse(data: bytes) -> Plain:
    """The one object in `data`. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"The file is too large: more than {MAX_BYTES:,} bytes.")
    try:
        found = bounded(unicodedata.normalize("NFC", data.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise Unreadable("This is not UTF-8 text.") from None
    if not isinstance(found, dict):
        raise Unreadable("This is not a FHIR resource: it must be a JSON object.")
    return found


def bounded(text: str, deepest: int = MAX_DEPTH) -> Any:
    """What the JSON says. Raises Unreadable for what is none, or too much."""
    try:
        found = json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)
    except RecursionError:
        raise Unreadable("This is nested too deeply.") from None
    except ValueError as error:
        raise Unreadable(f"This is not JSON: {error}.") from None
    _refuse_too_much(found, deepest)
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _once(pairs: list[tuple[str, Any]]) -> Plain:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f'a key stands twice among "{", ".join(key for key, _ in pairs)[:_SHOWN]}"')
    return found


def _refuse_too_much(value: Any, deepest: int) -> None:
    waiting, parts = [(value, 0)], 0
    while waiting:
        inner, depth = waiting.pop()
        parts += 1
        if depth > deepest or parts > MAX_PARTS:
            raise Unreadable("This is nested too deeply." if depth > deepest else "This has too many parts.")
        if isinstance(inner, float) and inner - inner != 0:
            raise Unreadable("A number here is larger than any.")
        if isinstance(inner, dict | list):
            children: Iterable[Any] = inner.values() if isinstance(inner, dict) else inner
            waiting += [(child, depth + 1) for child in children]
