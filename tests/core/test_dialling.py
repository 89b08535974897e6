"""A number typed as at home is known without being looked for: the same number as the library finds."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core.answers import home_number, phones_in

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
PARTS = st.text("0123456789", min_size=1, max_size=6)
TYPED = st.lists(PARTS, min_size=1, max_size=5).map(" ".join)
AT_HOME = TYPED.map(lambda typed: f"0{typed}")


def in_e164(text: str, region: str) -> list[str]:
    return [
        phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
        for found in phones_in(text, region)
    ]


@given(text=AT_HOME | TYPED, region=st.just("GB") | st.sampled_from(REGIONS))
def test_it_is_the_number_that_the_library_finds(text: str, region: str) -> None:
    assert home_number(text, region) in (None, *in_e164(text, region)[:1])


@given(text=AT_HOME | TYPED, region=st.sampled_from(REGIONS))
def test_it_is_the_only_one(text: str, region: str) -> None:
    assert home_number(text, region) is None or len(phones_in(text, region)) == 1


@pytest.mark.parametrize(
    "text", ["", "0", "01632", "0044 1632 960123", "+44 1632 960123", "1632 960123", "01632 960123 or 960124"]
)
def test_of_anything_else_the_library_is_asked(text: str) -> None:
    assert home_number(text, "GB") is None


def test_spaces_stand_anywhere() -> None:
    assert {home_number(text, "GB") for text in ("01632960123", "01632 960 123")} == {"+441632960123"}
