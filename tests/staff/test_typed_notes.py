"""What staff typed is there again after a lost session, a database that was away, or signing in anew."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from screening.core import workflow
from tests.actors import Clock
from tests.staff.actors import Staff
from tests.staff.desk import arrives, at, send


def test_a_note_typed_in_a_lost_session_is_there_after_signing_in(
    app: Flask, desk: Staff, clock: Clock
) -> None:
    reference = arrives(app)
    page = desk.go(at(reference, "note"))
    clock.forward(minutes=16)
    lost = send(desk, at(reference, "note"), page, note="Half an hour of work")
    assert lost.status == 401
    desk.comes_in()
    restored = desk.go(at(reference, "note"))
    assert "Half an hour of work" in restored.text
    assert "Half an hour of work" not in desk.go(at(reference)).text
    assert (
        "Half an hour of work"
        in send(desk, at(reference, "note"), restored, note="Half an hour of work").text
    )
    assert "Half an hour of work" not in desk.go(at(reference, "note")).text


def test_a_note_of_a_lost_session_is_for_its_writer_alone(
    app: Flask, desk: Staff, clinician: Staff, clock: Clock
) -> None:
    reference = arrives(app)
    page = desk.go(at(reference, "note"))
    clock.forward(minutes=16)
    send(desk, at(reference, "note"), page, note="For my eyes")
    clinician.client = desk.client
    clinician.comes_in()
    assert "For my eyes" not in clinician.go(at(reference, "note")).text


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_the_typed_note_survives_a_database_that_is_away(app: Flask, desk: Staff, tmp_path: Path) -> None:
    reference = arrives(app)
    page = desk.go(at(reference, "note"))
    with closing(sqlite3.connect(tmp_path / "instance" / "screening.sqlite3")) as other:
        other.execute("BEGIN EXCLUSIVE")
        failed = send(desk, at(reference, "note"), page, note="Still here")
        other.execute("ROLLBACK")
    assert failed.status == 503
    assert "Still here" in failed.text
    assert send(desk, at(reference, "note"), failed, note="Still here").path == at(reference)


def test_a_form_from_before_signing_in_again_comes_back_filled(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    page = desk.go(at(reference, "note"))
    desk.sign_out()
    desk.comes_in()
    again = send(desk, at(reference, "note"), page, note="Typed before")
    assert again.status == 400
    assert "Typed before" in again.text
    assert send(desk, at(reference, "note"), again, note="Typed before").path == at(reference)


@pytest.mark.parametrize("path", ["/staff/exports", "/staff/people/add", "/staff/passkeys"])
def test_no_page_to_write_on_leaves_by_itself_without_a_script(app: Flask, clock: Clock, path: str) -> None:
    who = Staff(app, clock, workflow.ROLES, email="everything@clinic.example")
    who.comes_in()
    page = who.go(path)
    assert page.status == 200
    assert [one for one in page.elements("meta") if one.get("http-equiv") == "refresh"] == []
