"""`screening rules sign, publish, retire, list, history, replay, preview`, as they are run."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import Engine

from screening.core.loading import SIGNED
from screening.storage.sealing.keys import PRIVATE, create_keys
from tests import running
from tests.publishing.making import ID, PAGE_FILE, QUIETER, REASON, sign_it, write_rules

BROKEN = {
    "empty": b"",
    "binary": bytes(range(256)),
    "half-written": b"schema: screening/1\nid: [",
    "huge": b"a: 1\n" * 200_000,
    "hostile": b"a: &a [*a]\n",
    "no rule set": b"- 1\n- 2\n",
}
COMMANDS = {
    "sign": (),
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


run = partial(running.run, "rules")


def data(result: Result) -> Any:
    return json.loads(result.stdout)


def sign(engine: Engine, file: Path) -> None:
    """As at the staff door; then the copy for people to read."""
    sign_it(engine, file)
    assert run("sign", file).exit_code == 0


def publish(file: Path, *more: str) -> Result:
    return run("publish", file, "--page", str(file.parent / PAGE_FILE), *more)


@pytest.mark.both_engines
def test_from_a_draft_to_patients_and_back(engine: Engine, file: Path) -> None:
    refused = publish(file, "--json")
    assert refused.exit_code == 1
    (problem,) = data(refused)["problems"]
    assert (problem["code"], problem["line"]) == ("not-signed", 1)
    assert problem.keys() == {"file", "line", "column", "code", "message", "remedy", "witness"}
    assert run("sign", file).exit_code == 1
    sign(engine, file)
    assert "Dr Robin Example" in file.with_name(ID + SIGNED).read_text()
    (listed,) = data(run("list", "--json"))["rule_sets"]
    assert listed["published"] == "no"
    assert "Dr Robin Example" in listed["signed_off"]
    assert publish(file).exit_code == 0
    (listed,) = data(run("list", "--json"))["rule_sets"]
    assert (listed["id"], listed["version"]) == (ID, "1.0.0")
    assert "Dr Robin Example" in listed["signed_off"]
    write_rules(file.parent, ("version: 1.0.0", "version: 1.1.0"), QUIETER)
    (listed,) = data(run("list", "--json"))["rule_sets"]
    assert "1.0.0" in listed["published"]  # what patients have
    assert publish(file).exit_code == 1
    sign(engine, file)
    assert publish(file).exit_code == 0
    assert run("retire", ID, "--because", "The page has changed.").exit_code == 0
    assert run("retire", ID, "--because", "Again.").exit_code == 1
    found = data(run("history", ID, "--json"))["publications"]
    assert [one["version"] for one in found] == ["1.1.0", "1.0.0"]
    assert list(found[0]["reasons"].values()) == [REASON]
    assert all(one["retired_because"] == "The page has changed." for one in found)
    for shown in (run("history", ID), run("list")):
        assert shown.exit_code == 0
        assert "1.1.0" in shown.output


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
def test_a_broken_page_or_cases_refuse_without_a_traceback(
    engine: Engine, file: Path, tmp_path: Path, content: bytes
) -> None:
    sign(engine, file)
    page = tmp_path / "page.html"
    page.write_bytes(content)
    assert run("publish", file, "--page", page).exit_code in (1, 2)
    file.with_name(f"{ID}.cases.yaml").write_bytes(content)
    assert publish(file).exit_code == 2
    assert run("sign", file).exit_code in (1, 2)


def test_replay_needs_the_key_and_a_name(file: Path, tmp_path: Path) -> None:
    assert run("replay", file, "--i-am", "Robin Example").exit_code == 2
    run("list")  # makes the tables
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


@pytest.mark.parametrize("why", ["", " "])
def test_who_retires_says_why(engine: Engine, file: Path, why: str) -> None:
    sign(engine, file)
    assert publish(file).exit_code == 0
    assert run("retire", ID, "--because", why).exit_code == 2
    assert run("retire", ID, "--because", "The page has changed.").exit_code == 0


def test_a_newer_file_does_not_hide_from_the_list_that_its_treatment_was_retired(
    engine: Engine, file: Path
) -> None:
    sign(engine, file)
    assert publish(file).exit_code == 0
    write_rules(file.parent, ("version: 1.0.0", "version: 1.1.0"))
    assert run("retire", ID, "--because", "The page has changed.").exit_code == 0
    (listed,) = data(run("list", "--json"))["rule_sets"]
    assert {"1.0.0", "retired"} <= set(listed["published"].split())


def test_what_was_retired_is_told_to_need_another_version(engine: Engine, file: Path) -> None:
    sign(engine, file)
    assert publish(file).exit_code == 0
    assert data(run("next", file, "--json"))["next"][str(file)] == []
    assert run("retire", ID, "--because", "The page has changed.").exit_code == 0
    (step,) = data(run("next", file, "--json"))["next"][str(file)]
    assert "screening rules publish" not in step["command"]
