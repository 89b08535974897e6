"""Whoever sends to the clinic's server or to a gateway is killed: nothing is lost there or doubled."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event
from time import sleep
from typing import Any

import pytest
from sqlalchemy import update

from screening.app import open_service
from screening.desk import messages
from screening.desk.opening import open_desk
from screening.desk.to_server import ToServer
from screening.service.delivery import Delivery
from screening.service.texting import Texts
from screening.settings.environment import load_settings
from screening.storage import outbox, tables
from screening.storage.database import open_database, reading, writing
from tests.cli.test_serve import OURS, environment_of
from tests.desk.hospital import open_hospital
from tests.desk.making import RITA
from tests.exports.conftest import Reached
from tests.ports import free_port
from tests.sending import sends
from tests.service.conftest import Inbox, Server
from tests.service.phones import MOBILE, Phones, open_phones
from tests.thorough import asked, at_length

pytestmark = pytest.mark.slow
Tells = Callable[[str, object], None]

KILLS = 20 if os.environ.get("SCREENING_TEST_FHIR") else asked(1, 20)


def forget_holds(database: str) -> None:
    """The ten minutes pass for which a dead sender keeps what it had claimed."""
    engine = open_database(database)
    with writing(engine) as connection:
        waiting = tables.outbox.c.due_at.is_not(None)
        connection.execute(update(tables.outbox).where(waiting).values(due_at=datetime.now(UTC)))
    engine.dispose()


def killed_while_it_sends(line: list[str], environment: dict[str, str], took: Event, wait: float) -> None:
    """A little after the server took something: before, while or after that is written down."""
    took.clear()
    with subprocess.Popen(
        line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and not took.wait(0.05):
            continue
        sleep(wait)
        process.kill()


def test_no_request_is_lost_or_doubled_when_senders_are_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reached: Reached, record_property: Tells
) -> None:
    chance = Random(7)
    with open_hospital() as hospital:
        sends_there = {"SCREENING_FHIR_SEND_TO": hospital.address, "SCREENING_FHIR_SEND_WHEN": "received"}
        for name, value in (sends_there | {"SCREENING_INSTANCE": str(tmp_path / "instance")}).items():
            monkeypatch.setenv(name, value)
        settings = load_settings()
        service = open_service(settings)
        for _ in range(KILLS + 1):
            sends(service)
        line, environment = [*OURS, "deliver"], dict(os.environ) | environment_of(OURS, {})
        environment |= sends_there | {"SCREENING_INSTANCE": str(tmp_path / "instance")}
        for _ in range(KILLS):
            killed_while_it_sends(line, environment, hospital.took, chance.random() * 0.03)
            forget_holds(settings.database)
        ToServer(open_desk(service)).run()
        with reading(service.engine) as connection:
            assert outbox.figures(connection) == {"waiting": 0, "sent": KILLS + 1, "given_up": 0}
        service.engine.dispose()
        record_property("reached", f"{KILLS} senders to a FHIR server killed")
        assert len(hospital.kinds("Patient")) == len(hospital.kinds("QuestionnaireResponse")) == KILLS + 1
        reached(f"requests lost or doubled by {KILLS} killed senders", "0 by 20", f"0 of {KILLS + 1}")


def test_no_text_is_lost_or_doubled_when_its_sender_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Tells
) -> None:
    with open_phones(Phones()) as phones:
        given = {"SCREENING_SMS_URL": phones.address, "SCREENING_INSTANCE": str(tmp_path / "instance")}
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        service = open_service(load_settings())
        desk = open_desk(service)
        for _ in range(KILLS + 1):
            reference = sends(service, reach_by=["phone"], phone="07911 123456", leave_message="yes")
            messages.send_message(desk, RITA, reference, 1, "ring_us", "text")
        environment = dict(os.environ) | environment_of(OURS, {}) | given
        for wait in range(KILLS):
            killed_while_it_sends([*OURS, "deliver"], environment, phones.took, wait / 1000)
            forget_holds(service.settings.database)
        Texts(service, desk.opening_keys).run()
        with reading(service.engine) as connection:
            assert outbox.figures(connection) == {"waiting": 0, "sent": KILLS + 1, "given_up": 0}
        service.engine.dispose()
        record_property("reached", f"{KILLS} senders of texts killed")
        assert len(phones.to(MOBILE)) == KILLS + 1


class Took(Inbox):
    """A mail server that says when it took something."""

    def __init__(self) -> None:
        super().__init__()
        self.took = Event()

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        self.took.set()
        return await super().handle_DATA(_server, _session, envelope)


@at_length("kills senders of mail")  # of other notices: above
def test_no_mail_is_lost_and_one_that_comes_twice_has_the_same_id_when_its_sender_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Tells
) -> None:
    inbox, port = Took(), free_port()
    mail = {"smtp_host": "127.0.0.1", "smtp_port": str(port), "smtp_tls": "none"}
    given = mail | {"mail_from": "desk@example.org", "mail_reception": "reception@example.org"}
    given["instance"] = str(tmp_path / "instance")
    for name, value in given.items():
        monkeypatch.setenv(f"SCREENING_{name.upper()}", value)
    server = Server(inbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        service = open_service(load_settings())
        for _ in range(KILLS + 1):
            sends(service)
        for wait in range(KILLS):
            environment = dict(os.environ) | environment_of(OURS, {})
            killed_while_it_sends([*OURS, "deliver"], environment, inbox.took, wait / 1000)
            forget_holds(service.settings.database)
        Delivery(service, open_desk(service).opening_keys).run()
        with reading(service.engine) as connection:
            assert outbox.figures(connection) == {"waiting": 0, "sent": KILLS + 1, "given_up": 0}
        service.engine.dispose()
    finally:
        server.stop()
    taken = [str(mail["Message-ID"]) for mail in inbox.to("reception@example.org")]
    record_property("reached", f"{KILLS} senders of mail killed, {len(taken) - KILLS - 1} mails twice")
    assert len(set(taken)) == KILLS + 1
    assert len(taken) <= 2 * KILLS + 1
