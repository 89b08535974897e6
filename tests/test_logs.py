"""The log in a file: for nobody else to read, and bounded, whoever else writes or moves it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from errno import EACCES
from pathlib import Path

import pytest

from screening import logs
from screening.core.errors import NotReady, Unavailable

CANARY = "Zyxwvut"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    logs.configure_logs("info", tmp_path / "log")
    yield tmp_path / "log"
    logs.configure_logs("error")


def says(event: str) -> None:
    logs.log.info(event, status=200, name=CANARY)


def events(file: Path) -> list[str]:
    return [json.loads(line)["event"] for line in file.read_text().splitlines()]


def test_lines_go_to_the_file_with_allowed_keys_alone(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    says("first")
    says("second")
    assert events(file) == ["first", "second"]
    assert CANARY not in file.read_text()
    assert capsys.readouterr() == ("", "")
    assert file.stat().st_mode & 0o077 == 0 or sys.platform == "win32"


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (Unavailable("the disk of the database is full"), "the disk of the database is full"),
        (NotReady("there is no key for backups"), "there is no key for backups"),
        (PermissionError(EACCES, "Permission denied", CANARY), "Permission denied"),
        (OSError(CANARY), None),
        (ValueError(CANARY), None),
    ],
    ids=lambda given: str(given)[:20],
)
def test_a_failure_says_why_only_where_no_word_of_a_person_can_be_in_it(
    file: Path, error: Exception, why: str | None
) -> None:
    logs.log_failure("failed", error)
    assert json.loads(file.read_text()).get("why") == why
    assert CANARY not in file.read_text()


def test_a_full_file_is_begun_anew_and_few_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LARGEST", 200)
    logs.configure_logs("info", tmp_path / "log")
    for number in range(20):
        says(str(number))
    logs.configure_logs("error")
    files = sorted(tmp_path.iterdir())
    assert len(files) == 1 + logs.KEPT
    assert events(tmp_path / "log")[-1] == "19"
    assert all(each.stat().st_size <= 200 for each in files)


def test_a_file_that_was_moved_away_is_begun_anew(file: Path) -> None:
    says("before")
    file.rename(file.with_name("moved"))
    says("after")
    assert (events(file.with_name("moved")), events(file)) == (["before"], ["after"])


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="SCREENING_LOG_FILE"):
        logs.configure_logs("info", tmp_path / "nowhere" / "log")
