"""`screening rules sign, publish, retire, list, history, replay, preview`, as they are run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from screening.cli import main
from screening.core.loading import SIGNED
from screening.service.patient import utc_now
from screening.storage.sealing.keys import PRIVATE, create_keys
from tests.publishing.making import ID, QUIETER, write_rules

BROKEN = {
    "empty": b"",
    "binary": bytes(range(256)),
    "half-written": b"schema: screening/1\nid: [",
    "huge": b"a: 1\n" * 200_000,
    "hostile": b"a: &a [*a]\n",
    "no rule set": b"- 1\n- 2\n",
}
COMMANDS = {
    "sign": ("--name", "Dr Robin Example", "--role", "Consultant"),
    "publish": (),
    "replay": ("--i-am", "Robin Example"),
}


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCREENING_RULES", str(tmp_path / "rules"))
    monkeypatch.setenv("SCREENING_DATABASE_URL", database_url)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A rule set that passes everything but a sign-off."""
    return write_rules(tmp_path / "rules")


def run(command: str, *arguments: str | Path) -> Result:
    """Run it; nothing may escape it but its exit."""
    result = CliRunner().invoke(main, ["rules", command, *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def data(result: Result) -> Any:
    return json.loads(result.stdout)


def sign(file: Path) -> None:
    assert run("sign", file, *COMMANDS["sign"]).exit_code == 0


@pytest.mark.both_engines
def test_from_a_draft_to_patients_and_back(file: Path) -> None:
    refused = run("publish", file, "--json")
    assert refused.exit_code == 1
    (problem,) = data(refused)["problems"]
    assert (problem["code"], problem["line"]) == ("not-signed", 1)
    assert problem.keys() == {"file", "line", "column", "code", "message", "remedy", "witness"}
    sign(file)
    (listed,) = data(run("list", "--json"))["rule_sets"]
    assert listed["published"] == "no"
    assert "Dr Robin Example" in listed["signed_off"]
    assert run("publish", file).exit_code == 0
    (listed,) = data(run("list", "--json"))["rule_sets"]
    assert (listed["id"], listed["version"]) == (ID, "1.0.0")
    assert "Dr Robin Example" in listed["signed_off"]
    write_rules(file.parent, ("version: 1.0.0", "version: 1.1.0"), QUIETER)
    sign(file)
    assert run("publish", file).exit_code == 1
    assert run("publish", file, "--reason", "fever=The nurse asks again.").exit_code == 0
    assert run("retire", ID, "--because", "The page has changed.").exit_code == 0
    assert run("retire", ID, "--because", "Again.").exit_code == 1
    found = data(run("history", ID, "--json"))["publications"]
    assert [one["version"] for one in found] == ["1.1.0", "1.0.0"]
    assert found[0]["reasons"] == {"fever": "The nurse asks again."}
    assert all(one["retired_because"] == "The page has changed." for one in found)
    for shown in (run("history", ID), run("list")):
        assert shown.exit_code == 0
        assert "1.1.0" in shown.output


def test_a_sign_off_is_dated_today_unless_told_otherwise(file: Path) -> None:
    sign(file)
    assert str(utc_now().year) in file.with_name(ID + SIGNED).read_text()
    assert run("sign", file, *COMMANDS["sign"], "--date", "2026-03-04").exit_code == 0
    assert "2026-03-04" in file.with_name(ID + SIGNED).read_text()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_told_with_its_place(file: Path, command: str, content: bytes) -> None:
    file.write_bytes(content)
    result = run(command, file, *COMMANDS[command])
    assert result.exit_code == 2
    assert f"{ID}.yaml:" in result.stderr


@pytest.mark.parametrize("command", [*COMMANDS, "preview"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, command: str) -> None:
    result = run(command, tmp_path / "none.yaml", *COMMANDS.get(command, ()))
    assert result.exit_code == 2
    assert "none.yaml" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_page_sign_off_or_cases_refuses_without_a_traceback(
    file: Path, tmp_path: Path, content: bytes
) -> None:
    sign(file)
    page = tmp_path / "page.html"
    page.write_bytes(content)
    assert run("publish", file, "--page", page).exit_code in (1, 2)
    cases = file.with_name(f"{ID}.cases.yaml")
    kept = cases.read_bytes()
    cases.write_bytes(content)
    assert run("publish", file).exit_code == 2
    cases.write_bytes(kept)
    file.with_name(ID + SIGNED).write_bytes(content)
    assert run("publish", file).exit_code == 2


@pytest.mark.parametrize("reason", ["fever", "=why", "fever=", " = "])
def test_a_reason_needs_a_flag_and_words(file: Path, reason: str) -> None:
    assert run("publish", file, "--reason", reason).exit_code == 2


def test_replay_needs_the_key_and_a_name(file: Path, tmp_path: Path) -> None:
    assert run("replay", file, "--i-am", "Robin Example").exit_code == 2
    sign(file)
    run("publish", file)  # makes the tables
    create_keys(tmp_path / "instance" / "keys")
    assert run("replay", file, "--i-am", " ").exit_code == 2
    report = data(run("replay", file, "--i-am", "Robin Example", "--json"))
    assert (report["looked_at_by"], report["looked_at"], report["changed"]) == ("Robin Example", 0, 0)
    (tmp_path / "instance" / "keys" / PRIVATE).chmod(0o644)  # a key that others can read opens nothing
    assert run("replay", file, "--i-am", "Robin Example").exit_code == 2


@pytest.mark.parametrize("answers", ["", "[]", '{"nobody_asks": 1}', '{"fever": "perhaps"}'])
def test_preview_refuses_answers_that_cannot_be_given(file: Path, tmp_path: Path, answers: str) -> None:
    given = tmp_path / "answers.json"
    given.write_text(answers)
    assert run("preview", file, "--answers", given).exit_code == 2


@pytest.mark.parametrize("command", ["list", "retire", "history"])
def test_a_database_that_does_not_answer_is_told(
    file: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_DATABASE_URL", "postgresql://nobody:secret-word@127.0.0.1:1/none")
    arguments = {"list": (), "retire": (ID, "--because", "x"), "history": (ID,)}[command]
    result = run(command, *arguments)
    assert result.exit_code == 2
    assert "secret-word" not in result.output
    assert file.exists()
