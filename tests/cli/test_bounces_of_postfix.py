"""A mail that a real Postfix takes and cannot deliver: its report comes by its pipe, and is on the list."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from screening.cli import main
from screening.desk import messages
from screening.service.delivery import Delivery
from screening.web.door import service_of
from tests.desk.making import RITA, desk_of, version
from tests.ports import free_port
from tests.sending import sends

POSTFIX = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(
    POSTFIX is None or os.geteuid() != 0, reason="needs Postfix and root: apt-get install postfix"
)
PATIENCE = 60  # seconds until nobody waits for a report any more
MAIN = """compatibility_level = 3.6
queue_directory = {place}/queue
data_directory = {place}/data
maillog_file = {place}/log
maillog_file_prefixes = {place}
myhostname = mail.clinic.example
mydestination = patients.example
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_recipient_maps =
alias_maps =
alias_database =
smtp_dns_support_level = disabled
default_transport = error:nothing leaves this machine
relay_domains = clinic.example
recipient_delimiter = +
transport_maps = inline:{{ bounces@clinic.example=screening-bounces: }}
"""
# As in docs/messages.md, but that what comes through the pipe is kept, and then given to the command: whoever
# Postfix lets run a program may not read root's Python.
MASTER = """{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
postlog unix-dgram n - n - 1 postlogd
screening-bounces unix - n n - 1 pipe
  flags=R user=nobody argv={place}/keep
"""
KEEP = """#!/bin/sh
cat > {place}/reports/$$.part && mv {place}/reports/$$.part {place}/reports/$$.eml
"""


@dataclass(frozen=True)
class Postfix:
    """One of this test's own, on a port of loopback."""

    port: int
    place: Path

    def run(self, command: str) -> None:
        """Raises CalledProcessError."""
        subprocess.run([str(POSTFIX), "-c", str(self.place), command], check=True, capture_output=True)

    def reports(self, number: int) -> list[bytes]:
        """What came through the pipe, once that many did."""
        until = time.monotonic() + PATIENCE
        while len(found := [*(self.place / "reports").glob("*.eml")]) < number and time.monotonic() < until:
            time.sleep(0.05)
        assert len(found) == number, (self.place / "log").read_text(encoding="utf-8")
        return [file.read_bytes() for file in found]


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    """Started, and stopped after the test; where whoever it runs programs as can write."""
    with TemporaryDirectory(dir="/var/tmp", prefix="postfix-") as made:
        place, port = Path(made), free_port()
        place.chmod(0o755)
        for name, owner in (("queue", "root"), ("data", "postfix"), ("reports", "nobody")):
            (place / name).mkdir()
            shutil.chown(place / name, owner)
        for name, text in (("main.cf", MAIN), ("master.cf", MASTER), ("keep", KEEP)):
            (place / name).write_text(text.format(place=place, port=port), encoding="utf-8")
        (place / "keep").chmod(0o755)
        server = Postfix(port, place)
        server.run("start")
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):
                server.run("abort")


@pytest.fixture
def app(make_app: Any, postfix: Postfix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A clinic that sends through it; the command opens the same service."""
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "instance"))
    mail = {"mail_from": "desk@clinic.example", "mail_return": "bounces@clinic.example"}
    made: Flask = make_app(smtp_host="127.0.0.1", smtp_port=postfix.port, smtp_tls="none", **mail)
    return made


def test_a_message_that_postfix_could_not_deliver_is_on_the_list_once_its_pipe_was_read(
    app: Flask, postfix: Postfix
) -> None:
    desk = desk_of(app)
    reference = sends(service_of(app), reach_by=["email"], email="gone@patients.example")
    (template, *_) = messages.ways_to_write(desk, RITA, reference).templates
    messages.send_message(desk, RITA, reference, version(desk, reference), template.id, "mail")
    gone = Delivery(service_of(app), desk.opening_keys).run().sent
    assert gone >= 1
    assert messages.not_delivered(desk, RITA) == ()
    for report in postfix.reports(gone):
        assert CliRunner().invoke(main, ["bounces", "-"], input=report).exit_code == 0
    found = messages.not_delivered(desk, RITA)
    assert {(lost.reference, lost.why) for lost in found} == {(reference, "came_back")}
