"""What has no good use does not start; what is unwise is said."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from screening.cli import demo, main
from screening.core.errors import NotReady
from screening.operating.secrecy import is_weak
from screening.service.audit_head import head_files
from screening.settings.environment import load_settings
from screening.storage import outbox
from screening.storage.database import writing
from screening.storage.sealing.keys import load_secret
from screening.web.door import service_of
from tests.actors import Patient
from tests.conftest import MakeApp
from tests.usual import TREATMENT


@pytest.mark.parametrize(
    ("check", "settings"),
    [
        ("weak_secret", {"secret_key": "changeme" * 4}),
        ("http_address", {"public_address": "http://x.example"}),
    ],
)
def test_what_has_no_good_use_does_not_start(make_app: MakeApp, check: str, settings: dict[str, Any]) -> None:
    with pytest.raises(NotReady, match=check):
        make_app(**settings)


def test_a_debugger_and_a_database_for_everybody_are_refused_in_one_go(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_app()
    (tmp_path / "instance" / "screening.sqlite3").chmod(0o644)
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(NotReady) as refused:
        make_app()
    assert [name in str(refused.value) for name in ("debugging", "readable_database")] == [True, True]


def test_an_unwise_start_says_so_and_what_to_do(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    make_app(public_address="https://forms.example.org", log_level="warning")
    assert "SCREENING_PROXIES=1" in capsys.readouterr().err


def test_a_form_refused_for_want_of_a_proxy_setting_says_so_in_the_log(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Patient(make_app(log_level="warning")).post("pain_where", Origin="https://localhost")
    assert page.status == 403
    assert "SCREENING_PROXIES=1" in capsys.readouterr().err


@pytest.mark.parametrize("setting", [{"proxies": 1}, {"public_address": "https://demo.example.org"}])
def test_a_demo_is_refused_behind_a_proxy(tmp_path: Path, setting: dict[str, Any]) -> None:
    with pytest.raises(NotReady):
        demo.check(load_settings(instance=tmp_path, **setting))


def test_a_demo_is_refused_where_only_what_was_published_is_served(tmp_path: Path) -> None:
    named = {"clinic_name": "Hillside", "clinic_phone": "020 7946 0000"}
    with pytest.raises(NotReady):
        demo.check(load_settings(instance=tmp_path, trial=False, **named))


def test_drawn_secrets_are_secret_and_typed_ones_are_not(tmp_path: Path) -> None:
    assert not is_weak(load_secret(tmp_path / "secret"))
    assert all(map(is_weak, ("x9" * 20, "a" * 40, "my-little-clinic-Password-of-2026!")))


def test_the_command_says_what_is_wrong_with_exit_code_1_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "instance"))
    assert CliRunner().invoke(main, ["doctor"]).exit_code == 0
    strict = CliRunner().invoke(main, ["doctor", "--deploy"])
    assert strict.exit_code == 1
    assert "trial: " in strict.stderr
    assert not (tmp_path / "instance").exists()
    assert TREATMENT not in strict.output


def test_what_needs_somebody_is_told_to_monitors_and_patients_go_on(app: Flask) -> None:
    client, service = app.test_client(), service_of(app)
    assert client.get("/ready").json["attention"] == []  # type: ignore[index]  # it is there
    with writing(service.engine) as connection:
        outbox.put(connection, "new_request", now=service.now() - timedelta(days=1), address="a@example.org")
    head_files(service.settings)[0].unlink()
    answer = client.get("/ready")
    assert answer.status_code == 200
    assert set(answer.json["attention"]) == {"mail_stuck", "audit_head"}  # type: ignore[index]  # as above
