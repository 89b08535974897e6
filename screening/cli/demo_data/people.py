"""Whom generated requests are from: nobody, and no two of them the same."""

from __future__ import annotations

from typing import NamedTuple

FIRST = (
    "Ada", "Amir", "Anya", "Ben", "Bella", "Callum", "Cora", "Dev", "Dina", "Edwin", "Elin", "Esme", "Farid",
    "Finn", "Gita", "Grace", "Hana", "Hugo", "Imran", "Iris", "Jack", "Joan", "Kofi", "Kirsty", "Lena",
    "Liam", "Mina", "Morag", "Nadia", "Noah", "Olga", "Owen", "Petra", "Priya", "Quentin", "Rosa", "Rhys",
    "Sam", "Sofia", "Tariq", "Tess", "Uma", "Vera", "Walter", "Wren", "Xenia", "Yusuf", "Zoe",
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
_RANGES = ("020 7946 0", "0113 496 0", "0114 496 0", "0121 496 0", "0131 496 0", "0161 496 0", "07700 900")


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
