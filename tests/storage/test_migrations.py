"""Migrations: the same tables as the code, however many servers start at once."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import ProgrammingError

from screening.core.errors import NotReady, Unavailable
from screening.storage import tables
from screening.storage.database import check_writable, reading, upgrade, writing
from screening.storage.migrating import downgrade, migrations_config
from screening.storage.migrations import NEWEST

from .making import begin_draft

_START = """
import sys
from screening.storage.database import check_writable, open_database, upgrade
engine = open_database(sys.argv[1])
sys.stdin.readline()
upgrade(engine)
check_writable(engine)
"""


def tables_of(engine: Engine) -> set[str]:
    """The names of all tables but Alembic's."""
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_models_and_migrations_agree(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, tables.metadata) == []


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    token = begin_draft(engine)
    upgrade(engine)
    with reading(engine) as connection:
        assert connection.scalars(select(tables.drafts.c.id)).all() == [token.row_id]


def test_the_newest_revision_is_the_last_migration() -> None:
    assert ScriptDirectory.from_config(migrations_config()).get_current_head() == NEWEST


def test_which_of_two_revisions_is_older_is_known_by_comparing_them() -> None:
    newest_first = [
        script.revision for script in ScriptDirectory.from_config(migrations_config()).walk_revisions()
    ]
    assert newest_first == sorted(newest_first, reverse=True)
    assert {len(revision) for revision in newest_first} == {len(NEWEST)}


def test_tables_that_are_up_to_date_are_found_so_without_alembic(engine: Engine, database_url: str) -> None:
    del engine
    program = _START.replace("sys.stdin.readline()", "") + "assert 'alembic' not in sys.modules"
    subprocess.run([sys.executable, "-c", program, database_url], check=True, timeout=60)


def test_down_and_up_again(engine: Engine) -> None:
    downgrade(engine, "base")
    assert tables_of(engine) == set()
    upgrade(engine)
    assert tables_of(engine) == set(tables.metadata.tables)
    check_writable(engine)


@pytest.mark.slow
def test_processes_that_start_at_once_all_find_the_tables(empty_engine: Engine, empty_url: str) -> None:
    servers = [
        subprocess.Popen([sys.executable, "-c", _START, empty_url], stdin=subprocess.PIPE) for _ in range(4)
    ]
    for server in servers:
        assert server.stdin is not None
        server.stdin.write(b"go\n")
        server.stdin.close()
    assert [server.wait(60) for server in servers] == [0, 0, 0, 0]
    assert tables_of(empty_engine) == set(tables.metadata.tables)


def test_a_migration_that_fails_leaves_nothing_half_done(empty_engine: Engine) -> None:
    with writing(empty_engine) as connection:
        connection.execute(text("CREATE TABLE rule_sets (x TEXT)"))  # in the way of the third table
    with pytest.raises((ProgrammingError, Unavailable)):
        upgrade(empty_engine)
    assert tables_of(empty_engine) == {"rule_sets"}


def test_a_database_newer_than_the_program_is_not_ready(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotReady, match="9999"):
        upgrade(engine)
    with pytest.raises(NotReady):
        downgrade(engine, "base")
