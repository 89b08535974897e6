"""The lanes of a running service: each reaches the kept heads, and what was told vouches for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, delete, select, update

from screening.cli import main
from screening.core.errors import NotReady
from screening.desk import audit, reception
from screening.desk.desk import Desk
from screening.operating.backups import restore
from screening.operating.job import JobDone, JobGround
from screening.operating.joined_lanes import join, keep_heads
from screening.service import audit_head, joining
from screening.service.patient import Service
from screening.service.recording import record
from screening.storage import dump, events, joins, lanes, reading_events, tables, verifying
from screening.storage.database import open_database, reading, upgrade, writing
from screening.storage.lanes import BEGINNING, MANY, Head
from tests.actors import Clock
from tests.desk.making import AUDREY, RITA, actions, send

T = tables.events


@pytest.fixture
def many(desk: Desk) -> Desk:
    """A desk whose audit has several lanes, on either engine, and some requests."""
    with writing(desk.service.engine) as connection:
        lanes.open_many(connection)
    send(desk.service, name="Anna Example")
    for person in ("p1", "p2", "p3", "p4"):  # of several lanes, whichever the request is in
        record(desk.service, "noted", (person, ""))
    return desk


def found(desk: Desk) -> list[str]:
    return audit_head.findings(desk.settings, desk.service.engine)[0]


@pytest.mark.both_engines
def test_where_many_write_at_once_a_start_opens_lanes_and_where_one_does_it_stays_one(
    service: Service, engine: Engine
) -> None:
    with reading(engine) as connection:
        assert len(lanes.heads(connection)) == (MANY if engine.dialect.name == "postgresql" else 1)
    send(service)
    assert audit_head.findings(service.settings, engine)[0] == []


@pytest.mark.both_engines
def test_each_lane_reaches_the_kept_heads_and_a_cut_of_any_is_found(many: Desk) -> None:
    engine, kept = many.service.engine, audit_head.kept_heads(many.settings).latest
    with reading(engine) as connection:
        assert {head for head in kept if head.number} == {
            head for head in joins.all_heads(connection) if head.number
        }
    begun = [head.lane for head in kept if head.number]
    assert len(begun) > 1
    for lane in begun:
        with engine.connect() as connection, connection.begin() as undone:
            connection.execute(delete(T).where(T.c.lane == lane))
            head = update(tables.event_head).where(tables.event_head.c.id == lane)
            connection.execute(head.values(number=0, hash=BEGINNING))
            assert [fault for fault in verifying.verify(connection, kept) if f"lane {lane}:" in fault]
            undone.rollback()


def test_the_history_of_a_request_and_pages_of_the_record_are_in_one_order(many: Desk) -> None:
    reference = send(many.service, name="Ella Example")
    reception.write_note(many, RITA, reference, 1, "note")
    reception.write_note(many, RITA, reference, 2, "note")
    lines = actions(many, reference)
    assert lines[:3] == ["received", "noted", "noted"]
    with reading(many.service.engine) as connection:
        forward = [event.number for event in reading_events.since(connection, 0)]
    assert forward == sorted(set(forward))
    assert [event.number for event in audit.events_before(many, AUDREY)] == forward[::-1]


@pytest.fixture
def command(many: Desk, database_url: str, tmp_path: Path) -> Callable[..., Result]:
    """What an auditor runs."""
    where = {
        "SCREENING_DATABASE_URL": database_url,
        "SCREENING_AUDIT_HEAD": str(many.settings.audit_head),
        "SCREENING_AUDIT_KEY": str(audit_head.audit_key_file(many.settings)),
        "SCREENING_INSTANCE": str(tmp_path),
    }
    return lambda *line: CliRunner(env=where).invoke(main, ["audit", *line])


def test_a_head_that_was_told_vouches_for_all_lanes_and_is_not_joined_over_what_was_changed(
    many: Desk, command: Callable[..., Result]
) -> None:
    told = re.search(r"\d+-[0-9a-f]{64}", command("verify").output)
    assert told is not None
    send(many.service, name="Ella Example")
    assert command("verify", "--head", told[0]).exit_code == 0
    assert command("verify", "--head", f"1-{'0' * 64}").exit_code == 1
    send(many.service, name="Fred Example")  # so that there is something to join
    with reading(many.service.engine) as connection:
        before = joins.head(connection)
        last = max(lanes.heads(connection), key=lambda head: head.number)
    with writing(many.service.engine) as connection:
        connection.execute(update(T).where(T.c.number == last.number).values(hash="0" * 64))
    join(JobGround(many.service, many.opening_keys), JobDone(0))
    with reading(many.service.engine) as connection:
        assert joins.head(connection) == before
    assert command("verify").exit_code == 1


def test_missing_garbled_unsigned_mixed_or_earlier_heads_are_a_finding_and_may_be_begun_anew(
    many: Desk, clock: Clock, command: Callable[..., Result]
) -> None:
    engine, (file,) = many.service.engine, audit_head.head_files(many.settings)
    earlier = file.read_text()
    for person in ("p1", "p2", "p3", "p4"):
        record(many.service, "noted", (person, ""))
    whole = file.read_text()
    soon = clock() + timedelta(minutes=5)  # when the heads had the time to follow
    assert audit_head.findings(many.settings, engine, soon)[0] == []
    mixed = " ".join([*earlier.split()[:6], *whole.split()[6:]])
    for spoilt in ("0", whole.rpartition(" ")[0], mixed, earlier, ""):
        file.write_text(spoilt)
        assert audit_head.findings(many.settings, engine, soon)[0], spoilt
    record(many.service, "noted", ("p1", ""))
    assert file.read_text() == ""  # serving on does not mend it
    file.unlink()
    assert audit_head.findings(many.settings, engine, soon)[0]
    assert command("begin", "--because", "the disk was changed").exit_code == 0
    assert audit_head.findings(many.settings, engine, soon)[0] == []


def test_joined_once_where_no_lane_moved(many: Desk, clock: Clock) -> None:
    engine = many.service.engine
    for _ in range(2):
        joining.join(many.settings, engine, clock())
    with reading(engine) as connection:
        assert joins.head(connection).number == 1
    assert joins_kept(many) == 1
    assert found(many) == []


def joins_kept(desk: Desk) -> int:
    return next(head.number for head in audit_head.kept_heads(desk.settings).latest if head.lane == 0)


def test_what_another_server_appended_reaches_the_heads_that_this_one_keeps(
    many: Desk, tmp_path: Path, clock: Clock
) -> None:
    mine = many.settings
    there = mine.model_copy(
        update={"database_url": "postgresql://elsewhere", "audit_head": tmp_path / "other", "audit_key": None}
    )
    key = audit_head.audit_key_file(mine)
    there = there.model_copy(update={"audit_key": key})
    audit_head.begin_anew(there, audit_head.findings(mine, many.service.engine)[1])
    many.service.settings = there  # of the other server
    for name in ("Ella Example", "Fred Example"):
        send(many.service, name=name)
    assert audit_head.behind(mine, many.service.engine) == 2
    assert audit_head.findings(there, many.service.engine)[0] == []
    with reading(many.service.engine) as connection:
        assert [*audit_head.amiss(mine, connection, clock())] == []
        clock.forward(minutes=5)
        assert [*audit_head.amiss(mine, connection, clock())]
    many.service.settings = mine.model_copy(update={"database_url": "postgresql://here"})
    keep_heads(JobGround(many.service, many.opening_keys))
    assert audit_head.behind(mine, many.service.engine) == 0


def test_many_threads_that_remember_at_once_lose_no_lane(many: Desk) -> None:
    heads = [Head(1000 + number, f"{number:064}", 1 + number % MANY) for number in range(64)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda head: audit_head.remember(many.settings, (head,)), heads))
    kept = {head.lane: head for head in audit_head.kept_heads(many.settings).latest}
    assert [kept[head.lane] for head in heads[-MANY:]] == heads[-MANY:]


def test_what_comes_back_from_a_backup_goes_on_in_its_lanes(
    many: Desk, engine: Engine, tmp_path: Path
) -> None:
    joining.join(many.settings, engine, many.service.now())
    fresh = open_database(f"sqlite:///{tmp_path / 'back.sqlite3'}")
    upgrade(fresh)
    with reading(engine) as connection, writing(fresh) as there:
        filling = dump.Filling(there)
        for line in dump.complete(dump.lines(connection)):
            filling.add(line)
        filling.flush()
        lanes.number_on(there)
    kept = audit_head.kept_heads(many.settings).latest
    for number in range(5):
        with writing(fresh) as there:
            now = many.service.now()
            events.append(there, actor="", action="x", request=f"R{number}", details={}, origin="", now=now)
    with reading(fresh) as there:
        assert [fault for fault in verifying.verify(there, kept) if "rule set" not in fault] == []
        assert len(set(there.scalars(select(T.c.lane)))) > 1
    fresh.dispose()
    with pytest.raises(NotReady):
        restore.take_back(many.settings.model_copy(update={"database_url": str(fresh.url)}), "0025")
