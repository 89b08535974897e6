"""`screening fhir`: files out and in, every problem in words, nothing written over."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result

from screening.app import open_service
from screening.core.loading import load
from screening.settings.environment import load_settings
from screening.storage.database import reading
from screening.storage.reading_events import Event, since
from screening.storage.sealing.keys import PRIVATE
from tests import running
from tests.core.making import RULES, SHIPPED
from tests.sending import sends

run = partial(running.run, "fhir")


@pytest.fixture
def taken_out(tmp_path: Path) -> Path:
    """The folder with a shipped rule set as FHIR."""
    assert run("export-questionnaire", SHIPPED, "--to", tmp_path / "out").exit_code == 0
    return tmp_path / "out"


def test_a_rule_set_goes_out_and_comes_back_through_files(taken_out: Path, tmp_path: Path) -> None:
    form, rules = (taken_out / f"{SHIPPED.stem}.{name}.json" for name in ("questionnaire", "plan"))
    result = run("import-questionnaire", form, "--plan", rules, "--to", tmp_path / "back.yaml")
    assert result.exit_code == 0
    assert load(tmp_path / "back.yaml").digest == load(SHIPPED).digest


def test_a_form_is_derived_from_the_version_before_that_is_recorded_beside_it(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    known = dict.fromkeys(("0.9.0", "0.10.0", "9.0.0", "x"), "-")
    recorded = (rules / SHIPPED.name).with_suffix(".versions.yaml")
    recorded.write_text(json.dumps({"schema": "screening-versions/1", "versions": known}))
    assert run("export-questionnaire", rules / SHIPPED.name, "--to", tmp_path).exit_code == 0
    form = tmp_path / f"{SHIPPED.stem}.questionnaire.json"
    asked = json.loads(form.read_bytes())
    assert asked["derivedFrom"] == [f"{asked['url']}|0.10.0"]
    plan, back_to = tmp_path / f"{SHIPPED.stem}.plan.json", tmp_path / "back.yaml"
    back = run("import-questionnaire", form, "--plan", plan, "--to", back_to)
    assert (back.exit_code, "left out: Questionnaire.derivedFrom" in back.stderr) == (0, True)


def test_four_files_of_fhir_are_written(taken_out: Path) -> None:
    kinds = {
        file.name.split(".")[1]: json.loads(file.read_bytes())["resourceType"] for file in taken_out.iterdir()
    }
    assert kinds == {
        "questionnaire": "Questionnaire", "plan": "PlanDefinition", "codes": "Bundle", "extensions": "Bundle",
    }  # fmt: skip


def test_what_is_wrong_is_told_with_its_file_and_place_and_nothing_is_written(tmp_path: Path) -> None:
    form = tmp_path / "form.json"
    item = {"linkId": "a", "text": "A", "type": "quantity"}
    form.write_text(json.dumps({"resourceType": "Questionnaire", "item": [item, item]}))
    result = run("import-questionnaire", form, "--to", tmp_path / "made.yaml")
    assert result.exit_code == 1
    for index in (0, 1):
        assert f"{form}: Questionnaire.item[{index}]: " in result.stderr
    assert not (tmp_path / "made.yaml").exists()


def test_a_file_that_is_there_is_not_written_over_unasked(taken_out: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.yaml"
    there.write_text("mine")
    form, rules = (taken_out / f"{SHIPPED.stem}.{name}.json" for name in ("questionnaire", "plan"))
    asked = ("import-questionnaire", form, "--plan", rules, "--to", there)
    assert run(*asked).exit_code == 2
    assert there.read_text() == "mine"
    assert run(*asked, "--force").exit_code == 0


def test_a_base_that_is_no_address_is_refused_and_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    for base in ("nonsense", "ftp://x.example", "https://", "https://x.example/?a=b"):
        assert run("export-questionnaire", SHIPPED, "--to", tmp_path, "--base", base).exit_code == 2
    endless = run("import-questionnaire", "/dev/zero", "--to", tmp_path / "made.yaml")
    assert (endless.exit_code, list(tmp_path.iterdir())) == (1, [])


@pytest.mark.parametrize("missing", ["FILE", "--plan"])
def test_a_file_that_is_not_there_is_told(taken_out: Path, tmp_path: Path, missing: str) -> None:
    form = taken_out / f"{SHIPPED.stem}.questionnaire.json"
    gone = tmp_path / "gone.json"
    given = (gone,) if missing == "FILE" else (form, "--plan", gone)
    result = run("import-questionnaire", *given, "--to", tmp_path / "made.yaml")
    assert (result.exit_code, str(gone) in result.stderr) == (2, True)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The instance that commands work on."""
    folder = tmp_path / "instance"
    monkeypatch.setenv("SCREENING_INSTANCE", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def reference(instance: Path) -> str:
    """A request that somebody sent."""
    service = open_service(load_settings())
    found = sends(service, anything_else="my own words")
    service.engine.dispose()
    assert instance.is_dir()
    return found


def taken(reference: str, *more: str | Path) -> Result:
    return run("export-request", reference, "--i-am", "Robin Reed", "--reason", "The hospital asked", *more)


def events() -> list[Event]:
    service = open_service(load_settings())
    try:
        with reading(service.engine) as connection:
            return list(since(connection, 0))
    finally:
        service.engine.dispose()


def test_a_request_is_taken_as_a_bundle_and_the_audit_says_by_whom_and_why(
    reference: str, tmp_path: Path
) -> None:
    result = taken(reference.lower(), "--as", "transaction", "--to", tmp_path / "out.json")
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "out.json").read_bytes())
    assert found["type"] == "transaction"
    assert "my own words" in json.dumps(found)
    assert (tmp_path / "out.json").stat().st_mode & 0o077 == 0
    event = events()[-1]
    assert (event.action, event.actor_name) == ("exported", "Robin Reed")
    assert event.details["requests"] == [reference]
    assert event.details["reason"] == "The hospital asked"
    assert "my own words" not in json.dumps(event.details)


def test_without_the_private_key_or_a_reference_that_is_there_nothing_is_taken(
    reference: str, instance: Path
) -> None:
    before = len(events())
    assert taken("ABC-DEF-GHJK").exit_code == 2
    assert taken("nonsense").exit_code == 2
    assert taken(reference, "--reason", " ").exit_code == 2
    (instance / "keys" / PRIVATE).rename(instance / "away")
    assert taken(reference).exit_code == 2
    assert len(events()) == before
