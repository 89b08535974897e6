"""Whose rows they are: each belongs to a site, a clinic of a group; the default one needs no name.

`site` leads each index that lists are read from, and each statement of a page names it, so that tables that
are spread by it are asked in one place (docs/scaling.md). Which one that is says whoever acts, by `at`: for
what they call, in their thread. Statements ask for it as they are executed, and rows as they are inserted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Text, bindparam, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

DEFAULT = ""  # `binding` counts it as absent: what events of before vouch for stays as it was

_BY_NAME = "-"  # the default site in a list of sites, where nothing cannot stand for it
_here: ContextVar[str] = ContextVar("site", default=DEFAULT)


def this_site() -> str:
    """The one that whoever runs this is at."""
    return _here.get()


@contextmanager
def at(site: str) -> Iterator[None]:
    """What happens within is of this site. Transactions begin and end within: events vouch for one site's
    rows."""
    before = _here.set(site)
    try:
        yield
    finally:
        _here.reset(before)


_THIS = bindparam("site", callable_=this_site, type_=Text(), unique=True)


def here(rows: FromClause) -> ColumnElement[bool]:
    """Rows of this site, to be read along an index that begins with it."""
    return rows.c.site == _THIS


def also_here(rows: FromClause) -> ColumnElement[bool]:
    """The same for rows that something else finds, such as a reference."""
    return _Found(rows.c.site) == _THIS


def of_reference(rows: FromClause, reference: str) -> ColumnElement[bool]:
    """Those of one request, of this site."""
    return also_here(rows) & (rows.c.reference == reference)


def used(connection: Connection, rows: FromClause) -> Iterator[str]:
    """The default site, and each other one that has rows: along an index that begins with it."""
    found: str | None = DEFAULT
    while found is not None:
        yield found
        found = connection.scalar(select(func.min(rows.c.site)).where(rows.c.site > found))


def written(sites: Collection[str]) -> str:
    """A person's sites as their row has them: names with a blank between; nothing where it is the default."""
    names = sorted(set(sites))
    return "" if names == [DEFAULT] else " ".join(name or _BY_NAME for name in names)


def read(text: str) -> frozenset[str]:
    """The sites that `written` wrote; whoever was there before there were sites is of the default."""
    return frozenset(DEFAULT if name == _BY_NAME else name for name in text.split()) or frozenset({DEFAULT})


class _Found(FunctionElement[str]):
    """The column, for which SQLite looks for no index: it keeps no figures, thinks that few rows are of one
    site, and would rather read all of them than look up twenty references."""

    name, type, inherit_cache = "found", Text(), True


@compiles(_Found)
def _found(column: _Found, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(column.clauses, **options)


@compiles(_Found, "sqlite")
def _found_in_sqlite(column: _Found, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(column.clauses, **options)}"
