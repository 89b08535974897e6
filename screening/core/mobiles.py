"""Which of the numbers that a patient gave can take a text message."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from screening.core.answers import phones_in

_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def mobile_in(text: str, region: str) -> str:
    """The first mobile number as gateways take it (`+447911123456`); empty where there is none."""
    return next(
        (
            phonenumbers.format_number(number, PhoneNumberFormat.E164)
            for number in phones_in(text, region)
            if phonenumbers.number_type(number) in _MOBILE
        ),
        "",
    )
