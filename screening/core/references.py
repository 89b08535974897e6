"""References of requests: short, unguessable, and easy to read out on the phone.

Ten characters in groups of 3, 3 and 4: nine drawn from 31 (about 45 bits), one to check. The
alphabet has no 0/O and no 1/I/L. 31 is prime, so the weighted sum finds every single wrong
character and every two neighbours swapped.
"""

from __future__ import annotations

from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
DRAWN = 9
_GROUPS = (3, 6)


def draw(below: Callable[[int], int]) -> str:
    """A new reference; `below(n)` gives a random number under n from a cryptographic source."""
    body = "".join(ALPHABET[below(len(ALPHABET))] for _ in range(DRAWN))
    return _grouped(body + _check(body))


def recognise(words: str) -> str | None:
    """The reference that somebody typed or read out, in its usual form; None where it is none."""
    text = "".join(letter for letter in words.upper() if letter.isalnum())
    if len(text) != DRAWN + 1 or not set(text) <= set(ALPHABET) or _check(text[:-1]) != text[-1]:
        return None
    return _grouped(text)


def _check(body: str) -> str:
    total = sum(weight * ALPHABET.index(letter) for weight, letter in enumerate(body, 2))
    return ALPHABET[total % len(ALPHABET)]


def _grouped(text: str) -> str:
    first, second = _GROUPS
    return f"{text[:first]}-{text[first:second]}-{text[second:]}"
