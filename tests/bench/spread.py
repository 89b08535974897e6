"""The program's own tables, spread by site and by month on a PostgreSQL, and where a statement looks there.

PostgreSQL asks for one thing: whatever is to be unique is unique within its site. The rest is taken from the
catalogue as the migrations left it, and the program knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from screening.storage.sites import DEFAULT
from screening.storage.tables import metadata

SPREAD = tuple(table.name for table in metadata.sorted_tables if "site" in table.c)
MONTHLY = {"requests": "received_at", "request_index": "received_at", "entries": "at"}


@dataclass(frozen=True)
class Layout:
    """Which sites there are beside the one without a name; `months` are their first days, empty for none."""

    sites: tuple[str, ...]
    months: tuple[date, ...] = ()

    @property
    def all_sites(self) -> tuple[str, ...]:
        """With the one without a name, which the program serves."""
        return (DEFAULT, *self.sites)


def months_until(day: date, number: int) -> tuple[date, ...]:
    """The first days of so many months, that of `day` the last."""
    found = [day.replace(day=1)]
    while len(found) < number:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return tuple(reversed(found))


def spread(engine: Engine, layout: Layout) -> dict[str, list[str]]:
    """Spread the tables of an engine, with the rows they have; the indexes still to be made, by table."""
    with engine.begin() as connection:
        # Or a statement that is asked often gets one plan for all values, made with every partition there is.
        connection.execute(
            text(f"ALTER DATABASE {engine.url.database} SET plan_cache_mode = force_custom_plan")
        )
        return {table: _spread(connection, table, layout) for table in SPREAD}


def make_indexes(engine: Engine, wanted: Mapping[str, Sequence[str]]) -> None:
    """And the figures by which the planner chooses."""
    for table, statements in wanted.items():
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
            connection.execute(text(f"ANALYZE {table}"))


def _spread(connection: Connection, table: str, layout: Layout) -> list[str]:
    month = MONTHLY.get(table) if layout.months else None
    query = text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = :name")
    indexes = list(connection.scalars(query, {"name": table}))
    connection.execute(text(f"ALTER TABLE {table} RENAME TO before_{table}"))
    connection.execute(
        text(f"CREATE TABLE {table} (LIKE before_{table} INCLUDING DEFAULTS) PARTITION BY LIST (site)")
    )
    for number, site in enumerate(layout.all_sites):
        name = f"{table}_at_{number}"
        within = f" PARTITION BY RANGE ({month})" if month else ""
        connection.execute(text(f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES IN ('{site}'){within}"))
        for first, after in _spans(layout.months) if month else ():
            span = f"FROM ({first}) TO ({after})"
            leaf = f"{name}_{first.strip(chr(39))[:7].replace('-', '_').lower()}"
            connection.execute(text(f"CREATE TABLE {leaf} PARTITION OF {name} FOR VALUES {span}"))
    connection.execute(text(f"INSERT INTO {table} SELECT * FROM before_{table}"))
    connection.execute(text(f"DROP TABLE before_{table}"))
    return [_unique_within(index, month) if " UNIQUE " in index else index for index in indexes]


def _spans(months: Sequence[date]) -> Iterator[tuple[str, str]]:
    """From each first day to the next, with all that was before and comes after."""
    days = [f"'{month}'" for month in months]
    yield from zip(["MINVALUE", *days], [*days, "MAXVALUE"], strict=True)


def _unique_within(index: str, month: str | None) -> str:
    """The definition of a unique index, which PostgreSQL takes where it names what tables are spread by."""
    start, _, named = index.rpartition("(")
    columns = named.rstrip(")").split(", ")
    wanted = [*([] if "site" in columns else ["site"]), *columns]
    wanted += [month] if month and month not in columns else []
    return f"{start}({', '.join(wanted)})"


# Where statements look


@dataclass(frozen=True)
class Asked:
    """A statement as a page asked it, with its values."""

    statement: str
    values: Any

    @property
    def is_spread(self) -> bool:
        """Whether it names a table that is."""
        return bool(set(SPREAD) & set(self.statement.replace("(", " ").replace(".", " ").split()))


@dataclass(frozen=True)
class Looked:
    """How many partitions of one table a plan names, by site and by month within it; how many it looked into.

    The last is 0 for a statement that changes something: it is not run."""

    sites: int
    months: int
    entered: int
    milliseconds: float


@contextmanager
def listened(engine: Engine) -> Iterator[list[Asked]]:
    """What is asked meanwhile, but for transactions that begin."""
    asked: list[Asked] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        if statement.split(maxsplit=1)[0] in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            asked.append(Asked(statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def looked(connection: Connection, asked: Asked) -> Looked:
    """Where a statement looks, by its plan; one that reads is run, one that changes something is not."""
    how = "ANALYZE, TIMING OFF, " if asked.statement.startswith("SELECT") else ""
    values = asked.values[0] if isinstance(asked.values, list) else asked.values
    statement = asked.statement.replace("FOR UPDATE", "") if how else asked.statement
    (plan,) = connection.exec_driver_sql(f"EXPLAIN ({how}FORMAT JSON) {statement}", values).scalar_one()
    found = [(table, site, leaf, ran) for table, site, leaf, ran in _relations(plan["Plan"])]
    return Looked(
        _most({(table, site) for table, site, *_ in found}),
        _most({(table, leaf) for table, _site, leaf, _ in found}),
        _most({(table, leaf) for table, _site, leaf, ran in found if ran}),
        plan.get("Execution Time", 0.0),
    )


def _most(found: set[tuple[str, str]]) -> int:
    """The most partitions of one table."""
    tables = [table for table, _ in found]
    return max(map(tables.count, tables), default=0)


def _relations(node: Mapping[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    """Each partition that a plan names: its table, its site, its name, and whether it was looked into."""
    name = str(node.get("Relation Name", ""))
    table, at, rest = name.partition("_at_")
    if at and table in SPREAD:
        yield table, rest.partition("_")[0], name, bool(node.get("Actual Loops", 0))
    for below in node.get("Plans", ()):
        yield from _relations(below)
