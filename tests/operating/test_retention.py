"""Erased is erased: in every table, in the log of writes, and when a backup of before is restored."""

from __future__ import annotations

import errno
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Connection, select, update

from screening.cli import main
from screening.core.entries import Note
from screening.core.errors import NotReady, Unavailable
from screening.desk import opened_request, reception
from screening.desk.desk import Desk
from screening.operating import erasures, forgetting, retention
from screening.operating.backups import restore as restoring
from screening.operating.backups.files import backup_key_file
from screening.operating.backups.make import backup_key, make
from screening.operating.backups.restore import restore, verify
from screening.operating.job import JobDone, JobGround
from screening.service import audit_head
from screening.service.patient import Service
from screening.service.witness import is_believed, running
from screening.settings.clinic_time import end_of
from screening.settings.environment import load_settings
from screening.storage import erasing, tables, verifying
from screening.storage.database import reading, writing
from screening.storage.sealing.keys import create_pair, load_opening_keys
from screening.storage.sites import at
from screening.web.door import service_of
from tests.actors import Clock, Patient
from tests.conftest import MakeApp
from tests.desk.making import RITA, desk_of, version
from tests.sending import sends
from tests.stored.unpacking import unpacked
from tests.two_sites import NORTH, written

CANARY = "Quincecanary"
ON_THE_RECORD = {"events", "event_requests"}  # an event names the reference, and nothing of the content


@pytest.fixture
def app(database_url: str, make_app: MakeApp, tmp_path: Path) -> Flask:
    """With mail and with keys, on each engine in turn."""
    return make_app(
        database_url=database_url,
        smtp_host="localhost",
        smtp_tls="none",
        mail_from="desk@example.org",
        mail_reception="reception@example.org",
        backup_to=tmp_path / "backups",
        keep_not_taken_days=30,
        keep_finished_days=365,
    )


@pytest.fixture
def service(app: Flask) -> Service:
    return service_of(app)


@pytest.fixture
def desk(app: Flask) -> Desk:
    return desk_of(app)


def rows_of(service: Service, reference: str) -> dict[str, int]:
    """Table -> how many rows name the reference in any column."""
    found = {}
    with reading(service.engine) as connection:
        for table in tables.metadata.sorted_tables:
            rows = connection.execute(select(table)).all()
            found[table.name] = sum(reference in map(str, row) for row in rows)
    return {name: number for name, number in found.items() if number and name not in ON_THE_RECORD}


def closed(desk: Desk, **given: Any) -> str:
    reference = sends(desk.service, **given)
    reception.close(desk, RITA, reference, version(desk, reference), "cannot_reach")
    return reference


def left_in(service: Service) -> set[str]:
    with reading(service.engine) as connection:
        return set(connection.scalars(select(tables.requests.c.reference)))


def test_of_a_database_of_an_older_version_too(tmp_path: Path) -> None:
    with unpacked(tmp_path) as old:
        service, reference = service_of(old.app), old.called("needs_review")
        assert len(rows_of(service, reference)) > 4
        retention.erase(service, [reference], "asked")
        assert rows_of(service, reference) == {}
        assert left_in(service) == set(old.requests) - {reference}
        assert audit_head.findings(service.settings, service.engine)[0] == []


@pytest.mark.both_engines
def test_nothing_is_left_but_lines_without_content(service: Service, desk: Desk, tmp_path: Path) -> None:
    by_mail = {"reach_by": ["email"], "email": "patient@example.org", "name": CANARY}
    reference, other = sends(service, **by_mail), sends(service, name="Anna Example")
    reception.write_note(desk, RITA, reference, version(desk, reference), CANARY)
    mine = tables.requests.c.reference == reference
    with reading(service.engine) as connection:
        sealed = connection.execute(select(tables.requests).where(mine)).one()
        written = connection.scalars(
            select(tables.entries.c.sealed).where(tables.entries.c.reference == reference)
        ).all()
    assert len(rows_of(service, reference)) > 4
    retention.erase(service, [reference], "asked")
    assert rows_of(service, reference) == {}
    assert rows_of(service, other) != {}
    traces = [bytes(text)[100:140] for text in (sealed.sealed_contact, sealed.sealed_health, *written)]
    for file in tmp_path.glob("screening.db*"):
        assert [trace for trace in traces if trace in file.read_bytes()] == []
    assert audit_head.findings(service.settings, service.engine)[0] == []


def test_what_was_erased_while_somebody_read_leaves_the_log_once_they_are_done(
    service: Service, tmp_path: Path
) -> None:
    reference = sends(service, name="Anna Example")
    with reading(service.engine) as connection:
        trace = bytes(connection.scalars(select(tables.requests.c.sealed_contact)).one())[100:140]
        retention.erase(service, [reference], "asked")
        left = [file for file in tmp_path.glob("screening.db*") if trace in file.read_bytes()]
        assert bool(left) == (service.engine.dialect.name == "sqlite")  # PostgreSQL sees to its own log
    forgetting.forget(JobGround(service), JobDone(0))
    assert [file for file in tmp_path.glob("screening.db*") if trace in file.read_bytes()] == []


def test_each_kind_goes_when_its_time_is_over_and_not_before(
    service: Service, desk: Desk, clock: Clock
) -> None:
    not_taken, led = closed(desk, name="Anna Example"), closed(desk, name="Bo Example")
    goes_on = sends(service, name="Cy Example")
    theirs = closed(desk, name="Cy Example")
    with writing(service.engine) as connection:
        mine = tables.requests.c.reference == led
        connection.execute(update(tables.requests).where(mine).values(appointment_on=clock().date()))
    on = JobGround(service)
    for days, left in ((29, {not_taken, led, goes_on, theirs}), (2, {led, goes_on, theirs})):
        clock.forward(days=days)
        assert set(retention.due(service, clock()).references) == {not_taken, led, goes_on, theirs} - left
        retention.purge(on, JobDone(0))
        assert left_in(service) == left
    clock.forward(days=365)
    assert retention.purge(on, JobDone(0)).figure == 1
    assert left_in(service) == {goes_on, theirs}


def test_a_clock_that_is_a_year_ahead_for_days_erases_what_was_nearly_due_and_no_more(
    service: Service, desk: Desk, clock: Clock
) -> None:
    old = closed(desk, name="Anna Example")
    clock.forward(days=10)
    fresh, on = closed(desk, name="Bo Example"), JobGround(service)
    done = retention.purge(on, JobDone(0))
    clock.forward(days=365)
    for _day in range(2):
        done = retention.purge(on, done)
        clock.forward(days=1)
    assert left_in(service) == {old, fresh}
    clock.forward(days=-365)
    for _day in range(20):
        done = retention.purge(on, done)
        clock.forward(days=1)
    assert left_in(service) == {fresh}


def test_who_was_away_for_weeks_catches_up_with_what_is_to_be_erased(
    service: Service, desk: Desk, clock: Clock
) -> None:
    on = JobGround(service)
    done = retention.purge(on, JobDone(0))
    closed(desk)
    clock.forward(days=44)
    for _day in range(44):
        done = retention.purge(on, done)
        clock.forward(days=1)
    assert left_in(service) == set()


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_days_after_an_appointment_are_the_clinics(
    service: Service, desk: Desk, clock: Clock, zone: str
) -> None:
    service.settings = service.settings.model_copy(update={"time_zone": zone})
    led, last = closed(desk), service.today() + timedelta(days=365)
    with writing(service.engine) as connection:
        connection.execute(update(tables.requests).values(appointment_on=service.today()))
    clock.now = end_of(service.settings, last) - timedelta(minutes=1)
    assert retention.due(service, clock()).references == ()
    clock.forward(minutes=1)
    assert retention.due(service, clock()).finished == (led,)


def test_something_that_happened_since_puts_it_off(service: Service, desk: Desk, clock: Clock) -> None:
    reference = closed(desk)
    clock.forward(days=20)
    reception.write_note(desk, RITA, reference, version(desk, reference), "Called again.")
    clock.forward(days=20)
    assert retention.due(service, clock()).references == ()


def test_a_backup_of_before_does_not_bring_it_back(service: Service, tmp_path: Path) -> None:
    create_pair(backup_key_file(service.settings), tmp_path / "backup.private")
    erased, kept = sends(service, name=CANARY), sends(service, name="Anna Example")
    file = make(service, backup_key(service.settings), tmp_path / "backups").file
    retention.erase(service, [erased], "asked")
    place = load_settings(instance=tmp_path / "restored")
    restored = restore(place, file, load_opening_keys(tmp_path / "backup.private"))
    assert (restored.rows["requests"], restored.erased) == (2, 1)
    assert verify(place) == []
    assert erasures.file_of(place).read_text().startswith(f"{erased} ")
    assert kept not in erasures.file_of(place).read_text()


def _is_killed(*_given: object, **_named: object) -> NoReturn:
    raise KeyboardInterrupt


def _there_is_no_room(*_given: object, **_named: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "no room")


def test_what_could_not_be_erased_is_not_erased_by_a_backup_that_is_restored(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk: whoever asked is told that nothing was erased, and the requests go on."""
    first, kept = sends(service), sends(service)
    backups = tmp_path / "backups"
    service.settings = service.settings.model_copy(update={"backup_to": backups})
    erase, done = erasing.erase, list[str]()

    def once(connection: Connection, reference: str) -> None:
        if done:
            full.setattr(erasures, "write_whole", _there_is_no_room)
            raise Unavailable("SQLITE_FULL")
        done.append(reference)
        erase(connection, reference)

    with monkeypatch.context() as full:
        full.setattr(erasing, "erase", once)
        with pytest.raises(Unavailable):
            retention.erase(service, [first, kept], "asked")
    for listed in (erasures.file_of(service.settings), backups / erasures.FILE):
        assert first in listed.read_text()
        assert kept not in listed.read_text()
    (backups / erasures.FILE).unlink()
    (backups / erasures.FILE).mkdir()  # nothing can be written there
    with pytest.raises(OSError, match=erasures.FILE):
        retention.erase(service, [kept], "asked")
    assert kept not in erasures.file_of(service.settings).read_text()


def test_killed_before_it_was_erased_again_nothing_starts_there(
    service: Service, make_app: MakeApp, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_pair(backup_key_file(service.settings), tmp_path / "backup.private")
    erased = sends(service, name=CANARY)
    file = make(service, backup_key(service.settings), tmp_path / "backups").file
    retention.erase(service, [erased], "asked")
    place = load_settings(instance=tmp_path / "restored", database_url=empty_url)
    keys = load_opening_keys(tmp_path / "backup.private")
    monkeypatch.setattr(retention, "erase", _is_killed)
    monkeypatch.setattr(restoring, "_clear", lambda *_given, **_named: None)  # who is killed clears nothing
    with pytest.raises(KeyboardInterrupt):
        restore(place, file, keys)
    monkeypatch.undo()
    with pytest.raises(NotReady):
        make_app(instance=place.instance, database_url=empty_url)
    with pytest.raises(NotReady):
        restore(place, file, keys)


def test_a_line_that_was_written_by_somebody_else_erases_nothing(service: Service, tmp_path: Path) -> None:
    create_pair(backup_key_file(service.settings), tmp_path / "backup.private")
    reference = sends(service)
    file = make(service, backup_key(service.settings), tmp_path / "backups").file
    retention.erase(service, ["222-222-2222"], "asked")
    signed = (tmp_path / "backups" / erasures.FILE).read_text()
    (tmp_path / "backups" / erasures.FILE).write_text(signed.replace("222-222-2222", reference))
    place = load_settings(instance=tmp_path / "restored")
    assert restore(place, file, load_opening_keys(tmp_path / "backup.private")).erased == 0


def test_the_privacy_notice_says_what_the_settings_say(make_app: MakeApp, tmp_path: Path) -> None:
    kept = Patient(make_app()).client.get("/privacy").get_data(as_text=True)
    days = {"keep_not_taken_days": 181, "keep_finished_days": 2921, "backup_days": 36}
    ends = Patient(make_app(**days, backup_to=tmp_path)).client.get("/privacy").get_data(as_text=True)
    for number in days.values():
        assert str(number) not in kept
        assert str(number) in ends


def test_what_a_patient_may_ask_for_takes_all_their_requests_and_is_on_record(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = service_of(make_app())
    mine = [sends(service, name=CANARY) for _ in range(2)]
    other = sends(service, name="Anna Example")
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "instance"))

    def asks(what: str, *options: str) -> str:
        result = CliRunner().invoke(main, ["person", what, mine[0], "--i-am", "Alex Frost", *options])
        assert result.exit_code == 0, result.output
        return result.output

    asks("correct", "--says", "The surname is Quince.")
    assert CliRunner().invoke(main, ["audit", "verify"]).exit_code == 0
    asks("export", "--to", str(tmp_path / "copy"))
    copy = json.loads((tmp_path / "copy" / f"{mine[0]}.json").read_text())
    assert {request["reference"] for request in copy["requests"]} == set(mine)
    written = json.loads((tmp_path / "copy" / f"{mine[0]}.staff.json").read_text())
    assert [entry["note"] for entries in written.values() for entry in entries] == [
        "The surname is Quince."
    ] * 2
    assert (tmp_path / "copy" / f"{mine[0]}.pdf").read_bytes().startswith(b"%PDF")
    assert all(reference in asks("erase") for reference in mine)
    assert left_in(service) == {*mine, other}
    asks("erase", "--yes")
    assert left_in(service) == {other}
    with reading(service.engine) as connection:
        by = {
            row.action for row in connection.execute(select(tables.events)) if row.actor_name == "Alex Frost"
        }
    assert {"exported", "noted", "erased"} <= by


def test_one_request_that_cannot_be_opened_keeps_none_of_the_patients_others_back(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    whole, spoilt = (sends(service_of(app), name=CANARY) for _ in range(2))
    for reference in (whole, spoilt):
        reception.write_note(desk_of(app), RITA, reference, 1, "A word")
    with writing(service_of(app).engine) as connection:
        mine = tables.requests.c.reference == spoilt
        sealed = connection.scalar(select(tables.requests.c.sealed_health).where(mine))
        connection.execute(update(tables.requests).where(mine).values(sealed_health=b"spoilt"))
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "instance"))
    asked = ["person", "export", whole, "--i-am", "Alex Frost", "--to", str(tmp_path / "copy")]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    assert spoilt in result.stderr
    written = json.loads((tmp_path / "copy" / f"{whole}.staff.json").read_text())
    assert [entry["note"] for entry in written[whole]] == ["A word"]
    assert [entry.get("note", entry["kind"]) for entry in written[spoilt]] == ["A word", "cannot_open"]
    asked = ["person", "correct", spoilt, "--i-am", "Alex Frost", "--says", "The surname is Quince."]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    with writing(service_of(app).engine) as connection:  # its key is found again
        assert [spoilt in fault for fault in verifying.verify(connection, ())] == [True]
        connection.execute(update(tables.requests).where(mine).values(sealed_health=sealed))
        assert verifying.verify(connection, ()) == []
    for reference in (whole, spoilt):
        entries = opened_request.request(desk_of(app), RITA, reference).entries
        assert [line.entry for line in entries] == [Note("A word"), Note("The surname is Quince.")]


def test_of_a_patient_of_two_clinics_one_is_done_and_the_other_is_named(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites = written(tmp_path)
    service = service_of(make_app(sites=sites))
    ours = sends(service)
    with at(NORTH):
        theirs = sends(service)
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("SCREENING_SITES", str(sites))
    asked = ["person", "erase", theirs, "--i-am", "Alex Frost", "--yes"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    assert ours in result.output
    assert left_in(service) == {ours}


def test_of_several_who_erase_at_once_all_stand_on_the_list(service: Service) -> None:
    names = [f"REF-{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: erasures.add(service.settings, [name], service.now()), names))
    for folder in (service.settings.instance, service.settings.backup_to):
        assert folder is not None
        listed = (folder / erasures.FILE).read_text().splitlines()
        assert {line.split()[0] for line in listed} == set(names)


def test_nothing_is_erased_on_the_word_of_a_clock_that_was_just_set(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    reference, now = closed(desk_of(app)), datetime.now(UTC)
    then = now - timedelta(days=2000)
    with writing(service_of(app).engine) as connection:
        assert is_believed(connection, then, running())  # what the clock said until now
        connection.execute(update(tables.requests).values(received_at=then))
        connection.execute(update(tables.request_status).values(at=then))
        connection.execute(update(tables.entries).values(at=then))
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("SCREENING_KEEP_NOT_TAKEN_DAYS", "100")
    assert CliRunner().invoke(main, ["purge"]).exit_code == 2
    assert left_in(service_of(app)) == {reference}


def test_what_is_due_is_said_before_it_is_done(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    reference = closed(desk_of(app))
    with writing(service_of(app).engine) as connection:
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        connection.execute(update(tables.requests).values(received_at=long_ago))
        connection.execute(update(tables.request_status).values(at=long_ago))
        connection.execute(update(tables.entries).values(at=long_ago))
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("SCREENING_KEEP_NOT_TAKEN_DAYS", "100")
    assert reference in CliRunner().invoke(main, ["purge", "--dry-run"]).output
    assert left_in(service_of(app)) == {reference}
    assert CliRunner().invoke(main, ["purge"]).exit_code == 0
    assert left_in(service_of(app)) == set()
