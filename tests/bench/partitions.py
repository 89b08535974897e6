"""Each statement of a page, by its plan, on tables that are spread by site, or by site and month.

`python -m tests.bench.partitions --requests 1000000 --sites 20 --months 24` makes a database with so many
requests that nobody sent (short rows, nothing sealed in them), around some of `screening demo-data`, which
the pages show. It prints where every page looks, and exits 1 where a statement asks more than one site.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from screening.app import create_app
from screening.settings.environment import load_settings
from screening.storage.database import writing
from screening.web.door import service_of
from tests.bench.desk_at_scale import DeskBrowser
from tests.bench.filled import PLACES, SERVER, FilledService, fill, now, postgresql_database
from tests.bench.measuring import CannotMeasure, Figure
from tests.bench.spread import Asked, Layout, Looked, listened, looked, make_indexes, months_until, spread
from tests.desk.making import clear
from tests.sending import sends

REAL = 1_000  # requests that the pages show
ROUNDS = 9
PLACE = PLACES / "spread"
NAME = "screening_bench_spread"
# Of a hundred requests one goes on; at the site that the program serves, those that do are real, and newer.
ROWS = {
    "requests": """
        INSERT INTO requests (reference, draft_id, treatment, rule_set_id, rule_set_version,
            rule_set_digest, language, status, received_at, flags_to_review, flags_to_discuss,
            flags_to_arrange, sealed_contact, sealed_health, finished, owner, work_list, due_at,
            review_due_at, person, counted, indexed_as, site)
        SELECT 'G' || n, 'g' || n, 't' || n % 5, 't', '1.0.0', 'd', 'en',
            CASE WHEN open THEN 'new' ELSE 'closed' END, came, 1, 0, 0, '\\x00', '\\x00',
            CASE WHEN open THEN 0 ELSE 1 END, 'p' || n % 50,
            CASE WHEN open THEN (ARRAY['to_book', 'to_review', 'booked'])[n % 3 + 1] ELSE '' END,
            CASE WHEN open THEN came END, CASE WHEN open THEN came END, md5('person' || n), 1, 1, site
        FROM made""",
    "entries": """
        INSERT INTO entries (id, reference, version, part, kind, by_id, by_name, at, sealed, site)
        SELECT 'g' || n || '-' || part, 'G' || n, part, 0, 'note', 'p', 'P', came, '\\x00', site
        FROM made, generate_series(1, 3) part""",
    "request_index": """
        INSERT INTO request_index (digest, received_at, reference, site)
        SELECT md5(kind || n % many), came, 'G' || n, site FROM made,
            (VALUES ('name', 5000), ('born', 20000), ('phone', 1000000000)) found (kind, many)""",
}
MADE = """
    WITH given AS (SELECT CAST(:sites AS text[]) AS sites, CAST(:first AS timestamptz) AS first,
            CAST(:last AS timestamptz) - CAST(:first AS timestamptz) AS span),
        made AS MATERIALIZED (
        SELECT n, sites[n % :number + 1] AS site, n / :number % 100 = 7 AND n % :number > 0 AS open,
            first + span * n / :upto / (CASE WHEN n % :number = 0 THEN 2 ELSE 1 END) AS came
        FROM given, generate_series(:after + 1, :until) n)"""
CHUNK = 500_000
_SITES = PLACE / "sites.yaml"
_TOLD = "{reception: [desk@example.org], clinicians: [clinic@example.org]}"


def make(layout: Layout, requests: int) -> FilledService:
    """A database spread like this, with the program on it. Raises CannotMeasure."""
    shutil.rmtree(PLACE, ignore_errors=True)
    _drop()
    url = postgresql_database(NAME)
    fill(PLACE, url, REAL)
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    indexes = spread(engine, layout)
    _generate(engine, layout, requests)
    make_indexes(engine, indexes)
    _name_sites(layout)
    return opened(requests)


def opened(requests: int) -> FilledService:
    """The program on the database that was made last."""
    database = postgresql_database(NAME)
    settings = load_settings(instance=PLACE, database_url=database, sites=_SITES, log_level="error")
    return FilledService(create_app(settings), requests)


def _name_sites(layout: Layout) -> None:
    """A service does not start on rows of sites that it does not know."""
    others = "".join(
        f"  - {{key: {site}, name: {site}, phone: 01632 960 111, recipients: {_TOLD}}}\n"
        for site in layout.sites
    )
    entries = "  - {key: main, default: true}\n" + others
    _SITES.write_text(f"schema: screening-sites/1\nchoose: false\nsites:\n{entries}", encoding="utf-8")


def _drop() -> None:
    if not SERVER:
        raise CannotMeasure("no PostgreSQL: set SCREENING_TEST_POSTGRESQL=postgresql://user@host/postgres")
    url = make_url(SERVER).set(drivername="postgresql+psycopg")
    with create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))


def _generate(engine: Engine, layout: Layout, requests: int) -> None:
    sites = layout.all_sites
    span = {"first": layout.months[0] if layout.months else now() - timedelta(days=730), "last": now()}
    for after in range(0, requests, CHUNK):
        until = min(after + CHUNK, requests)
        values = span | {
            "sites": list(sites),
            "number": len(sites),
            "after": after,
            "until": until,
            "upto": requests,
        }
        for rows in ROWS.values():
            with engine.begin() as connection:
                connection.execute(text("SET LOCAL synchronous_commit = off"))
                connection.execute(text(MADE + rows), values)
        sys.stderr.write(f"  {until:,} requests\n")


@dataclass(frozen=True)
class PageLooked:
    """A page and its statements on tables that are spread; `milliseconds` is the median of the whole page."""

    name: str
    looked: tuple[Looked, ...]
    milliseconds: float

    @property
    def sites(self) -> int:
        """How many sites the widest statement asks."""
        return max((each.sites for each in self.looked), default=0)

    @property
    def months(self) -> int:
        """How many months the widest plan names."""
        return max((each.months for each in self.looked), default=0)

    @property
    def entered(self) -> int:
        """How many of them are looked into, at most."""
        return max((each.entered for each in self.looked), default=0)


def pages(place: FilledService) -> Iterator[PageLooked]:
    """Every page of the desk, and what patients and staff do."""
    browser = DeskBrowser(place)
    for name, work in {**browser.pages(), **_acts(place)}.items():
        work()
        with listened(browser.engine) as asked:
            work()
        yield PageLooked(name, tuple(_looked(browser.engine, asked)), _median(work))


def _acts(place: FilledService) -> Mapping[str, Callable[[], object]]:
    def works() -> None:
        clear(place.desk, sends(place.desk.service, blood_thinners="yes", which_blood_thinner=["warfarin"]))

    return {
        "a patient begins, and sends": lambda: sends(place.desk.service),
        "a clinician reads, decides, sends back; identity": works,
    }


def _looked(engine: Engine, asked: list[Asked]) -> Iterator[Looked]:
    with writing(engine) as connection:
        for each in {each.statement: each for each in asked}.values():
            if each.is_spread:
                yield looked(connection, each)


def _median(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def figures() -> Iterator[Figure]:
    """With few rows: where a statement looks does not hang on how many there are."""
    layout = Layout(tuple(f"site-{number}" for number in range(4)), months_until(now().date(), 12))
    place = make(layout, 20_000)
    try:
        for found in pages(place):
            yield Figure(f"{found.name}, on spread tables", found.sites, "sites asked", 1, 0, found.sites)
    finally:
        service_of(place.app).engine.dispose()


def main() -> int:
    """The table that docs/scaling.md shows."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.partitions", description=__doc__)
    for name, usual in (("--requests", 1_000_000), ("--sites", 20), ("--months", 24)):
        parser.add_argument(name, type=int, default=usual)
    parser.add_argument("--again", action="store_true", help="on the database that was made last")
    given = parser.parse_args()
    months = months_until(now().date(), given.months) if given.months else ()
    layout = Layout(tuple(f"site-{number}" for number in range(1, given.sites)), months)
    found = list(pages(opened(given.requests) if given.again else make(layout, given.requests)))
    table = [
        "| Page | Statements | Sites asked | Months in a plan | Looked into | ms |",
        "|---|---|---|---|---|---|",
    ]
    for each in found:
        seen = (len(each.looked), each.sites, each.months, each.entered, round(each.milliseconds))
        table.append(f"| {each.name} | {' | '.join(map(str, seen))} |")
    sys.stdout.write("\n".join([*table, ""]))
    return int(any(each.sites > 1 for each in found))


if __name__ == "__main__":
    raise SystemExit(main())
