"""On which days a country has public holidays: asked of a library that has nothing to do after that."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Container, Iterable
from datetime import UTC, date, datetime
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from threading import Lock
from typing import cast

from screening.apart import apart

AT_ONCE = 4  # years, last year first: a process seldom runs until another one is asked for
_COUNTRIES = "holidays.countries"


@cache
def holidays_of(name: str) -> Container[date]:
    """The public holidays of `GB`, `GB-ENG` or `none`, each looked up once. Raises ValueError."""
    return frozenset() if name.lower() == "none" else _PublicHolidays(name.upper())


class _PublicHolidays(Container[date]):
    """Those of the years around now, and of others when one of their days is first asked for."""

    def __init__(self, name: str) -> None:
        self._name, self._looking = name, Lock()
        self._years: set[int] = set()
        self._days: set[date] = set()
        self._look_up(datetime.now(UTC).year - 1)

    def __contains__(self, day: object) -> bool:
        with self._looking:  # one thread at a time
            if isinstance(day, date) and day.year not in self._years:
                self._look_up(day.year)
            return day in self._days

    def _look_up(self, first: int) -> None:
        years = range(first, first + AT_ONCE)
        # The library takes 4 MB: they go with the process that asks it.
        found = json.loads(apart(partial(_days_of, self._name, years)))
        if found is None:
            raise ValueError("not a country whose holidays are known, such as GB or GB-ENG")
        self._days.update(map(date.fromisoformat, found))
        self._years.update(years)


def _days_of(name: str, years: Iterable[int]) -> str:
    """As JSON; null for a country, or a part of it, that is not known."""
    country, _, part = name.partition("-")
    try:
        days = _country(country)(subdiv=part or None, years=years)
    except (NotImplementedError, LookupError):
        return "null"
    return json.dumps([day.isoformat() for day in days])


def _country(code: str) -> Callable[..., Iterable[date]]:
    """What knows a country's holidays, by the code; raises LookupError.

    `holidays.countries` reads the days of all countries when it is imported, 8 MB of them: it stands empty
    while that of one is read.
    """
    from holidays.registry import COUNTRIES

    found = [module for module, (_, *codes) in COUNTRIES.items() if code in codes]
    package = find_spec(_COUNTRIES)
    if not found or package is None:
        raise LookupError(code)
    whole = sys.modules.setdefault(_COUNTRIES, empty := module_from_spec(package))
    try:
        return cast(Callable[..., Iterable[date]], getattr(import_module(f"{_COUNTRIES}.{found[0]}"), code))
    finally:
        if whole is empty:
            del sys.modules[_COUNTRIES]
