"""Codes of terminologies for what a question asks: with where each was found, or still to be verified.

Codes are optional and decide nothing. None is ever made up from words: a code says its source, and its
check digit tells a mistyped one.
"""

from __future__ import annotations

from typing import Literal

CodingSystem = Literal["snomed", "loinc"]
ToBeVerified = Literal["to be verified"]
SYSTEMS = {"snomed": "http://snomed.info/sct", "loinc": "http://loinc.org"}
# Verhoeff's check: a table of the dihedral group, and how each place permutes a digit.
_TIMES = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_MOVED = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415",
    "7046913258",
)  # fmt: skip


def adds_up(system: str, code: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    if system == "snomed":
        checked = 0
        for place, digit in enumerate(reversed(code)):
            checked = int(_TIMES[checked][int(_MOVED[place % 8][int(digit)])])
        return checked == 0
    digits = [int(digit) for digit in code.replace("-", "")]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0
