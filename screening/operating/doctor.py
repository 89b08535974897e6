"""Holding the surroundings against the checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine

from screening.core.errors import NotReady
from screening.logs import log
from screening.operating.checks import CHECKS, Check, Weight
from screening.operating.key_room import unfit
from screening.operating.record_facts import EMPTY, RecordFacts, gather
from screening.operating.surroundings import Surroundings, look
from screening.settings import Settings
from screening.storage.database import open_database

AT_START: tuple[Weight, ...] = ("refused", "said")
ASKED: tuple[Weight, ...] = (*AT_START, "asked")
BEFORE_PATIENTS: tuple[Weight, ...] = (*ASKED, "deployed")

WATCHED = tuple(check for check in CHECKS if check.watched)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and what to do."""

    check: Check
    what: str

    def __str__(self) -> str:
        return f"{self.check.id}: {self.what.removesuffix('.')}. {self.check.remedy}"


def examine(at: Surroundings, weights: Iterable[Weight], checks: Iterable[Check] = CHECKS) -> list[Finding]:
    """All that is amiss, in the order of the table."""
    counted = frozenset(weights)
    return [
        Finding(check, str(what)) for check in checks if check.weight in counted for what in check.amiss(at)
    ]


def before_start(settings: Settings, now: datetime) -> None:
    """Say in the log what is unwise. Raises NotReady for what has no good use."""
    found = examine(look(settings, now), AT_START)
    refused = [finding for finding in found if finding.check.weight == "refused"]
    if refused:
        raise NotReady("\n".join(map(str, refused)))
    for finding in found:
        log.warning(str(finding))


def ask_record(settings: Settings, now: datetime) -> RecordFacts:
    """What the database says; one that is not there yet is not made. Raises NotReady, Unavailable."""
    there = look(settings, now).database_file
    if there is not None and not there.exists():
        return EMPTY
    engine = open_database(settings.database)
    try:
        found = gather(settings, engine, now)
        known = found.up_to_date and found.writable
        return replace(found, keys=tuple(unfit(settings, engine))) if known else found
    finally:
        engine.dispose()


def attention(settings: Settings, engine: Engine | None, now: datetime) -> list[str]:
    """Ids of what is amiss in a running service, as far as its database is asked. Raises Unavailable."""
    at = look(settings, now, gather(settings, engine, now) if engine is not None else None)
    return list(dict.fromkeys(finding.check.id for finding in examine(at, ASKED, WATCHED)))
