"""Whom generated requests are from: nobody, and no two of them the same."""

from __future__ import annotations

from typing import NamedTuple

FIRST = (  # so few that of a thousand people more than a page have each
    "Ada", "Amir", "Anya", "Ben", "Callum", "Cora", "Dev", "Edwin", "Farid", "Finn", "Grace",
    "Hana", "Hugo", "Imran", "Iris", "Jack", "Joan", "Kofi", "Lena", "Liam", "Mina", "Nadia", "Noah",
    "Olga", "Owen", "Priya", "Rosa", "Sofia", "Tariq", "Tess", "Walter", "Yusuf", "Zoe",
)  # fmt: skip
_STEMS = (
    "Ash", "Black", "Brad", "Brook", "Carl", "Clay", "Cran", "Dal", "East", "Fair", "Green", "Had", "Hart",
    "Hol", "Kings", "Lang", "Mid", "Nor", "Oak", "Ping", "Red", "Stan", "Thorn", "Under", "Whit", "Wood",
)  # fmt: skip
_ENDS = (
    "beck",
    "bury",
    "by",
    "den",
    "field",
    "ford",
    "ham",
    "hurst",
    "ley",
    "man",
    "son",
    "stead",
    "ton",
    "well",
)
LAST = tuple(stem + end for stem in _STEMS for end in _ENDS)
_DAYS = 336  # twelve months of twenty-eight days
NUMBER = len(FIRST) * len(LAST) * _DAYS  # how many people there are, of each year of birth
_STRIDE = 2_000_003  # a prime, so that neighbours are unlike and nobody comes twice
# Numbers that are given to nobody: https://www.ofcom.org.uk, numbers for drama use
_RANGES = (
    "020 7946 0", "0113 496 0", "0114 496 0", "0116 496 0", "0117 496 0", "0118 496 0",
    "0121 496 0", "0131 496 0", "0141 496 0", "0151 496 0", "0161 496 0", "0191 498 0", "028 9649 6",
    "029 2018 0", "07700 900",
)  # fmt: skip


class MadeUp(NamedTuple):
    """As a patient would give it; `birth_day` is a month and a day, for any year."""

    name: str
    birth_day: str
    phone: str


def person(number: int) -> MadeUp:
    """The person of this number."""
    rest, day = divmod(number * _STRIDE % NUMBER, _DAYS)
    first, last = divmod(rest, len(LAST))
    phone = f"{_RANGES[number % len(_RANGES)]}{number // len(_RANGES) % 1000:03}"
    return MadeUp(f"{FIRST[first]} {LAST[last]}", f"{1 + day // 28:02}-{1 + day % 28:02}", phone)
