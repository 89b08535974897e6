"""PostgreSQL through psycopg 3, with an end to every wait, on the server and on our side."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from time import monotonic
from typing import Any, Self

import psycopg
from sqlalchemy import URL, Engine, ExecutionContext, Pool, create_engine, event

from screening.core.errors import NotReady
from screening.storage.together import PLANNED_ANEW

_CONNECT = 2  # seconds, the least that libpq knows
SILENT = 2.0  # seconds for which a server that let us wait in vain is not asked again
_GRACE = 0.25  # the server is to give up first: its answer says why, ours costs the connection
_CATALOGUE = "pg_catalog."
_POOLER = "pooler"  # of the address: what stands between us and the server
_WARNING = "01000"


class BoundedConnection(psycopg.Connection[Any]):
    """Gives a statement up after `patience` seconds, even when the server has stopped without a word.

    A stopped or unplugged server still acknowledges packets, so that neither its own timeouts nor
    those of TCP ever fire.
    """

    patience: float = 2.0
    silence: _Silence | None = None
    _warned: bool = False

    def commit(self) -> None:
        """As psycopg's; also raises OperationalError where no standby is known to have what was written.

        A server that waits for its standby, and is told to wait no longer, says that it has committed, with a
        warning: what it alone has is lost with it.
        """
        self._warned = False
        super().commit()
        if self._warned:
            self.close()
            raise psycopg.OperationalError("the server was warned while it committed")

    def heed(self, notice: psycopg.errors.Diagnostic) -> None:
        """Remember that there was a warning."""
        self._warned = self._warned or notice.sqlstate == _WARNING

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        """As psycopg's, but closing the connection and raising OperationalError at the deadline."""
        return super().wait(self._bounded(gen), *args, **kwargs)

    def _bounded(self, steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        deadline = monotonic() + self.patience + _GRACE
        ready = None
        while True:
            try:
                wanted = steps.send(ready)
            except StopIteration as end:
                return end.value
            ready = yield wanted  # psycopg comes back every tenth of a second, ready or not
            if not ready and monotonic() > deadline:
                self.pgconn.finish()
                if self.silence is not None:
                    self.silence.begin()
                raise psycopg.OperationalError("the server did not answer in time")


class _BinaryCursor(psycopg.Cursor[Any]):
    """Takes answers as the server has them: sealed bytes and moments are not written out as text.

    Only what is asked with values is a single statement for certain, and can be answered so; SQLAlchemy reads
    as text how tables are made.
    """

    def execute(self, query: Any, params: Any = None, **how: Any) -> Self:
        """As psycopg's."""
        binary = bool(params) and _CATALOGUE not in str(query)
        return super().execute(query, params, **({"binary": binary} | how))


@dataclass
class _Silence:
    """Until when a server is not asked: a page that fails asks again, and is not to wait each time."""

    until: float = 0.0

    def begin(self) -> None:
        """It let somebody wait in vain."""
        self.until = monotonic() + SILENT

    def connect(self, args: Any, parameters: Any) -> BoundedConnection:
        """Raises OperationalError, at once where the server has just not answered."""
        begun = monotonic()
        if begun < self.until:
            raise psycopg.OperationalError("the server did not answer a moment ago")
        try:
            return BoundedConnection.connect(*args, **parameters)
        except psycopg.OperationalError:
            if monotonic() - begun >= _CONNECT / 2:  # it did not refuse: it said nothing
                self.begin()
            raise


def open_postgresql(url: URL, *, patience: float, poolclass: type[Pool] | None) -> Engine:
    """An engine that connects when first used; waits `patience` seconds for a lock or a statement.

    Raises NotReady for another `pooler` in the address than `transaction`.
    """
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        poolclass=poolclass,
        connect_args={"connect_timeout": _CONNECT} | _manner(url, patience),
        **({} if poolclass else {"pool_pre_ping": True, "pool_timeout": 1}),
    )

    @event.listens_for(engine, "do_execute")
    def execute(cursor: Any, statement: str, values: Any, context: ExecutionContext | None) -> bool:
        if context is None or PLANNED_ANEW not in context.execution_options:
            return False
        cursor.execute(statement, values, prepare=False)
        return True

    silence = _Silence()

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, args: Any, parameters: Any) -> BoundedConnection:
        known = {name: value for name, value in parameters.items() if name != _POOLER}
        connection = silence.connect(args, known)
        connection.patience, connection.silence = patience, silence
        connection.add_notice_handler(connection.heed)
        connection.cursor_factory = _BinaryCursor
        return connection

    return engine


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
