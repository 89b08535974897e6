"""The two doors as two processes on one database: the patients' holds no key that opens anything."""

from __future__ import annotations

from pathlib import Path
from shutil import copy

import pytest
from flask import Flask

from screening.core.errors import NotReady
from screening.desk import opening, queues
from screening.desk.shapes import Filters
from screening.operating.job import Job, JobDone, JobGround
from screening.operating.upkeep import run
from screening.operating.witness import running
from screening.storage.sealing import hpke
from screening.storage.sealing.keys import AUDIT, INDEX, PRIVATE, PUBLIC
from screening.web.door import service_of
from tests.actors import Clock, Page
from tests.conftest import MakeApp
from tests.desk.making import RITA
from tests.sending import sends
from tests.staff.actors import Staff
from tests.usual import TREATMENT

SECRET = "secret-key"


@pytest.fixture
def staffs(make_app: MakeApp, database_url: str) -> Flask:
    return make_app(database_url=database_url, doors="staff")


@pytest.fixture
def apart(staffs: Flask, tmp_path: Path) -> Path:
    """An instance folder with what the patients' process is given."""
    there, here = service_of(staffs).settings.instance, tmp_path / "patients"
    (here / "keys").mkdir(mode=0o700, parents=True)
    for name in (PUBLIC, INDEX, AUDIT):
        copy(there / "keys" / name, here / "keys")
    copy(there / SECRET, here)
    return here


def test_what_is_sent_at_the_one_is_read_at_the_other_and_the_one_never_loads_a_key_that_opens(
    make_app: MakeApp, staffs: Flask, apart: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.setattr(
            hpke.OpeningKey, "__post_init__", lambda _key: pytest.fail("a private key was loaded")
        )
        patients = make_app(database_url=database_url, doors="patient", instance=apart)
        sends(service_of(patients), name="Anna Example")
    assert [row.name for row in queues.queue(staffs.extensions["desk"], RITA, Filters()).rows] == [
        "Anna Example"
    ]
    served = {rule.rule.split("/")[1] for rule in patients.url_map.iter_rules()}
    assert "staff" not in served
    assert not [name for name in patients.view_functions if name.startswith("staff.")]
    assert patients.test_client().get(f"/{TREATMENT}").status_code == 200
    assert patients.test_client().get("/staff").status_code == 404


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
    make_app: MakeApp, apart: Path, database_url: str
) -> None:
    patients = make_app(database_url=database_url, doors="patient", instance=apart).test_client()
    assert patients.get("/answer/unknown").status_code == 503
    token = Page(patients.get(f"/{TREATMENT}/delete-my-answers")).token
    answer = patients.post("/answer/unknown", data={"csrf_token": token, "words": "It was the left one"})
    assert answer.status_code == 503
    assert "It was the left one" in answer.get_data(as_text=True)


def test_a_private_key_that_the_patients_process_can_read_is_refused(
    make_app: MakeApp, staffs: Flask, apart: Path, database_url: str
) -> None:
    copy(service_of(staffs).settings.keys / PRIVATE, apart / "keys")
    with pytest.raises(NotReady, match=PRIVATE):
        make_app(database_url=database_url, doors="patient", instance=apart)
    settings = service_of(staffs).settings
    assert opening.has_keys(settings)
    assert not opening.has_keys(settings.model_copy(update={"doors": "patient"}))


def test_neither_starts_with_half_of_what_it_needs_and_no_pair_is_made(
    make_app: MakeApp, staffs: Flask, apart: Path, database_url: str
) -> None:
    (apart / "keys" / PUBLIC).unlink()
    for doors in ("patient", "staff"):
        with pytest.raises(NotReady, match=PUBLIC):
            make_app(database_url=database_url, doors=doors, instance=apart)
    copy(service_of(staffs).settings.keys / PUBLIC, apart / "keys")
    with pytest.raises(NotReady, match=PRIVATE):
        make_app(database_url=database_url, doors="staff", instance=apart)
    assert not (apart / "keys" / PRIVATE).exists()


def test_what_needs_keys_is_left_to_the_process_that_has_them(staffs: Flask) -> None:
    every = service_of(staffs).settings.draft_idle
    jobs = [
        Job("opening", lambda _settings: every, lambda _on, _before: JobDone(1), opens=True),
        Job("counting drafts", lambda _settings: every, lambda _on, _before: JobDone(1)),
    ]
    service, keys = service_of(staffs), staffs.extensions["desk"].opening_keys
    assert run(JobGround(service), running(), jobs) == ["counting drafts"]
    assert run(JobGround(service, keys), running(), jobs) == ["opening"]
