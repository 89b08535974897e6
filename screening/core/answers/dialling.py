"""A phone number as most people type it: digits of the country at home, and nothing else."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

_DIGITS = re.compile(r"[0-9]+(?: [0-9]+)*")
_TRUNK = "0"  # before a number at home, in most countries


class _Home(NamedTuple):
    """`code` is dialled from abroad; `before` is left out there; `whole` numbers have nothing before."""

    code: int
    lengths: frozenset[int]  # digits, without what is left out
    before: re.Pattern[str]
    abroad: re.Pattern[str]  # what a number from here to elsewhere begins with
    whole: re.Pattern[str]


def home_number(text: str, region: str) -> str | None:
    """In E.164, as `phonenumbers` has it, in a hundredth of its time; None where it has to be asked.

    A page of a list shows 25.
    """
    if _DIGITS.fullmatch(text) is None:
        return None
    digits, home = text.replace(" ", ""), _home(region)
    if home is None or digits[:1] != _TRUNK or digits[1:2] == _TRUNK:
        return None
    before = home.before.match(digits)
    if before is None or before.end() != 1 or home.abroad.match(digits) or home.whole.fullmatch(digits):
        return None
    if len(digits) - 1 not in home.lengths:
        return None
    return f"+{home.code}{digits[1:]}"


def is_region(name: str) -> bool:
    """Whether numbers without a country code can be of it: of another, none is taken from a patient."""
    return name in phonenumbers.SUPPORTED_REGIONS


@lru_cache(maxsize=8)
def _home(region: str) -> _Home | None:
    """None for a region in which a zero is nothing that is left out."""
    known = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    if known is None or known.country_code is None or known.general_desc is None:
        return None
    if known.national_prefix != _TRUNK or known.national_prefix_transform_rule is not None:
        return None
    general, before, abroad = (
        known.general_desc,
        known.national_prefix_for_parsing,
        known.international_prefix,
    )
    patterns = (before or "", abroad or "", general.national_number_pattern or "")
    return _Home(known.country_code, frozenset(general.possible_length), *map(re.compile, patterns))
