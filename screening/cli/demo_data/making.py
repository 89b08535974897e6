"""Planning the copies, making them in processes of their own, and writing them as they come."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from screening.apart import end_with_whoever_began
from screening.cli.demo_data.copies import CopiedStep, Copy, CopyGround, PlannedCopy
from screening.cli.demo_data.lives import Life
from screening.cli.demo_data.templates import Template
from screening.cli.demo_data.writing import BatchWriter
from screening.service.held_keys import index_file, public_file
from screening.service.patient import Service
from screening.storage import bulk
from screening.storage.database import analyse
from screening.storage.sealing.keys import load_index_key, load_sealing_key
from screening.storage.sites import this_site

EACH_DAY, LONGEST = 60, 730  # requests of a small clinic; days that all of them go back at most
BATCH, PART = 4_000, 200  # copies written in one transaction, at least; made by a process at a time
_BATCHES = 100  # of many; larger ones, for what goes anywhere in an index meets others there
_LARGEST = 10_000
_ODD_SECONDS = 1_800


@dataclass(frozen=True)
class MakingErrand:
    """All that a process needs; keys go as paths, never as bytes."""

    lives: tuple[Life, ...]
    sealing_key: Path
    index_key: Path
    region: str
    zone: str
    seed: int
    site: str
    until: datetime
    engine: str  # its dialect

    def ground(self) -> CopyGround:
        """With the keys. Raises NotReady."""
        keys = load_sealing_key(self.sealing_key), load_index_key(self.index_key)
        zone, dialect = ZoneInfo(self.zone), bulk.dialect_of(self.engine)
        return CopyGround(*keys, self.region, zone, self.seed, self.site, self.until, dialect)


def errand_of(service: Service, lives: Sequence[Life], seed: int) -> MakingErrand:
    """What the processes are told."""
    settings = service.settings
    files = public_file(settings), index_file(settings)
    where = settings.region, settings.time_zone
    engine = service.engine.dialect.name
    return MakingErrand(tuple(lives), *files, *where, seed, this_site(), service.now(), engine)


def plan(errand: MakingErrand, number: int) -> Iterator[PlannedCopy]:
    """Copies with so many requests, the first to come first; the same ones for the same seed and day."""
    zone, random = ZoneInfo(errand.zone), Random(errand.seed)  # noqa: S311  # made-up people are no secret
    planned = days_of(number, errand.until.astimezone(zone).date())
    days = len(planned)
    for past, day in enumerate(planned):
        whole = past < days - 2  # whoever sends again does so the day after
        fit = [life for life in _begun_on(errand, day.weekday()) if whole or len(life.life.sealed) == 1]
        first, end = number * past // days, number * (past + 1) // days
        for life, of_day in _drawn(random, fit, end - first):
            seconds = int((of_day - life.of_day).total_seconds())
            yield PlannedCopy(life.number, first, (day - life.day).days, seconds)
            first += len(life.life.sealed)


def days_of(number: int, today: date) -> list[date]:
    """The days on which so many requests come, the first first."""
    days = max(1, min(LONGEST, number // EACH_DAY))
    return [today - timedelta(days=days - past) for past in range(days)]


class _Begun(NamedTuple):
    """A life, and when it began at the clinic."""

    number: int
    life: Life
    day: date
    of_day: timedelta


def _begun_on(errand: MakingErrand, weekday: int) -> Iterator[_Begun]:
    for index, life in enumerate(errand.lives):
        at = life.begins.astimezone(ZoneInfo(errand.zone))
        if at.weekday() == weekday:
            yield _Begun(index, life, at.date(), at.replace(tzinfo=None) - datetime.combine(at, time()))


def _drawn(random: Random, fit: Sequence[_Begun], number: int) -> list[tuple[_Begun, timedelta]]:
    """Lives with so many requests in all, in the order of the time of day at which each is begun."""
    weights = [life.life.weight for life in fit]
    drawn: list[tuple[_Begun, timedelta]] = []
    while number:
        for life in random.choices(fit, weights, k=number):
            if len(life.life.sealed) <= number:
                drawn.append((life, life.of_day + timedelta(seconds=random.randrange(_ODD_SECONDS))))
                number -= len(life.life.sealed)
    return sorted(drawn, key=lambda begun: begun[1])


def make(
    service: Service, errand: MakingErrand, planned: Sequence[PlannedCopy], number: int, processes: int
) -> Iterator[int]:
    """Make and write them; up to which number all are written, each time. Raises NotReady, Unavailable."""
    size = max(BATCH, min(_LARGEST, number // _BATCHES))
    batches = [planned[start : start + size] for start in range(0, len(planned), size)]
    untils = [(batch[0].number, _begins(errand, batch[0])) for batch in batches[1:]] + [
        (number, errand.until)
    ]
    with _made(errand, batches, processes) as made, bulk.quickly(service.engine) as engine:
        writer = BatchWriter(service, engine)
        for copies, (upto, until) in zip(made, untils, strict=True):
            for steps in copies:
                writer.add(steps)
            writer.flush(until, upto)
            yield upto
    analyse(service.engine)


_Copies = Iterator[list[CopiedStep]]
_Parts = list["Future[list[list[CopiedStep]]]"]


@contextmanager
def _made(
    errand: MakingErrand, batches: Sequence[Sequence[PlannedCopy]], processes: int
) -> Iterator[Iterator[_Copies]]:
    """Each batch, while the next one is made already."""
    if processes == 1:
        maker = _Maker(errand)
        yield (map(maker.copy, batch) for batch in batches)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawn, _begin, (errand,)) as pool:
        try:
            yield map(_results, _submitted(pool, batches))
        finally:
            pool.shutdown(cancel_futures=True)


def _results(parts: _Parts) -> _Copies:
    for part in parts:
        yield from part.result()


def _submitted(pool: ProcessPoolExecutor, batches: Sequence[Sequence[PlannedCopy]]) -> Iterator[_Parts]:
    ahead = deque[_Parts]()
    for batch in batches:
        parts = [batch[start : start + PART] for start in range(0, len(batch), PART)]
        ahead.append([pool.submit(_copy, part) for part in parts])
        if len(ahead) > 1:
            yield ahead.popleft()
    yield from ahead


def _begins(errand: MakingErrand, planned: PlannedCopy) -> datetime:
    zone = ZoneInfo(errand.zone)
    at = errand.lives[planned.life].begins.astimezone(zone) + timedelta(days=planned.days)
    return at.astimezone(UTC) + timedelta(seconds=planned.seconds)


class _Maker:
    """One process: its keys, and the lives as far as they were looked through."""

    def __init__(self, errand: MakingErrand) -> None:
        self.ground = errand.ground()
        around = self.ground.surroundings()
        self.templates = [Template(life, around) for life in errand.lives]

    def copy(self, planned: PlannedCopy) -> list[CopiedStep]:
        return list(Copy(self.ground, self.templates[planned.life], planned).steps())


_makers: list[_Maker] = []  # the one of this process


def _begin(errand: MakingErrand) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who was asked to stop is the process that writes
    end_with_whoever_began()
    gc.disable()  # nothing that is made here holds itself
    _makers.append(_Maker(errand))


def _copy(part: Sequence[PlannedCopy]) -> list[list[CopiedStep]]:
    return [_makers[0].copy(planned) for planned in part]
