"""What a database says about the service: cheap figures, no row of a patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, select

from screening.core.errors import Unavailable
from screening.operating import templates_amiss
from screening.operating.backups.make import JOB
from screening.service.audit_head import amiss
from screening.service.texting import at_rest
from screening.service.witness import CLOCK
from screening.settings import Settings
from screening.storage import arrivals, outbox, people, reading_events, upkeep
from screening.storage.database import check_writable, is_up_to_date, reading, rights_told
from screening.storage.tables import drafts, publications, requests
from screening.storage.upkeep import Upkept

OVERSTAYED = timedelta(hours=1)
FOUND = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """Figures, and what is amiss with the kept head of the audit."""

    writable: bool = True
    why_not: str = ""  # for the operator
    up_to_date: bool = True
    durable: bool = True  # whether what is committed survives a power cut
    roles: frozenset[str] = frozenset()  # of active accounts
    published: int = 0  # versions that patients may use, as signed off
    last_event_at: datetime | None = None
    stuck: int = 0  # mails that were not taken for an hour
    given_up: int = 0
    drafts_overstayed: int = 0
    unindexed: int = 0  # requests that are not found by name, five minutes after they came
    unreadable: int = 0  # requests with a part that does not open
    backup_at: datetime | None = None  # when the last one was made
    refused: int = 0  # forms of patients within the hour, for there were too many
    templates_amiss: frozenset[str] = frozenset()  # of messages, that nobody can send
    clock_set: bool = False  # nothing is deleted on its word for now
    heads: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()  # that are not those of the database, where somebody asked


EMPTY = RecordFacts()  # of a database that is not there yet


def gather(settings: Settings, engine: Engine, now: datetime) -> RecordFacts:
    """Ask the database; one that does not answer, or is of another version, is told as such."""
    try:
        if not is_up_to_date(engine):
            return RecordFacts(up_to_date=False)
        with rights_told(), reading(engine) as connection:
            found = _asked(settings, connection, now)
        with rights_told():
            check_writable(engine)
    except Unavailable as error:
        return RecordFacts(writable=False, why_not=str(error))
    return found


def _asked(settings: Settings, connection: Connection, now: datetime) -> RecordFacts:
    last, kept = reading_events.last(connection), upkeep.all_of(connection)
    overstayed = drafts.c.expires_at <= now - OVERSTAYED
    unfound = (requests.c.indexed_as == 0) & (requests.c.received_at <= now - FOUND)
    return RecordFacts(
        writable=True,
        up_to_date=True,
        durable=_is_durable(connection),
        roles=people.active_roles(connection),
        published=_count(connection, publications.c.digest, publications.c.retired_at.is_(None)),
        last_event_at=last.at if last is not None else None,
        stuck=outbox.stuck(connection, now, _resting(settings, now - OVERSTAYED)),
        given_up=outbox.figures(connection)["given_up"],
        drafts_overstayed=_count(connection, drafts.c.id, overstayed),
        unindexed=_count(connection, requests.c.reference, unfound),
        unreadable=upkeep.of_all_sites(kept, "unreadable"),
        backup_at=kept[JOB].done_at if JOB in kept else None,
        refused=arrivals.refused(connection, now),
        templates_amiss=templates_amiss.known(connection),
        clock_set=any(_unsettled(found, now) for found in kept.values()),
        heads=tuple(amiss(settings, connection, now)),
    )


def _resting(settings: Settings, moment: datetime) -> tuple[str, ...]:
    return (outbox.TEXT,) if at_rest(settings, moment) else ()


def _unsettled(kept: Upkept, now: datetime) -> bool:
    recent = kept.done_at is not None and now - kept.done_at < OVERSTAYED
    return kept.name.startswith(CLOCK) and recent and bool(kept.figure)


def _count(connection: Connection, column: object, condition: object) -> int:
    return connection.scalar(select(func.count(column)).where(condition)) or 0  # type: ignore[arg-type]  # columns of ours


def _is_durable(connection: Connection) -> bool:
    """SQLite is held to it whenever it is opened; a server may have been told otherwise."""
    if connection.dialect.name != "postgresql":
        return True
    asked = ("fsync", "full_page_writes", "synchronous_commit")
    return all(connection.exec_driver_sql(f"SHOW {name}").scalar() != "off" for name in asked)
