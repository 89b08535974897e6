"""Two at one request: who looks is shown, nothing is overwritten, and nobody's words are lost."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.actors import Clock, Page
from tests.staff.actors import Staff
from tests.staff.desk import arrives, at, fill, send


def test_the_second_of_two_is_told_what_changed_and_keeps_their_words(
    app: Flask, desk: Staff, doctor: Staff
) -> None:
    reference = arrives(app)
    stale = desk.go(at(reference, "call"))
    fill(doctor, at(reference, "note"), note="From the doctor")
    typed = {"outcome": "no_answer", "note": "My long note"}
    refused = send(desk, at(reference, "call"), stale, **typed)
    assert refused.status == 409
    for words in ("My long note", doctor.name, "From the doctor"):  # theirs too, not only that there are some
        assert words in refused.text
    assert "My long note" not in desk.go(at(reference)).text
    again = send(desk, at(reference, "call"), refused, **typed)
    assert again.path == at(reference)
    assert "My long note" in again.text


def test_a_note_does_not_stand_in_the_way_of_a_note(app: Flask, desk: Staff, doctor: Staff) -> None:
    reference = arrives(app)
    stale = desk.go(at(reference, "note"))
    fill(doctor, at(reference, "note"), note="From the doctor")
    both = send(desk, at(reference, "note"), stale, note="From reception")
    assert both.status == 200
    assert "From the doctor" in both.text
    assert "From reception" in both.text
    stale = desk.go(at(reference, "note"))
    fill(doctor, at(reference, "call"), outcome="no_answer")
    assert send(desk, at(reference, "note"), stale, note="Too late").status == 409


def test_a_form_without_its_version_overwrites_nothing(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    for version in ("", "-1", "x", "9" * 30):
        data = {"version": version, "note": "kept"}
        page = desk.post(at(reference, "note"), data)
        assert page.status == 409
        assert "kept" in page.text


def _nobody_looks(page: Page) -> bool:
    return all("hidden" in line for line in page.elements("span") if "data-looks" in line)


@pytest.mark.parametrize("form", ["", "note", "book", "review"])
def test_who_has_a_request_or_a_form_of_it_open_stands_on_forms_and_in_rows_until_they_left(
    app: Flask, desk: Staff, doctor: Staff, form: str
) -> None:
    reference = arrives(app)
    page = doctor.go(at(reference, form))
    assert doctor.name in desk.go(at(reference, "call")).text
    assert not _nobody_looks(desk.go("/staff/requests"))
    assert doctor.name in str(desk.go("/staff/requests/looking").response.json)
    assert doctor.client.post(at(reference, "left"), data={"csrf_token": "another"}).status_code == 400
    doctor.client.post(at(reference, "left"), data={"csrf_token": page.token})
    assert doctor.name not in desk.go(at(reference, "call")).text
    assert _nobody_looks(desk.go("/staff/requests"))


def test_who_else_is_looking_is_shown(app: Flask, desk: Staff, doctor: Staff) -> None:
    reference = arrives(app)
    doctor.go(at(reference, "review"))
    assert doctor.name in desk.go(at(reference)).text
    assert doctor.name in desk.go(at(reference, "looking")).text


def test_asking_who_looks_does_not_put_off_the_end_of_the_session(
    app: Flask, desk: Staff, clock: Clock
) -> None:
    reference = arrives(app)
    for _ in range(20):
        clock.forward(minutes=1)
        desk.go(at(reference, "looking"))
    assert not desk.is_in
