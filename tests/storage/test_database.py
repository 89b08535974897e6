"""The database: durable, honest about failing, and silent about what was being saved."""

from __future__ import annotations

import resource
import socket
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, event, func, insert, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from screening.core.errors import NotReady, Unavailable
from screening.storage import rule_sets, sqlite, tables
from screening.storage.database import (
    check_writable,
    open_database,
    reading,
    snapshot,
    upgrade,
    wait_anew,
    writing,
)
from tests.usual import TREATMENT, rules_of

from .making import CANARY, NOW, begin_draft, merge


def archive(engine: Engine, digest: str = "d1", document: str = "{}", now: datetime = NOW) -> None:
    """Archive in a transaction of its own."""
    rule_set = rules_of(TREATMENT).model_copy(update={"digest": digest, "document": document})
    with writing(engine) as connection:
        rule_sets.archive(connection, rule_set, rule_set.document, now)


def archived(engine: Engine, digest: str = "d1") -> str | None:
    """What the archive holds."""
    with reading(engine) as connection:
        return rule_sets.load(connection, digest)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process in the middle of writing."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.close()


@contextmanager
def full_disk(engine: Engine, room: int = 0) -> Iterator[None]:
    """The journal may grow by `room` bytes and no more."""
    check_writable(engine)  # makes the journal
    size = Path(f"{engine.url.database}-wal").stat().st_size + room
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("busy_timeout", 2000),
    ],
)
def test_sqlite_is_set_to_survive_a_power_cut(sqlite_engine: Engine, pragma: str, value: object) -> None:
    with reading(sqlite_engine) as connection:
        assert connection.scalar(text(f"PRAGMA {pragma}")) == value


def test_a_sqlite_that_is_not_durable_is_not_ready(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # 9 is no level of durability: SQLite takes it in silence, as something else
    monkeypatch.setitem(sqlite._PRAGMAS, "synchronous", 9)
    with pytest.raises(NotReady, match="synchronous"):
        open_database(sqlite_url)


def test_the_database_and_its_journal_are_for_their_owner_only(sqlite_engine: Engine, tmp_path: Path) -> None:
    begin_draft(sqlite_engine)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("screening.db", "screening.db-wal", "screening.db-shm"), 0o600)


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:", "sqlite:////nowhere/x.db"],
)
def test_an_address_that_cannot_work_is_not_ready_and_not_repeated(url: str) -> None:
    with pytest.raises(NotReady) as refusal:
        open_database(url)
    assert "secret" not in str(refusal.value)


@pytest.mark.slow
def test_a_locked_sqlite_is_unavailable_and_comes_back(sqlite_engine: Engine, tmp_path: Path) -> None:
    token = begin_draft(sqlite_engine)
    with locked(tmp_path / "screening.db"):
        with pytest.raises(Unavailable):
            merge(sqlite_engine, token, side="left")
        with pytest.raises(Unavailable):
            check_writable(sqlite_engine)
        with reading(sqlite_engine) as connection:  # readers do not wait for writers
            assert connection.scalar(select(tables.drafts.c.id)) == token.row_id
    assert merge(sqlite_engine, token, side="left") is not None


BEATS = """
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT beats FROM heartbeat").fetchone())
"""


def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Grows by each pause that somebody makes before they try again to write."""
    made: list[float] = []

    def pause(least: float, _most: float) -> float:
        made.append(least)
        return least

    monkeypatch.setattr(sqlite, "uniform", pause)
    return made


@pytest.mark.usefixtures("impatient")
def test_a_page_waits_once_for_a_locked_sqlite_however_often_it_tries_to_write(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = pauses(monkeypatch)
    context = copy_context()

    def tries() -> None:
        with pytest.raises(Unavailable):
            check_writable(sqlite_engine)

    with locked(tmp_path / "screening.db"):
        context.run(wait_anew)
        context.run(tries)
        once = len(made)
        context.run(tries)
        assert once == len(made) > 0
        context.run(wait_anew)
        context.run(tries)
        assert len(made) > once
    context.run(check_writable, sqlite_engine)


def test_what_is_written_after_others_came_and_went_is_theirs_to_read(sqlite_engine: Engine) -> None:
    """Who goes last deletes the log of what was written: nobody does while this process is there."""
    check_writable(sqlite_engine)
    with snapshot(sqlite_engine), reading(sqlite_engine):
        pass
    line = [sys.executable, "-c", BEATS, str(sqlite_engine.url.database)]
    before = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    check_writable(sqlite_engine)
    assert subprocess.run(line, capture_output=True, text=True, check=True).stdout != before


@pytest.mark.slow
def test_a_sqlite_locked_from_the_start_is_unavailable(sqlite_url: str, tmp_path: Path) -> None:
    open_database(sqlite_url).dispose()
    other = sqlite3.connect(tmp_path / "screening.db", isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("CREATE TABLE t (x)")
    with pytest.raises(Unavailable):
        open_database(sqlite_url)
    other.close()


def test_a_commit_that_fails_raises_and_keeps_nothing(sqlite_engine: Engine) -> None:
    reached: list[str] = []
    with full_disk(sqlite_engine, 20_000):
        event.listen(sqlite_engine, "commit", lambda _: reached.append("commit"))
        with pytest.raises(Unavailable):
            archive(sqlite_engine, document="x" * 500_000)
    assert reached == ["commit"]  # all before it went well
    assert archived(sqlite_engine) is None
    archive(sqlite_engine)
    assert archived(sqlite_engine) == "{}"


def test_a_full_disk_is_not_writable(sqlite_engine: Engine) -> None:
    check_writable(sqlite_engine)
    with full_disk(sqlite_engine), pytest.raises(Unavailable):
        check_writable(sqlite_engine)
    check_writable(sqlite_engine)


def test_a_read_only_database_is_not_writable(engine: Engine) -> None:
    read_only = "PRAGMA query_only = ON"
    if engine.dialect.name == "postgresql":
        read_only = "SET TRANSACTION READ ONLY"
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(read_only))
    with pytest.raises(Unavailable):
        check_writable(engine)


def test_a_database_without_its_tables_is_a_mistake_on_postgresql_and_never_writable(
    empty_engine: Engine,
) -> None:
    with pytest.raises((Unavailable, ProgrammingError)):
        check_writable(empty_engine)


def test_a_lost_heartbeat_is_not_writable(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(delete(tables.heartbeat))
    with pytest.raises(Unavailable):
        check_writable(engine)


def test_many_writers_at_once_all_succeed(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda number: archive(engine, f"d{number}"), range(40)))
        list(writers.map(lambda _: check_writable(engine), range(40)))
    with reading(engine) as connection:
        assert len(connection.execute(select(tables.rule_sets)).all()) == 40
        assert connection.scalar(select(tables.heartbeat.c.beats)) == 40


def test_no_error_repeats_what_was_being_saved(engine: Engine) -> None:
    row = {"digest": CANARY, "rule_set_id": CANARY}  # NOT NULL columns are missing
    with pytest.raises(IntegrityError) as refusal, writing(engine) as connection:
        connection.execute(insert(tables.rule_sets).values(row))
    assert "hidden" in str(refusal.value)
    if (
        engine.dialect.name == "sqlite"
    ):  # PostgreSQL's own DETAIL quotes the row, which is why all in it is sealed
        assert CANARY not in str(refusal.value)


def test_unavailable_repeats_nothing_and_names_the_kind(sqlite_engine: Engine) -> None:
    with full_disk(sqlite_engine), pytest.raises(Unavailable) as refusal:
        archive(sqlite_engine, document=CANARY * 10_000)
    told = "".join(traceback.format_exception(refusal.value))
    assert CANARY not in told
    assert "SQLITE_" in str(refusal.value)


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(Exception, match="time zone"), reading(engine) as connection:
        connection.execute(select(tables.drafts).where(tables.drafts.c.expires_at > NOW.replace(tzinfo=None)))


def test_a_moment_from_another_zone_is_kept_in_utc(engine: Engine) -> None:
    archive(engine, now=NOW.astimezone(timezone(timedelta(hours=9))))
    with reading(engine) as connection:
        kept = connection.scalar(select(tables.rule_sets.c.first_seen_at))
    assert kept == NOW
    assert kept.tzinfo is UTC


def test_the_archive_never_changes_a_rule_set(engine: Engine) -> None:
    archive(engine, document='{"title": "first"}')
    archive(engine, document='{"title": "second"}')
    assert archived(engine) == '{"title": "first"}'
    assert archived(engine, "absent") is None


def test_servers_that_start_at_once_archive_once(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as servers:
        list(servers.map(lambda _: archive(engine), range(20)))
    assert archived(engine) == "{}"


def test_upgrading_waits_for_nobody_when_opened_twice(empty_url: str) -> None:
    engines = [open_database(empty_url) for _ in range(2)]
    for engine in engines:
        upgrade(engine)
        check_writable(engine)
        engine.dispose()


def test_a_server_that_is_not_there_is_unavailable_and_its_password_not_repeated() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    engine = open_database(f"postgresql://user:hunter2@127.0.0.1:{port}/none")
    with pytest.raises(Unavailable) as refusal:
        check_writable(engine)
    assert "hunter2" not in str(refusal.value)


def test_a_reading_sees_one_state_and_a_snapshot_keeps_nobody_waiting(engine: Engine) -> None:
    count = select(func.count()).select_from(tables.drafts)
    with snapshot(engine) as there, reading(engine) as here:
        before = [connection.scalar(count) for connection in (there, here)]
        begin_draft(engine)
        assert [connection.scalar(count) for connection in (there, here)] == before == [0, 0]
    with reading(engine) as connection:
        assert connection.scalar(count) == 1
