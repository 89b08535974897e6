"""Opening the database, transactions that end well or raise, and tables that are up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any

from prometheus_client import Counter
from sqlalchemy import URL, Connection, Engine, NullPool, Pool, Table, exc, inspect, make_url, text, update
from sqlalchemy.sql.dml import Insert

from screening.apart import apart
from screening.core.errors import NotReady, Unavailable
from screening.storage import binding, lanes
from screening.storage.beginning import BEGIN, wrapped
from screening.storage.migrations import NEWEST
from screening.storage.options import ALONE, AT_ONCE, READS, WRITES, Options
from screening.storage.sqlite import has_room, open_sqlite
from screening.storage.tables import heartbeat, metadata
from screening.storage.turns import turns_of

PATIENCE = 2.0  # seconds a patient's page may wait for a lock
_PATIENCE_AT_START = 60.0  # seconds a starting server waits while another one migrates
_PATIENCE_TO_ANALYSE = 600.0  # seconds in which PostgreSQL looks through what was just filled
_TO_READ = {READS: True}
_POSTGRESQL = frozenset(
    {"postgresql", "postgres", "postgresql+psycopg"}
)  # `postgres`, as some hosts write it

_UNANSWERED = Counter("screening_database_errors", "Transactions that were not kept, or not answered.")

_waited_in_vain: ContextVar[bool | None] = ContextVar("waited_in_vain", default=None)  # None: for no page

# A retry cannot heal these: they are mistakes in this program, and must be seen as such.
_OUR_MISTAKES = (exc.ProgrammingError, exc.IntegrityError, exc.DataError, exc.NotSupportedError)
_IN_WORDS = (  # codes of SQLite, some with more behind them, and of PostgreSQL
    ("SQLITE_FULL", "its disk is full"),
    ("53100", "its disk is full"),
    ("SQLITE_IOERR", "its disk cannot be read or written"),
    ("SQLITE_READONLY", "it may only be read"),
    ("25006", "it may only be read, as a standby may"),
    ("SQLITE_CANTOPEN", "its file cannot be opened"),
    ("SQLITE_CORRUPT", "its file is damaged: restore a backup"),
    ("SQLITE_NOTADB", "its file is no database: restore a backup"),
    ("SQLITE_BUSY", "somebody else holds its lock"),
    ("55P03", "somebody else holds a lock"),
    ("57014", "it took too long"),
    ("57P0", "it is being stopped"),
)
_MAY_NOT = "42501"  # which is the operator's to heal, as PostgreSQL says


def open_database(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://...`.

    SQLite is opened and its durability checked at once; PostgreSQL is first spoken to when used.
    Raises NotReady for an address that cannot work, Unavailable for a database that is locked.
    """
    engine = _open(parsed(url), PATIENCE, None)
    if engine.dialect.name == "sqlite":
        with reading(engine):
            pass
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database, and can change nothing. Raises Unavailable."""
    with translated(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":  # in SQLite a reading transaction is one by itself
            connection = connection.execution_options(**_TO_READ)
        with connection.begin():
            yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """As `reading`, for minutes: on a connection that nobody else waits for. Raises Unavailable."""
    own = _open(engine.url, PATIENCE, NullPool)
    try:
        with reading(own) as connection:
            yield connection
    finally:
        own.dispose()


@contextmanager
def writing(engine: Engine, *, alone: bool = False) -> Iterator[Connection]:
    """A transaction that is kept when the block has ended and this has returned, and not before.

    Raises Unavailable when it was not kept; or, if the connection broke during the commit itself,
    when nobody can know: so whatever is written here must bear being written again. One that is `alone` has
    a single statement, which is kept as soon as it has been answered.
    """
    options = _to_write(alone)
    with (
        translated(),
        _turn(engine, options),
        engine.connect() as connection,
        connection.execution_options(**options).begin(),
    ):
        binding.forget(connection)
        lanes.leave(connection)
        yield connection


@contextmanager
def writing_past(engine: Engine, *, alone: bool = False) -> Iterator[Any]:
    """As `writing`, past SQLAlchemy, for the most frequent statement of all: a cursor of the driver's.

    Nothing that an event vouches for is written this way.
    """
    options = _to_write(alone)
    with translated(), _turn(engine, options), wrapped(engine.dialect.dbapi):
        connection = engine.raw_connection()
        try:
            connection.info[BEGIN](options)
            yield connection.cursor()
            connection.commit()
        finally:
            connection.close()  # what was not kept by now is taken back


def wait_anew() -> None:
    """A page begins: whoever waits in vain for a lock on its behalf is the last who waits for that page."""
    _waited_in_vain.set(False)


def _to_write(alone: bool) -> Options:
    at_once = bool(_waited_in_vain.get())
    return {WRITES: True, AT_ONCE: at_once, ALONE: alone and not at_once}


def _turn(engine: Engine, options: Options) -> AbstractContextManager[None]:
    """To write: in SQLite one after the other, in PostgreSQL all at once."""
    if engine.dialect.name != "sqlite":
        return nullcontext()
    return turns_of(str(engine.url.database)).mine(0 if options[AT_ONCE] else PATIENCE)


def check_writable(engine: Engine) -> None:
    """Write for real: a full disk still answers `select 1`; and look whether more than that has room there.

    Raises Unavailable.
    """
    with writing(engine) as connection:
        beat = update(heartbeat).values(beats=(heartbeat.c.beats + 1) % 1_000_000)
        if connection.execute(beat).rowcount != 1:
            raise Unavailable("the database has lost its heartbeat row")
    if engine.dialect.name == "sqlite" and not has_room(engine):
        raise Unavailable("the disk of the database is full")


def upgrade(engine: Engine, revision: str = NEWEST, *, lean: bool = False) -> None:
    """Bring the tables up to date; several servers may start at once, the others wait.

    With `lean`, what it takes is not kept: a process of its own does it.
    Raises NotReady for a database, or a revision, newer than this program; Unavailable.
    """
    if _revision(engine) != revision:
        if lean:
            engine.dispose()  # no connection goes from one process to another
            apart(partial(upgrade, engine, revision))
            return
        from screening.storage.migrating import upgrade_now  # with it comes Alembic, which is slow to load

        with rights_told():
            upgrade_now(engine, revision)


def older_revision(engine: Engine) -> str | None:
    """That of tables which `upgrade` would change; None for a new database, and for one that is as new."""
    found = _revision(engine)
    return found if found is not None and found < NEWEST else None


def is_there(url: str) -> bool:
    """Whether a service was ever started on it; no file is made by looking. Raises NotReady, Unavailable."""
    address = parsed(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        return False
    engine = _open(address, PATIENCE, NullPool)
    try:
        return _revision(engine) is not None
    finally:
        engine.dispose()


def is_up_to_date(engine: Engine) -> bool:
    """Whether its tables are those of this program. Raises Unavailable."""
    return _revision(engine) == NEWEST


def opened_at_start(engine: Engine) -> Engine:
    """Another engine on the same database, which waits until other servers have migrated it."""
    return _open(engine.url, _PATIENCE_AT_START, NullPool)


def analyse(engine: Engine) -> None:
    """Let PostgreSQL know at once what many new rows are like, as it finds out by itself after a while.

    Until then it plans as for empty tables. Where it cannot, nothing hangs on it.
    """
    if engine.dialect.name != "postgresql":  # SQLite plans as its indexes say, whatever is in them
        return
    own = _open(engine.url, _PATIENCE_TO_ANALYSE, NullPool)
    try:
        with suppress(Unavailable), writing(own, alone=True) as connection:
            connection.execute(text(f"ANALYZE {', '.join(sorted(metadata.tables))}"))
    finally:
        own.dispose()


def _revision(engine: Engine) -> str | None:
    with reading(opened_at_start(engine)) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def insert_or_ignore(connection: Connection, table: Table) -> Insert:
    """An INSERT that leaves an existing row as it is, and does not end the transaction over it."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite  # with the engine came one of the two, and one is enough

        return sqlite.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table).on_conflict_do_nothing()


def parsed(url: str) -> URL:
    """The address of a database. Raises NotReady for one that cannot work."""
    try:
        found = make_url(url)
    except (exc.ArgumentError, ValueError):  # ValueError: a port that is no number
        found = None
    # The address may hold a password, so it is not repeated.
    if found is None or found.drivername not in {"sqlite", *_POSTGRESQL}:
        raise NotReady(
            "SCREENING_DATABASE_URL: use sqlite:///path or postgresql://user:password@host:port/database"
        )
    if found.drivername in _POSTGRESQL and "@" in f"{found.host} {found.database}":
        raise NotReady("SCREENING_DATABASE_URL: write an @ in a user's name or password as %40")
    return found


def _open(url: URL, patience: float, poolclass: type[Pool] | None) -> Engine:
    if url.drivername in _POSTGRESQL:
        from screening.storage.postgresql import open_postgresql  # with it comes psycopg, large beside SQLite

        return open_postgresql(url, patience=patience, poolclass=poolclass)
    return open_sqlite(url, patience=patience, poolclass=poolclass)


@contextmanager
def translated() -> Iterator[None]:
    """What SQLAlchemy raises, as ours: Unavailable for what may pass, our mistakes as they are."""
    try:
        yield
    except _OUR_MISTAKES:
        raise
    except Unavailable:
        _note_waiting()
        raise
    except exc.TimeoutError:
        _UNANSWERED.inc()
        raise Unavailable("the database cannot answer now: all connections are in use") from None
    except exc.DBAPIError as error:
        _UNANSWERED.inc()
        _note_waiting()
        raise Unavailable(_told(error)) from None


@contextmanager
def rights_told() -> Iterator[None]:
    """To an operator who is there: what the database's user may not do, as Unavailable.

    The server's words name a table or a schema, and nothing that is in it. In a service that runs it is a
    mistake like others, for which no other work waits.
    """
    try:
        yield
    except exc.ProgrammingError as error:
        found: Any = error.orig
        if getattr(found, "sqlstate", None) != _MAY_NOT:
            raise
        raise Unavailable(
            f"PostgreSQL refuses: {found.diag.message_primary}. Let the user of SCREENING_DATABASE_URL own "
            "the database and all that is in it, or grant it what it lacks"
        ) from None


def _note_waiting() -> None:
    """Where a page is being made, and nowhere else."""
    if _waited_in_vain.get() is False:
        _waited_in_vain.set(True)


def _told(error: exc.DBAPIError) -> str:
    """For the operator: in words where they cannot quote anything."""
    if getattr(error.orig, "is_told", False):
        return str(error.orig)
    kind = _kind(error)
    words = next((words for code, words in _IN_WORDS if code in kind), "")
    return f"the database cannot answer now: {f'{words} ({kind})' if words else kind}"


def _kind(error: exc.DBAPIError) -> str:
    """The name and code of a failure; its message might quote what was being saved."""
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return f"{type(error.orig).__name__} {code or ''}".rstrip()
