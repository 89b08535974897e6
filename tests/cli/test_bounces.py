"""`screening bounces` reads a mail, a mailbox or a pipe, says what it was, and refuses the rest in words."""

from __future__ import annotations

import mailbox
import re
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from screening.cli import bounces_command, main
from screening.cli.bounces_command import TOLD
from screening.desk import messages
from screening.service import returned_mail
from screening.service.patient import Service
from screening.storage import outbox
from screening.storage.database import writing
from screening.web.door import service_of
from tests.desk.making import RITA, desk_of
from tests.sending import sends
from tests.service.test_returned_mail import report


@pytest.fixture
def app(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The service that the command opens too."""
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "instance"))
    return app


def confirmed(service: Service) -> bytes:
    """A report that the confirmation of a request came back."""
    reference = sends(service)
    with writing(service.engine) as connection:
        outbox.put(
            connection, "confirmation", now=service.now(), reference=reference, address="x@example.org"
        )
        found = outbox.claim(connection, None, service.now(), timedelta(), ("confirmation",))
    assert found is not None
    return report(f"bounces+{returned_mail.token_of(service.index_key(), found.id)}@example.org")


def bounces(file: str | Path, mail: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["bounces", str(file)], input=mail)


def counted(told: Result) -> dict[str, int]:
    """How many of each kind, as it was printed."""
    numbers = map(int, re.findall(r"[0-9]+", told.output))
    return {name: number for name, number in zip(TOLD, numbers, strict=True) if number}


def test_a_mailbox_and_a_pipe_are_read_and_what_failed_is_on_the_list_once(
    app: Flask, tmp_path: Path
) -> None:
    mail = confirmed(service_of(app))
    box = mailbox.mbox(tmp_path / "box")
    box.add(b"Subject: I am away\n\nUntil Monday")
    box.add(mail)
    box.add(b"Subject: long\n\n" + b"x" * returned_mail.LARGEST)
    box.close()
    told = bounces(tmp_path / "box")
    assert (told.exit_code, counted(told)) == (0, {"failed": 1, "no_report": 1, "too_long": 1})
    piped = bounces("-", b"From MAILER-DAEMON Mon Nov 23 09:00:00 2026\n" + mail)
    assert (piped.exit_code, counted(piped)) == (0, {"known": 1})
    assert len(messages.not_delivered(desk_of(app), RITA)) == 1


@pytest.mark.parametrize("name", ["absent", "huge", "."])
@pytest.mark.usefixtures("app")
def test_a_file_that_cannot_be_read_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(bounces_command, "LARGEST_BOX", 10)
    (tmp_path / "huge").write_bytes(b"x" * 11)
    told = bounces(tmp_path / name)
    assert told.exit_code == 2
    assert str(tmp_path / name) in told.output
