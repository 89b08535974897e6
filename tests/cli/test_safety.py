"""`screening safety`: the hazard log from the command line."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from screening.hazards.log import load_log
from screening.hazards.papers import PAPERS
from tests import running
from tests.hazards.making import LOG, ROOT, changed, shown_by, unchanged

run = partial(running.run, "safety")
told = partial(running.told, "safety")


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A run in which every test of the shipped log passed."""
    cases = ""
    for test in sorted(shown_by(load_log(LOG))):
        module, _, name = test.replace(".py", "").replace("/", ".").partition("::")
        cases += f'<testcase classname="{module}" name="{name}"/>\n'
    file = tmp_path / "tests.xml"
    file.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    return file


def test_the_shipped_log_is_meant_and_clean(report: Path) -> None:
    code, data = told("check", "--report", report)
    assert (code, data["problems"]) == (0, [])
    assert data["hazards"] >= 40
    assert len(data["open"]) == len(data["warnings"])
    assert run("check").exit_code == 0


def test_ci_holds_the_log_against_the_report_that_make_test_writes() -> None:
    written = re.findall(r"--junitxml=(\S+)", (ROOT / "Makefile").read_text())
    assert re.findall(r"safety check --report (\S+)", (ROOT / ".ci" / "run").read_text()) == written
    assert [name.split("/")[0] + "/" in (ROOT / ".gitignore").read_text().split() for name in written] == [
        True
    ]


def test_a_test_that_did_not_run_ends_with_1(report: Path) -> None:
    report.write_text(report.read_text().replace("test_meddling_is_found", "test_other"))
    code, data = told("check", "--report", report)
    assert (code, [one["code"] for one in data["problems"]]) == (1, ["control-not-run"])
    assert data["problems"][0]["file"].endswith("docs/safety/hazards.yaml")


def test_a_log_elsewhere_is_held_against_the_checkout_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(tmp_path, lambda hazards: hazards[0].pop("missing"))
    monkeypatch.chdir(tmp_path)
    assert run("check", "hazards.yaml").exit_code == 2
    code, data = told("check", "hazards.yaml", "--checkout", ROOT)
    assert (code, [one["code"] for one in data["problems"]]) == (1, ["risk-left"])
    assert data["problems"][0]["file"] == "hazards.yaml"


@pytest.mark.parametrize("content", ["", "a: [", "[]", "schema: screening-hazards/1", "\0", "- a\n- b"])
def test_what_is_no_log_ends_with_2_and_its_place(tmp_path: Path, content: str) -> None:
    file = tmp_path / "hazards.yaml"
    file.write_text(content)
    for command in (("check", file), ("case", file, "--to", tmp_path)):
        result = run(*command)
        assert result.exit_code == 2
        assert f"{file}:" in result.stderr
        assert told(*command)[0] == 2


def test_files_that_are_not_there_end_with_2(tmp_path: Path) -> None:
    assert run("check", tmp_path / "none.yaml").exit_code == 2
    assert run("check", "--report", tmp_path / "none.xml").exit_code == 2
    assert run("check", "--checkout", tmp_path).exit_code == 2


def test_settings_that_are_wrong_end_with_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENING_TIME_ZONE", "Nowhere/Else")
    assert run("check").exit_code == 2


def test_the_papers_are_written_and_named(tmp_path: Path, report: Path) -> None:
    code, data = told("case", "--to", tmp_path / "new", "--report", report)
    assert code == 0
    names = {f"{name}.{suffix}" for name in PAPERS for suffix in ("html", "pdf")}
    assert (
        {Path(one).name for one in data["written"]}
        == names
        == {one.name for one in (tmp_path / "new").iterdir()}
    )


def test_papers_of_a_log_with_problems_are_written_and_end_with_1(tmp_path: Path) -> None:
    changed(tmp_path, lambda hazards: hazards[0].pop("missing"))
    result = run("case", tmp_path / "hazards.yaml", "--checkout", ROOT, "--to", tmp_path / "new")
    assert result.exit_code == 1
    assert (tmp_path / "new" / "hazard-log.pdf").exists()


def test_where_there_is_no_checkout_papers_are_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unchanged(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run("case", "hazards.yaml", "--to", "new").exit_code == 0


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run("case", "--to", tmp_path / "file").exit_code == 2
