"""An upgrade is taken back, by the backup that it made; and tables that go down and up lose no request."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from screening.app import create_app
from screening.cli import main
from screening.core.errors import NotReady
from screening.desk import opened_request, queues, reception
from screening.desk.catching_up import catch_up, count
from screening.desk.desk import Desk
from screening.desk.shapes import Filters, Row
from screening.operating.backups.files import backup_key_file
from screening.settings.environment import load_settings
from screening.storage.database import upgrade
from screening.storage.migrating import downgrade
from screening.storage.sealing.keys import create_pair
from screening.web.door import service_of
from tests.desk.making import RITA, version
from tests.stored.test_upgrading import went_on
from tests.stored.unpacking import Old, unpack, unpacked

Rows = dict[str, list[tuple[Any, ...]]]
KEPT_AS_WRITTEN = ("entries", "rule_sets", "request_status")


def rows_of(database: Path) -> Rows:
    """Table -> its rows, as they lie there."""
    with closing(sqlite3.connect(database)) as kept:
        names = kept.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return {name: sorted(kept.execute(f"SELECT * FROM {name}"), key=repr) for (name,) in names}


def revision_of(database: Path) -> str:
    return str(rows_of(database)["alembic_version"][0][0])


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The database as the program of then left it."""
    unpack(tmp_path / "then")
    return tmp_path / "then" / "instance" / "screening.sqlite3"


@pytest.fixture
def command() -> Callable[..., None]:
    """What an operator types, with these settings."""

    def run(*line: str, **settings: Path) -> None:
        given = {f"SCREENING_{name.upper()}": str(value) for name, value in settings.items()}
        ended = CliRunner(env=given).invoke(main, line)
        assert ended.exit_code == 0, ended.output

    return run


def uses(old: Old) -> str:
    """A patient and reception go on with the program of now; the reference."""
    reference = went_on(old).reference
    assert reference is not None
    reception.write_note(old.desk, RITA, reference, version(old.desk, reference), "A word")
    return reference


def test_the_upgrade_keeps_the_tables_as_they_were_and_they_come_back_so(
    tmp_path: Path, before: Path, command: Callable[..., None]
) -> None:
    place, backups = tmp_path / "now", tmp_path / "backups"
    settings = load_settings(instance=place / "instance")
    unpack(place)
    create_pair(backup_key_file(settings), tmp_path / "backup.private")
    with unpacked(place, backup_to=backups) as old:
        uses(old)
    (made,) = backups.glob("*.backup")
    back = tmp_path / "back"
    line = ("restore", str(made), "--key", str(tmp_path / "backup.private"), "--as-made")
    command(*line, instance=back)
    then, now = rows_of(before), rows_of(back / "screening.sqlite3")
    assert revision_of(back / "screening.sqlite3") == revision_of(before)
    del then["presence"]  # who looks at what is noted again within seconds
    assert {name: now[name] for name in then} == then
    for kept in ("keys/opening.private", "audit-head"):
        assert (back / kept).read_bytes() == (before.parent / kept).read_bytes()


COMMANDS = (
    ("staff", "list"),
    ("keys", "list"),
    ("audit", "verify"),
    ("purge",),
    ("upkeep",),
    ("rules", "list"),
    ("staff", "add", "r@example.org", "--name", "Rita", "--role", "reception"),
)


@pytest.mark.parametrize("line", COMMANDS, ids=" ".join)
def test_no_command_changes_tables_that_the_program_of_before_may_still_use(
    line: tuple[str, ...], before: Path
) -> None:
    then = rows_of(before)
    told = CliRunner(env={"SCREENING_INSTANCE": str(before.parent)}).invoke(main, line)
    assert told.exit_code == 2, told.output
    assert revision_of(before) in told.output
    assert rows_of(before) == then


def test_a_backup_by_the_new_program_before_an_upgrade_leaves_the_tables_as_they_are_and_restores(
    tmp_path: Path, before: Path, command: Callable[..., None]
) -> None:
    place, backups, back = before.parent, tmp_path / "backups", tmp_path / "back"
    create_pair(backup_key_file(load_settings(instance=place)), tmp_path / "backup.private")
    then = rows_of(before)
    command("backup", str(backups), instance=place)
    assert rows_of(before) == then
    (made,) = backups.glob("*.backup")
    command("restore", str(made), "--key", str(tmp_path / "backup.private"), "--as-made", instance=back)
    del then["presence"]
    now = rows_of(back / "screening.sqlite3")
    assert {name: now[name] for name in then} == then


def test_tables_of_a_newer_program_are_refused_and_no_backup_says_that_they_were_brought_up_to_date(
    tmp_path: Path, before: Path
) -> None:
    place, backups = before.parent, tmp_path / "backups"
    create_pair(backup_key_file(load_settings(instance=place)), tmp_path / "backup.private")
    with closing(sqlite3.connect(before)) as kept, kept:
        kept.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NotReady, match="9999"):
        create_app(load_settings(instance=place, backup_to=backups, log_level="error"))
    assert list(backups.glob("*")) == []


def test_tables_go_down_and_up_again_and_no_request_of_then_or_since_is_lost(
    tmp_path: Path, before: Path
) -> None:
    with unpacked(tmp_path / "now") as old:
        reference, engine = uses(old), service_of(old.app).engine
        there = {row.reference: row.name for row in everything(old.desk)}
        downgrade(engine, revision_of(before))
        then, down = rows_of(before), rows_of(tmp_path / "now" / "instance" / "screening.sqlite3")
        assert set(down) == set(then)
        for name in KEPT_AS_WRITTEN:
            assert [row for row in then[name] if row not in down[name]] == [], name
        upgrade(engine)
        catch_up(old.desk)
        count(old.desk)
        assert reference in there
        assert {row.reference: row.name for row in everything(old.desk)} == there
        assert len(opened_request.request(old.desk, RITA, reference).entries) == 1


def everything(desk: Desk) -> tuple[Row, ...]:
    return queues.queue(desk, RITA, Filters(status="all"), size=500).rows
