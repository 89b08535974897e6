"""PostgreSQL through psycopg 3, with an end to every wait, on the server and on our side."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import Any, cast

from sqlalchemy import URL, Engine, ExecutionContext, Pool, create_engine, event, exc
from sqlalchemy.pool import ConnectionPoolEntry

from screening.core.errors import NotReady
from screening.storage.beginning import BEGIN, begin
from screening.storage.bounded import (
    BY_ITSELF,
    CONNECT,
    TO_READ,
    TO_WRITE,
    BinaryCursor,
    BoundedConnection,
    Silence,
    StreamCursor,
)
from screening.storage.options import ALONE, AT_ONCE, READS, Options
from screening.storage.together import PLANNED_ANEW

# Those that were needed once are kept, and the one that was used last is used next: it was just heard.
_POOL = {"pool_size": 15, "max_overflow": 0, "pool_use_lifo": True, "pool_timeout": 1}
_WAIT_NO_MORE = "SET LOCAL lock_timeout = '1ms'"
_POOLER = "pooler"  # of the address: what stands between us and the server


def open_postgresql(url: URL, *, patience: float, poolclass: type[Pool] | None) -> Engine:
    """An engine that connects when first used; waits `patience` seconds for a lock or a statement.

    Raises NotReady for another `pooler` in the address than `transaction`.
    """
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        poolclass=poolclass,
        connect_args={"connect_timeout": CONNECT} | _manner(url, patience),
        **({} if poolclass else _POOL),
    )
    event.listen(engine, "connect", _tell_how_to_begin)
    event.listen(engine, "begin", begin)
    event.listen(engine, "checkout", _still_there)

    @event.listens_for(engine, "do_execute")
    def execute(cursor: Any, statement: str, values: Any, context: ExecutionContext | None) -> bool:
        if context is None or PLANNED_ANEW not in context.execution_options:
            return False
        cursor.execute(statement, values, prepare=False)
        return True

    silence = Silence()

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, args: Any, parameters: Any) -> BoundedConnection:
        known = {name: value for name, value in parameters.items() if name != _POOLER}
        connection = silence.connect(args, known)
        connection.patience, connection.silence, connection.heard = patience, silence, monotonic()
        connection.add_notice_handler(connection.heed)
        connection.cursor_factory, connection.server_cursor_factory = BinaryCursor, StreamCursor
        return connection

    return engine


def _tell_how_to_begin(connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[BEGIN] = partial(_begin, _of(connection))


def _begin(connection: BoundedConnection, options: Options) -> None:
    connection.begin(BY_ITSELF if options.get(ALONE) else TO_READ if options.get(READS) else TO_WRITE)
    if options.get(AT_ONCE):
        connection.execute(_WAIT_NO_MORE)


def _still_there(connection: Any, _record: object, _proxy: object) -> None:
    if not _of(connection).is_there():
        raise exc.InvalidatePoolError


def _of(connection: Any) -> BoundedConnection:
    return cast(BoundedConnection, connection)


def _manner(url: URL, patience: float) -> dict[str, Any]:
    """What a connection asks of the server for all its life; of a pooler, which gives it away, nothing."""
    pooler = url.query.get(_POOLER)
    if pooler == "transaction":
        return {"prepare_threshold": None}
    if pooler is not None:
        raise NotReady("SCREENING_DATABASE_URL: say ?pooler=transaction for pgbouncer, or leave it out")
    limit = f"-c statement_timeout={patience * 1000:.0f} -c lock_timeout={patience * 1000:.0f}"
    given = url.query.get("options", "")  # such as a search path
    return {"options": f"{given} {limit}".strip()}
