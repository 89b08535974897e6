"""Requests reach the clinic's own FHIR server: none lost, none doubled, nothing of them in a log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from screening.core.errors import NotReady
from screening.desk.desk import Desk
from screening.desk.to_server import HOLD, ToServer
from screening.service import audit_head
from screening.service.rounds import Round
from screening.settings import Settings
from screening.settings.environment import load_settings
from screening.storage import outbox
from screening.storage.database import reading, writing
from screening.storage.sites import at
from screening.web.door import service_of
from tests.actors import Clock
from tests.conftest import MakeApp
from tests.sending import sends
from tests.two_sites import NORTH, make_group

from .hospital import Hospital, open_hospital
from .making import actions, clear, desk_of

TOKEN = "a-token-of-the-clinic"


@pytest.fixture
def hospital() -> Iterator[Hospital]:
    """The clinic's own server."""
    with open_hospital() as found:
        yield found


@pytest.fixture
def desk(make_app: MakeApp, hospital: Hospital, tmp_path: Path) -> Desk:
    """Of a clinic that sends what is received."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    app = make_app(
        fhir_send_to=hospital.address, fhir_send_when="received", fhir_token_file=tmp_path / "token",
    )  # fmt: skip
    return desk_of(app)


def figures(desk: Desk) -> dict[str, int]:
    with reading(desk.service.engine) as connection:
        return outbox.figures(connection)


def test_what_is_received_reaches_the_server_with_its_token_and_stands_in_the_audit(
    desk: Desk, hospital: Hospital
) -> None:
    reference = sends(desk.service)
    assert ToServer(desk).run() == Round(sent=1)
    assert len(hospital.kinds("QuestionnaireResponse")) == 1
    assert hospital.asked[0]["Authorization"] == f"Bearer {TOKEN}"
    told = actions(desk, reference)
    assert {"server_sending", "server_took"} <= set(told)
    assert ToServer(desk).run() == Round()
    assert audit_head.findings(desk.settings, desk.service.engine)[0] == []


def test_what_the_server_took_before_the_line_broke_is_there_once(
    desk: Desk, hospital: Hospital, clock: Clock
) -> None:
    sends(desk.service)
    hospital.says = [0]
    assert ToServer(desk).run() == Round(put_off=1)
    first = dict(hospital.held)
    clock.forward(hours=2)
    assert ToServer(desk).run() == Round(sent=1)
    assert hospital.held.keys() == first.keys()


def test_a_server_that_is_busy_gets_it_later(desk: Desk, hospital: Hospital, clock: Clock) -> None:
    for status in (500, 503, 429, 408):
        sends(desk.service)
        hospital.says = [status]
        assert ToServer(desk).run() == Round(put_off=1)
        assert ToServer(desk).run() == Round()
        clock.forward(minutes=5)
        assert ToServer(desk).run() == Round(sent=1)


def test_what_the_server_refuses_is_given_up_and_stands_in_the_history(
    desk: Desk, hospital: Hospital
) -> None:
    hospital.says = [400, 401, 404, 422, 302]
    references = [sends(desk.service) for _ in (*hospital.says, 200)]
    assert ToServer(desk).run() == Round(sent=1, given_up=5)
    assert figures(desk)["given_up"] == 5
    assert sum("server_refused" in actions(desk, each) for each in references) == 5


def test_what_was_refused_is_sent_once_the_reason_is_mended(
    desk: Desk, hospital: Hospital, clock: Clock
) -> None:
    reference = sends(desk.service)
    hospital.says = [401]
    assert ToServer(desk).run() == Round(given_up=1)
    assert ToServer(desk).again() == 1
    assert ToServer(desk).run() == Round(sent=1)
    hospital.says = [401]
    for expected in (Round(given_up=1), Round(sent=1)):
        clock.forward(minutes=1)
        waits(desk, reference)
        assert ToServer(desk).run() == expected


def test_what_was_refused_of_any_site_is_taken_up_there(
    desk: Desk, hospital: Hospital, tmp_path: Path
) -> None:
    make_group(desk.service, tmp_path)
    with at(NORTH):
        sends(desk.service)
    hospital.says = [401]
    assert ToServer(desk).run() == Round(given_up=1)
    assert ToServer(desk).again() == 1
    assert audit_head.findings(desk.settings, desk.service.engine)[0] == []


def waits(desk: Desk, reference: str) -> None:
    """What sends it happens again."""
    with writing(desk.service.engine) as connection:
        desk.service.arrival.to_server(connection, "received", reference, desk.service.now())


def test_a_server_that_is_away_loses_nothing(desk: Desk, hospital: Hospital, clock: Clock) -> None:
    for _ in range(3):
        sends(desk.service)
    hospital.says = [500] * 4
    while figures(desk)["waiting"]:
        ToServer(desk).run()
        clock.forward(hours=1)
    assert len(hospital.kinds("ServiceRequest")) == 3


def test_a_request_whose_sender_died_is_sent_by_another(
    desk: Desk, hospital: Hospital, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the server took it, before that could be written: there once, and done."""
    sends(desk.service)
    for _ in range(3):
        with monkeypatch.context() as then:
            then.setattr(outbox, "sent", _dies)
            with pytest.raises(KeyboardInterrupt):
                ToServer(desk).run()
        clock.forward(seconds=HOLD.total_seconds() + 1)
    assert ToServer(desk).run() == Round(sent=1)
    assert len(hospital.kinds("Patient")) == 1
    assert figures(desk) == {"waiting": 0, "sent": 1, "given_up": 0}


def _dies(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_what_is_sent_when_reviewed_is_not_sent_before(make_app: MakeApp, hospital: Hospital) -> None:
    desk = desk_of(make_app(fhir_send_to=hospital.address))
    reference = sends(desk.service)
    assert ToServer(desk).run() == Round()
    clear(desk, reference)
    assert ToServer(desk).run() == Round(sent=1)
    (task,) = (hospital.held[where] for where in hospital.kinds("Task"))
    assert task["businessStatus"]["coding"][0]["code"] == "ready_to_book"


def test_a_clinic_without_a_server_leaves_nothing_to_send(make_app: MakeApp) -> None:
    desk = desk_of(make_app())
    clear(desk, sends(desk.service))
    assert figures(desk) == {"waiting": 0, "sent": 0, "given_up": 0}


def test_logs_hold_nothing_of_a_request(
    make_app: MakeApp, hospital: Hospital, capfd: pytest.CaptureFixture[str]
) -> None:
    app = make_app(fhir_send_to=hospital.address, fhir_send_when="received", log_level="debug")
    desk = desk_of(app)
    reference = sends(desk.service, anything_else="canary words", name="Canary Name")
    hospital.says = [422]
    ToServer(desk).run()
    logged = capfd.readouterr().err
    assert "422" in logged
    assert not [word for word in ("canary", "Canary", reference) if word in logged]


def test_a_mail_round_leaves_requests_alone(make_app: MakeApp, hospital: Hospital) -> None:
    app = make_app(fhir_send_to=hospital.address, fhir_send_when="received")
    sends(service_of(app))
    with reading(service_of(app).engine) as connection:
        assert outbox.figures(connection)["waiting"] == 1
        assert outbox.claim(connection, None, service_of(app).now(), HOLD) is None


def test_health_answers_never_go_in_the_clear() -> None:
    for address in ("http://hospital.example/fhir", "ftp://127.0.0.1", "hospital", "https://"):
        with pytest.raises((NotReady, ValidationError)):
            load_settings(fhir_send_to=address)
    assert Settings.model_fields["fhir_send_to"].default == ""
