"""Every column that events vouch for, edited; every row, deleted, moved or made up: each is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import (
    Column,
    ColumnElement,
    Executable,
    Row,
    Table,
    UniqueConstraint,
    and_,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from screening.desk.desk import Desk
from screening.operating import retention
from screening.service import audit_head
from screening.settings import Settings
from screening.storage import binding, events
from screening.storage.binding import KINDS, BoundPart
from screening.storage.database import writing
from screening.storage.moment import Moment
from screening.storage.tables import event_head, messages, metadata, rule_sets
from screening.storage.unvouched import UNVOUCHED
from tests.desk.making import send
from tests.security.meddling import Meddler, Story

NO_RULES = delete(rule_sets)  # they are read anew each time, which is slow and another test's matter
PARTS = tuple(part for parts in KINDS.values() for part in parts)
OTHER: dict[str, object] = {"TEXT": "other", "INTEGER": 7, "BLOB": b"other", "DATE": date(2026, 12, 24)}
A_MOMENT = datetime(2026, 12, 24, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Of a clinic that sends no mails by itself."""
    return settings.model_copy(update={"smtp_host": ""})


def test_every_table_and_column_is_vouched_for_or_it_is_said_why_not() -> None:
    bound = {column for part in PARTS for column in (*part.columns, part.of)}
    for table in metadata.tables.values():
        there, named = bound.intersection(table.columns), table.name in UNVOUCHED
        assert bool(there) is not named, table.name
        left = set() if named else {str(column) for column in table.columns if column not in there}
        assert left == {name for name in UNVOUCHED if name.startswith(f"{table.name}.")}
    known = {str(column) for table in metadata.tables.values() for column in table.columns}
    assert known.union(metadata.tables).issuperset(UNVOUCHED)


def test_every_kind_is_vouched_for_from_one_age_on() -> None:
    assert sorted(kind for age in binding.AGES for kind in age) == sorted(KINDS)


@pytest.mark.both_engines
def test_each_edit_of_a_column_that_counts_is_found(story: Story) -> None:
    with story.meddled(NO_RULES) as meddler:
        assert list(unnoticed(meddler, edits(meddler))) == []


def test_each_deletion_and_each_row_made_up_is_found(story: Story) -> None:
    with story.meddled(NO_RULES) as meddler:
        assert list(unnoticed(meddler, deletions_and_insertions(meddler))) == []


def unnoticed(meddler: Meddler, changes: Iterator[tuple[str, Executable]]) -> Iterator[str]:
    """The changes that are not found; what the database itself refuses was never made."""
    for name, change in changes:
        try:
            if not meddler.found_after(change):
                yield name
        except IntegrityError:
            assert name in REFUSED, name


REFUSED = {"people.id edited", "passkeys.person_id edited", "a row of people deleted"}  # they hold each other


def edits(meddler: Meddler) -> Iterator[tuple[str, Executable]]:
    for part in PARTS:
        row = first_row(meddler, part.table)
        for column in dict.fromkeys((part.of, *part.columns)):
            value = None if column.name in part.whether and row._mapping[column.name] else other(column, row)
            yield (
                f"{column} edited",
                update(part.table).where(is_row(part.table, row)).values({column: value}),
            )


def deletions_and_insertions(meddler: Meddler) -> Iterator[tuple[str, Executable]]:
    for part in PARTS:
        row = first_row(meddler, part.table)
        yield f"a row of {part.table.name} deleted", delete(part.table).where(is_row(part.table, row))
        fresh = {column.name: other(column, row) for column in unique_in(part)}
        yield f"a row of {part.table.name} made up", insert(part.table).values(row._asdict() | fresh)


def unique_in(part: BoundPart) -> set[Column[object]]:
    """What must be another in a second row, of the same thing where there may be several."""
    table = part.table
    one_of_many = set(table.primary_key.columns) - {part.of}
    indexes = [index.columns for index in table.indexes if index.unique]
    held = [each.columns for each in table.constraints if isinstance(each, UniqueConstraint)]
    unique = {column for columns in (*indexes, *held) for column in columns} - {part.of}
    return (one_of_many or {part.of}) | unique


def first_row(meddler: Meddler, table: Table) -> Row[tuple[object, ...]]:
    found = meddler.connection.execute(select(table).order_by(*table.primary_key.columns)).first()
    assert found is not None, table.name
    return found


def is_row(table: Table, row: Row[tuple[object, ...]]) -> ColumnElement[bool]:
    return and_(*(column == row._mapping[column.name] for column in table.primary_key.columns))


def other(column: Column[object], row: Row[tuple[object, ...]]) -> object:
    was = row._mapping[column.name]
    if was is None:
        return A_MOMENT if isinstance(column.type, Moment) else OTHER[str(column.type)]
    if isinstance(was, bool):
        return not was
    if isinstance(was, date):
        return was + timedelta(days=1)
    return was + (b"x" if isinstance(was, bytes) else "x" if isinstance(was, str) else 50)


def test_what_is_erased_before_its_kind_is_vouched_for_is_no_finding(desk: Desk) -> None:
    service = desk.service
    reference, now = send(service), service.now()
    rows = [
        {"id": name, "reference": name, "way": "mail", "template": "ring"} for name in (reference, "kept")
    ]
    with writing(service.engine) as connection:
        connection.execute(update(event_head).values(bound=len(binding.AGES) - 1))
        connection.execute(insert(messages).values(state="sent", state_at=now, created_at=now), rows)
    assert retention.erase(service, [reference], "restored") == 1
    found = [audit_head.findings(service.settings, service.engine)[0]]
    with writing(service.engine) as connection:
        assert events.vouch_for_all(connection, now)
        heads = audit_head.committed(service.settings, connection)
    audit_head.remember(service.settings, heads)
    assert [*found, audit_head.findings(service.settings, service.engine)[0]] == [[], []]
