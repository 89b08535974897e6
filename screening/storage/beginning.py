"""How a transaction begins on a connection of the driver's: for SQLAlchemy, and for what goes past it.

With each connection SQLAlchemy keeps what begins a transaction there (`BEGIN`): it is called with options,
and raises what the driver raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, exc

BEGIN = "begin"
_OUR_MISTAKES = "ProgrammingError", "IntegrityError", "DataError", "NotSupportedError"  # of either driver


def begin(connection: Connection) -> None:
    """For SQLAlchemy to call, which wraps nothing that is raised here by itself."""
    with wrapped(connection.dialect.dbapi):
        connection.info[BEGIN](connection.get_execution_options())


@contextmanager
def wrapped(driver: Any) -> Iterator[None]:
    """What the driver raises, as SQLAlchemy's; our mistakes as they are."""
    try:
        yield
    except driver.Error as error:
        if isinstance(error, tuple(getattr(driver, name) for name in _OUR_MISTAKES)):
            raise
        raise exc.DBAPIError(None, None, error) from None
