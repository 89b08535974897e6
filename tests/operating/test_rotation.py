"""Keys are changed while the service goes on, and whatever it is cut off at nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from secrets import randbelow
from threading import Event

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import delete, select

from screening.cli import main
from screening.core.entries import SPOKEN
from screening.core.errors import CannotOpen, NotReady, Unavailable
from screening.core.references import draw
from screening.desk import forms_begun, queues, reception
from screening.desk.desk import Desk
from screening.desk.shapes import Filters
from screening.logs import configure_logs
from screening.operating import key_room, rotation, unreadable
from screening.operating.job import JobDone, JobGround
from screening.service import audit_head, held_keys
from screening.service.patient import Service
from screening.settings.environment import load_settings
from screening.storage import registered_keys, requests, resealing, tables
from screening.storage.database import reading, writing
from screening.storage.sealing.escrow import lock, unlock
from screening.storage.sealing.keys import drop_opening_keys, load_opening_keys
from screening.web.door import service_of
from tests.cli.test_serve import OURS, environment_of
from tests.conftest import MakeApp
from tests.desk.making import RITA, desk_of, version
from tests.sending import sends
from tests.storage.making import kept_request, new_request
from tests.stored.unpacking import unpacked
from tests.thorough import at_length
from tests.usual import TREATMENT
from tests.waiting import PATIENCE

PASSWORD = "four horses and a battery"


@pytest.fixture
def app(database_url: str, make_app: MakeApp) -> Flask:
    return make_app(database_url=database_url)


@pytest.fixture
def service(app: Flask) -> Service:
    return service_of(app)


@pytest.fixture
def desk(app: Flask) -> Desk:
    return desk_of(app)


def needed(service: Service) -> dict[str, int]:
    with reading(service.engine) as connection:
        return resealing.in_use(connection)


def on(service: Service) -> JobGround:
    return JobGround(service, load_opening_keys(held_keys.private_file(service.settings)))


def begins(service: Service) -> None:
    """Somebody at the desk begins to fill in for a patient."""
    visit = service.visit(TREATMENT, None)
    assert visit is not None
    service.begin(visit, RITA.id, SPOKEN, {})


def names_read(desk: Desk) -> list[str]:
    return sorted(row.name for row in queues.queue(desk, RITA, Filters()).rows)


@pytest.mark.both_engines
def test_old_keys_open_the_new_one_seals_and_rows_are_sealed_again_without_a_restart(
    service: Service, desk: Desk
) -> None:
    first = sends(service, name="Anna Example")
    reception.write_note(desk, RITA, first, version(desk, first), "A word")
    begins(service)
    (old,) = needed(service)
    new = rotation.rotate(service)
    sends(service, name="Bo Example")
    reception.write_note(desk, RITA, first, version(desk, first), "Another word")
    assert needed(service) == {old: 4, new: 3}
    assert names_read(desk) == ["Anna Example", "Bo Example"]
    assert rotation.reseal(on(service), JobDone(0)) == JobDone(4)
    assert needed(service) == {new: 7}
    assert rotation.finish(on(service)) == [old]
    assert load_opening_keys(held_keys.private_file(service.settings)).key_ids == (new,)
    assert names_read(desk) == ["Anna Example", "Bo Example"]
    assert len(forms_begun.waiting(desk, RITA)) == 1
    assert audit_head.findings(service.settings, service.engine)[0] == []


def test_it_goes_on_some_at_a_time_where_it_was_cut_off(service: Service) -> None:
    for _ in range(5):
        sends(service)
    rotation.rotate(service)
    first = rotation.reseal(on(service), JobDone(0), size=2, most=1)
    assert (first.figure, bool(first.detail)) == (4, True)
    rest = rotation.reseal(on(service), first, size=2, most=9)
    assert rest == JobDone(6)
    assert len(needed(service)) == 1


CUTS = ("add_opening_key", "replace", "make_current")


@pytest.mark.parametrize("at", CUTS)
def test_cut_off_after_any_step_it_starts_and_goes_on(
    service: Service, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, at: str, database_url: str
) -> None:
    sends(service, name="Anna Example")
    (old,) = needed(service)
    with monkeypatch.context() as cut:
        place = {"replace": registered_keys, "make_current": held_keys}.get(at, rotation)
        does = getattr(place, at)

        def killed(*given: object) -> None:
            if at == "add_opening_key":
                does(*given)
            raise KeyboardInterrupt

        cut.setattr(place, at, killed)
        with pytest.raises(KeyboardInterrupt):
            rotation.rotate(service)
    again = make_app(database_url=database_url)
    sends(service_of(again), name="Bo Example")
    new = rotation.rotate(service_of(again))
    assert new != old
    assert len(load_opening_keys(held_keys.private_file(service.settings)).key_ids) in (2, 3)
    rotation.finish(on(service_of(again)))
    assert set(needed(service)) == {new}
    assert names_read(desk_of(make_app(database_url=database_url))) == [
        "Anna Example",
        "Bo Example",
    ]


KILLED = """
import os, sys
from pathlib import Path
from screening.storage import files
os.fsync = lambda *_: os._exit(9)
files.write_whole(Path(sys.argv[1]), Path(sys.argv[1]).read_bytes(), files.PRIVATE)
"""


@pytest.mark.parametrize("how", ["a command", "a start"])
def test_what_a_killed_change_left_aside_is_removed_and_told_and_nothing_else(
    service: Service,
    make_app: MakeApp,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    database_url: str,
    how: str,
) -> None:
    file = held_keys.private_file(service.settings)
    keys, theirs = file.read_bytes(), file.with_name(f".{file.name}.mine")
    theirs.write_text("what somebody put there")
    for _ in range(2):
        assert subprocess.run([sys.executable, "-c", KILLED, file], check=False).returncode == 9
    long_ago, just_now = sorted(set(file.parent.glob(f".{file.name}.*")) - {theirs})
    os.utime(long_ago, (0, 0))
    if how == "a command":
        monkeypatch.setenv("SCREENING_INSTANCE", str(service.settings.instance))
        monkeypatch.setenv("SCREENING_DATABASE_URL", database_url)
        told = CliRunner().invoke(main, ["keys", "list"]).stderr
    else:
        capsys.readouterr()
        configure_logs("warning")  # as a start does first; `make_app` does so once it is open
        make_app(database_url=database_url)
        told = capsys.readouterr().err
    assert told
    assert set(file.parent.glob(f".{file.name}.*")) == {just_now, theirs}
    assert file.read_bytes() == keys


def many(service: Service, number: int) -> None:
    """Requests, without the work that is around each."""
    with writing(service.engine) as connection:
        for made in range(number):
            kept = kept_request(f"Anna Example {made}")
            request = new_request(kept=kept, reference=draw(randbelow), draft_id=f"draft-{made}")
            sealed = requests.seal(service.sealing_key(connection), request)
            requests.insert(connection, sealed, request)


@at_length("kills a command")  # what is cut off goes on: above, some at a time
@pytest.mark.slow
def test_killed_midway_while_patients_send_every_row_opens_with_the_new_key_alone(
    service: Service, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    rows, ended = 10_000, Event()
    many(service, rows)
    new = rotation.rotate(service)
    settings = {"instance": str(service.settings.instance), "database_url": service.settings.database}
    line = [*OURS, "keys", "rotate", "--finish"]

    def patients() -> None:
        while not ended.wait(0.05):
            with suppress(Unavailable):
                sends(service)

    with ThreadPoolExecutor(1) as pool:
        writing_on = pool.submit(patients)
        try:
            with subprocess.Popen(
                line, cwd=tmp_path, env=environment_of(OURS, settings), stdout=subprocess.DEVNULL
            ) as process:
                until = time.monotonic() + PATIENCE
                while not needed(service).get(new) and process.poll() is None and time.monotonic() < until:
                    time.sleep(0.02)
                time.sleep(0.2)
                process.kill()
            assert sum(needed(service).values()) >= 2 * rows
            while rotation.finish(on(service)) and len(needed(service)) > 1:
                continue
        finally:
            ended.set()
        writing_on.result()
    held = load_opening_keys(held_keys.private_file(service.settings))
    with reading(service.engine) as connection:
        references = connection.scalars(select(tables.requests.c.reference)).all()
        closed = [reference for reference in references if not unreadable.opens(connection, held, reference)]
    record_property("reached", f"{len(closed)} of {len(references)} unreadable with the new key alone")
    assert set(needed(service)) == {new}
    assert len(held.key_ids) == 1
    assert closed == []


def test_a_part_that_does_not_open_keeps_its_key(service: Service) -> None:
    reference = sends(service)
    (old,) = needed(service)
    with writing(service.engine) as connection:
        mine = tables.requests.c.reference == reference
        sealed = connection.execute(tables.requests.select().where(mine)).one().sealed_health
        spoilt = sealed[:-1] + bytes([sealed[-1] ^ 1])
        connection.execute(tables.requests.update().where(mine).values(sealed_health=spoilt))
    rotation.rotate(service)
    assert rotation.finish(on(service)) == []
    assert old in load_opening_keys(held_keys.private_file(service.settings)).key_ids


def test_a_database_of_an_older_version_is_sealed_again(tmp_path: Path) -> None:
    with unpacked(tmp_path) as old:
        service = service_of(old.app)
        before = sorted(needed(service).items())
        new = rotation.rotate(service)
        rotation.finish(on(service))
        assert needed(service) == {new: sum(number for _, number in before)}
        assert audit_head.findings(service.settings, service.engine)[0] == []


def test_keys_that_rows_need_and_that_are_not_here_are_told(service: Service) -> None:
    assert key_room.amiss(service.settings, service.engine, service.now()) == []
    sends(service)
    rotation.rotate(service)
    private = held_keys.private_file(service.settings)
    drop_opening_keys(private, load_opening_keys(private).key_ids[1:])
    (problem,) = key_room.amiss(service.settings, service.engine, service.now())
    assert [
        key.key_id in problem for key in key_room.listed(service.settings, service.engine) if not key.current
    ] == [True]


def test_a_new_database_has_nothing_to_rotate(service: Service) -> None:
    with writing(service.engine) as connection:
        connection.execute(delete(tables.registered_keys))
    with pytest.raises(NotReady):
        rotation.rotate(service)


def test_an_escrow_opens_with_its_password_and_whole_alone() -> None:
    data = lock({"a": b"1"}, PASSWORD)
    assert unlock(data, PASSWORD) == {"a": b"1"}
    for spoilt, password in (
        (data, PASSWORD + "!"),
        (data[:-1], PASSWORD),
        (data[:60], PASSWORD),
        (b"x", PASSWORD),
    ):
        with pytest.raises(CannotOpen):
            unlock(spoilt, password)


def test_keys_are_taken_along_and_put_back_into_an_empty_place(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = service_of(make_app())
    monkeypatch.setenv("SCREENING_INSTANCE", str(service.settings.instance))
    file = str(tmp_path / "escrow")

    def runs(*line: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, ["keys", *line])
        assert result.exit_code == code, result.output
        return result.output

    runs("export", file, "--password", "short", code=2)
    runs("export", file, "--password", PASSWORD)
    runs("check")
    assert service.arrival.sealing_key.key_id in runs("list")
    runs("rotate")
    assert service.arrival.sealing_key.key_id in runs("rotate", "--finish")
    runs("import", file, "--password", PASSWORD, code=2)  # other keys are there now
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "other"))
    runs("import", file, "--password", "another password", code=2)
    runs("import", file, "--password", PASSWORD)
    put = load_settings()
    assert held_keys.sealing_key_of(put) == service.arrival.sealing_key
    assert held_keys.secret_of(put) == held_keys.secret_of(service.settings)


def test_three_shares_of_five_on_paper_open_the_keys_and_two_do_not(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = service_of(make_app())
    sends(service)
    monkeypatch.setenv("SCREENING_INSTANCE", str(service.settings.instance))
    file = str(tmp_path / "escrow")

    def runs(*line: str, typed: str = "", code: int = 0) -> str:
        result = CliRunner().invoke(main, ["keys", *line], input=typed)
        assert result.exit_code == code, result.output
        return result.stdout

    runs("export", file, "--shares", "3", code=2)
    runs("export", file, "--shares", "5", "--of", "3", code=2)
    printed = runs("export", file, "--shares", "3", "--of", "5").split("Share ")[1:]
    shares = [" ".join(sheet.split("\n\n")[1].split()) for sheet in printed]
    assert len(shares) == 5
    mistyped = shares[2].rpartition(" ")[0] + " academic"
    typed = "".join(f"{share}\n" for share in (shares[4], shares[0], mistyped, shares[0], shares[2]))
    runs("import", file, "--shares", "--drill", typed=typed)
    runs("import", file, "--shares", typed=f"{shares[0]}\n{shares[1]}\n", code=2)  # the third is asked for
    runs("rotate")
    runs("import", file, "--shares", "--drill", typed=typed, code=1)  # the database has another key by now
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "other"))
    runs("import", file, "--shares", typed=typed)
    assert held_keys.sealing_key_of(load_settings()) == service.arrival.sealing_key
