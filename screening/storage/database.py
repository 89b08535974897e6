"""Opening the database, transactions that end well or raise, and migrations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, NullPool, Pool, Table, exc, make_url, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from screening.core.errors import NotReady, Unavailable
from screening.storage.postgresql import open_postgresql
from screening.storage.sqlite import open_sqlite
from screening.storage.tables import heartbeat

_PATIENCE = 2.0  # seconds a patient's page may wait for a lock
_PATIENCE_AT_START = 60.0  # seconds a starting server waits while another one migrates
_ADVISORY_LOCK = 0x5C4EE1  # any number, as long as nobody else in this database uses it
_OPENERS = {
    "sqlite": open_sqlite,
    "postgresql": open_postgresql,
    "postgres": open_postgresql,  # as some hosts write it
    "postgresql+psycopg": open_postgresql,
}

# A retry cannot heal these: they are mistakes in this program, and must be seen as such.
_OUR_MISTAKES = (exc.ProgrammingError, exc.IntegrityError, exc.DataError, exc.NotSupportedError)


def open_database(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://...`.

    SQLite is opened and its durability checked at once; PostgreSQL is first spoken to when used.
    Raises NotReady for an address that cannot work, Unavailable for a database that is locked.
    """
    engine = _open(_parsed(url), _PATIENCE, None)
    if engine.dialect.name == "sqlite":
        with reading(engine):
            pass
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database. Raises Unavailable."""
    with _translated(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is kept when the block has ended and this has returned, and not before.

    Raises Unavailable when it was not kept; or, if the connection broke during the commit itself,
    when nobody can know: so whatever is written here must bear being written again.
    """
    with _translated(), engine.connect() as connection, connection.execution_options(writes=True).begin():
        yield connection


def check_writable(engine: Engine) -> None:
    """Write for real: a full disk still answers `select 1`. Raises Unavailable."""
    with writing(engine) as connection:
        beat = update(heartbeat).values(beats=(heartbeat.c.beats + 1) % 1_000_000)
        if connection.execute(beat).rowcount != 1:
            raise Unavailable("the database has lost its heartbeat row")


def upgrade(engine: Engine) -> None:
    """Bring the tables up to date; several servers may start at once, the others wait.

    Raises NotReady for a database newer than this program, Unavailable.
    """
    _migrate(engine, command.upgrade, "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to `revision` ("base" for none), losing what only later ones can hold."""
    _migrate(engine, command.downgrade, revision)


def insert_or_ignore(connection: Connection, table: Table) -> Insert:
    """An INSERT that leaves an existing row as it is, and does not end the transaction over it."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def migrations_config(connection: Connection) -> Config:
    """Alembic's configuration, made here so that it travels in the wheel and needs no file."""
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        parsed = None
    # The address may hold a password, so it is not repeated.
    if parsed is None or parsed.drivername not in _OPENERS:
        raise NotReady(
            "SCREENING_DATABASE_URL: use sqlite:///path or postgresql://user:password@host/database"
        )
    return parsed


def _open(url: URL, patience: float, poolclass: type[Pool] | None) -> Engine:
    return _OPENERS[url.drivername](url, patience=patience, poolclass=poolclass)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _OUR_MISTAKES:
        raise
    except exc.TimeoutError:
        raise Unavailable("the database cannot answer now: all connections are in use") from None
    except exc.DBAPIError as error:
        raise Unavailable(f"the database cannot answer now: {_kind(error)}") from None


def _kind(error: exc.DBAPIError) -> str:
    """The name and code of a failure; its message might quote what was being saved."""
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return f"{type(error.orig).__name__} {code or ''}".rstrip()


def _migrate(engine: Engine, run: Callable[[Config, str], None], revision: str) -> None:
    with writing(_open(engine.url, _PATIENCE_AT_START, NullPool)) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config = migrations_config(connection)
        _refuse_newer(connection, ScriptDirectory.from_config(config))
        run(config, revision)


def _refuse_newer(connection: Connection, script: ScriptDirectory) -> None:
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in {known.revision for known in script.walk_revisions()}:
        raise NotReady(
            f"The database was made by a newer version of this program (revision {found}). "
            "Install that version again, or restore a backup from before it."
        )
