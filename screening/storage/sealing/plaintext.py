"""What goes under the seal: mappings as bytes, compressed, and padding so that a length tells little."""

from __future__ import annotations

import json
from typing import Any

from isal import isal_zlib
from pydantic_core import from_json

from screening.core.errors import CannotOpen
from screening.core.serialising import Plain, canonical

BLOCK = 1024
STEP = 512  # of what is compressed: a request's answers take some ten, an entry of staff one or two
LARGEST = 32 * 1024 * 1024  # bytes of one text; thirty times all the words of the largest rule set
_LENGTH = 4
_LEVEL = 3  # the most that there is


def pack(values: Plain) -> bytes:
    """Canonical JSON in UTF-8: equal mappings give equal bytes.

    Raises TypeError or ValueError for what JSON cannot hold (a date, NaN).
    """
    # Half a surrogate pair can be typed into JSON; a patient must not lose a page of answers over it.
    return canonical(values).encode("utf-8", "surrogatepass")


def unpack(data: bytes) -> Plain:
    """What `pack` packed; raises CannotOpen for anything else."""
    try:
        values = from_json(data, cache_strings="keys")  # names of fields; what was answered stays nowhere
    except ValueError:
        values = _unpack_anything(data)
    if not isinstance(values, dict):
        raise CannotOpen("The sealed text opened, but holds no answers.")
    return values


def _unpack_anything(data: bytes) -> Any:
    """The same at half the speed, of half a surrogate pair, too; None where it is no JSON."""
    try:
        return json.loads(data.decode("utf-8", "surrogatepass"))
    except ValueError:
        return None


def squeeze(plaintext: bytes) -> bytes:
    """In a quarter of the bytes: most of it are words of questions. Raises ValueError for far too much."""
    if len(plaintext) > LARGEST:
        raise ValueError("This is too much for one sealed text.")
    return isal_zlib.compress(plaintext, _LEVEL)


def expand(squeezed: bytes) -> bytes:
    """What `squeeze` squeezed; raises CannotOpen for anything else, and for more than could have been."""
    stretch = isal_zlib.decompressobj()
    try:
        plaintext = stretch.decompress(squeezed, LARGEST + 1)
    except isal_zlib.error:  # type: ignore[misc]  # isal's stub takes the class for an instance
        plaintext = b""
    if not stretch.eof or stretch.unused_data or len(plaintext) > LARGEST:
        raise CannotOpen("The sealed text opened, but is not compressed as it says.")
    return plaintext


def pad(plaintext: bytes, step: int = BLOCK) -> bytes:
    """Its length in four bytes, the text, and zeros up to the next multiple of `step`."""
    framed = len(plaintext).to_bytes(_LENGTH, "big") + plaintext
    return framed + bytes(-len(framed) % step)


def unpad(padded: bytes, step: int = BLOCK) -> bytes:
    """What `pad` padded; raises CannotOpen for anything else."""
    end = _LENGTH + int.from_bytes(padded[:_LENGTH], "big")
    plaintext = padded[_LENGTH:end]
    if pad(plaintext, step) != padded:
        raise CannotOpen("The sealed text opened, but its padding is wrong.")
    return plaintext
