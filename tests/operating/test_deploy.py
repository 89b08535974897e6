"""What `deploy/` ships is what the program knows, and is closed as tightly as it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from screening.cli.server import IDLE
from screening.settings import Settings
from screening.web.headers import MAX_BODY
from tests.test_imports import ROOT

DEPLOY = ROOT / "deploy"
MOST_EXPOSED = 2.0


@pytest.mark.parametrize("name", ["screening.env", "several.env", "patient.env", "staff.env"])
def test_every_setting_of_the_examples_is_one(name: str) -> None:
    named = re.findall(r"(?m)^SCREENING_([A-Z_]+)=", (DEPLOY / name).read_text())
    assert named
    assert [setting for setting in named if setting.lower() not in Settings.model_fields] == []


@pytest.mark.parametrize("name", ["screening.env", "several.env", "patient.env", "staff.env"])
def test_a_shell_reads_the_settings_as_systemd_does(name: str) -> None:
    script = 'set -eau; . "$1"; exec env -0'
    line = ["sh", "-c", script, "-", str(DEPLOY / name)]
    told = subprocess.run(line, env={}, capture_output=True, text=True, check=True, timeout=60)
    read = dict(pair.split("=", 1) for pair in told.stdout.split("\0") if pair.startswith("SCREENING_"))
    written = re.findall(r"(?m)^(SCREENING_[A-Z_]+)=(.*)$", (DEPLOY / name).read_text())
    assert read == {name: value.removeprefix('"').removesuffix('"') for name, value in written}
    assert told.stderr == ""


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("unit", ["screening.service", "screening@.service"])
def test_the_unit_is_closed_tightly(unit: str, tmp_path: Path) -> None:
    as_started = tmp_path / unit.replace("@", "@patient")
    shutil.copy(DEPLOY / unit, as_started)
    line = ["systemd-analyze", "security", "--offline=true", str(as_started)]
    told = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60).stdout
    found = re.search(r"exposure level for \S+: ([0-9.]+)", told)
    assert found is not None, told
    assert float(found[1]) <= MOST_EXPOSED


def test_the_site_keeps_nothing_on_the_disk_and_says_who_asks() -> None:
    site = (DEPLOY / "nginx.conf").read_text()
    assert "proxy_max_temp_file_size 0;" in site
    most = 4 * MAX_BODY // 1024  # so that the page which refuses more than is read is ours
    assert f"client_max_body_size {most}k;" in site
    assert f"client_body_buffer_size {most}k;" in site
    for name in ("X-Forwarded-For $remote_addr", "X-Forwarded-Proto $scheme", "X-Forwarded-Host $http_host"):
        assert f"proxy_set_header {name};" in site


def test_the_site_lets_go_of_a_silent_connection_before_the_service_does() -> None:
    site = (DEPLOY / "nginx.conf").read_text()
    patience = re.findall(r"(?s)upstream [^}]*keepalive_timeout (\d+)s;[^}]*}", site)
    assert len(patience) == site.count("\nupstream ")
    assert max(map(int, patience)) < IDLE


def test_a_form_that_met_a_server_which_ends_goes_to_the_next_and_what_staff_do_does_not() -> None:
    site = (DEPLOY / "nginx.conf").read_text()
    again = re.findall(r"location ([^{]+) {[^}]*non_idempotent;[^}]*}", site)
    assert again == ["/"]
