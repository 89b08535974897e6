"""How much is tried: `make test` tries what shows each claim, `make thorough` as much as an hour allows."""

from __future__ import annotations

import os
from typing import TypeVar

import pytest

T = TypeVar("T")
THOROUGH = "SCREENING_TEST_THOROUGH" in os.environ
GUARANTEES = "SCREENING_TEST_GUARANTEES"  # by `make guarantees`: both databases, and what takes long


def usually(short: T, *, thorough: T) -> T:
    """The size of a try: the short one, unless everything is wanted."""
    return thorough if THOROUGH else short


def asked(short: T, number: T) -> T:
    """The same, of a figure that a guarantee asks for: whole in `make guarantees` too."""
    return number if THOROUGH or GUARANTEES in os.environ else short


def at_length(why: str) -> pytest.MarkDecorator:
    """For what has no short form: tried by `make guarantees` and `make thorough` alone."""
    reason = f"{why}; make guarantees, or set {GUARANTEES}=1"
    return pytest.mark.skipif(not THOROUGH and GUARANTEES not in os.environ, reason=reason)
