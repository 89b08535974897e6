"""The risk matrix of the hazard log for DCB0129: severity and likelihood into a number, which nobody types.

As NHS England's hazard logs print it: 5 and 4 are unacceptable, 3 only where further reduction is
impractical, 2 and 1 acceptable.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Severity = Literal["minor", "significant", "considerable", "major", "catastrophic"]
Likelihood = Literal["very_low", "low", "medium", "high", "very_high"]

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
LIKELIHOODS: tuple[Likelihood, ...] = get_args(Likelihood)
RISKS: Mapping[Likelihood, tuple[int, ...]] = {  # by severity, from minor to catastrophic
    "very_high": (3, 4, 4, 5, 5),
    "high": (2, 3, 3, 4, 5),
    "medium": (2, 2, 3, 3, 4),
    "low": (1, 2, 2, 3, 4),
    "very_low": (1, 1, 2, 2, 3),
}
TO_JUSTIFY = 3  # from here on somebody says what is missing, or accepts it by name
UNACCEPTABLE = 4  # from here on nobody can accept it


def risk(severity: Severity, likelihood: Likelihood) -> int:
    """1 to 5."""
    return RISKS[likelihood][SEVERITIES.index(severity)]


def words(name: str) -> str:
    """`very_low` as people read it."""
    return name.replace("_", " ")
