"""What a gateway of text messages reports: believed where it signed, and then once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from screening.desk import messages
from screening.desk.desk import Desk
from screening.service.texting import SIGNATURE, signature
from tests.actors import Clock
from tests.desk.making import RITA, desk_of, messages_of
from tests.sending import sends

SECRET = "for the tests alone, and long enough"
REPORTS = "/messages/reports"


@pytest.fixture
def texted(make_app: Any, tmp_path: Path) -> tuple[Desk, FlaskClient, str]:
    """A desk that wrote to a patient's telephone, the gateway as a client, and the message's id."""
    (tmp_path / "secret").write_text(SECRET)
    app = make_app(sms_url="http://127.0.0.1:9/texts", sms_secret_file=tmp_path / "secret")
    desk = desk_of(app)
    by_text = {"reach_by": ["phone"], "phone": "07911 123456", "leave_message": "yes"}
    reference = sends(desk.service, **by_text)
    messages.send_message(desk, RITA, reference, 1, "ring_us", "text")
    return desk, app.test_client(), messages_of(desk, reference)[0].id


def report(client: FlaskClient, clock: Clock, body: object, secret: str = SECRET, late: int = 0) -> int:
    content = json.dumps(body).encode()
    signed = signature(secret, int(clock.now.timestamp()) - late, content)
    headers = {SIGNATURE: signed, "Content-Type": "application/json"}
    return client.post(REPORTS, data=content, headers=headers).status_code


def states(desk: Desk) -> list[str]:
    return [found.state for found in messages.not_delivered(desk, RITA)]


def test_a_report_is_believed_where_the_gateway_signed_it(
    texted: tuple[Desk, FlaskClient, str], clock: Clock
) -> None:
    desk, client, message = texted
    failed = {"id": message, "status": "failed"}
    assert report(client, clock, failed, secret="another secret, which is long enough") == 403
    assert report(client, clock, failed, late=400) == 403
    assert client.post(REPORTS, json=failed).status_code == 403
    assert states(desk) == []
    assert [report(client, clock, failed) for _ in range(2)] == [200, 200]
    assert states(desk) == ["failed"]


def test_what_was_never_sent_or_is_no_report_changes_nothing(
    texted: tuple[Desk, FlaskClient, str], clock: Clock
) -> None:
    desk, client, message = texted
    assert report(client, clock, {"id": "f" * 32, "status": "delivered"}) == 404
    assert report(client, clock, {"id": message, "status": "read"}) == 400
    assert report(client, clock, ["x" * 5000]) == 413
    assert states(desk) == []
