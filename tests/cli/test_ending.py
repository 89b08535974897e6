"""A command that is refused, stopped or not read says so in a sentence, and has a code of its own for it."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from screening.cli import main
from screening.core.errors import Unavailable
from screening.service import audit_head
from screening.settings.environment import load_settings
from screening.web.door import service_of
from tests.authoring.writing import SHIPPED
from tests.conftest import MakeApp
from tests.publishing.making import ID, PAGE_FILE, sign_it, write_rules

SHIPPED_SET = SHIPPED / "lumbar-sympathetic-block.yaml"


@pytest.fixture(autouse=True)
def place(make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Where the service was started before; its database."""
    engine = service_of(make_app()).engine
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.chdir(tmp_path)
    return engine


def run(*line: str) -> Result:
    """Nothing escapes a command but its exit; nobody is there to answer it."""
    ended = CliRunner().invoke(main, line, input="")
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended


def refused(*line: str) -> str:
    ended = run(*line)
    assert ended.exit_code == 2, ended.output
    assert ended.stderr.strip().endswith(".")
    return ended.stderr


def test_keys_are_never_written_over(tmp_path: Path) -> None:
    kept = tmp_path / "keys-of-last-year"
    kept.write_bytes(b"the only ones")
    assert kept.name in refused("keys", "export", str(kept), "--shares", "2", "--of", "3")
    assert kept.read_bytes() == b"the only ones"


def test_a_file_of_keys_that_is_not_there_is_told_before_anything_is_asked() -> None:
    assert "Password" not in refused("keys", "import", "nowhere")
    assert "Share" not in refused("keys", "import", "nowhere", "--shares")


def test_what_nobody_answers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "locked").write_bytes(b"x")
    for line in (("export", "new"), ("import", "locked"), ("import", "locked", "--shares")):
        refused("keys", *line)
    assert not (tmp_path / "new").exists()


def test_an_export_of_the_audit_is_there_whole_or_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "audit.jsonl"
    assert run("audit", "export", str(file)).exit_code == 0
    before = file.read_bytes()
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "never-started"))
    refused("audit", "export", str(file))
    assert file.read_bytes() == before


def test_where_the_disk_is_full_it_is_told_and_what_was_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = tmp_path / "audit.jsonl"
    file.write_bytes(b"as it was")
    monkeypatch.setattr(os, "fsync", full)
    assert file.name in refused("audit", "export", str(file))
    assert file.read_bytes() == b"as it was"
    assert [found.name for found in tmp_path.iterdir() if found.name.startswith(".")] == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
@pytest.mark.parametrize("line", ["rules schema", "rules list", "keys list"])
def test_where_standard_output_goes_to_a_full_disk_it_is_told_once(line: str) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "screening", *line.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1


def test_the_head_of_the_audit_is_begun_anew_only_for_a_reason_and_where_it_is_gone() -> None:
    def events() -> int:
        return len(run("audit", "export").stdout.splitlines())

    before, why = events(), "The disk was changed."
    assert run("audit", "begin", "--because", " ").exit_code == 2
    assert run("audit", "begin", "--because", why).exit_code == 0
    assert events() == before
    for head in audit_head.head_files(load_settings()):
        head.unlink()
    assert run("audit", "begin", "--because", why).exit_code == 0
    assert events() > before


def test_what_was_published_is_not_said_to_be_unchanged(
    place: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def does_not_answer(*_: object) -> None:
        raise Unavailable("the database does not answer")

    file = write_rules(tmp_path / "rules")
    sign_it(place, file)
    monkeypatch.setattr(audit_head, "bring_forward", does_not_answer)
    ended = run("rules", "publish", str(file), "--page", str(file.parent / PAGE_FILE))
    assert ended.exit_code == 0, ended.output
    assert run("rules", "retire", ID, "--because", "Not offered any more.").exit_code == 0


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("next", "nowhere.yaml"), 2),
        (("draft", str(SHIPPED_SET), "--rules", "nowhere"), 2),
        (("diff", str(SHIPPED), str(SHIPPED_SET)), 2),
        (("replay", str(SHIPPED_SET), "--i-am", "X", "--since", "tomorrow"), 2),
        (("check", str(SHIPPED / "lumbar-sympathetic-block.cases.yaml")), 1),
        (("check", str(SHIPPED / "common" / "whom.yaml")), 1),
    ],
)
def test_what_is_something_else_altogether_is_told_once(line: tuple[str, ...], code: int) -> None:
    ended = run("rules", *line)
    assert ended.exit_code == code, ended.output
    assert len([said for said in ended.output.splitlines() if ":1:" in said or "Error" in said]) <= 1


@pytest.mark.parametrize(
    "line",
    [
        ("staff", "list"),
        ("rules", "list"),
        ("doctor",),
        ("upkeep",),
        ("keys", "list"),
        ("backup", "out"),
        ("bounces", "no-mails"),
        ("deliver",),
    ],
    ids=" ".join,
)
def test_a_place_that_another_user_keeps_for_themselves_is_told(
    line: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(path: Path, **_: object) -> None:
        if "instance" in path.parts:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))

    monkeypatch.setattr(Path, "stat", refuses)  # whoever runs the tests may be root
    assert "instance" in refused(*line)


@pytest.mark.parametrize(
    "line", [("rules", "check"), ("bounces",), ("staff", "disable"), ("rules", "retire", "--because", "x")]
)
def test_a_name_that_is_no_utf_8_is_refused(line: tuple[str, ...]) -> None:
    refused(*line, b"\xe9.yaml".decode(errors="surrogateescape"))


def _started(*line: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from screening.cli import main; main()", *line]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.slow
def test_what_is_stopped_has_not_found_a_problem() -> None:
    with _started("prove-desk") as running:
        assert running.stdout is not None
        assert running.stdout.readline()  # it is at work
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=60)[1].decode()
    assert running.returncode == 128 + signal.SIGINT
    assert "Traceback" not in said
    assert said.strip().endswith(".")


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [("keys", "list"), ("purge", "--dry-run"), ("audit", "verify"), ("rules", "states")],
    ids=" ".join,
)
def test_that_nobody_reads_on_is_no_problem_of_a_file(line: tuple[str, ...]) -> None:
    with _started(*line) as running:
        assert running.stdout is not None
        running.stdout.close()
        running.stdout = None
        said = running.communicate(timeout=60)[1].decode()
    assert running.returncode == 128 + signal.SIGPIPE
    assert said == ""
