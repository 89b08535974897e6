"""What a change costs: a status, an entry of staff and an export are one entry each, found everywhere."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask

from screening.core import entries, workflow
from screening.core.dealings import gate_of, weight
from screening.core.entries import Entry
from screening.core.workflow import Move, Status
from screening.desk.changes import change
from screening.desk.desk import Desk
from screening.exports import FORMATS
from screening.web.door import service_of
from tests.desk.making import RITA
from tests.sending import sends
from tests.staff.actors import Staff
from tests.staff.desk import at


@pytest.fixture
def on_hold(monkeypatch: pytest.MonkeyPatch) -> str:
    """A status that was added to the table, with a move into it."""
    monkeypatch.setitem(workflow.STATUSES, "on_hold", Status("Waits for a form"))
    hold = Move("hold", ("new",), "on_hold", ("reception",))
    monkeypatch.setattr(workflow, "MOVES", (*workflow.MOVES, hold))
    monkeypatch.setitem(workflow.BY_NAME, "hold", hold)
    return "on_hold"


def test_a_status_costs_one_entry_of_the_table(app: Flask, reception: Staff, on_hold: str) -> None:
    desk: Desk = app.extensions["desk"]
    reference = sends(service_of(app))
    with change(desk, RITA, reference, 1, "hold", "reception") as made:
        made.act("hold")
    reception.sign_in()
    queue = reception.go("/staff/requests", follow=False)
    assert queue.text.count("Waits for a form") >= 2  # in its row and among the counts above the queue
    assert on_hold in {option.get("value") for option in queue.elements("option")}
    assert "Waits for a form" in reception.go(at(reference)).text
    assert "Waits for a form" in reception.go(at(reference, "history")).text
    assert f"new --> {on_hold}" in workflow.as_mermaid()


@dataclass(frozen=True, slots=True)
class Weighing(Entry):
    kind = "weighing"
    kilograms: str
    by: str


def test_an_entry_of_staff_shows_every_field_it_has(
    app: Flask, reception: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(entries.KINDS, "weighing", Weighing)
    desk: Desk = app.extensions["desk"]
    reference = sends(service_of(app))
    with change(desk, RITA, reference, 1, "noted", "reception") as made:
        made.act("note", Weighing("81 kg", "the nurse at the door"))
    reception.sign_in()
    page = reception.go(at(reference)).text
    assert "81 kg" in page
    assert "the nurse at the door" in page


def test_an_entry_of_a_kind_that_is_gone_is_still_shown(app: Flask, reception: Staff) -> None:
    desk: Desk = app.extensions["desk"]
    reference = sends(service_of(app))
    with pytest.MonkeyPatch.context() as then:
        then.setitem(entries.KINDS, "weighing", Weighing)
        with change(desk, RITA, reference, 1, "noted", "reception") as made:
            made.act("note", Weighing("81 kg", "the nurse"))
    reception.sign_in()
    assert "81 kg" in reception.go(at(reference)).text


def test_an_export_costs_one_module_and_one_line(
    app: Flask, clinician: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = replace(FORMATS["json"], name="lines", suffix="txt", write=lambda records, _clinic: (
        f"{record.reference}\n".encode() for record in records
    ))  # fmt: skip
    monkeypatch.setitem(FORMATS, "lines", lines)
    reference = sends(service_of(app))
    clinician.sign_in()
    page = clinician.go("/staff/exports")
    assert "lines" in {radio.get("value") for radio in page.elements("input", type="radio")}
    taken = clinician.post("/staff/exports", {"format": "lines", "status": "open", "reason": "Why"})
    assert taken.response.get_data() == f"{reference}\n".encode()


def test_a_handling_that_nobody_knows_is_as_heavy_as_any() -> None:
    assert gate_of("call_the_surgeon") == "consultation"
    assert weight("call_the_surgeon") == weight("review_before_booking") > weight("discuss_at_consultation")


def test_the_schema_of_the_export_knows_each_status() -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs" / "export.schema.json").read_text())
    found = {tuple(enum) for enum in _enums(schema)}
    assert tuple(workflow.STATUSES) in found


def _enums(part: object) -> list[list[str]]:
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    own = [part["enum"]] if isinstance(part, dict) and "enum" in part else []
    return own + [enum for one in inner for enum in _enums(one)]
