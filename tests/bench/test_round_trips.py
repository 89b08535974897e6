"""A page goes to PostgreSQL and back as often as it has statements, and no more: what is far away is slow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import inf
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from screening.desk.outgoing import pieces_of
from screening.exports import FORMATS
from screening.service import library
from screening.storage import bounded
from tests.actors import Patient
from tests.conftest import MakeApp
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at
from tests.usual import TREATMENT, USUAL, page_sent, page_typed, said
from tests.wire import Wire, wire_to

pytestmark = [
    pytest.mark.bench,
    pytest.mark.postgresql,
    pytest.mark.parametrize("kind", ["postgresql"], indirect=True),
]
OFTEN = 2
SENDING = 21  # two of them for the first that a lane counts
CHECK = f"/{TREATMENT}/check-your-answers"
ADA = {"name": "Ada Avery", "birth_date": "1961-04-12", "phone": "07700 900461"}


@pytest.fixture
def wire(database_url: str) -> Iterator[Wire]:
    """The wire between the service and its database."""
    with wire_to(database_url) as wire:
        yield wire


@pytest.fixture
def app(make_app: MakeApp, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """At the end of the wire, as behind a pooler, with which no statement takes one way more to be prepared.

    Without the look at what was published, which one page takes for all of them now and then.
    """
    monkeypatch.setattr(library, "FRESH", inf)
    monkeypatch.setattr(bounded, "FRESH", inf)  # however slow this machine is: no page comes after a pause
    return make_app(database_url=f"{wire.url}?pooler=transaction")


@pytest.fixture
def trips(wire: Wire) -> Callable[..., int]:
    """How often a page goes to the database."""

    def count(ask: Callable[[], TestResponse], times: int = OFTEN) -> int:
        for _time in range(times):
            before = wire.trips
            answer = ask()
            assert answer.status_code in {200, 303}
        return wire.trips - before

    return count


def amiss(found: Mapping[str, int], most: Mapping[str, int]) -> dict[str, int]:
    """Pages that go there more often than they may."""
    return {name: trips for name, trips in found.items() if trips > most[name]}


def test_a_page_of_a_patient_goes_to_the_database_once_and_an_answer_once_more(
    patient: Patient, trips: Callable[..., int]
) -> None:
    browser, questions = patient.client, patient.rule_set.questions
    first, later = questions[0].id, questions[5].id
    found = {
        "start": trips(lambda: browser.get(f"/{TREATMENT}")),
        "question": trips(lambda: browser.get(f"/{TREATMENT}/{first}")),
    }
    patient.fill_in(until=questions[6].id)
    found["question with answers"] = trips(lambda: browser.get(f"/{TREATMENT}/{later}"))
    typed = page_typed(patient.rule_set, first, said(questions[0], USUAL), USUAL)
    form = {"csrf_token": patient.go(first).token} | page_sent(patient.rule_set, first, typed)
    found["answer"] = trips(lambda: browser.post(f"/{TREATMENT}/{first}", data=form))
    patient.fill_in()
    found["check"] = trips(lambda: browser.get(CHECK))
    form = to_send(patient)
    found["sending"] = trips(lambda: browser.post(CHECK, data=form), 1)
    found["sent"] = trips(lambda: browser.get(f"/{TREATMENT}/request-sent"))
    most = {"start": 0, "question": 0, "question with answers": 1, "answer": 2, "check": 1, "sent": 2}
    assert amiss(found, most | {"sending": SENDING}) == {}


def to_send(patient: Patient) -> dict[str, Any]:
    """What the button on the check page sends."""
    page = patient.go("check-your-answers")
    shown = [field["value"] for field in page.elements("input", name="shown")]
    return {"csrf_token": page.token, "shown": shown}


def test_a_page_of_the_desk_goes_to_the_database_once_for_each_statement_and_to_keep_what_it_read(
    app: Flask, clinician: Staff, trips: Callable[..., int]
) -> None:
    clinician.comes_in()
    browser, reference = clinician.client, arrives(app, **TWO_FLAGS, **ADA)
    search = {"csrf_token": clinician.token(), "search": "Ada Avery"}
    found = browser.post("/staff/requests/find", data=search).headers["Location"]
    most = {
        "/staff/requests": 4,
        "/staff/review": 4,
        at(reference): 9,
        at(reference, "review"): 10,
        found: 10,
    }
    assert amiss({path: trips(lambda path=path: browser.get(path)) for path in most}, most) == {}


def test_an_export_goes_to_the_database_once_for_each_request(app: Flask, wire: Wire) -> None:
    desk, made = app.extensions["desk"], FORMATS["json"]
    references = [arrives(app, **TWO_FLAGS) for _number in range(4)]

    def trips_for(number: int) -> int:
        before = wire.trips
        assert b"".join(pieces_of(desk, made, tuple(references[:number]), health=True))
        return wire.trips - before

    trips_for(1)
    assert trips_for(4) - trips_for(1) == 3
