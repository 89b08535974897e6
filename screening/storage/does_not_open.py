"""Requests with a sealed part that does not open, as far as a job that looks at some at a time has come."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Select, select

from screening.storage.tables import upkeep
from screening.storage.together import Rows, given, made_once
from screening.storage.upkeep import here

JOB = "unreadable"
MOST = 1000  # that lists mark: where there are more, nobody looks at rows to learn it


@dataclass(frozen=True, slots=True)
class LookedThrough:
    """How far the job has come: `now` are those up to `after`, `number` in all; `before` those behind it."""

    after: str = ""
    number: int = 0
    now: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    @classmethod
    def read(cls, detail: str) -> LookedThrough:
        """As the job keeps it; a new one where an older program kept it."""
        found = json.loads(detail or "null")
        if not isinstance(found, dict):
            return cls()
        return cls(found["after"], found["number"], tuple(found["now"]), tuple(found["before"]))

    def written(self) -> str:
        """For the next time."""
        return json.dumps(asdict(self))

    def went_on(self, last: str, found: Iterable[str]) -> LookedThrough:
        """Up to the reference `last`, with those found on the way."""
        found = tuple(found)
        before = tuple(reference for reference in self.before if reference > last)
        return LookedThrough(last, self.number + len(found), (self.now + found)[:MOST], before)

    def ended(self) -> LookedThrough:
        """What the next one begins with."""
        return LookedThrough(before=self.now)

    @property
    def known(self) -> frozenset[str]:
        """All of them, as far as is known."""
        return frozenset(self.now + self.before)


@made_once
def query() -> Select[Any]:
    """What the job of this site knows; its values are `asked`."""
    return select(upkeep.c.detail).where(upkeep.c.name == given("does_not_open"))


def asked() -> dict[str, str]:
    """For the query."""
    return {"does_not_open": here(JOB)}


def known(rows: Rows) -> frozenset[str]:
    """References, of the rows of the query."""
    return LookedThrough.read(rows[0].detail).known if rows else frozenset()
