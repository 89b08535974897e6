"""The two doors as two processes on one database: the patients' holds no key that opens anything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex, token_urlsafe
from shutil import copy

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from screening.core.errors import NotReady
from screening.desk import queues
from screening.desk.shapes import Filters
from screening.operating import desk_jobs, doctor, other_keys
from screening.operating.job import Job, JobDone, JobGround
from screening.operating.upkeep import run
from screening.service import audit_head
from screening.service.held_keys import has_keys, secret_id
from screening.service.witness import running
from screening.storage import standing
from screening.storage.database import reading
from screening.storage.sealing import blind_index, head_key, hpke
from screening.storage.sealing.keys import AUDIT, INDEX, PRIVATE, PUBLIC
from screening.web.door import service_of
from tests.actors import Clock, Page
from tests.conftest import MakeApp
from tests.desk.making import RITA, TWO_FLAGS, desk_of
from tests.sending import sends
from tests.staff.actors import Staff
from tests.test_imports import ROOT
from tests.usual import TREATMENT

BEFORE = token_urlsafe(48)  # drawn when one process served both doors


@pytest.fixture
def staffs(make_app: MakeApp, database_url: str) -> Flask:
    return make_app(database_url=database_url, doors="staff")


@pytest.fixture
def apart(staffs: Flask, tmp_path: Path) -> Path:
    """An instance folder with what the patients' process is given: the public key alone."""
    there, here = service_of(staffs).settings.instance, tmp_path / "patients"
    (here / "keys").mkdir(mode=0o700, parents=True)
    copy(there / "keys" / PUBLIC, here / "keys")
    return here


@pytest.fixture
def patients(make_app: MakeApp, apart: Path, database_url: str) -> Flask:
    return make_app(database_url=database_url, doors="patient", instance=apart)


def follow(staffs: Flask) -> None:
    """What runs by itself in the staff's process, every few seconds."""
    desk = desk_of(staffs)
    desk_jobs.follow(JobGround(service_of(staffs), desk.opening_keys), JobDone(0))


def found(staffs: Flask, words: str) -> list[str]:
    page = queues.queue(desk_of(staffs), RITA, Filters(status="all", search=words))
    return [row.reference for row in page.rows]


def amiss(at: Flask) -> list[str]:
    service = service_of(at)
    return doctor.attention(service.settings, service.engine, service.now())


@pytest.mark.both_engines
def test_what_is_sent_at_the_one_is_read_at_the_other_and_the_one_never_loads_a_key_that_opens(
    make_app: MakeApp, staffs: Flask, apart: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        for key in (hpke.OpeningKey, head_key.HeadKey):
            without.setattr(key, "__post_init__", lambda _key: pytest.fail("a secret key was loaded"))
        without.setattr(blind_index.IndexKey, "digest", lambda *_: pytest.fail("something was looked for"))
        patients = make_app(database_url=database_url, doors="patient", instance=apart)
        sends(service_of(patients), name="Anna Example")
        assert [file.name for file in (apart / "keys").iterdir()] == [PUBLIC]
        assert sorted(file.name for file in apart.iterdir()) == ["keys", "secret-key"]
    assert [row.name for row in queues.queue(desk_of(staffs), RITA, Filters()).rows] == ["Anna Example"]
    served = {rule.rule.split("/")[1] for rule in patients.url_map.iter_rules()}
    assert "staff" not in served
    assert not [name for name in patients.view_functions if name.startswith("staff.")]
    assert patients.test_client().get(f"/{TREATMENT}").status_code == 200
    assert patients.test_client().get("/staff").status_code == 404


@pytest.mark.both_engines
def test_what_came_is_found_and_the_persons_others_pointed_out_once_the_staffs_process_has_seen_it(
    patients: Flask, staffs: Flask, clock: Clock
) -> None:
    earlier = sends(service_of(staffs), **TWO_FLAGS)
    assert found(staffs, "Sam") == [earlier]  # what staff enter is found at once
    later = sends(service_of(patients), **TWO_FLAGS)
    page = queues.queue(desk_of(staffs), RITA, Filters(status="all", search="Sam"))
    assert ([row.reference for row in page.rows], page.not_indexed) == ([earlier], 1)
    clock.forward(minutes=6)
    assert "not_indexed" in amiss(staffs)
    assert "not_indexed" in amiss(patients)
    follow(staffs)
    assert sorted(found(staffs, "Sam")) == sorted([earlier, later])
    assert "not_indexed" not in amiss(patients)
    with reading(service_of(staffs).engine) as connection:
        rows = standing.with_others(connection, [later])
    assert {row.reference: row.others_open > 0 for row in rows.values()} == {earlier: True, later: True}
    before = [row.figures for row in rows.values()]
    follow(staffs)
    with reading(service_of(staffs).engine) as connection:
        assert [row.figures for row in standing.with_others(connection, [later]).values()] == before


@pytest.mark.both_engines
def test_what_patients_cause_reaches_the_head_and_what_is_true_is_said_meanwhile(
    patients: Flask, staffs: Flask, clock: Clock
) -> None:
    settings, engine = service_of(staffs).settings, service_of(staffs).engine
    sends(service_of(patients))
    problems, _ends = audit_head.findings(settings, engine, clock())
    assert (problems, audit_head.behind(settings, engine)) == ([], 1)
    clock.forward(minutes=2)  # the staff's process does not run
    assert audit_head.findings(settings, engine, clock())[0]
    assert "audit_head" in amiss(staffs)
    assert "audit_head" not in amiss(patients)  # which keeps none, and says nothing of it
    assert audit_head.findings(service_of(patients).settings, engine, clock())[0]
    follow(staffs)
    problems, _ends = audit_head.findings(settings, engine, clock())
    assert (problems, audit_head.behind(settings, engine)) == ([], 0)
    assert "audit_head" not in amiss(staffs)


def test_each_door_signs_with_a_secret_of_its_own_and_neither_takes_the_others_cookie(
    patients: Flask, staffs: Flask, clock: Clock
) -> None:
    reception = Staff(staffs, clock, ("reception",))
    reception.sign_in()
    assert patients.secret_key != staffs.secret_key
    signed = SecureCookieSessionInterface().get_signing_serializer(patients)
    assert signed is not None
    with reception.client.session_transaction() as session:
        forged = signed.dumps(dict(session))
    thief = staffs.test_client()
    thief.set_cookie("desk", str(forged), path="/staff")
    assert thief.get("/staff/requests").status_code == 303
    reception.client.get("/staff/requests")
    assert reception.is_in
    names = {app.config["SESSION_COOKIE_NAME"] for app in (patients, staffs)}
    assert len(names) == 2


@pytest.mark.parametrize("first", ["patient", "staff"])
def test_a_secret_that_both_doors_have_is_refused(
    make_app: MakeApp, staffs: Flask, apart: Path, tmp_path: Path, sqlite_url: str, first: str
) -> None:
    doors = {
        "staff": {"doors": "staff", "instance": tmp_path / "staffs"},
        "patient": {"doors": "patient", "instance": apart},
    }
    make_keys = {"doors": "both", "instance": tmp_path / "staffs", "secret_key": BEFORE}
    given = {"database_url": f"{sqlite_url}2"}
    if first == "staff":
        make_app(**make_keys, **given)
        copy(tmp_path / "staffs" / "keys" / PUBLIC, apart / "keys")
        second = doors["patient"]
    else:
        make_app(**doors["patient"], secret_key=BEFORE, **given)
        (tmp_path / "staffs" / "keys").mkdir(parents=True, mode=0o700)
        for name in (PUBLIC, PRIVATE):
            copy(service_of(staffs).settings.keys / name, tmp_path / "staffs" / "keys")
        second = doors["staff"]
    with pytest.raises(NotReady, match="secret"):
        make_app(**second, secret_key=BEFORE, **given)
    make_app(**second, **given)


def test_the_staffs_serves_no_page_of_patients(staffs: Flask) -> None:
    assert not [name for name in staffs.view_functions if name.startswith("patient.")]
    for address in ("/", f"/{TREATMENT}"):
        assert staffs.test_client().get(address).status_code == 404
    assert staffs.test_client().get("/staff/sign-in").status_code == 200


def test_what_staff_open_needs_no_page_of_the_patients_process(staffs: Flask, clock: Clock) -> None:
    reception, manager = (Staff(staffs, clock, (role,)) for role in ("reception", "manager"))
    reception.sign_in()
    manager.sign_in()
    reference = sends(service_of(staffs))
    entry = f"entry/{TREATMENT}"
    seen = (
        *("requests", f"requests/{reference}", f"requests/{reference}/book", "appointments", "undelivered"),
        *("entry", entry, f"{entry}/from-paper", "away", "account"),
    )
    assert {page: reception.go(f"/staff/{page}").status for page in seen} == dict.fromkeys(seen, 200)
    kept = ("people", "messages", "messages/question", "rules")
    assert {page: manager.go(f"/staff/{page}").status for page in kept} == dict.fromkeys(kept, 200)


def test_the_patients_process_says_that_a_link_cannot_be_read_here_and_shows_what_was_typed(
    patients: Flask,
) -> None:
    browser = patients.test_client()
    assert browser.get("/answer/unknown").status_code == 503
    token = Page(browser.get(f"/{TREATMENT}/delete-my-answers")).token
    answer = browser.post("/answer/unknown", data={"csrf_token": token, "words": "It was the left one"})
    assert answer.status_code == 503
    assert "It was the left one" in answer.get_data(as_text=True)


@pytest.mark.parametrize("name", [PRIVATE, INDEX, AUDIT])
def test_a_secret_key_that_the_patients_process_can_read_is_refused(
    make_app: MakeApp, staffs: Flask, apart: Path, database_url: str, name: str
) -> None:
    copy(service_of(staffs).settings.keys / name, apart / "keys")
    with pytest.raises(NotReady, match=name):
        make_app(database_url=database_url, doors="patient", instance=apart)
    settings = service_of(staffs).settings
    assert has_keys(settings)
    assert not has_keys(settings.model_copy(update={"doors": "patient"}))


def test_neither_starts_with_half_of_what_it_needs_and_no_pair_is_made(
    make_app: MakeApp, staffs: Flask, apart: Path, database_url: str
) -> None:
    (apart / "keys" / PUBLIC).unlink()
    with pytest.raises(NotReady, match=PUBLIC) as refused:
        make_app(database_url=database_url, doors="patient", instance=apart)
    assert "backup" not in str(refused.value)  # none holds anything of this process
    for name in (INDEX, AUDIT):
        copy(service_of(staffs).settings.keys / name, apart / "keys")
    copy(service_of(staffs).settings.instance / "secret-key", apart)
    with pytest.raises(NotReady, match=PUBLIC):
        make_app(database_url=database_url, doors="staff", instance=apart)
    copy(service_of(staffs).settings.keys / PUBLIC, apart / "keys")
    with pytest.raises(NotReady, match=PRIVATE):
        make_app(database_url=database_url, doors="staff", instance=apart)
    assert not (apart / "keys" / PRIVATE).exists()


@pytest.mark.parametrize("door", ["patient", "staff"])
def test_a_process_whose_secret_is_lost_starts_once_another_was_drawn(
    make_app: MakeApp, patients: Flask, staffs: Flask, door: str, database_url: str
) -> None:
    service = service_of({"patient": patients, "staff": staffs}[door])
    given = {"database_url": database_url, "doors": door, "instance": service.settings.instance}
    file = service.settings.instance / "secret-key"
    before = file.read_text()
    file.unlink()
    with pytest.raises(NotReady, match="rotate"):
        make_app(**given)
    drawn = other_keys.rotate_secret(service)
    assert file.read_text() != before
    assert make_app(**given).secret_key == file.read_text()
    assert secret_id(file.read_text()) == drawn
    file.write_text(before)
    with pytest.raises(NotReady, match=drawn):
        make_app(**given)


def test_what_needs_keys_is_left_to_the_process_that_has_them(staffs: Flask) -> None:
    every = service_of(staffs).settings.draft_idle
    jobs = [
        Job("opening", lambda _settings: every, lambda _on, _before: JobDone(1), opens=True),
        Job("counting drafts", lambda _settings: every, lambda _on, _before: JobDone(1)),
    ]
    service, keys = service_of(staffs), desk_of(staffs).opening_keys
    assert run(JobGround(service), running(), jobs) == ["counting drafts"]
    assert run(JobGround(service, keys), running(), jobs) == ["opening"]


@pytest.fixture
def narrow(staffs: Flask, database_url: str) -> Iterator[str]:
    """The database's address for a role that may do what `deploy/patient.sql` says, and no more."""
    name, url = f"patient_{token_hex(8)}", make_url(database_url)
    script = (ROOT / "deploy" / "patient.sql").read_text().replace(":role", name)
    statements = [line for line in script.splitlines() if not line.startswith("--")]
    with service_of(staffs).engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN"))
        connection.execute(text("\n".join(statements)))
    yield url.set(username=name).render_as_string(hide_password=False)
    with service_of(staffs).engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {name}"))
        connection.execute(text(f"DROP ROLE {name}"))


@pytest.mark.skipif(not os.environ.get("SCREENING_TEST_POSTGRESQL"), reason="needs PostgreSQL")
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_on_postgresql_a_thief_of_the_patients_process_makes_no_account_and_changes_no_entry(
    make_app: MakeApp, staffs: Flask, apart: Path, narrow: str, clock: Clock
) -> None:
    patients = make_app(database_url=narrow, doors="patient", instance=apart)
    Staff(staffs, clock, ("reception",))
    reference = sends(service_of(patients), **TWO_FLAGS)
    clock.forward(hours=13)
    assert "forgetting" in run(JobGround(service_of(patients)), running())
    with reading(service_of(staffs).engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM drafts")) == 0
    assert patients.test_client().get("/ready").status_code == 200
    follow(staffs)
    assert found(staffs, "Sam") == [reference]
    for wanted in (
        "UPDATE people SET roles = 'manager'",
        "INSERT INTO people (id) VALUES ('x')",
        "SELECT password FROM people",
        "INSERT INTO staff_sessions (id) VALUES ('x')",
        "DELETE FROM entries",
        "UPDATE events SET actor = 'x'",
        "INSERT INTO event_head VALUES (99, 0, '', 0)",
        "DELETE FROM event_joins",
        "DELETE FROM requests",
        "UPDATE publications SET version = '9'",
        "UPDATE requests SET sealed_health = ''",
        "UPDATE requests SET status = 'closed'",
        "UPDATE request_status SET status = 'closed'",
        "INSERT INTO entries (id) VALUES ('x')",
        "SELECT * FROM messages",
        "SELECT * FROM sign_in_tries",
        "SELECT * FROM sign_offs",
    ):
        with pytest.raises(ProgrammingError), service_of(patients).engine.begin() as connection:
            connection.execute(text(wanted))


@pytest.mark.parametrize("public", ["", "https://forms.example.org"])
def test_links_from_the_staffs_process_to_patients_pages_go_to_the_public_address(
    make_app: MakeApp, clock: Clock, public: str
) -> None:
    who = Staff(make_app(doors="staff", public_address=public), clock, ("reception",))
    who.comes_in()
    for page in (who.go("/staff/entry"), who.go("/staff/requests")):
        links = [str(link.get("href", "")) for link in page.elements("a")]
        theirs = [link for link in links if link.startswith(("/", "http")) and not link.startswith("/staff")]
        assert f"{public}/privacy" in theirs
        assert all(link.startswith(f"{public}/") for link in theirs)
