"""A sealed part that does not open: that one request says so, in words, and every other goes on."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pypdf
import pytest
from flask import Flask
from sqlalchemy import select, update

from screening.core.paper_words import DOES_NOT_OPEN, PART_DOES_NOT_OPEN
from screening.storage import tables
from screening.storage.database import writing
from screening.web.door import service_of
from tests.desk.making import CLARA, decide, desk_of
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at, body, fill, rows

R, E = tables.requests, tables.entries

SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "a bit": lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]),
    "a bit of the key's id": lambda sealed: sealed[:3] + bytes([sealed[3] ^ 1]) + sealed[4:],
    "cut": lambda sealed: sealed[:700],
    "cut to its head": lambda sealed: sealed[:9],
    "empty": lambda _: b"",
    "something else": lambda _: b"spoilt",
    "a later format": lambda sealed: b"\x7f" + sealed[1:],
}


def spoil(app: Flask, reference: str, column: str, how: str) -> None:
    table = E if column == "sealed" else R
    with writing(service_of(app).engine) as connection:
        mine = table.c.reference == reference
        sealed = connection.scalars(select(table.c[column]).where(mine)).first()
        assert sealed is not None
        connection.execute(update(table).where(mine).values({column: SPOILT[how](bytes(sealed))}))


def spoil_newest(app: Flask, reference: str) -> None:
    with writing(service_of(app).engine) as connection:
        newest = select(E.c.id).where(E.c.reference == reference).order_by(E.c.version.desc()).limit(1)
        connection.execute(update(E).where(E.c.id == connection.scalar(newest)).values(sealed=b"spoilt"))


@pytest.mark.parametrize("how", SPOILT)
def test_pages_of_that_request_say_so_and_the_others_open(
    app: Flask, reception: Staff, clinician: Staff, how: str
) -> None:
    spoilt, whole = arrives(app, **TWO_FLAGS), arrives(app, name="Anna Example")
    reception.comes_in()
    clinician.comes_in()
    fill(reception, at(spoilt, "note"), note="A word")
    for column in ("sealed", "sealed_health", "sealed_contact"):
        spoil(app, spoilt, column, how)
        for page in (reception.go(at(spoilt)), clinician.go(at(spoilt, "review"))):
            assert page.status == 409
            assert spoilt in body(page)  # whom it is told to must know which
        assert clinician.go(at(spoilt, "history")).status == 200
        queue = reception.go("/staff/requests")
        assert set(rows(queue)) == {spoilt, whole}
        assert reception.go(at(whole)).status == 200
        assert clinician.go(at(whole, "review")).status == 200
    assert DOES_NOT_OPEN in queue.text


@pytest.mark.parametrize("column", ["sealed_contact", "sealed_health", "sealed"])
def test_an_export_says_so_of_that_request_and_holds_the_rest(
    app: Flask, reception: Staff, clinician: Staff, column: str
) -> None:
    spoilt, whole = arrives(app, **TWO_FLAGS), arrives(app, name="Anna Example")
    reception.comes_in()
    clinician.comes_in()
    fill(reception, at(spoilt, "note"), note="A word")
    spoil(app, spoilt, column, "a bit")
    found = {name: exported(clinician, name) for name in ("csv", "json", "pdf", "fhir")}
    lines = {line.split(",")[0].strip('"'): line for line in found["csv"].decode("utf-8-sig").splitlines()}
    assert PART_DOES_NOT_OPEN in lines[spoilt]
    assert PART_DOES_NOT_OPEN not in lines[whole]
    requests = {one["reference"]: one for one in json.loads(found["json"])["requests"]}
    items = requests[spoilt]["health"]["flags"]
    assert [(items[0]["label"], items[0]["stands"])] == [(PART_DOES_NOT_OPEN, "open")]
    assert {item["stands"] for item in items} <= {"open", "unsettled"}
    names = [answer["answer"] for answer in requests[spoilt]["contact"] if answer["question"] == "name"]
    assert names == ([] if column == "sealed_contact" else ["Sam Example"])
    assert (len(items) > 1) is (column != "sealed_health")
    assert requests[whole]["contact"]
    sheets = " ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(found["pdf"])).pages)
    assert PART_DOES_NOT_OPEN in sheets
    assert "Anna Example" in sheets
    assert PART_DOES_NOT_OPEN in found["fhir"].decode()
    assert PART_DOES_NOT_OPEN in exported(reception, "csv").decode()


def test_an_export_of_a_request_of_which_nothing_opens_says_that(app: Flask, clinician: Staff) -> None:
    spoilt = arrives(app, **TWO_FLAGS)
    clinician.comes_in()
    for column in ("sealed_contact", "sealed_health"):
        spoil(app, spoilt, column, "a bit")
    (found,) = json.loads(exported(clinician, "json"))["requests"]
    assert [flag["label"] for flag in found["health"]["flags"]] == [DOES_NOT_OPEN]


def test_nothing_counts_as_dealt_with_where_a_decision_may_not_open(
    app: Flask, reception: Staff, clinician: Staff
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    reception.comes_in()
    clinician.comes_in()
    decide(desk_of(app), CLARA, reference, 1, "blood_thinners", "proceed")
    fill(reception, at(reference, "note"), note="A word")
    spoil_newest(app, reference)
    (found,) = json.loads(exported(clinician, "json"))["requests"]
    (item,) = [flag for flag in found["health"]["flags"] if flag["id"] == "blood_thinners"]
    assert item["stands"] == "open"


def exported(who: Staff, name: str) -> bytes:
    page = who.post("/staff/exports", {"format": name, "status": "open", "reason": "To read it"})
    assert page.status == 200
    return page.response.get_data()
