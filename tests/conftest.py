"""Fixtures for every test. Those of the storage, and those marked `both_engines`, run on both databases.

The others run on SQLite; with SCREENING_TEST_THOROUGH (`make thorough`) and in `make guarantees` on both too.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copy, disk_usage
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from screening.accounts import passwords
from screening.desk.desk import Desk
from screening.service import audit_head
from screening.service.patient import Service
from screening.service.recording import begin_record
from screening.service.sending import Arrival
from screening.settings import Settings
from screening.settings.environment import load_settings
from screening.storage import database, saving
from screening.storage.database import open_database, upgrade
from screening.storage.sealing.blind_index import IndexKey
from screening.storage.sealing.hpke import OpeningKey, OpeningKeys
from screening.web.door import service_of
from tests.actors import Clock, Patient
from tests.staff.actors import Staff
from tests.starting import ReadOnce, start
from tests.thorough import GUARANTEES, THOROUGH, usually

# The same examples in every run of CI, new ones at every desk: a landing must not hang on chance.
EXAMPLES = usually(50, thorough=300)
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, max_examples=EXAMPLES)
hypothesis.settings.register_profile("desk", deadline=None, max_examples=EXAMPLES)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")

_ROOM = 2 * 2**30  # bytes
MakeApp = Callable[..., Flask]
_SERVER = os.environ.get("SCREENING_TEST_POSTGRESQL", "")
_ENABLE = "set SCREENING_TEST_POSTGRESQL=postgresql://user@host/postgres (may create databases)"
_STORAGE = Path(__file__).parent / "storage"
_ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def pytest_report_header() -> str:
    """Says once what else would be left unsaid, or said a hundred times."""
    return f"PostgreSQL: {'as well as SQLite' if _SERVER else f'skipped; {_ENABLE}'}"


def pytest_configure() -> None:
    """Databases of tests lie in memory where there is room: what survives a power cut is not tried here."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and disk_usage(memory).free > _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_finish() -> None:
    """What was imported stays: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On both engines where the engine may make a difference, or where everything is to be tried."""
    marked = metafunc.definition.get_closest_marker("both_engines") is not None
    if marked and "kind" not in metafunc.fixturenames:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: both_engines, and no database of either")
    if not _SERVER or "kind" not in metafunc.fixturenames:
        return
    if any("kind" in _names(mark.args[0]) for mark in metafunc.definition.iter_markers("parametrize")):
        return  # the test has said which, or calls something else so
    everywhere = THOROUGH or GUARANTEES in os.environ
    if marked or everywhere or metafunc.definition.path.is_relative_to(_STORAGE):
        metafunc.parametrize("kind", _ENGINES, indirect=True)


def _names(given: str | Sequence[str]) -> Sequence[str]:
    return [name.strip() for name in given.split(",")] if isinstance(given, str) else given


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    """Which engine."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to copy: that takes a tenth of the time of migrating."""
    file = tmp_path_factory.mktemp("migrated") / "screening.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgresql() -> Iterator[str]:
    """The name of a PostgreSQL database with all tables, to copy."""
    with _postgresql_database("template0") as name:
        _migrate(_postgresql_url(name))
        yield name


@pytest.fixture
def database_url(kind: str, migrated: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database of this test's own, with all tables."""
    if kind == "sqlite":
        copy(migrated, tmp_path / "screening.db")
        yield f"sqlite:///{tmp_path}/screening.db"
    else:
        with _postgresql_database(request.getfixturevalue("migrated_postgresql")) as name:
            yield _postgresql_url(name)


@pytest.fixture
def empty_url(kind: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database of this test's own, without tables."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
    else:
        with _postgresql_database("template0") as name:
            yield _postgresql_url(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/screening.db"


@pytest.fixture
def empty_engine(empty_url: str) -> Iterator[Engine]:
    """A database without tables."""
    engine = open_database(empty_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database with all tables."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def _migrate(url: str) -> None:
    engine = open_database(url)
    upgrade(engine)
    engine.dispose()


def _postgresql_url(name: str) -> str:
    return make_url(_SERVER).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _postgresql_database(like: str) -> Iterator[str]:
    if not _SERVER:  # asked for by name, and not beside SQLite
        pytest.skip(_ENABLE)
    url = make_url(_SERVER).set(drivername="postgresql+psycopg")
    server = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    name = f"screening_test_{uuid4().hex}"  # of this test alone, so that pytest-xdist needs no more
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like}"))
    try:
        yield name
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


# A service, its time, and the people around it.


@pytest.fixture
def clock() -> Clock:
    """The service's time."""
    return Clock()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where compiled templates lie."""
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A locked database is given up soon: for tests of what is then said, not of how long it takes."""
    for module in (database, saving):
        monkeypatch.setattr(module, "PATIENCE", 0.3)


@pytest.fixture
def make_app(tmp_path: Path, clock: Clock, compiled: Path, migrated: Path) -> Iterator[MakeApp]:
    """Starts a service on the shipped rules; settings by keyword."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        instance = tmp_path / "instance"
        if "database_url" not in settings and not instance.exists():
            instance.mkdir(mode=0o700)
            copy(migrated, instance / "screening.sqlite3")
        made.append(start(clock, compiled, **({"instance": instance} | settings)))
        return made[-1]

    yield make
    for app in made:
        service_of(app).engine.dispose()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """A service on the embedded default."""
    return make_app()


@pytest.fixture
def talking(make_app: MakeApp) -> Flask:
    """A clinic that writes to patients, with links."""
    return make_app(
        smtp_host="127.0.0.1", mail_from="clinic@example.org", public_address="https://forms.example.org"
    )


@pytest.fixture
def patient(app: Flask) -> Patient:
    """A patient who has not started yet."""
    return Patient(app)


@pytest.fixture
def reception(app: Flask, clock: Clock) -> Staff:
    """Has an account, is not signed in."""
    return Staff(app, clock, ("reception",))


@pytest.fixture
def clinician(app: Flask, clock: Clock) -> Staff:
    """Has an account, is not signed in."""
    return Staff(app, clock, ("clinician",))


@pytest.fixture
def manager(app: Flask, clock: Clock) -> Staff:
    """Has an account, is not signed in."""
    return Staff(app, clock, ("manager",))


@pytest.fixture
def auditor(app: Flask, clock: Clock) -> Staff:
    """Has an account, is not signed in."""
    return Staff(app, clock, ("auditor",))


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of passwords that cost little: hashing is meant to be slow, and slows down what tries often."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "_nobody", passwords._of_nobody())


# The same below the doors: a service and a desk on each engine in turn.


@pytest.fixture(scope="session")
def keys() -> OpeningKeys:
    """One pair of keys, made once."""
    return OpeningKeys([OpeningKey.new()])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A clinic that sends notices."""
    return load_settings(
        instance=tmp_path / "instance",
        audit_head=tmp_path / "audit-head",
        smtp_host="localhost",
        smtp_tls="none",
        mail_from="desk@example.org",
        mail_reception="reception@example.org",
        mail_clinicians="clinicians@example.org",
    )


@pytest.fixture
def service(engine: Engine, settings: Settings, keys: OpeningKeys, clock: Clock) -> Service:
    """What patients use, without a door."""
    library = ReadOnce(settings.rules, engine)
    library.load(clock())
    begin_record(settings, engine, clock())
    arrival = Arrival(settings, keys.sealing_key, IndexKey(bytes(32)))
    return Service(settings, engine, library, arrival, clock, lambda: "192.0.2.7")


@pytest.fixture
def nothing_amiss(service: Service) -> Iterator[None]:
    """When the test is over, events vouch for every row as it stands."""
    yield
    assert audit_head.findings(service.settings, service.engine)[0] == []


@pytest.fixture
def desk(service: Service, keys: OpeningKeys) -> Desk:
    """What staff use, without a door."""
    return Desk(service, keys)
