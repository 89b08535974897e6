"""`screening rules recall` and what it and `replay` leave in the audit, as they are run."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from screening.app import open_service
from screening.desk.audit import history_of
from screening.settings.environment import load_settings
from screening.storage import publications
from screening.storage.database import reading, writing
from tests import running
from tests.publishing.making import (
    BOTH,
    ID,
    PAGE_FILE,
    QUIETER,
    agreed_and_published,
    sign_it,
    write_rules,
)

WHO = ("--i-am", "Robin Example")
WHY = ("--because", "An infection did not raise both flags")


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCREENING_RULES", str(tmp_path / "rules"))
    monkeypatch.setenv("SCREENING_DATABASE_URL", database_url)


@pytest.fixture
def sent(tmp_path: Path) -> dict[str, str]:
    """Two requests under a version that was too quiet: answer about an infection -> reference."""
    write_rules(tmp_path / "rules", QUIETER)
    service, found = open_service(load_settings()), {}
    for infection in ("yes", "no"):
        visit = service.visit(ID, None)
        assert visit is not None
        for question, answer in {
            "where": "left",
            "night": "no",
            "infection": infection,
            "fever": "no",
        }.items():
            visit = service.save_answers(visit, {question: answer})
        found[infection] = service.send(visit, "en").reference or ""
    service.engine.dispose()
    return found


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """The version as it should have been."""
    return write_rules(tmp_path / "sound", ("version: 1.0.0", "version: 1.1.0"))


run = partial(running.run, "rules")


def recalled(sound: Path) -> Any:
    result = run("recall", sound, "1.0.0", *WHO, *WHY, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def happened(reference: str) -> list[tuple[str, str]]:
    service = open_service(load_settings())
    with reading(service.engine) as connection:
        found = [(line.action, line.who) for line in history_of(connection, reference)]
    service.engine.dispose()
    return found


@pytest.mark.both_engines
def test_what_the_recalled_version_was_silent_about_is_raised_once(sent: dict[str, str], sound: Path) -> None:
    first, second = recalled(sound), recalled(sound)
    assert (first["looked_at"], first["raised"]) == (2, {sent["yes"]: ["fever"]})
    assert (second["looked_at"], second["raised"], second["not_opened"]) == (2, {}, [])


def test_each_request_that_is_read_by_a_command_has_that_in_its_history(
    sent: dict[str, str], sound: Path
) -> None:
    assert run("replay", sound, *WHO).exit_code == 1
    recalled(sound)
    for reference in sent.values():
        assert {("replayed", WHO[1]), ("recall_read", WHO[1])} <= set(happened(reference))
    assert ("recalled", WHO[1]) in happened(sent["yes"])


def test_a_recalled_version_is_not_served_any_more(sent: dict[str, str], sound: Path) -> None:
    assert sent
    recalled(sound)
    service = open_service(load_settings())
    assert service.treatments() == []
    service.engine.dispose()


@pytest.mark.usefixtures("sent")
def test_what_is_not_sound_recalls_nothing(sound: Path, tmp_path: Path) -> None:
    unsafe = write_rules(tmp_path / "unsafe", ("version: 1.0.0", "version: 1.1.0"), (BOTH, "{fever: yes}"))
    broken = tmp_path / "broken.yaml"
    broken.write_text("schema: screening/1\nid: [")
    assert run("recall", unsafe, "1.0.0", *WHO, *WHY).exit_code == 1
    assert run("recall", broken, "1.0.0", *WHO, *WHY).exit_code != 0
    assert run("recall", sound, "1.1.0", *WHO, *WHY).exit_code == 2
    assert run("recall", sound, "1.0", *WHO, *WHY).exit_code == 2
    assert run("recall", sound, "1.0.0", "0.9.0", *WHO, *WHY).exit_code == 2
    assert run("recall", sound, "1.0.0", "--i-am", " ", *WHY).exit_code == 2
    assert run("recall", sound, *WHO, *WHY).exit_code == 2
    service = open_service(load_settings())
    assert [found.version for found in service.treatments()] == ["1.0.0"]
    service.engine.dispose()


@pytest.fixture
def published(engine: Engine, tmp_path: Path) -> Path:
    """A version that patients have, and keys that open what they send."""
    file = write_rules(tmp_path / "rules")
    open_service(load_settings()).engine.dispose()
    agreed_and_published(engine, file)
    return file


@pytest.mark.both_engines
def test_a_recalled_version_is_told_as_such_and_is_not_published_again(published: Path, sound: Path) -> None:
    assert run("next", published).exit_code == 0
    recalled(sound)
    (told,) = json.loads(run("history", ID, "--json").stdout)["publications"]
    assert told["recalled_because"] == WHY[1]
    assert WHY[1].split()[2] in run("history", ID).stdout
    (listed,) = json.loads(run("list", "--json").stdout)["rule_sets"]
    assert "recalled" in listed["published"]
    again = run("publish", published, "--page", published.parent / PAGE_FILE, "--json")
    assert again.exit_code == 1
    assert [each["code"] for each in json.loads(again.stdout)["problems"]] == ["version-retired"]
    (step,) = json.loads(run("next", published, "--json").stdout)["next"][str(published)]
    assert step["command"] == f"screening rules history {ID}"


def test_what_waits_for_another_version_is_not_told_that_patients_have_the_recalled_one(
    published: Path, sound: Path
) -> None:
    recalled(sound)
    write_rules(published.parent, ("version: 1.0.0", "version: 1.1.0"))
    (listed,) = json.loads(run("list", "--json").stdout)["rule_sets"]
    assert "patients have 1.0.0" not in listed["published"]


@pytest.mark.usefixtures("sent")
def test_a_number_that_was_recalled_before_it_was_published_is_not_published(
    engine: Engine, tmp_path: Path, sound: Path
) -> None:
    recalled(sound)
    file = write_rules(tmp_path / "rules")
    sign_it(engine, file)
    refused = run("publish", file, "--page", file.parent / PAGE_FILE, "--json")
    assert "version-retired" in {each["code"] for each in json.loads(refused.stdout)["problems"]}


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("why", ["", "x", "unsafe unsafe unsafe"])
def test_what_clinicians_read_at_each_request_says_what_was_wrong(sound: Path, why: str) -> None:
    assert run("recall", sound, "1.0.0", *WHO, "--because", why).exit_code == 2
    assert recalled(sound)["looked_at"] == 2


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)  # PostgreSQL has another error for what it lacks
def test_one_that_breaks_off_says_otherwise_than_one_that_changed_nothing_and_goes_on(
    sent: dict[str, str], sound: Path, engine: Engine
) -> None:
    def without(table: str, command: str, *arguments: str | Path) -> str:
        rename(engine, table, "gone")
        ended = run(command, *arguments)
        rename(engine, "gone", table)
        assert ended.exit_code == 2
        return ended.stderr.partition(":")[0]

    unchanged = without("publications", "retire", ID, *WHY)
    assert without("entries", "recall", sound, "1.0.0", *WHO, *WHY) != unchanged
    with reading(engine) as connection:
        assert (ID, "1.0.0") in publications.withdrawn(connection).versions
    assert recalled(sound)["raised"] == {sent["yes"]: ["fever"]}


def rename(engine: Engine, table: str, to: str) -> None:
    with writing(engine) as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))
