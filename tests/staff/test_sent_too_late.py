"""Who sends a form for a patient whose answers are gone goes on with them, as patients do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from screening.core.kept import KeptRequest
from screening.desk import opened_request
from screening.storage import tables
from screening.storage.database import reading, writing
from screening.web.door import service_of
from tests.actors import Clock, Page, Patient
from tests.breaking import locked
from tests.desk.making import RITA, desk_of
from tests.kept import drafts_kept
from tests.staff.actors import Staff
from tests.staff.desk import rows
from tests.staff.entering import ENTRY, begin, fill_in, hidden, send
from tests.staff.test_from_paper import begin_with

ANNA = "Anna Ahorn"
CHECK = "check-your-answers"


def expires(desk: Staff, clock: Clock, _check: Page) -> None:
    clock.forward(minutes=61)
    desk.comes_in()


def is_deleted(desk: Staff, _clock: Clock, check: Page) -> None:
    asked = desk.go(check.path.replace(CHECK, "delete-the-answers"))
    assert (
        Page(desk.client.post(asked.path, data=hidden(asked), follow_redirects=True)).path == "/staff/entry"
    )


Gone = Callable[[Staff, Clock, Page], None]


def sends_late(desk: Staff, check: Page) -> Page:
    """The page that was open, with a token that this session takes."""
    fresh = hidden(desk.go(ENTRY))["csrf_token"]
    return Page(desk.client.post(check.path, data=hidden(check) | {"csrf_token": fresh}))


def kept_of(desk: Staff, reference: str) -> KeptRequest:
    with reading(service_of(desk.app).engine) as connection:
        return opened_request.read(desk_of(desk.app), connection, reference).kept


def entries_of(desk: Staff, reference: str) -> list[Any]:
    found = opened_request.request(desk_of(desk.app), RITA, reference)
    return [line.entry for line in found.entries]


@pytest.mark.parametrize("gone", [expires, is_deleted])
@pytest.mark.parametrize("paper", [False, True], ids=["spoken", "paper"])
def test_the_answers_are_read_gone_on_with_and_sent_as_they_were_told(
    desk: Staff, clock: Clock, gone: Gone, *, paper: bool
) -> None:
    begins = begin_with if paper else begin
    in_time = _sent(desk, send(desk, fill_in(desk, page=begins(desk), name=ANNA)))
    check = fill_in(desk, page=begins(desk), name=ANNA)
    gone(desk, clock, check)
    refused = sends_late(desk, check)
    assert refused.status == 409
    assert ANNA in refused.text
    again = send(desk, refused)
    assert (again.status, again.name) == (200, CHECK)
    assert again.path != check.path
    assert again.value("shown") == check.value("shown")
    reference = _sent(desk, send(desk, again))
    assert kept_of(desk, reference) == kept_of(desk, in_time)
    assert entries_of(desk, reference) == entries_of(desk, in_time) != []


def _sent(desk: Staff, page: Page) -> str:
    return Patient(desk.app).reference(page)


def test_who_signs_in_again_first_finds_them_on_the_page(desk: Staff, clock: Clock) -> None:
    check = fill_in(desk, name=ANNA)
    clock.forward(minutes=61)
    lost = send(desk, check)
    assert lost.status == 401
    assert ANNA not in lost.text
    desk.comes_in()
    told = desk.go(check.path)
    assert ANNA in told.text
    assert send(desk, told).name == CHECK
    assert desk.go(check.path).path == "/staff/entry"  # they are given back once


def test_they_begin_no_form_before_that_is_asked_for_and_outlive_a_failure(
    app: Flask, desk: Staff, clock: Clock
) -> None:
    check = fill_in(desk, name=ANNA)
    is_deleted(desk, clock, check)
    told = sends_late(desk, check)
    before = drafts_kept(app)
    with locked(app):
        failed = send(desk, told)
    assert failed.status == 503
    assert ANNA in failed.text
    assert drafts_kept(app) == before
    assert send(desk, failed).name == CHECK
    assert drafts_kept(app) == before + 1


def test_two_presses_begin_one_form_and_what_differs_another(app: Flask, desk: Staff, clock: Clock) -> None:
    check = fill_in(desk, name=ANNA)
    is_deleted(desk, clock, check)
    told, before = sends_late(desk, check), drafts_kept(app)
    first, second = send(desk, told), send(desk, told)
    assert (first.path, first.name) == (second.path, CHECK)
    assert drafts_kept(app) == before + 1
    reference = _sent(desk, send(desk, first))
    assert _sent(desk, send(desk, told)) == reference
    other = Page(desk.client.post(told.path, data=hidden(told) | {"told": ""}, follow_redirects=True))
    assert (other.name, drafts_kept(app)) == (CHECK, before + 2)


def test_what_was_sent_is_not_sent_again_in_its_place(app: Flask, desk: Staff, clock: Clock) -> None:
    check = fill_in(desk, name=ANNA)
    is_deleted(desk, clock, check)
    told = sends_late(desk, check)
    first = _sent(desk, send(desk, send(desk, told)))
    clock.forward(days=2)
    desk.comes_in()
    with writing(service_of(app).engine) as connection:
        connection.execute(delete(tables.drafts))
    fresh = hidden(desk.go(ENTRY))["csrf_token"]
    late = hidden(told) | {"csrf_token": fresh}
    again = Page(desk.client.post(told.path, data=late, follow_redirects=True))
    assert _sent(desk, send(desk, again)) != first


def test_what_says_nothing_of_how_it_was_told_claims_nothing(desk: Staff, clock: Clock) -> None:
    check = fill_in(desk, name=ANNA)
    is_deleted(desk, clock, check)
    told = sends_late(desk, check)
    for nonsense in ("", "[]", "[[", '{"kind": "note"}', '{"kind": "note", "text": "x"}', "7", "null"):
        again = Page(
            desk.client.post(told.path, data=hidden(told) | {"told": nonsense}, follow_redirects=True)
        )
        assert again.name == CHECK
    assert entries_of(desk, _sent(desk, send(desk, again))) == []


def test_nothing_is_sent_or_begun_for_who_is_not_signed_in(app: Flask, desk: Staff, clock: Clock) -> None:
    check = fill_in(desk, name=ANNA)
    is_deleted(desk, clock, check)
    told = sends_late(desk, check)
    before = drafts_kept(app)
    desk.post("/staff/sign-out")
    refused = Page(desk.client.post(told.path, data=hidden(told) | {"csrf_token": "wrong"}))
    assert refused.status == 400
    assert drafts_kept(app) == before
    desk.comes_in()
    assert rows(desk.go("/staff/requests")) == []
