"""The report of a run of pytest is read as pytest writes it."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from screening.core.errors import RuleSetError
from screening.hazards.report import read_report

SUITE = """
import pytest

def test_well(): pass
def test_ill(): assert False
@pytest.mark.skip
def test_not_now(): pass
@pytest.mark.xfail
def test_known(): assert False
@pytest.mark.parametrize("word", ["a", "b[c].d"])
def test_each(word): pass
@pytest.mark.parametrize("word", ["a", "b"])
def test_some(word):
    if word == "b": pytest.skip("not b")
@pytest.fixture
def broken(): raise RuntimeError
def test_set_up(broken): pass
class TestInside:
    def test_well(self): pass
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_real_run_is_read(tmp_path: Path, workers: str) -> None:
    folder = tmp_path / "tests" / "deep"
    folder.mkdir(parents=True)
    (tmp_path / "tests" / "__init__.py").touch()
    (folder / "__init__.py").touch()
    (folder / "test_it.py").write_text(SUITE)
    file = tmp_path / "build" / "tests.xml"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--import-mode=importlib",
            "-n",
            workers,
            f"--junitxml={file}",
        ],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        timeout=120,
    )
    report = read_report(file)
    outcomes = {
        "test_well": {"passed"},
        "test_ill": {"failed"},
        "test_not_now": {"skipped"},
        "test_known": {"skipped"},
        "test_each": {"passed"},
        "test_each[b[c].d]": {"passed"},
        "test_some": {"passed", "skipped"},
        "test_set_up": {"failed"},
        "TestInside::test_well": {"passed"},
        "test_never": set(),
    }
    for name, expected in outcomes.items():
        assert set(report.of(f"tests/deep/test_it.py::{name}")) == expected, name
    assert len(report.of("tests/deep/test_it.py::test_each")) == 2
    assert datetime.fromisoformat(report.began).year > 2000


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not xml",
        "<testsuites><testsuite/></testsuites>",
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><testsuites>&b;</testsuites>',
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "tests.xml").write_text(content)
    with pytest.raises(RuleSetError) as refused:
        read_report(tmp_path / "tests.xml")
    assert refused.value.problems[0].code == "unreadable"


def test_a_report_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleSetError):
        read_report(tmp_path / "tests.xml")
