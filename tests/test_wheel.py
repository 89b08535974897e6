"""What pip installs is all that is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_serve import fetch, serving
from tests.usual import TREATMENT

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(
    "SCREENING_TEST_WHEEL" not in os.environ,
    reason="builds and installs for a minute: make wheel",
)
def test_the_wheel_is_the_same_each_time_and_serves_alone_with_what_is_pinned(
    tmp_path: Path,
) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    built = ("--no-deps", "--no-build-isolation", "-w", tmp_path)  # what builds it is installed for the tests
    subprocess.run([*pip, "wheel", "--quiet", *built, ROOT], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    again = tmp_path / "again"
    subprocess.run([*pip, "wheel", "--quiet", *built[:-1], again, ROOT], check=True)
    assert (again / wheel.name).read_bytes() == wheel.read_bytes()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = ("--python", python, "install", "--quiet", "--no-compile")
    pinned = ("--require-hashes", "-r", ROOT / "deploy" / "requirements.txt")
    subprocess.run([*pip, *install, *pinned], check=True)
    subprocess.run([*pip, *install, "--no-deps", wheel], check=True)
    empty = tmp_path / "empty"
    empty.mkdir()
    screening = str(tmp_path / "venv" / "bin" / "screening")
    subprocess.run([screening, "safety", "case", "--to", "papers"], cwd=empty, check=True)
    assert (empty / "papers" / "hazard-log.pdf").exists()
    with serving(empty, command=(screening,)) as (_process, address):
        assert "csrf_token" in fetch(f"{address}/{TREATMENT}/for_whom")
        assert fetch(f"{address}/static/built/style.css")
        assert fetch(f"{address}/static/built/script.js")
