"""What goes under the seal: mappings as bytes, and padding so that a length tells little."""

from __future__ import annotations

import json

from screening.core.errors import CannotOpen
from screening.core.serialising import Plain, canonical

BLOCK = 1024
_LENGTH = 4


def pack(values: Plain) -> bytes:
    """Canonical JSON in UTF-8: equal mappings give equal bytes.

    Raises TypeError or ValueError for what JSON cannot hold (a date, NaN).
    """
    # Half a surrogate pair can be typed into JSON; a patient must not lose a page of answers over it.
    return canonical(values).encode("utf-8", "surrogatepass")


def unpack(data: bytes) -> Plain:
    """What `pack` packed; raises CannotOpen for anything else."""
    try:
        values = json.loads(data.decode("utf-8", "surrogatepass"))
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise CannotOpen("The sealed text opened, but holds no answers.")
    return values


def pad(plaintext: bytes) -> bytes:
    """Its length in four bytes, the text, and zeros up to the next multiple of `BLOCK`."""
    framed = len(plaintext).to_bytes(_LENGTH, "big") + plaintext
    return framed + bytes(-len(framed) % BLOCK)


def unpad(padded: bytes) -> bytes:
    """What `pad` padded; raises CannotOpen for anything else."""
    end = _LENGTH + int.from_bytes(padded[:_LENGTH], "big")
    plaintext = padded[_LENGTH:end]
    if pad(plaintext) != padded:
        raise CannotOpen("The sealed text opened, but its padding is wrong.")
    return plaintext
