"""Public holidays: of any year, of countries that there are, and with nothing left of what knows them."""

from __future__ import annotations

from datetime import date

import pytest

from screening.days_off import holidays_of


@pytest.mark.parametrize(
    ("name", "day", "off"),
    [
        ("GB-ENG", date(2027, 12, 27), True),  # the 25th and 26th are a weekend
        ("GB-ENG", date(2026, 11, 30), False),
        ("gb-sct", date(2026, 11, 30), True),
        ("GB", date(2019, 12, 25), True),  # before the years that are looked up at once, and after them
        ("GB", date(2059, 12, 25), True),
        ("GB", date(2059, 12, 24), False),
        ("none", date(2026, 12, 25), False),
    ],
)
def test_a_day_is_off_or_not_in_whatever_year(name: str, day: date, *, off: bool) -> None:
    assert (day in holidays_of(name)) is off


@pytest.mark.parametrize("name", ["", "XX", "GB-XX", "england", "GB-ENG-X"])
def test_no_such_country_or_part_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="GB-ENG"):
        holidays_of(name)
