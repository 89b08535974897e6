"""The keys that find names and that sign the audit's head are changed while the service goes on."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from screening.cli import main
from screening.desk import opened_request, queues, reception
from screening.desk.desk import Desk
from screening.desk.shapes import Filters
from screening.operating import erasures, other_keys, retention
from screening.operating.job import JobDone, JobGround
from screening.service import audit_head, held_keys
from screening.service.patient import Service
from screening.storage import registered_keys, tables
from screening.storage.database import reading
from screening.storage.sealing.keys import load_audit_key, load_opening_keys
from screening.web.door import service_of
from tests.cli.test_serve import OURS, environment_of
from tests.conftest import MakeApp
from tests.desk.making import RITA, TWO_FLAGS, desk_of
from tests.sending import sends
from tests.stored.unpacking import unpacked
from tests.waiting import PATIENCE


@pytest.fixture
def app(database_url: str, make_app: MakeApp) -> Flask:
    return make_app(database_url=database_url)


@pytest.fixture
def service(app: Flask) -> Service:
    return service_of(app)


@pytest.fixture
def desk(app: Flask) -> Desk:
    return desk_of(app)


def on(service: Service) -> JobGround:
    return JobGround(service, load_opening_keys(held_keys.private_file(service.settings)))


def indexed(service: Service) -> dict[str, int]:
    """Key id -> how many requests are found by it."""
    with reading(service.engine) as connection:
        query = select(tables.requests.c.index_key, func.count()).group_by(tables.requests.c.index_key)
        return {str(key): number for key, number in connection.execute(query)}


def found(desk: Desk, words: str) -> int:
    return len(queues.queue(desk, RITA, Filters(search=words)).rows)


def problems(service: Service) -> list[str]:
    return audit_head.findings(service.settings, service.engine)[0]


@pytest.mark.both_engines
def test_names_are_found_by_both_keys_meanwhile_and_a_person_stays_one(service: Service, desk: Desk) -> None:
    for name in ("Anna Example", "Bo Example", "Anna Example"):
        sends(service, name=name)
    new = other_keys.rotate_index(service)
    last = sends(service, name="Anna Example")
    assert indexed(service)[new] == 1
    assert (found(desk, "Anna"), found(desk, "Anna Example"), found(desk, "Bo")) == (3, 3, 1)
    assert len(opened_request.request(desk, RITA, last).twins) == 2
    begun = other_keys.index_again(on(service), JobDone(0), size=1, most=1)
    assert bool(begun.detail)
    assert found(desk, "Example 1950-03-31") == found(desk, "Example") == 4
    other_keys.index_again(on(service), begun)
    assert indexed(service) == {new: 4}
    assert len(other_keys.finish_index(on(service))) == 1
    assert held_keys.index_key_of(service.settings).earlier == ()
    assert (found(desk, "Anna"), len(opened_request.request(desk, RITA, last).twins)) == (3, 2)
    assert problems(service) == []


@pytest.mark.both_engines
def test_who_was_said_to_be_another_person_stays_so_while_names_are_indexed_again(
    service: Service, desk: Desk
) -> None:
    quiet, flagged, unread = sends(service), sends(service, **TWO_FLAGS), sends(service, anything_else="x")
    reception.not_same(desk, RITA, quiet, 1, flagged, "Another address")

    def open_elsewhere() -> list[int]:
        found = [opened_request.request(desk, RITA, one).row.figures for one in (quiet, flagged, unread)]
        return [figures.others_open for figures in found]

    before = open_elsewhere()
    assert before == [1, 1, 2]
    other_keys.rotate_index(service)
    other_keys.index_again(on(service), JobDone(0))
    assert open_elsewhere() == before


@pytest.mark.parametrize("rotate", [other_keys.rotate_index, other_keys.rotate_audit])
@pytest.mark.parametrize("at", ["write_keys", "recording", "make_first"])
def test_cut_off_after_any_step_it_starts_and_goes_on(
    service: Service,
    make_app: MakeApp,
    monkeypatch: pytest.MonkeyPatch,
    at: str,
    database_url: str,
    rotate: object,
) -> None:
    assert callable(rotate)
    sends(service, name="Anna Example")
    with monkeypatch.context() as cut:
        does = getattr(other_keys, at)

        def killed(*given: object) -> None:
            if at == "write_keys":
                does(*given)
            raise KeyboardInterrupt

        cut.setattr(other_keys, at, killed)
        with pytest.raises(KeyboardInterrupt):
            rotate(service)
    again = make_app(database_url=database_url)
    sends(service_of(again), name="Anna Example")
    rotate(service_of(again))
    other_keys.finish_index(on(service_of(again)))
    other_keys.finish_audit(service_of(again))
    once_more = make_app(database_url=database_url)
    assert found(desk_of(once_more), "Anna") == 2
    assert problems(service_of(once_more)) == []


def test_killed_in_the_midst_of_indexing_again_nothing_is_lost_and_it_goes_on(
    service: Service, desk: Desk, tmp_path: Path
) -> None:
    for number in range(60):
        sends(service, name=f"Anna Example {number}")
    new = other_keys.rotate_index(service)
    settings = {"instance": str(service.settings.instance), "database_url": service.settings.database}
    line = [*OURS, "keys", "rotate", "--of", "index", "--finish"]
    with subprocess.Popen(
        line, cwd=tmp_path, env=environment_of(OURS, settings), stdout=subprocess.DEVNULL
    ) as process:
        until = time.monotonic() + PATIENCE
        while not indexed(service).get(new) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        process.kill()
    assert sum(indexed(service).values()) == 60
    assert found(desk, "Anna") == 25  # a page of them
    other_keys.finish_index(on(service))
    assert indexed(service) == {new: 60}
    assert found(desk, "Anna 59") == 1  # by a process that was started with the key of before
    assert problems(service) == []


def test_a_lost_index_key_is_replaced_and_every_request_is_found_again(
    service: Service, make_app: MakeApp, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sends(service, name="Anna Example")
    held_keys.index_file(service.settings).unlink()
    monkeypatch.setenv("SCREENING_INSTANCE", str(service.settings.instance))
    monkeypatch.setenv("SCREENING_DATABASE_URL", database_url)
    for line in (["rotate", "--of", "index"], ["rotate", "--of", "index", "--finish"], ["check"]):
        result = CliRunner().invoke(main, ["keys", *line])
        assert result.exit_code == 0, result.output
    assert found(desk_of(make_app(database_url=database_url)), "Anna") == 1


def test_the_head_is_signed_anew_and_what_was_erased_stays_so_by_either_key(service: Service) -> None:
    reference = sends(service)
    retention.erase(service, [reference], "asked")
    old = load_audit_key(audit_head.audit_key_file(service.settings))
    new = other_keys.rotate_audit(service)
    assert problems(service) == []
    assert other_keys.finish_audit(service) == [old.key_id]
    assert load_audit_key(audit_head.audit_key_file(service.settings)).key_id == new
    assert problems(service) == []
    erased = erasures.file_of(service.settings).read_text()
    assert erasures.adopt(service.settings, erased) == [reference]
    assert audit_head.audit_key_file(service.settings).with_name("audit-key.old").exists()


def test_a_key_of_nobody_is_still_refused_by_the_head(service: Service) -> None:
    sends(service)
    (file,) = audit_head.head_files(service.settings)
    before = file.read_text()
    other_keys.rotate_audit(service)
    file.write_text(before)
    assert problems(service)  # signed by a key of before, and behind


def test_a_database_of_an_older_version_is_indexed_again_and_signed_anew(tmp_path: Path) -> None:
    with unpacked(tmp_path) as old:
        service = service_of(old.app)
        new = other_keys.rotate_index(service)
        other_keys.rotate_audit(service)
        other_keys.finish_index(on(service))
        assert set(indexed(service)) == {new}
        with reading(service.engine) as connection:
            assert registered_keys.in_use(connection, registered_keys.INDEXING) == {new}
        assert problems(service) == []
