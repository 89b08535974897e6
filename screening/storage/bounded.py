"""A connection to PostgreSQL that ends every wait, and goes to the server and back as seldom as it can.

What begins a transaction travels with its first statement, what ends one that only reads is waited for by
nobody, and one statement that stands alone is a transaction by itself. psycopg is told to begin nothing.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from select import POLLIN, poll
from time import monotonic
from typing import Any, Self, cast

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.waiting import Ready, Wait

from screening.core.errors import NotReady
from screening.storage.refusals import told

CONNECT = 2  # seconds, the least that libpq knows
SILENT = 2.0  # seconds for which a server that let us wait in vain is not asked again
GRACE = 0.25  # the server is to give up first: its answer says why, ours costs the connection
FRESH = 1.0  # seconds for which a server that was heard need not be asked whether it is there
TO_WRITE = b"BEGIN"
TO_READ = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
BY_ITSELF = b"-"  # one statement, and none before or after it
_NOTHING, _WAS_ALONE = b"", b"--"
_END = b"COMMIT"
_CATALOGUE = "pg_catalog."
_WARNING = "01000"


class ToldError(psycopg.OperationalError):
    """Its words are for the operator: nothing that was being saved is in them."""

    is_told = True


class BoundedConnection(psycopg.Connection[Any]):
    """Gives a statement up after `patience` seconds, even when the server has stopped without a word.

    A stopped or unplugged server still acknowledges packets, so that neither its own timeouts nor
    those of TCP ever fire.
    """

    patience: float = 2.0
    silence: Silence | None = None
    heard: float = 0.0  # when it last said something
    _warned: bool = False
    _beginning: bytes = _NOTHING  # of a transaction that no statement was sent of yet
    _only_reads: bool = False
    _ending: bool = False  # its last transaction, which only read; whether it did, nobody has looked yet

    def begin(self, beginning: bytes) -> None:
        """A transaction begins with the next statement: `TO_WRITE`, `TO_READ` or `BY_ITSELF`."""
        self._beginning, self._only_reads, self._warned = beginning, beginning == TO_READ, False

    def beginning(self) -> bytes:
        """What is to be sent before the next statement, once; raises ProgrammingError after one by itself."""
        self._see_the_end()
        beginning, self._beginning = self._beginning, _NOTHING
        if beginning == _WAS_ALONE:
            raise psycopg.ProgrammingError("a statement that is alone is the only one of its transaction")
        if beginning == BY_ITSELF:
            self._beginning, beginning = _WAS_ALONE, _NOTHING
        return beginning

    def commit(self) -> None:
        """As psycopg's; also raises OperationalError where no standby is known to have what was written.

        A server that waits for its standby, and is told to wait no longer, says that it has committed, with a
        warning: what it alone has is lost with it.
        """
        alone, self._beginning = self._beginning == _WAS_ALONE, _NOTHING
        if self._only_reads and self.pgconn.transaction_status == TransactionStatus.INTRANS:
            self._end_reading()
            return
        self._warned = self._warned and alone  # any other statement was warned of before it was kept
        super().commit()
        if self._warned:
            self.close()
            raise ToldError("PostgreSQL committed, and warned that no standby is known to have it")

    def rollback(self) -> None:
        """As psycopg's, where there is something to take back."""
        self._beginning = _NOTHING
        if not self.closed and not self._ending and self.pgconn.transaction_status != TransactionStatus.IDLE:
            super().rollback()

    def heed(self, notice: psycopg.errors.Diagnostic) -> None:
        """Remember that there was a warning."""
        self._warned = self._warned or notice.sqlstate == _WARNING

    def is_there(self) -> bool:
        """Whether the server can be asked: it has not hung up, and was heard a moment ago or answers now."""
        if self.silence is not None and self.silence.lasts:
            return False
        try:
            self._see_the_end()
            self._hear()
            if monotonic() - self.heard >= FRESH:
                self.execute(";")
        except psycopg.Error:
            return False
        return True

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        """As psycopg's, but closing the connection and raising OperationalError at the deadline."""
        return super().wait(self._bounded(gen), *args, **kwargs)

    def start(self) -> None:
        """Begin by itself, before what nothing travels with."""
        beginning = self.beginning()
        if beginning:
            self.execute(beginning, prepare=False)

    def _bounded(self, steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        deadline = monotonic() + self.patience + GRACE
        ready = None
        while True:
            try:
                wanted = steps.send(ready)
            except StopIteration as end:
                return end.value
            ready = yield wanted  # psycopg comes back every tenth of a second, ready or not
            if ready:
                self.heard = monotonic() if ready & Ready.R else self.heard
            elif monotonic() > deadline:
                self.pgconn.finish()
                if self.silence is not None:
                    self.silence.begin()
                raise ToldError("PostgreSQL did not answer in time")

    def _end_reading(self) -> None:
        """Tell the server, and go on: nothing hangs on its answer, which whoever comes next looks at."""
        self.pgconn.send_query(_END)
        self._ending = True

    def _see_the_end(self) -> None:
        if self._ending:
            self._ending = False
            self.wait(self._ended())

    def _ended(self) -> Generator[Any, Any, None]:
        while True:
            while self.pgconn.is_busy():
                yield Wait.R
                self.pgconn.consume_input()
            if self.pgconn.get_result() is None:
                return

    def _hear(self) -> None:
        """What the server has said unasked; raises OperationalError where it has hung up."""
        wire = poll()
        wire.register(self.pgconn.socket, POLLIN)
        while wire.poll(0):
            self.pgconn.consume_input()
            self.pgconn.is_busy()  # takes in what came


@dataclass
class Silence:
    """Until when a server is not asked: a page that fails asks again, and is not to wait each time."""

    until: float = 0.0

    def begin(self) -> None:
        """It let somebody wait in vain."""
        self.until = monotonic() + SILENT

    @property
    def lasts(self) -> bool:
        """Whether it is not to be asked."""
        return monotonic() < self.until

    def connect(self, args: Any, parameters: Any) -> BoundedConnection:
        """Raises ToldError, at once where it has just not answered; NotReady for what is no address."""
        begun = monotonic()
        if self.lasts:
            raise ToldError(told("it did not answer a moment ago", parameters))
        try:
            return BoundedConnection.connect(*args, **parameters, autocommit=True)
        except psycopg.OperationalError as error:
            if monotonic() - begun >= CONNECT / 2:  # it did not refuse: it said nothing
                self.begin()
            raise ToldError(told(str(error), parameters)) from None
        except psycopg.ProgrammingError as error:
            raise NotReady(f"SCREENING_DATABASE_URL: {str(error).strip()}.") from None


class BinaryCursor(psycopg.Cursor[Any]):
    """Takes answers as the server has them: sealed bytes and moments are not written out as text.

    Only what is asked with values is a single statement for certain: it can be answered so, and a beginning
    travels with it. SQLAlchemy reads as text how tables are made.
    """

    def execute(self, query: Any, params: Any = None, **how: Any) -> Self:
        """As psycopg's."""
        how = {"binary": bool(params) and _CATALOGUE not in str(query)} | how
        of = _connection(self)
        if not params:
            of.start()
        elif beginning := of.beginning():
            with of.pipeline():
                of.execute(beginning, prepare=False)
                return super().execute(query, params, **how)
        return super().execute(query, params, **how)

    def executemany(self, query: Any, params_seq: Any, **how: Any) -> None:
        """As psycopg's."""
        _connection(self).start()
        super().executemany(query, params_seq, **how)

    def copy(self, statement: Any, params: Any = None, **how: Any) -> Any:
        """As psycopg's."""
        _connection(self).start()
        return super().copy(statement, params, **how)


class StreamCursor(psycopg.ServerCursor[Any]):
    """Reads piece by piece, in a transaction that has begun."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> Self:
        """As psycopg's."""
        _connection(self).start()
        return super().execute(query, params, **how)


def _connection(cursor: psycopg.Cursor[Any] | psycopg.ServerCursor[Any]) -> BoundedConnection:
    return cast(BoundedConnection, cursor.connection)  # it is told which cursors to make
