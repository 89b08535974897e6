"""Whose rows they are: each belongs to a site, a clinic of a group; so far there is one, which needs no name.

`site` leads each index that lists are read from, and each statement of a page names it, so that tables that
are spread by it are asked in one place (docs/scaling.md).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

DEFAULT = ""  # `binding` counts it as absent: what events of before vouch for stays as it was


def here(rows: FromClause) -> ColumnElement[bool]:
    """Rows of this site, to be read along an index that begins with it."""
    return rows.c.site == DEFAULT


def also_here(rows: FromClause) -> ColumnElement[bool]:
    """The same for rows that something else finds, such as a reference."""
    return _Found(rows.c.site) == DEFAULT


def of_reference(rows: FromClause, reference: str) -> ColumnElement[bool]:
    """Those of one request, of this site."""
    return also_here(rows) & (rows.c.reference == reference)


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
