"""Backups while serving, and back from them: whole, from either database, or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text

from screening.cli import main
from screening.core.errors import CannotOpen, NotReady, Unavailable
from screening.desk import queues
from screening.desk.shapes import Filters
from screening.operating.backups import schedule
from screening.operating.backups.files import backup_key_file
from screening.operating.backups.make import backup_key, make, make_as_it_is
from screening.operating.backups.restore import drill, restore, verify
from screening.operating.job import JobDone, JobGround
from screening.service.patient import Service
from screening.settings import Settings
from screening.settings.environment import load_settings
from screening.storage import tables
from screening.storage.database import open_database, reading, writing
from screening.storage.dump import lines
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.sealing.keys import create_pair, load_opening_keys
from screening.web.door import service_of
from tests.actors import Clock
from tests.conftest import MakeApp
from tests.desk.making import RITA, desk_of
from tests.sending import filled_in, sends
from tests.storage.making import known_tables
from tests.stored.unpacking import unpacked
from tests.waiting import PATIENCE

CANARY = "Quincecanary"


@pytest.fixture
def service(database_url: str, make_app: MakeApp) -> Service:
    """A whole service, keys and all, on each engine in turn."""
    return service_of(make_app(database_url=database_url))


@pytest.fixture
def backup_keys(service: Service, tmp_path: Path) -> OpeningKeys:
    """The private half, which is nowhere on the server."""
    create_pair(backup_key_file(service.settings), tmp_path / "away" / "backup.private")
    return load_opening_keys(tmp_path / "away" / "backup.private")


@pytest.fixture
def empty_place(tmp_path: Path) -> Settings:
    return load_settings(instance=tmp_path / "restored" / "instance", log_level="error")


def made(service: Service, folder: Path) -> Path:
    return make(service, backup_key(service.settings), folder).file


def made_beside_others(service: Service, folder: Path) -> Path:
    """Tried until it is let in: how long that takes is the machine's business, within reason."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(Unavailable):
            return made(service, folder)
    return made(service, folder)


def references(settings: Settings) -> set[str]:
    engine = open_database(settings.database)
    with reading(engine) as connection:
        found = set(connection.scalars(select(tables.requests.c.reference)))
    engine.dispose()
    return found


@pytest.mark.both_engines
def test_nothing_that_was_acknowledged_before_it_began_is_missing(
    service: Service, backup_keys: OpeningKeys, tmp_path: Path, empty_place: Settings
) -> None:
    acknowledged: list[str] = []
    some, ended = Event(), Event()

    def patients() -> None:
        while not ended.wait(0.02):  # without a pause, SQLite lets somebody else wait for ever
            with suppress(Unavailable):  # they are told, and nothing is acknowledged
                acknowledged.append(sends(service))
                some.set()

    writers = [Thread(target=patients) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        assert some.wait(PATIENCE), "nobody could send"
        before = set(acknowledged)
        file = made_beside_others(service, tmp_path / "backups")
    finally:
        ended.set()
        for writer in writers:
            writer.join()
    restored = restore(empty_place, file, backup_keys)
    assert before <= references(empty_place)
    assert restored.rows["requests"] == len(references(empty_place))
    assert verify(empty_place) == []


def test_a_drill_needs_the_file_and_the_key_alone_and_leaves_nothing(
    service: Service, backup_keys: OpeningKeys, tmp_path: Path
) -> None:
    sends(service, name=CANARY)
    filled_in(service)
    file = made(service, tmp_path / "backups")
    there = sorted(tmp_path.rglob("*"))
    restored, problems = drill(load_settings(instance=tmp_path / "nowhere"), file, backup_keys)
    assert (restored.rows["requests"], restored.rows["drafts"], problems) == (1, 2, [])
    assert sorted(tmp_path.rglob("*")) == there
    assert CANARY.encode() not in file.read_bytes()


def test_what_is_restored_goes_on_where_the_old_one_stopped(
    service: Service, backup_keys: OpeningKeys, tmp_path: Path, empty_place: Settings, make_app: MakeApp
) -> None:
    sends(service)
    restore(empty_place, made(service, tmp_path / "backups"), backup_keys)
    app = make_app(instance=empty_place.instance)
    sends(service_of(app))
    assert len(queues.queue(desk_of(app), RITA, Filters()).rows) == 2
    assert verify(empty_place) == []


class BackedUp(NamedTuple):
    """Of a service with one request on a database of its own; its backup, and what opens that."""

    settings: Settings
    file: Path
    keys: OpeningKeys


@pytest.fixture
def backed_up(make_app: MakeApp, tmp_path: Path) -> BackedUp:
    """Another one than is restored."""
    old = service_of(make_app(database_url=f"sqlite:///{tmp_path}/old.db"))
    create_pair(backup_key_file(old.settings), tmp_path / "backup.private")
    sends(old)
    keys = load_opening_keys(tmp_path / "backup.private")
    return BackedUp(old.settings, made(old, tmp_path / "backups"), keys)


def fails_to_restore(place: Settings, old: BackedUp, tmp_path: Path) -> None:
    """The audit's head is to be kept where a file is in the way, which is named."""
    in_the_way = tmp_path / "in-the-way"
    in_the_way.touch()
    with pytest.raises(NotReady, match=in_the_way.name):
        restore(place.model_copy(update={"audit_copy": in_the_way / "head"}), old.file, old.keys)


@pytest.mark.both_engines
def test_it_restores_into_each_database(empty_url: str, backed_up: BackedUp, tmp_path: Path) -> None:
    place = load_settings(instance=tmp_path / "restored", database_url=empty_url)
    restore(place, backed_up.file, backed_up.keys)
    assert verify(place) == []
    assert references(place) == references(backed_up.settings)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
@pytest.mark.postgresql
def test_postgresql_knows_at_once_what_was_restored(
    service: Service, backup_keys: OpeningKeys, tmp_path: Path, empty_url: str
) -> None:
    sends(service)
    place = load_settings(instance=tmp_path / "restored", database_url=empty_url)
    restore(place, made(service, tmp_path / "backups"), backup_keys)
    engine = open_database(empty_url)
    known = known_tables(engine)
    engine.dispose()
    assert {"requests", "events", "request_index"} <= known


def test_a_database_of_an_older_version_is_backed_up_and_restored(tmp_path: Path) -> None:
    with unpacked(tmp_path) as old:
        service = service_of(old.app)
        create_pair(backup_key_file(service.settings), tmp_path / "backup.private")
        keys = load_opening_keys(tmp_path / "backup.private")
        restored, problems = drill(service.settings, made(service, tmp_path / "backups"), keys)
    assert (restored.rows["requests"], problems) == (len(old.requests), [])


def _cut(data: bytes) -> bytes:
    return data[:-40]


def _flipped(data: bytes) -> bytes:
    return data[:-40] + bytes([data[-40] ^ 1]) + data[-39:]


def _other_header(data: bytes) -> bytes:
    return data.replace(b'"made_at": "20', b'"made_at": "19', 1)


@pytest.mark.parametrize(
    "spoil", [_cut, _flipped, _other_header, lambda data: data[:200], lambda _: b"spoilt"]
)
def test_a_spoilt_backup_is_refused_and_nothing_of_it_stays(
    make_app: MakeApp, tmp_path: Path, empty_place: Settings, spoil: Callable[[bytes], bytes]
) -> None:
    service = service_of(make_app())
    create_pair(backup_key_file(service.settings), tmp_path / "backup.private")
    sends(service)
    file = made(service, tmp_path / "backups")
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(CannotOpen):
        restore(empty_place, file, load_opening_keys(tmp_path / "backup.private"))
    assert [path for path in empty_place.instance.rglob("*") if path.is_file()] == []


def test_a_place_in_use_is_refused_and_stays_as_it_is(
    service: Service, backup_keys: OpeningKeys, tmp_path: Path
) -> None:
    sends(service)
    file = made(service, tmp_path / "backups")
    with pytest.raises(NotReady):
        restore(service.settings, file, backup_keys)
    elsewhere = service.settings.model_copy(update={"instance": tmp_path / "other"})
    with pytest.raises(NotReady):
        restore(elsewhere, file, backup_keys)
    with reading(service.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(tables.requests)) == 1


@pytest.mark.both_engines
def test_another_programs_table_in_the_same_database_stays_as_it_is(
    empty_url: str, backed_up: BackedUp, tmp_path: Path
) -> None:
    engine, theirs = open_database(empty_url), text("SELECT count(*) FROM somebody_elses")
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE somebody_elses (x INTEGER)"))
        connection.execute(text("INSERT INTO somebody_elses VALUES (1)"))
    place = load_settings(instance=tmp_path / "restored", database_url=empty_url)
    fails_to_restore(place, backed_up, tmp_path)
    restore(place, backed_up.file, backed_up.keys)
    with reading(engine) as connection:
        assert connection.scalar(theirs) == 1
        assert b"somebody_elses" not in b"".join(lines(connection, as_it_is=True))
    engine.dispose()


@pytest.mark.both_engines
def test_a_place_that_cannot_be_written_whole_gets_nothing_and_takes_the_backup_once_it_can(
    empty_url: str, backed_up: BackedUp, tmp_path: Path
) -> None:
    place = load_settings(instance=tmp_path / "restored", database_url=empty_url)
    fails_to_restore(place, backed_up, tmp_path)
    assert [path for path in place.instance.rglob("*") if path.is_file()] == []
    assert restore(place, backed_up.file, backed_up.keys).rows["requests"] == 1
    assert verify(place) == []


def test_a_backup_of_a_newer_program_is_refused_and_nothing_of_it_stays(
    service: Service, backup_keys: OpeningKeys, tmp_path: Path, empty_place: Settings
) -> None:
    newer = make_as_it_is(service.settings, service.engine, "9999", service.now(), tmp_path / "backups")
    with pytest.raises(NotReady, match="9999"):
        restore(empty_place, newer, backup_keys)
    assert [path for path in empty_place.instance.rglob("*") if path.is_file()] == []


def test_they_are_made_by_themselves_and_old_ones_go_but_never_the_last(
    service: Service, backup_keys: OpeningKeys, tmp_path: Path, clock: Clock
) -> None:
    assert backup_keys.key_ids
    assert schedule.every(service.settings) is None
    service.settings = service.settings.model_copy(update={"backup_to": tmp_path / "backups"})
    assert schedule.every(service.settings) == timedelta(hours=24)
    on = JobGround(service)
    for _ in range(3):
        schedule.back_up(on, JobDone(0))
        clock.forward(days=1)
    first, second, third = sorted((tmp_path / "backups").iterdir())
    for file, days in ((first, 40), (second, 30), (third, 20)):
        os.utime(file, (clock().timestamp() - days * 86400,) * 2)
    assert schedule.forget_old(on, JobDone(0)).figure == 1
    assert not first.exists()
    clock.forward(days=100)
    schedule.forget_old(on, JobDone(0))
    assert [file for file in (second, third) if file.exists()] == [third]


def test_what_is_left_of_one_that_was_cut_off_goes_the_day_after(
    service: Service, backup_keys: OpeningKeys, tmp_path: Path, clock: Clock
) -> None:
    assert backup_keys.key_ids
    service.settings = service.settings.model_copy(update={"backup_to": tmp_path / "backups"})
    on = JobGround(service)
    schedule.back_up(on, JobDone(0))
    (whole,) = (tmp_path / "backups").iterdir()
    cut_off, under_way = (whole.with_name(f".screening-2026{number}.backup.part") for number in (1, 2))
    for file, hours in ((cut_off, 25), (under_way, 1)):
        file.touch()
        os.utime(file, (clock().timestamp() - hours * 3600,) * 2)
    schedule.forget_old(on, JobDone(0))
    assert {*(tmp_path / "backups").iterdir()} == {whole, under_way}


def test_the_commands_go_all_the_way_and_refuse_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def runs(*line: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, list(line))
        assert result.exit_code == code, result.output
        return result.output

    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "instance"))
    private, backups = str(tmp_path / "backup.private"), tmp_path / "backups"
    runs("keys", "init")
    assert "keys init --backup" in runs("backup", str(backups), code=2)
    runs("keys", "init", "--backup", private)
    assert "backup.public" in runs("keys", "init", "--backup", private, code=2)
    runs("backup", str(backups))
    (file,) = map(str, backups.iterdir())
    runs("restore", file, "--key", private, "--drill")
    runs("restore", file, "--key", private, code=2)
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "other"))
    runs("restore", file, "--key", private, "--verify")
    foreign = tmp_path / "foreign.private"
    create_pair(tmp_path / "foreign.public", foreign)
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "third"))
    needed = load_opening_keys(tmp_path / "backup.private").key_ids[0]
    assert needed in runs("restore", file, "--key", str(foreign), code=1)
