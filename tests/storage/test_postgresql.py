"""A PostgreSQL that dies or stops without a word: Unavailable, and back without a restart."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import Context
from math import inf
from time import monotonic
from typing import TypeVar

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from screening.core.errors import NotReady, Unavailable
from screening.storage import bounded, queue
from screening.storage.database import check_writable, open_database, reading, upgrade, writing
from screening.storage.queue import Wanted
from tests.wire import Wire, wire_to

from .making import begin_draft, merge

T = TypeVar("T")

if not os.environ.get("SCREENING_TEST_POSTGRESQL"):
    pytest.skip("set SCREENING_TEST_POSTGRESQL=postgresql://user@host/postgres", allow_module_level=True)

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.parametrize("kind", ["postgresql"], indirect=True),
]


@pytest.fixture
def wire(database_url: str) -> Iterator[Wire]:
    """The wire to the server."""
    with wire_to(database_url) as wire:
        yield wire


@pytest.fixture
def wired(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A database at the end of the wire, which is asked again at once."""
    monkeypatch.setattr(bounded, "SILENT", 0.0)
    engine = open_database(wire.url)
    upgrade(engine)
    yield engine
    engine.dispose()


def test_a_server_that_stops_before_a_transaction_is_unavailable_and_comes_back(
    wired: Engine, wire: Wire
) -> None:
    token = begin_draft(wired)
    wire.stop()
    with pytest.raises(Unavailable):
        merge(wired, token, side="left")
    wire.resume()
    assert comes_back(lambda: merge(wired, token, side="left")) is not None


def test_a_server_that_stops_within_a_transaction_is_unavailable_and_comes_back(
    wired: Engine, wire: Wire
) -> None:
    with pytest.raises(Unavailable), writing(wired) as connection:
        stop_midway(connection, wire)
    wire.resume()
    comes_back(lambda: check_writable(wired))


def comes_back(do: Callable[[], T]) -> T:
    """On a busy machine a connection may take longer than anybody waits for: it is asked for again."""
    until = monotonic() + 60
    while monotonic() < until:
        with suppress(Unavailable):
            return do()
    return do()


def ask(engine: Engine) -> None:
    """As a page does that only looks."""
    with reading(engine) as connection:
        connection.execute(text("SELECT 1"))


def stop_midway(connection: Connection, wire: Wire) -> None:
    """The first statement is answered, the second is not."""
    connection.execute(text("SELECT 1"))
    wire.stop()
    connection.execute(text("SELECT 1"))


def test_a_server_that_let_somebody_wait_is_not_asked_again_for_a_moment(
    wired: Engine, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "SILENT", 60.0)
    wire.stop()
    for asked_again in (False, True):
        with pytest.raises(Unavailable):
            ask(wired)
        wire.resume() if asked_again else None
    with pytest.raises(Unavailable):
        ask(wired)


def test_whoever_waited_in_vain_for_an_answer_does_not_wait_for_a_connection_too(
    wired: Engine, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(wired)
    came = wire.came
    monkeypatch.setattr(bounded, "SILENT", 60.0)
    wire.stop()
    with pytest.raises(Unavailable):
        ask(wired)
    assert wire.came == came


def test_killed_connections_are_unavailable_at_most_once(engine: Engine) -> None:
    with pytest.raises(Unavailable), writing(engine) as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    check_writable(engine)


def test_a_connection_killed_while_idle_is_not_even_noticed(engine: Engine) -> None:
    with reading(engine) as connection:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
    other = open_database(engine.url.render_as_string(hide_password=False))
    with reading(other) as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 9000)"), {"pid": pid})
    other.dispose()
    check_writable(engine)


WARNED = """
CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER warns AFTER UPDATE ON heartbeat
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION warn();
"""


def test_what_the_server_commits_with_a_warning_is_not_acknowledged(engine: Engine) -> None:
    """So it tells that no standby has it: which only this server has is lost with it."""
    check_writable(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql(WARNED)
    with pytest.raises(Unavailable):
        check_writable(engine)
    with pytest.raises(Unavailable):
        Context().run(beat_alone, engine)
    with writing(engine) as connection:
        connection.exec_driver_sql("DROP TRIGGER warns ON heartbeat")
    check_writable(engine)


BEAT = text("UPDATE heartbeat SET beats = beats + :by")


def test_a_statement_that_is_alone_is_kept_and_is_the_only_one(engine: Engine) -> None:
    Context().run(twice_alone, engine)  # and on behalf of no page that has waited in vain
    with writing(engine) as connection:
        connection.execute(BEAT, {"by": 1})
        connection.rollback()
    assert beats_and_server(engine)[0] == 1


def twice_alone(engine: Engine) -> None:
    with writing(engine, alone=True) as connection:
        connection.execute(BEAT, {"by": 1})
        with pytest.raises(ProgrammingError):
            connection.execute(BEAT, {"by": 1})


def test_what_only_reads_sees_one_state_and_changes_nothing(engine: Engine) -> None:
    with reading(engine) as connection:
        before = connection.execute(STATE, {"so": True}).one()
        check_writable(engine)
        assert connection.execute(STATE, {"so": True}).one() == before
    assert beats_and_server(engine)[0] == before[0] + 1
    with pytest.raises(Unavailable), reading(engine) as connection:
        connection.execute(BEAT, {"by": 1})


def test_what_only_read_leaves_nothing_open(engine: Engine) -> None:
    _beats, mine = beats_and_server(engine)
    other = open_database(engine.url.render_as_string(hide_password=False))
    with reading(other) as connection:
        state = text("SELECT state FROM pg_stat_activity WHERE pid = :pid")
        assert connection.scalar(state, {"pid": mine}) == "idle"
    other.dispose()


STATE = text("SELECT beats, pg_backend_pid() FROM heartbeat WHERE :so")


def beats_and_server(engine: Engine) -> tuple[int, int]:
    """How many there were, and the id of the process that says so."""
    with reading(engine) as connection:
        beats, pid = connection.execute(STATE, {"so": True}).one()
    return beats, pid


def test_no_connection_is_used_again_that_the_server_has_hung_up(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However short a while ago it was heard: all of them are ended, as when it is started anew."""
    monkeypatch.setattr(bounded, "FRESH", inf)
    with reading(engine) as one, reading(engine) as another:
        mine = [connection.scalar(text("SELECT pg_backend_pid()")) for connection in (one, another)]
    other = open_database(engine.url.render_as_string(hide_password=False))
    with reading(other) as connection:
        for pid in mine:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 9000)"), {"pid": pid})
    other.dispose()
    with reading(engine) as one, writing(engine) as another:
        for connection in (one, another):
            assert connection.scalar(text("SELECT pg_backend_pid()")) not in mine


def test_a_connection_that_was_not_used_for_a_while_is_tried_first(
    wired: Engine, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands between may have forgotten it without a word."""
    ask(wired)
    monkeypatch.setattr(bounded, "FRESH", 0.0)
    wire.forget()
    ask(wired)
    check_writable(wired)


def beat_alone(engine: Engine) -> None:
    with writing(engine, alone=True) as connection:
        connection.execute(BEAT, {"by": 1})


def test_through_a_pooler_nothing_is_asked_of_the_session(database_url: str) -> None:
    pooled = open_database(f"{database_url}?pooler=transaction")
    with reading(pooled) as connection:
        assert connection.scalar(text("SHOW statement_timeout")) == "0"
        for _ in range(8):
            connection.execute(text("SELECT 1"))
        assert connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0
    pooled.dispose()


def test_another_kind_of_pooler_is_refused(database_url: str) -> None:
    with pytest.raises(NotReady):
        open_database(f"{database_url}?pooler=session")


@pytest.mark.parametrize("statement", ["SELECT pg_sleep(60)", "LOCK TABLE drafts"])
def test_a_statement_that_takes_too_long_is_unavailable(engine: Engine, statement: str) -> None:
    holder = open_database(engine.url.render_as_string(hide_password=False))
    with reading(holder) as other:
        other.execute(text("LOCK TABLE drafts"))
        with pytest.raises(Unavailable), reading(engine) as connection:
            connection.execute(text(statement))
    holder.dispose()
    check_writable(engine)


def test_what_an_address_asks_of_a_session_holds_beside_our_limits(database_url: str) -> None:
    engine = open_database(f"{database_url}?options=-c%20geqo%3Doff")
    upgrade(engine)
    with reading(engine) as connection:
        settings = [
            connection.scalar(text(f"SHOW {name}")) for name in ("geqo", "statement_timeout", "lock_timeout")
        ]
    assert settings == ["off", "2s", "2s"]
    engine.dispose()


def test_a_search_is_planned_for_the_words_that_are_searched(engine: Engine) -> None:
    wanted, often = Wanted(status="all", words=(("d1",), ("d2",))), 8  # one plan for all after the fifth time
    with reading(engine) as connection:
        for _ in range(often):
            queue.page(connection, wanted, None, 25)
            queue.page(connection, Wanted(), None, 25)
            queue.with_words(connection, [wanted.words], 20)
        kept = [
            row.statement for row in connection.execute(text("SELECT statement FROM pg_prepared_statements"))
        ]
    assert [statement for statement in kept if "request_index" in statement] == []
    assert any("requests" in statement for statement in kept)
