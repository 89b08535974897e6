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
from screening.desk.shapes import Person
from screening.exports import FORMATS
from screening.staff import desk_words
from screening.staff.action_forms import ActionForm
from screening.staff.actions import ACTIONS, Action, action_for_move
from screening.staff.fields import line_field, needed
from screening.web.door import service_of
from tests.desk.making import RITA, desk_of
from tests.sending import sends
from tests.staff.actors import Staff
from tests.staff.desk import at, fill
from tests.staff.test_desk_words import without_words


@pytest.fixture
def on_hold(monkeypatch: pytest.MonkeyPatch) -> str:
    """A status that was added to the table, with a move into it."""
    monkeypatch.setitem(workflow.STATUSES, "on_hold", Status("Waits for a form"))
    hold = Move("hold", ("new",), "on_hold", ("reception",))
    monkeypatch.setattr(workflow, "MOVES", (*workflow.MOVES, hold))
    monkeypatch.setitem(workflow.BY_NAME, "hold", hold)
    return "on_hold"


def test_a_status_costs_one_entry_of_the_table(app: Flask, reception: Staff, on_hold: str) -> None:
    desk = desk_of(app)
    reference = sends(service_of(app))
    with change(desk, RITA, reference, 1, "hold", "reception") as made:
        made.act("hold")
    reception.comes_in()
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
    desk = desk_of(app)
    reference = sends(service_of(app))
    with change(desk, RITA, reference, 1, "noted", "reception") as made:
        made.act("note", Weighing("81 kg", "the nurse at the door"))
    reception.comes_in()
    page = reception.go(at(reference)).text
    assert "81 kg" in page
    assert "the nurse at the door" in page


class WeighForm(ActionForm):
    kilograms = line_field("Weight", needed("Enter the weight"))
    by = line_field("Weighed by")


def weigh(desk: Desk, who: Person, reference: str, seen: int, kilograms: str, by: str) -> None:
    """The desk's function of the action."""
    with change(desk, who, reference, seen, "weighed", "reception") as made:
        made.act("weigh", Weighing(kilograms, by))


WEIGH = Action("weigh", "Weigh the patient", WeighForm, weigh, ("weigh",))


def test_an_action_of_staff_costs_one_entry_and_its_form(
    app: Flask, reception: Staff, clinician: Staff, auditor: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = Move("weigh", ("new",), None, ("reception",))
    monkeypatch.setattr(workflow, "MOVES", (*workflow.MOVES, move))
    monkeypatch.setitem(workflow.BY_NAME, "weigh", move)
    monkeypatch.setitem(entries.KINDS, "weighing", Weighing)
    monkeypatch.setitem(ACTIONS, "weigh", WEIGH)
    reference = sends(service_of(app))
    for who in (reception, clinician, auditor):
        who.comes_in()
    assert at(reference, "weigh") in [link.get("href") for link in reception.go(at(reference)).elements("a")]
    assert at(reference, "weigh") not in clinician.go(at(reference, "review")).text
    assert fill(reception, at(reference, "weigh"), by="the nurse").status == 422
    assert fill(reception, at(reference, "weigh"), kilograms="81 kg", by="the nurse").path == at(reference)
    for page in (reception.go(at(reference)), clinician.go(at(reference, "review"))):
        assert "81 kg" in page.text
        assert "the nurse" in page.text
    assert "weighed" in reception.go(at(reference, "history")).text
    assert "weighed" in auditor.go("/staff/audit").text
    assert "weigh" in {row[0] for row in workflow.as_table()}
    assert clinician.go(at(reference, "weigh")).status == 409  # it is reception's
    assert "weighing" in without_words()  # the table of words lacks it, and says so
    assert clinician.go(at(reference, "print")).status == 200
    assert clinician.go(at(reference, "letter.pdf")).response.get_data().startswith(b"%PDF")
    for name in ("csv", "json"):  # what is decided on flags leaves with a request, and nothing else
        taken = clinician.post("/staff/exports", {"format": name, "status": "open", "reason": "To read it"})
        assert taken.status == 200
        assert b"81 kg" not in taken.response.get_data()


def test_words_for_an_added_kind_and_event_stand_on_every_page(
    app: Flask, reception: Staff, auditor: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(entries.KINDS, "weighing", Weighing)
    monkeypatch.setitem(desk_words.ENTRIES, "weighing", "On the scales")
    monkeypatch.setitem(desk_words.HISTORY, "weighed", "Put on the scales")
    assert "weighing" not in without_words()
    reference = sends(service_of(app))
    with change(desk_of(app), RITA, reference, 1, "weighed", "reception") as made:
        made.act("note", Weighing("81 kg", "the nurse"))
    reception.comes_in()
    auditor.comes_in()
    assert "On the scales" in reception.go(at(reference)).text
    assert "Put on the scales" in reception.go(at(reference, "history")).text
    assert "Put on the scales" in auditor.go("/staff/audit").text


def test_an_entry_of_a_kind_that_is_gone_is_still_shown(app: Flask, reception: Staff) -> None:
    desk = desk_of(app)
    reference = sends(service_of(app))
    with pytest.MonkeyPatch.context() as then:
        then.setitem(entries.KINDS, "weighing", Weighing)
        with change(desk, RITA, reference, 1, "noted", "reception") as made:
            made.act("note", Weighing("81 kg", "the nurse"))
    reception.comes_in()
    assert "81 kg" in reception.go(at(reference)).text


def test_an_export_costs_one_module_and_one_line(
    app: Flask, clinician: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = replace(FORMATS["json"], name="lines", suffix="txt", write=lambda records, _clinic: (
        f"{record.reference}\n".encode() for record in records
    ))  # fmt: skip
    monkeypatch.setitem(FORMATS, "lines", lines)
    reference = sends(service_of(app))
    clinician.comes_in()
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


def test_each_move_has_a_page_or_is_one_of_those_made_on_the_review_page_and_beside_a_question() -> None:
    without = {move.name for move in workflow.MOVES if action_for_move(move.name) is None}
    assert without == set(desk_words.MOVES) == {"read", "decide", "answer"}
