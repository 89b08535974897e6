"""What goes under the seal: mappings as bytes, compressed, and padding so that a length tells little."""

from __future__ import annotations

import json
import zlib

from screening.core.errors import CannotOpen
from screening.core.serialising import Plain, canonical

BLOCK = 1024
STEP = 512  # of what is compressed: a request's answers take some ten, an entry of staff one or two
LARGEST = 32 * 1024 * 1024  # bytes of one text; thirty times all the words of the largest rule set
_LENGTH = 4
_LEVEL = 3  # half the time of the usual 6, for a tenth more bytes


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


def squeeze(plaintext: bytes) -> bytes:
    """In a quarter of the bytes: most of it are words of questions. Raises ValueError for far too much."""
    if len(plaintext) > LARGEST:
        raise ValueError("This is too much for one sealed text.")
    return zlib.compress(plaintext, _LEVEL)


def expand(squeezed: bytes) -> bytes:
    """What `squeeze` squeezed; raises CannotOpen for anything else, and for more than could have been."""
    stretch = zlib.decompressobj()
    try:
        plaintext = stretch.decompress(squeezed, LARGEST + 1)
    except zlib.error:
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
