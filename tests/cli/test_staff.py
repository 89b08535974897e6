"""`screening staff` and `screening serve --demo`, as an operator runs them."""

from __future__ import annotations

import json
import re
import sqlite3
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from passlib.totp import TOTP

from screening.accounts import members, passwords
from screening.app import create_app
from screening.cli import demo, main
from screening.core.owed import LISTS
from screening.core.workflow import STATUSES
from screening.desk import beside_lists, day_list
from screening.settings.environment import load_settings
from screening.storage.database import reading
from screening.storage.reading_events import since
from screening.storage.tables import people, requests
from screening.web.door import service_of
from tests.actors import Page
from tests.desk.making import RITA, desk_of
from tests.two_sites import written

ADD = ("add", "Robin@Clinic.example", "--name", "Robin Reed", "--role", "manager", "--role", "clinician",
       "--reason", "Joined the team")  # fmt: skip


@pytest.fixture(autouse=True)
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "instance"
    monkeypatch.setenv("SCREENING_INSTANCE", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


def staff(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["staff", *arguments])


def printed_password(result: Result) -> str:
    found = re.search(r"\b(?:[a-z2-9]{5}-){3}[a-z2-9]{5}\b", result.stdout)
    assert found is not None, result.output
    return found[0]


def listed() -> list[list[str]]:
    return [line.split("\t") for line in staff("list").stdout.splitlines()]


def kept_password(instance: Path) -> str:
    service = service_of(create_app(load_settings(instance=instance, log_level="error")))
    with reading(service.engine) as connection:
        return str(connection.execute(people.select()).one().password)


def test_add_prints_a_password_that_is_kept_as_argon2id_only(instance: Path) -> None:
    result = staff(*ADD)
    assert result.exit_code == 0
    password, kept = printed_password(result), kept_password(instance)
    assert kept.startswith("$argon2id$")
    assert passwords.is_right(password, kept)
    assert password.encode() not in b"".join(
        file.read_bytes() for file in instance.rglob("*") if file.is_file()
    )
    assert listed()[0][:3] == ["robin@clinic.example", "clinician,manager", "active"]


def test_disable_enable_and_reset() -> None:
    first = printed_password(staff(*ADD))
    assert staff("disable", "robin@clinic.example").exit_code == 0
    assert listed()[0][2] == "disabled"
    assert staff("enable", "ROBIN@clinic.example").exit_code == 0
    assert listed()[0][2] == "active"
    again = staff("reset", "robin@clinic.example")
    assert again.exit_code == 0
    assert printed_password(again) != first


@pytest.mark.parametrize(
    "arguments",
    [
        ADD,
        ("add", "no address", "--name", "Robin", "--role", "manager"),
        ("add", "robin@clinic.example", "--name", "Robin", "--role", "clinician"),
        ("add", "robin@clinic.example", "--name", "Robin", "--role", "clinician", "--reason", " "),
        ("disable", "nobody@clinic.example"),
        ("enable", "nobody@clinic.example"),
        ("reset", "nobody@clinic.example"),
    ],
)
def test_what_cannot_be_done_is_said_with_exit_code_1(arguments: tuple[str, ...]) -> None:
    staff(*ADD)
    before = listed()
    result = staff(*arguments)
    assert result.exit_code == 1
    assert result.stderr
    assert not re.search(r"(?:[a-z2-9]{5}-){3}", result.output)
    assert listed() == before


@pytest.mark.parametrize("arguments", [("list",), ADD, ("reset", "robin@clinic.example")])
def test_without_a_database_the_exit_code_is_2(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_DATABASE_URL", "mysql://nobody@localhost/x")
    result = staff(*arguments)
    assert result.exit_code == 2
    assert "SCREENING_DATABASE_URL" in result.stderr


def test_a_name_moves_no_cursor_and_begins_no_line() -> None:
    staff("add", "robin@clinic.example", "--name", "Robin\x1b[2J\tadmin\nNext", "--role", "reception")
    (line,) = listed()
    assert len(line) == 5
    assert "\x1b" not in line[-1]


def test_what_somebody_put_into_the_database_does_not_hide_what_the_audit_found(instance: Path) -> None:
    staff(*ADD)
    hides = "\x1b]0;0 problems\x07\r"  # a title, and back to where the line began
    with sqlite3.connect(instance / "screening.sqlite3") as database:
        database.execute("UPDATE people SET id = ?", [f"{hides}0 problems."])
    result = CliRunner().invoke(main, ["audit", "verify"])
    assert result.exit_code == 1
    assert "0 problems." in result.output  # it is named
    assert not any(character in result.output for character in "\x1b\x07\r")


def test_an_unknown_role_is_a_usage_error() -> None:
    assert staff("add", "robin@clinic.example", "--name", "Robin", "--role", "admin").exit_code == 2


def test_each_change_is_in_the_audit(instance: Path) -> None:
    staff(*ADD)
    staff("disable", "robin@clinic.example")
    staff("disable", "robin@clinic.example")
    staff("reset", "robin@clinic.example")
    service = service_of(create_app(load_settings(instance=instance, log_level="error")))
    with reading(service.engine) as connection:
        done = [event.action for event in since(connection, 0)]
    assert done == ["account_added", "account_disabled", "account_reset"]


# The demo


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `serve --demo` was called in an empty folder; it made what it shows, and did not serve it."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        here.setattr(import_module("screening.cli.serve_command"), "run", lambda *_given: None)
        line = ["serve", "--port", "0", "--demo", "--demo-accounts", "accounts.json"]
        result = CliRunner().invoke(main, line)
    assert result.exit_code == 0, result.output
    return folder


@pytest.mark.slow
def test_a_demo_has_a_folder_of_its_own(shown: Path) -> None:
    assert {one.name for one in shown.iterdir()} == {"instance-demo", "accounts.json"}


@pytest.mark.slow
def test_the_demo_makes_one_account_of_each_role_and_requests_once(shown: Path) -> None:
    copy = shown / "accounts.json"
    assert copy.stat().st_mode & 0o077 == 0
    app = create_app(load_settings(instance=shown / "instance-demo", log_level="error"))
    accounts = demo.accounts_of(app)
    assert json.loads(copy.read_text()) == [account._asdict() for account in accounts]
    assert sorted(account.role for account in accounts) == ["auditor", "clinician", "manager", "reception"]
    with reading(service_of(app).engine) as connection:
        sent = connection.execute(requests.select()).all()
    assert len(sent) >= 60
    assert any(one.flags_to_review for one in sent)
    assert any(not one.flags_to_review for one in sent)
    assert {one.status for one in sent} >= set(STATUSES)
    assert {one.work_list for one in sent} >= set(LISTS)
    counts = beside_lists.load(desk_of(app), RITA).counts
    assert [name for name, number in counts.by_list.items() if not number] == []
    assert counts.overdue > 0
    today = day_list.day_list(desk_of(app), RITA, service_of(app).today())
    assert {line.row.status for line in today} == {"booked"}
    assert demo.prepare(app) == accounts
    with reading(service_of(app).engine) as connection:
        assert len(connection.execute(requests.select()).all()) == len(sent)
    assert len(members.everyone(service_of(app))) == len(accounts)


@pytest.mark.slow
def test_the_accounts_of_the_demo_can_sign_in(shown: Path) -> None:
    app = create_app(load_settings(instance=shown / "instance-demo", log_level="error"))
    for one in demo.accounts_of(app):
        client = app.test_client()
        page = Page(client.get("/staff/sign-in"))
        data = {"csrf_token": page.token, "email": one.email, "password": one.password}
        page = Page(client.post("/staff/sign-in", data=data, follow_redirects=True))
        code = TOTP(key=one.totp_secret).generate().token
        client.post("/staff/second-factor", data={"csrf_token": page.token, "code": code})
        assert client.get("/staff/account").status_code == 200


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (["--demo", "--host", "0.0.0.0"], {}),
        (["--demo", "--host", "203.0.113.1"], {}),
        (["--demo"], {"SCREENING_HOST": "::"}),
        (["--demo"], {"SCREENING_DATABASE_URL": "sqlite:///other.db"}),
        (["--demo-accounts", "accounts.json"], {}),
    ],
)
def test_a_demo_is_for_this_machine_and_a_database_of_its_own(
    options: list[str], environment: dict[str, str], instance: Path
) -> None:
    result = CliRunner(env=environment).invoke(main, ["serve", "--port", "0", *options])
    assert result.exit_code == 2
    assert result.stderr
    assert not instance.exists()
    assert not Path("accounts.json").exists()


def test_a_demo_offers_places_and_times_unless_whoever_starts_it_sets_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SCREENING_INSTANCE", raising=False)
    assert load_settings(**demo.given()).places_offered
    assert load_settings(**demo.given()).times_offered
    monkeypatch.setenv("SCREENING_PLACES", "The barn")
    assert load_settings(**demo.given()).places_offered == ["The barn"]


def test_a_demo_does_not_settle_among_real_people() -> None:
    staff(*ADD)
    before = listed()
    result = CliRunner().invoke(main, ["serve", "--port", "0", "--demo"])
    assert result.exit_code == 2
    assert listed() == before


def test_whoever_has_the_server_says_where_somebody_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_SITES", str(written(tmp_path)))
    assert staff(*ADD, "--site", "north").exit_code == 0
    assert [line[-1] for line in listed()] == ["north"]
    assert staff("sites", "robin@clinic.example", "--site", "main", "--site", "north").exit_code == 0
    assert [line[-1] for line in listed()] == ["main,north"]
    assert staff("sites", "robin@clinic.example").exit_code == 0
    assert [line[-1] for line in listed()] == ["main"]
    assert staff("sites", "robin@clinic.example", "--site", "nowhere").exit_code == 1
