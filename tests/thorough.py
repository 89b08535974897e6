"""How much is tried: `make test` tries what shows each claim, `make thorough` as much as an hour allows."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")
THOROUGH = "SCREENING_TEST_THOROUGH" in os.environ
GUARANTEES = "SCREENING_TEST_GUARANTEES"  # by `make guarantees`: both databases, and what takes long


def usually(short: T, *, thorough: T) -> T:
    """The size of a try: the short one, unless everything is wanted."""
    return thorough if THOROUGH else short
