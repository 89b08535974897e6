"""What holds for every page and every route."""

from __future__ import annotations

import os
from collections.abc import Iterator
from inspect import iscoroutinefunction
from pathlib import Path
from secrets import token_urlsafe

import pytest
from flask import Flask
from jinja2 import UndefinedError
from werkzeug.routing import Rule

from screening.app import create_app
from screening.core.errors import NotReady, RuleSetError
from screening.settings.environment import load_settings
from screening.storage.database import reading
from screening.storage.tables import metadata
from screening.web.door import service_of
from screening.web.headers import HEADERS, MAX_BODY
from tests.actors import Page, Patient
from tests.kept import everything_kept
from tests.translating import foreign_words, marking
from tests.usual import TREATMENT

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return create_app(load_settings(instance=tmp_path / "instance", log_level="error"))


@pytest.fixture
def patient(app: Flask) -> Patient:
    return Patient(app)


def address(rule: Rule) -> str:
    """A real address for a rule of the URL map."""
    given = {"treatment": TREATMENT, "question": "pain_where", "filename": "built/style.css"}
    built = rule.build({name: given.get(name, "unknown") for name in rule.arguments})
    assert built is not None
    return built[1]


def unsafe_routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & UNSAFE):
            yield method, address(rule)


def test_every_page_carries_the_headers_error_pages_too(app: Flask) -> None:
    client = app.test_client()
    for path in ("/", f"/{TREATMENT}", "/nothing", "/health", f"/{TREATMENT}/for_whom"):
        response = client.get(path)
        assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert client.post(f"/{TREATMENT}/for_whom").headers["Content-Security-Policy"]


def test_nothing_is_asynchronous_so_that_no_call_need_be_looked_at(app: Flask) -> None:
    hooks = (app.before_request_funcs, app.after_request_funcs)
    called = [
        *app.view_functions.values(),
        *(each for found in hooks for asked in found.values() for each in asked),
    ]
    assert [each for each in called if iscoroutinefunction(each)] == []


def test_transport_security_is_asked_for_everywhere_but_on_this_machine(app: Flask) -> None:
    assert "Strict-Transport-Security" not in app.test_client().get("/").headers
    response = app.test_client().get("/", base_url="https://clinic.example")
    assert "Strict-Transport-Security" in response.headers


def test_pages_with_answers_are_kept_by_no_cache(patient: Patient) -> None:
    patient.fill_in(until="side")
    for name in ("", "side", "pain_where"):
        assert patient.go(name).response.headers["Cache-Control"] == "no-store"
    signing_in = patient.client.get("/staff/sign-in")  # another library puts a header of its own there
    assert signing_in.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ],
)
def test_no_unsafe_route_takes_a_forged_request(app: Flask, headers: dict[str, str]) -> None:
    patient = Patient(app)
    patient.fill_in(until="severity")
    stranger = Patient(app)
    token = stranger.go("delete-my-answers").token
    if headers:  # even with the patient's own token
        token = patient.go("delete-my-answers").token
    before = everything_kept(app)
    routes = list(unsafe_routes(app))
    assert len(routes) >= 4
    for method, path in routes:
        data = {"csrf_token": token, "answer": "leg"}
        response = patient.client.open(path, method=method, data=data, headers=headers)
        assert response.status_code in (400, 403), (path, response.status_code)
    assert everything_kept(app) == before


def test_asking_for_pages_changes_nothing(app: Flask) -> None:
    patient = Patient(app)
    patient.fill_in()
    before = everything_kept(app)
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "monitoring.ready" and "GET" in (rule.methods or set()):
            patient.client.get(address(rule)).close()
    assert everything_kept(app) == before


def test_columns_cannot_be_set_from_outside(patient: Patient) -> None:
    patient.fill_in(until="side")
    extra = {column.name: "evil" for table in metadata.sorted_tables for column in table.columns}
    for keys in (extra, *({token_urlsafe(9): "evil" for _ in range(100)} for _ in range(2))):
        assert patient.post("side", keys | {"answer": "left"}).name == "severity"
    assert patient.fill_in().name == "check-your-answers"
    assert patient.send().status == 200
    assert "evil" not in repr(everything_kept(patient.app))


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"answer=" + b"x" * MAX_BODY, 413), (b"&".join([b"a=1"] * 300), 400), (b"\xff\xfe&=%zz", 400)],
)
def test_hostile_bodies_are_refused(patient: Patient, body: bytes, status: int) -> None:
    kind = "application/x-www-form-urlencoded"
    response = patient.client.post(f"/{TREATMENT}/for_whom", data=body, content_type=kind)
    assert response.status_code == status


def test_alive_and_ready(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code == 200


def test_not_ready_when_nothing_can_be_written(app: Flask) -> None:
    client = app.test_client()
    with reading(service_of(app).engine) as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    response = client.get("/ready")
    assert response.status_code == 503
    assert client.get("/health").status_code == 200


def test_an_unknown_word_in_a_template_is_an_error(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ nobody_knows_this }}").render()


def test_every_word_of_the_interface_can_be_translated(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks what passes through gettext; other words on the pages must come from rules or settings."""
    patient = Patient(app)
    with marking(app, monkeypatch):
        pages = [Page(patient.client.get(path)) for path in ("/", "/privacy", "/accessibility", "/nothing")]
        pages += [patient.go(), patient.go("get-help-now"), patient.post("pain_where")]
    for page in pages:
        assert foreign_words(app, page) == [], page.path


def test_out_of_trial_patients_need_somebody_to_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENING_TRIAL", "false")
    with pytest.raises(NotReady):
        load_settings()
    monkeypatch.setenv("SCREENING_CLINIC_NAME", "Clinic")
    monkeypatch.setenv("SCREENING_CLINIC_PHONE", "01632 960 111")
    assert not load_settings().trial


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "high"),
        ("PORT", "99999"),
        ("TIME_ZONE", "Mars/One"),
        ("REGION", "gb"),
        ("SECRET_KEY", "short"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"SCREENING_{name}", value)
    with pytest.raises(NotReady) as refused:
        load_settings()
    assert f"SCREENING_{name}" in str(refused.value)


def test_secrets_are_made_for_the_owner_alone_and_kept(app: Flask, tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    for file in (
        instance / "secret-key",
        instance / "keys" / "opening.private",
        instance / "screening.sqlite3",
    ):
        assert file.stat().st_mode & 0o077 == 0, file
    again = create_app(load_settings(instance=instance, log_level="error"))
    assert again.secret_key == app.secret_key


def test_a_service_without_usable_rules_does_not_start(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    with pytest.raises(NotReady):
        create_app(load_settings(instance=tmp_path / "one", rules=rules))
    (rules / "a.yaml").write_text("schema: screening/1\nid: a\n")
    (rules / "b.yaml").write_text("title: [")
    with pytest.raises(RuleSetError) as refused:
        create_app(load_settings(instance=tmp_path / "two", rules=rules))
    assert {Path(problem.place.file).name for problem in refused.value.problems} == {"a.yaml", "b.yaml"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere; run as another user to try this")
def test_an_instance_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(NotReady):
        create_app(load_settings(instance=tmp_path / "instance"))
