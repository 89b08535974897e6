"""What one job is that runs by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from screening.service.recording import Ground
from screening.settings import Settings
from screening.storage.sealing.hpke import OpeningKeys


@dataclass(frozen=True)
class JobGround:
    """What a job stands on; `keys` are absent where nothing is opened."""

    ground: Ground
    keys: OpeningKeys | None = field(default=None, repr=False)

    @property
    def settings(self) -> Settings:
        """Those of the service."""
        return self.ground.settings


@dataclass(frozen=True, slots=True)
class JobDone:
    """A figure for people, and what the next time must know."""

    figure: int
    detail: str = ""


FURTHER = timedelta(days=8)  # than the last time: where upkeep runs once a week it keeps up


def time_to_go_by(now: datetime, before: JobDone) -> datetime:
    """For what deletes by age: a clock that is a year ahead, and is believed because it has stood, is noticed
    before much is gone."""
    return min(now, datetime.fromisoformat(before.detail) + FURTHER) if before.detail else now


TRANSACTIONS = 40  # of one time; what is left waits for the next


def go_on(
    before: JobDone, some: Callable[[str], tuple[int, str | None]], most: int = TRANSACTIONS
) -> JobDone:
    """Go on behind the reference where the last time ended; the figure is of this time.

    `some` does a few, and says how many and up to where: None where there are no more, to begin anew then.
    """
    after, done = json.loads(before.detail or '""'), 0
    for _ in range(most):
        number, last = some(after)
        done += number
        if last is None:
            return JobDone(done)
        after = last
    return JobDone(done, json.dumps(after))


@dataclass(frozen=True, slots=True)
class Job:
    """`do` is given what the last time told; `every` is None where it is not wished.

    `deletes`, or ends something for good: it waits while the clock is not believed. `opens`: it is left to a
    process that has the keys.
    `by_site`: it is done for each site that there are requests of, in turn; else it is of all of them.
    """

    name: str
    every: Callable[[Settings], timedelta | None]
    do: Callable[[JobGround, JobDone], JobDone]
    deletes: bool = False
    opens: bool = False
    by_site: bool = False
