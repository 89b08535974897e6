"""Kept requests against a new version: which would come out otherwise, told as references only.

Needs the clinic's private key, and opens the database so that it cannot be written to. The work is
spread over processes, each with its own connection; what a patient said never leaves its process.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from screening.core.assessment import raised_by, states_by
from screening.core.building import from_document
from screening.core.errors import CannotOpen
from screening.core.hearing import heard_in, less
from screening.core.journey import walk
from screening.core.rules import RuleSet
from screening.storage import requests
from screening.storage.database import reading
from screening.storage.each_site import each_site
from screening.storage.read_only import open_read_only, read_only
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.sealing.keys import load_opening_keys
from screening.storage.sites import at

CHUNK = 250  # requests at a time: some 5 MB


@dataclass(frozen=True)
class Errand:
    """All that a process needs to work by itself; the key goes as a path, never as bytes."""

    database: str
    keys: Path
    document: str  # of the new version


@dataclass
class Replayed:
    """How many were looked at, and the references of those that would change."""

    looked_at: int = 0
    fewer_flags: list[str] = field(default_factory=list)  # somebody would lose a flag, or part of one
    more_flags: list[str] = field(default_factory=list)
    indicators: list[str] = field(default_factory=list)
    not_opened: list[str] = field(default_factory=list)  # sealed to a key that is not held, or damaged

    @property
    def changed(self) -> list[str]:
        """Each reference once, in order."""
        return sorted({*self.fewer_flags, *self.more_flags, *self.indicators})

    def add(self, other: Replayed) -> None:
        """Take over what another process found."""
        self.looked_at += other.looked_at
        for name in ("fewer_flags", "more_flags", "indicators", "not_opened"):
            getattr(self, name).extend(getattr(other, name))


def references(
    database: str, rule_set_id: str, since: datetime | None, versions: Collection[str] = ()
) -> list[str]:
    """The requests of a treatment, or of some versions of it, site by site, oldest first.

    Raises NotReady, Unavailable.
    """
    found: list[str] = []
    with read_only(database) as engine:
        for site in each_site(engine):
            with at(site), reading(engine) as connection:
                found += requests.references(connection, rule_set_id, since, versions)
    return found


def replay(errand: Errand, wanted: Sequence[str], processes: int) -> Iterator[Replayed]:
    """Part by part, as each is done. Raises NotReady, Unavailable."""
    parts = [list(wanted[start : start + CHUNK]) for start in range(0, len(wanted), CHUNK)]
    if processes == 1 or len(parts) == 1:
        worker = _Worker(errand)
        yield from map(worker.look_at, parts)
        worker.engine.dispose()
        return
    spawn = multiprocessing.get_context("spawn")  # a fork would share sockets, and locks of threads
    with ProcessPoolExecutor(processes, spawn, _begin, (errand,)) as pool:
        yield from pool.map(_look_at, parts)


class _Worker:
    """One process: its connection, its keys, and the new version."""

    def __init__(self, errand: Errand) -> None:
        self.engine = open_read_only(errand.database)
        self.sites = each_site(self.engine)
        self.keys = load_opening_keys(errand.keys)
        self.rule_set = from_document(errand.document)

    def look_at(self, wanted: Sequence[str]) -> Replayed:
        found = Replayed()
        for site in self.sites:
            with at(site), reading(self.engine) as connection:
                rows = requests.sealed(connection, wanted)
            for row in rows:
                found.looked_at += 1
                _compare(self.rule_set, self.keys, row, found)
        return found


_workers: list[_Worker] = []  # the one of this process


def _begin(errand: Errand) -> None:
    _workers.append(_Worker(errand))


def _look_at(wanted: Sequence[str]) -> Replayed:
    return _workers[0].look_at(wanted)


def _compare(rule_set: RuleSet, keys: OpeningKeys, row: requests.Sealed, found: Replayed) -> None:
    try:
        kept = requests.open_sealed(keys, row)
    except CannotOpen:
        found.not_opened.append(row.reference)
        return
    path = walk(rule_set, kept.stored)
    was, is_now = heard_in(kept.raised), heard_in(raised_by(rule_set, path))
    if less(was, is_now):
        found.fewer_flags.append(row.reference)
    if less(is_now, was):
        found.more_flags.append(row.reference)
    if _reported(kept.indicators) != _reported(states_by(rule_set, path)):
        found.indicators.append(row.reference)


def _reported(states: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(name, state) for name, state in states if state != "not_reported"}
