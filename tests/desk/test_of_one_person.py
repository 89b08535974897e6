"""Several requests of one person: items of a duplicate travel, and open items of one hold the others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select, update

from screening.core.errors import Refused
from screening.desk import alike, catching_up, clinician, opened_request, reception
from screening.desk.desk import Desk
from screening.service.patient import Service
from screening.storage import tables
from screening.storage.database import reading, writing
from tests.desk.standings import WORDS, booked, row, waiting

from .making import CLARA, RITA, TWO_FLAGS, clear, decide, review_flags, send, version


def test_flags_of_a_duplicate_travel_to_the_request_that_it_repeats(desk: Desk, service: Service) -> None:
    kept, again = send(service), send(service, **TWO_FLAGS, **WORDS)
    reception.mark_duplicate(desk, RITA, again, 1, kept)
    assert waiting(desk) == [kept]
    found = clinician.review(desk, CLARA, kept)
    open_items = {line.flag.id for line in found.flags if line.review.open}
    assert set(review_flags(desk, again)) <= open_items
    assert any(again in item for item in open_items)  # its unread words
    with pytest.raises(Refused):
        reception.make_ready(desk, RITA, kept, version(desk, kept))


def test_what_was_said_in_a_duplicate_goes_with_each_of_its_items(desk: Desk, service: Service) -> None:
    kept, again = send(service), send(service, **TWO_FLAGS, **WORDS)
    now = decide(desk, CLARA, again, 1, "pregnancy", "ask_patient", question="Which week?")
    (asked,) = opened_request.request(desk, RITA, again).questions
    now = reception.answer_question(desk, RITA, again, now, asked.id, "The ninth")
    now = decide(desk, CLARA, again, now, "pregnancy", "discuss", note="Ask about the scan")
    reception.mark_duplicate(desk, RITA, again, now, kept)
    found = clinician.review(desk, CLARA, kept).flags
    said = {line.flag.id: entry.words for line in found for entry in line.review.raised_since}
    assert "Apixaban" in said["blood_thinners"]
    assert "The ninth" in said["pregnancy"]
    assert "Ask about the scan" in said["pregnancy"]
    assert WORDS["anything_else"] in said[f"words_{again}"]
    assert "Apixaban" not in repr(opened_request.request(desk, RITA, kept))  # reception still sees none of it


def test_the_request_that_a_duplicate_repeated_is_told_when_it_is_opened_again(
    desk: Desk, service: Service
) -> None:
    kept, again = send(service), send(service, **TWO_FLAGS)
    now = reception.mark_duplicate(desk, RITA, again, 1, kept)
    before = version(desk, kept)
    reception.reopen(desk, RITA, again, now, "It is another person's")
    told = [line for line in opened_request.request(desk, RITA, kept).entries if line.version > before]
    assert [again in repr(line.entry) for line in told] == [True]
    assert set(waiting(desk)) == {kept, again}


def test_an_item_from_what_is_no_duplicate_after_all_says_so_and_waits(desk: Desk, service: Service) -> None:
    kept, again = send(service), send(service, **TWO_FLAGS)

    def came() -> set[tuple[str, ...]]:
        found = clinician.review(desk, CLARA, kept).flags
        assert all(line.review.open for line in found)
        return {line.review.raised_because for line in found}

    now = reception.mark_duplicate(desk, RITA, again, 1, kept)
    assert came() == {("duplicate",)}
    now = reception.reopen(desk, RITA, again, now, "It is another person's")
    assert came() == {("no_duplicate",)}
    reception.mark_duplicate(desk, RITA, again, now, kept)
    assert came() == {("no_duplicate", "duplicate")}


def test_a_request_for_another_treatment_is_no_duplicate(desk: Desk, service: Service) -> None:
    lumbar = send(service)
    with reading(service.engine) as connection:
        found = connection.scalar(select(tables.requests.c.treatment))
    other = send(service, name="Somebody Else")
    with service.engine.begin() as connection:
        changed = tables.requests.update().where(tables.requests.c.reference == other)
        connection.execute(changed.values(treatment=f"not-{found}"))
    with pytest.raises(Refused):
        reception.mark_duplicate(desk, RITA, lumbar, 1, other)


def test_open_items_of_a_person_hold_every_request_of_theirs_until_somebody_says_not_the_same(
    desk: Desk, service: Service
) -> None:
    quiet, flagged = send(service), send(service, **TWO_FLAGS)
    assert row(desk, quiet).figures.others_open == 2
    with pytest.raises(Refused):
        reception.make_ready(desk, RITA, quiet, 1)
    reception.not_same(desk, RITA, quiet, 1, flagged, "Another address, another GP")
    assert row(desk, quiet).figures.others_open == 0
    assert row(desk, flagged).figures.others_open == 0
    reception.make_ready(desk, RITA, quiet, version(desk, quiet))


def test_what_is_done_with_a_request_of_another_person_changes_nothing_here(
    desk: Desk, service: Service
) -> None:
    quiet, flagged, unread = send(service), send(service, **TWO_FLAGS), send(service, anything_else="x")
    reception.not_same(desk, RITA, quiet, 1, flagged, "Another address")
    now = decide(desk, CLARA, flagged, version(desk, flagged), "pregnancy", "proceed")
    others = [row(desk, reference).figures.others_open for reference in (quiet, flagged, unread)]
    assert others == [1, 1, 1]
    reception.raise_item(desk, RITA, flagged, now, "", "A new tablet")
    assert [row(desk, reference).figures.others_open for reference in (quiet, unread)] == [1, 2]


def test_only_of_a_request_of_the_same_name_and_date_of_birth_is_said_that_it_is_another_persons(
    desk: Desk, service: Service
) -> None:
    quiet, stranger = send(service), send(service, name="Somebody Else")
    for other in (stranger, quiet, "ABC-DEF-GHJK"):
        with pytest.raises(Refused):
            reception.not_same(desk, RITA, quiet, 1, other, "Another address")
    assert (version(desk, quiet), version(desk, stranger)) == (1, 1)


def test_who_was_said_to_be_another_person_is_the_same_again_once_that_is_taken_back(
    desk: Desk, service: Service
) -> None:
    quiet, flagged = send(service), send(service, **TWO_FLAGS)
    with pytest.raises(Refused):
        alike.same_after_all(desk, RITA, quiet, 1, flagged, "Never said")
    now = reception.not_same(desk, RITA, quiet, 1, flagged, "Another address")
    with pytest.raises(Refused):
        reception.not_same(desk, RITA, quiet, now, flagged, "Said twice")
    booked(desk, quiet)
    assert row(desk, quiet).work_list == "booked"
    alike.same_after_all(desk, RITA, flagged, version(desk, flagged), quiet, "They moved house")
    assert row(desk, quiet).figures.others_open == 2
    assert row(desk, quiet).work_list == "booked_but_stopped"
    (twin,) = opened_request.request(desk, RITA, quiet).twins
    assert not twin.not_same


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("anew", "older"),
    [
        (catching_up.count, {"counted": 0}),
        (catching_up.catch_up, {"index_key": None, "person": None, "indexed_as": 0}),
    ],
    ids=["counted", "indexed"],
)
def test_who_was_said_to_be_another_person_stays_so_when_requests_are_seen_to_late(
    desk: Desk, service: Service, engine: Engine, anew: Callable[[Desk], int], older: dict[str, int | None]
) -> None:
    quiet, flagged, unread = send(service), send(service, **TWO_FLAGS), send(service, anything_else="x")
    reception.not_same(desk, RITA, quiet, 1, flagged, "Another address")
    with writing(engine) as connection:
        connection.execute(update(tables.requests).values(**older))
    assert anew(desk) == 3
    open_elsewhere = [row(desk, reference).figures.others_open for reference in (quiet, flagged, unread)]
    assert open_elsewhere == [1, 1, 2]


def test_a_second_request_stops_a_booking_that_stands(desk: Desk, service: Service) -> None:
    quiet = send(service)
    booked(desk, quiet)
    flagged = send(service, **TWO_FLAGS)
    assert row(desk, quiet).work_list == "booked_but_stopped"
    clear(desk, flagged)
    assert row(desk, quiet).work_list == "booked"
