"""Figures for a monitor, on a port of their own on this machine: counts and ages, and nothing of a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, exc, func, select

from screening.core.errors import Unavailable
from screening.logs import log_failure
from screening.service.recording import Ground
from screening.service.witness import CLOCK
from screening.storage import outbox, sites, upkeep
from screening.storage.database import reading
from screening.storage.tables import drafts, requests
from screening.storage.tables import outbox as mails

HERE = "127.0.0.1"


class DatabaseFigures(Collector):
    """What the database says each time it is asked; only that it is down, where it does not answer."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def collect(self) -> Iterable[Metric]:
        """As prometheus-client asks for them."""
        try:
            with reading(self._ground.engine) as connection:
                found = list(_asked(connection, self._ground.now()))
        except (Unavailable, exc.ProgrammingError) as error:  # a table is not there, say
            log_failure("figures not told", error)
            found = []
        up = GaugeMetricFamily("screening_database_up", "1: it answers.", value=bool(found))
        return [up, *found]


def listen(port: int, *figures: Collector) -> tuple[WSGIServer, Thread]:
    """Tell these figures, and all that was counted in this process, until it ends. Raises OSError."""
    registry = CollectorRegistry(auto_describe=False)
    for told in (*figures, REGISTRY):
        registry.register(told)
    return start_http_server(port, addr=HERE, registry=registry)


def _asked(connection: Connection, now: datetime) -> Iterator[Metric]:
    yield from _queue(connection, now)
    yield from _outbox(connection, now)
    waiting = connection.scalar(select(func.count()).where(drafts.c.reference.is_(None))) or 0
    yield GaugeMetricFamily("screening_drafts_open", "Drafts that were not sent.", value=waiting)
    kept = upkeep.all_of(connection)
    unreadable = upkeep.of_all_sites(kept, "unreadable")
    told = "Requests with a sealed part that does not open."
    yield GaugeMetricFamily("screening_requests_unreadable", told, value=unreadable)
    unfound = connection.scalar(select(func.count()).where(requests.c.indexed_as == 0)) or 0
    told = "Requests that are not found by name yet."
    yield GaugeMetricFamily("screening_requests_not_indexed", told, value=unfound)
    told = "Since what runs by itself was done last."
    since = GaugeMetricFamily("screening_upkeep_age_seconds", told, labels=["job"])
    for name, job in kept.items():
        if job.done_at is not None and not name.startswith(CLOCK):  # one for each start of a machine
            since.add_metric([name], _age(job.done_at, now))
    yield since


def _queue(connection: Connection, now: datetime) -> Iterator[Metric]:
    columns = requests.c
    everywhere = columns.site.in_(list(sites.used(connection, requests)))  # an index begins with it
    is_open = everywhere & (columns.finished == 0)
    query = select(columns.work_list, func.count(), func.min(columns.received_at)).where(is_open)
    here = GaugeMetricFamily("screening_requests_open", "Requests by work list.", labels=["work_list"])
    oldest = GaugeMetricFamily("screening_oldest_request_age_seconds", "The oldest.", labels=["work_list"])
    for work_list, number, came in connection.execute(query.group_by(columns.work_list)):
        here.add_metric([work_list], number)
        oldest.add_metric([work_list], _age(came, now))
    late = connection.scalar(select(func.count()).where(is_open, columns.due_at < now)) or 0
    yield from (here, oldest)
    yield GaugeMetricFamily("screening_requests_overdue", "Not got in touch with in time.", value=late)


def _outbox(connection: Connection, now: datetime) -> Iterator[Metric]:
    told = GaugeMetricFamily("screening_outbox", "Mails, by what became of them.", labels=["state"])
    for state, number in outbox.figures(connection).items():
        told.add_metric([state], number)
    first = connection.scalar(select(func.min(mails.c.created_at)).where(mails.c.due_at <= now))
    yield told
    age = _age(first, now) if first else 0
    yield GaugeMetricFamily("screening_outbox_age_seconds", "Of the oldest mail that is due.", value=age)


def _age(since: datetime, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0)
