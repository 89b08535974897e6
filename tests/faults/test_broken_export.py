"""An export over HTTP whose reading fails midway: the download breaks off, and nobody takes it for whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from http.client import HTTPConnection, IncompleteRead
from threading import Thread
from typing import NoReturn
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import text

from screening.cli.server import listening
from screening.exports import records
from screening.settings.environment import load_settings
from screening.storage.database import writing
from screening.web.door import service_of
from tests.actors import Clock
from tests.staff.actors import Staff
from tests.staff.desk import arrives

SOME = 12  # requests


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """Where the service listens, as `screening serve` has it."""
    server = listening(app, load_settings(host="127.0.0.1", port=0))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a dozen requests are many pieces; and nothing may be written to a temporary file."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a temporary file")

    monkeypatch.setattr(records, "PIECE", 1024)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)


def exported(who: Staff, port: int, format_: str) -> bytes:
    """The file, fetched over HTTP by somebody who is signed in. Raises IncompleteRead."""
    form = {"csrf_token": who.token(), "format": format_, "status": "open", "reason": "To read it"}
    sent = {"Cookie": f"form={who.cookie}", "Content-Type": "application/x-www-form-urlencoded"}
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/staff/exports", urlencode(form), sent)
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.getheader("Transfer-Encoding") == "chunked"
    return answer.read()


@pytest.mark.usefixtures("small_pieces")
def test_a_download_that_fails_midway_breaks_off(
    app: Flask, clinician: Staff, clock: Clock, port: int
) -> None:
    references = []
    for _ in range(SOME):
        references.append(arrives(app))
        clock.forward(minutes=1)  # so that the order of the file is the order in which they came
    clinician.comes_in()
    whole = exported(clinician, port, "json")
    assert all(reference.encode() in whole for reference in references)
    with writing(service_of(app).engine) as connection:  # a day that is none: the row itself cannot be read
        last = "UPDATE requests SET appointment_on = 'never' WHERE reference = :reference"
        connection.execute(text(last), {"reference": references[-1]})
    with pytest.raises(IncompleteRead) as broken:
        exported(clinician, port, "json")
    assert references[0].encode() in broken.value.partial
