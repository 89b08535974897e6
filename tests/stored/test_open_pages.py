"""Whoever had a page open while the program of 21d2bbc was replaced goes on from that very page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from screening.storage.sealing.tokens import DraftToken
from screening.web.door import service_of
from tests.stored.unpacking import Old, unpacked

OPEN: dict[str, Any] = json.loads(Path(__file__).with_name("21d2bbc-open.json").read_text())
TREATMENT = "lumbar-sympathetic-block"


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Old]:
    """The database of then, with the draft and the session that these browsers had, a moment later."""
    with unpacked(tmp_path, rows=OPEN["rows"]) as found:
        found.clock.now = datetime.fromisoformat(OPEN["now"])
        found.clock.forward(minutes=5)
        yield found


def browser(old: Old, whose: str) -> FlaskClient:
    client = old.app.test_client()
    for name, value, path in OPEN[whose]["cookies"]:
        client.set_cookie(name, value, path=path)
    return client


def test_a_patients_page_is_taken_and_what_was_said_before_stands(old: Old) -> None:
    patient, question = browser(old, "patient"), OPEN["patient"]["question"]
    cookies = {name: value for name, value, _path in OPEN["patient"]["cookies"]}
    before = service_of(old.app).visit(TREATMENT, DraftToken.decode(cookies["draft"]))
    assert before is not None
    taken = patient.post(f"/{TREATMENT}/{question}", data=OPEN["patient"]["form"])
    assert taken.status_code == 303
    after = service_of(old.app).visit(TREATMENT, DraftToken.decode(cookies["draft"]))
    assert after is not None
    assert after.answers == {**before.answers, question: ["none"]}
    assert len(before.answers) > 5


def test_staff_who_were_signed_in_stay_so_and_their_open_page_is_taken_or_answered(old: Old) -> None:
    staff = browser(old, "staff")
    assert staff.get("/staff/requests").status_code == 200
    ((path, form),) = OPEN["staff"]["forms"].items()
    answer = staff.post(path, data=form, follow_redirects=True)
    assert answer.request.path.startswith(f"/staff/requests/{OPEN['reference']}")
    assert answer.status_code in (200, 409, 422)  # in words, where the rules of today ask for more
