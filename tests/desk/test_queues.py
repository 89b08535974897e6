"""The queue: complete, in order, found by what is sealed, and nothing told to those who may not see it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update

from screening.core import due
from screening.core.errors import Refused
from screening.core.paper_words import DOES_NOT_OPEN
from screening.core.word_lists import WordLists
from screening.desk import beside_lists, catching_up, clinician, opened_request, queues, reception
from screening.desk.desk import Desk
from screening.desk.shapes import Filters
from screening.operating import unreadable
from screening.operating.job import JobDone, JobGround
from screening.service.patient import Service
from screening.storage import does_not_open, standing, tables, upkeep
from screening.storage.database import reading, writing
from tests.actors import Clock
from tests.desk.standings import walk

from .making import AUDREY, CLARA, MANU, RITA, TWO_FLAGS, events, read_all, send


@pytest.fixture
def seven(service: Service, clock: Clock) -> list[str]:
    """Seven requests, the oldest first; two of them at the same moment."""
    references = []
    for number in range(7):
        references.append(send(service))
        if number != 3:
            clock.forward(minutes=10)
    return references


@pytest.mark.both_engines
def test_pages_hold_each_request_once_in_order(desk: Desk, seven: list[str]) -> None:
    reception.mark_urgent(desk, RITA, seven[5], 1, "said so")
    first: dict[Any, list[str]] = {"waiting": [seven[5], seven[0]], "newest": [seven[6]]}
    for sort, begins in first.items():
        everything = walk(desk, Filters(sort=sort), 100)
        assert sorted(everything) == sorted(seven)
        assert everything[: len(begins)] == begins
        for size in (1, 2, 3, 7):
            assert walk(desk, Filters(sort=sort), size) == everything


@pytest.mark.both_engines
def test_a_request_that_comes_while_somebody_pages_neither_hides_nor_repeats_another(
    desk: Desk, seven: list[str], service: Service
) -> None:
    first = queues.queue(desk, RITA, Filters(sort="newest"), None, 3)
    send(service)
    second = queues.queue(desk, RITA, Filters(sort="newest"), first.next, 100)
    assert [row.reference for row in (*first.rows, *second.rows)].count(seven[0]) == 1
    assert {row.reference for row in (*first.rows, *second.rows)} == set(seven)


@pytest.mark.both_engines
def test_filters_narrow_the_queue(desk: Desk, seven: list[str], clock: Clock) -> None:
    now = reception.take(desk, RITA, seven[0], 1)
    reception.make_ready(desk, RITA, seven[0], now)
    reception.close(desk, RITA, seven[1], 1, "cannot_reach")
    found = {
        name: set(walk(desk, filters, 100))
        for name, filters in {
            "mine": Filters(owner=RITA.id),
            "nobody": Filters(owner="nobody"),
            "ready": Filters(status="ready_to_book"),
            "closed": Filters(status="closed"),
            "all": Filters(status="all"),
            "other": Filters(treatment="other"),
        }.items()
    }
    assert found["mine"] == found["ready"] == {seven[0]}
    assert found["closed"] == {seven[1]}
    assert found["nobody"] == set(seven[2:])
    assert found["all"] == set(seven)
    assert found["other"] == set()
    clock.forward(minutes=40)
    assert set(walk(desk, Filters(waiting_hours=1, status="all"), 100)) == set(seven[:6])


AS_TYPED = (
    "zoë",
    "ZOE",
    "oneill",
    "O'Neill zoe",
    "Zoë  O’Neill",
    "1949-02-28",
    "28 2 1949",
    "28/02/1949",
    "28.2.49",
    "28th Feb 49",
    "020 7946 0999",
    "+442079460999",
    "o neill",
    "Neill 28 February 1949",
    "oneill 0999",
    "7946 0999",
    "Zoe O'Neil",
    "zoey oneal 28/2/1949",
    "Dylan",
)


def test_sealed_words_are_found_as_people_type_them(desk: Desk, service: Service) -> None:
    known = {"birth_date": "1949-02-28", "phone": "020 7946 0999"}
    other = {"for_whom": "someone_else", "representative_name": "Dylan Hughes"}
    wanted = send(service, name="Zoë O’Neill", **known, **other)
    send(service)
    assert [text for text in AS_TYPED if walk(desk, Filters(search=text), 10) != [wanted]] == []


def test_a_sound_is_looked_for_only_where_nothing_is_written_so_and_says_so(
    desk: Desk, service: Service
) -> None:
    steven, stephen = send(service, name="Steven Grey"), send(service, name="Stephen Gray")
    exact = queues.queue(desk, RITA, Filters(search="stephen"))
    assert ([row.reference for row in exact.rows], exact.by_sound) == ([stephen], False)
    near = queues.queue(desk, RITA, Filters(search="stefen gray"))
    assert ({row.reference for row in near.rows}, near.by_sound) == ({steven, stephen}, True)


def test_a_reference_is_found_as_it_is_read_out_even_when_finished(desk: Desk, seven: list[str]) -> None:
    reception.close(desk, RITA, seven[2], 1, "cannot_reach")
    assert walk(desk, Filters(search=seven[2].lower().replace("-", " ")), 10) == [seven[2]]


@pytest.mark.usefixtures("seven")
def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    absent = ("nobody", "zo", "...", "%", "31 31 1950", "99", "' OR 1=1")
    assert [text for text in absent if walk(desk, Filters(search=text), 10)] == []


@pytest.mark.both_engines
@pytest.mark.usefixtures("seven")
def test_a_search_is_paged_like_the_rest(desk: Desk) -> None:
    assert walk(desk, Filters(search="sam example"), 2) == walk(desk, Filters(search="sam example"), 100)
    assert len(walk(desk, Filters(search="sam example"), 2)) == 7


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("search", ["Example", "Nobody Else"])
def test_a_search_is_in_the_audit_without_what_was_searched(desk: Desk, search: str) -> None:
    assert bool(queues.queue(desk, RITA, Filters(search=search)).rows) == (search == "Example")
    last = events(desk)[-1]
    assert (last.action, last.actor_name, last.origin) == ("searched", "Rita", "192.0.2.7")
    assert search.lower() not in repr(last).lower()


@pytest.mark.usefixtures("seven")
def test_the_list_of_clinicians_is_read_by_clinicians_alone(desk: Desk) -> None:
    (row, *_others) = queues.queue(desk, RITA).rows
    with pytest.raises(Refused):
        queues.review_queue(desk, RITA)
    with pytest.raises(Refused):
        queues.next_to_review(desk, RITA, row)


@pytest.mark.both_engines
def test_counts_are_those_of_the_rows(desk: Desk, service: Service, seven: list[str]) -> None:
    send(service, **TWO_FLAGS)
    reception.close(desk, RITA, seven[0], 1, "attended")
    now = reception.withdraw(desk, RITA, seven[1], 1, "asked to")
    reception.reopen(desk, RITA, seven[1], now, "asked again")
    counts = beside_lists.load(desk, MANU).counts
    with reading(service.engine) as connection:
        by_status = standing.counts(connection)
    for state, number in by_status.items():
        assert number == len(walk(desk, Filters(status=state), 100))
    for name, number in counts.by_list.items():
        assert number == len(walk(desk, Filters(work_list=name), 100))
    assert (by_status["closed"], counts.by_list["to_review"]) == (1, 1)


@pytest.mark.both_engines
def test_overdue_ones_rise_and_are_counted(desk: Desk, seven: list[str], clock: Clock) -> None:
    assert beside_lists.load(desk, RITA).counts.overdue == 0
    clock.forward(days=10)
    now = reception.make_ready(desk, RITA, seven[0], 1)
    reception.log_call(desk, RITA, seven[0], now, "reached")
    assert beside_lists.load(desk, RITA).counts.overdue == 6
    assert walk(desk, Filters(overdue=True), 3) == sorted(seven[1:], key=walk(desk, Filters(), 100).index)
    assert all(row.overdue for row in queues.queue(desk, RITA, Filters(overdue=True)).rows)


@pytest.mark.both_engines
def test_the_clinicians_queue_has_marked_urgent_first_with_the_reason_and_then_goes_by_the_clock(
    desk: Desk, service: Service, clock: Clock
) -> None:
    first = send(service, **TWO_FLAGS)
    clock.forward(hours=1)
    passed_on = send(service, name="Other Person")
    clock.forward(hours=1)
    last = send(service, **TWO_FLAGS, name="Third Person")
    clock.forward(hours=1)
    reception.pass_to_review(desk, RITA, passed_on, 1)
    reception.mark_urgent(desk, RITA, last, 1, "The GP rang")
    for size in (1, 2, 10):
        found, after = [], None
        while True:
            page = queues.review_queue(desk, CLARA, after, size)
            found += [(row.reference, row.urgent_because) for row in page.rows]
            after = page.next
            if after is None:
                break
        assert found == [(last, "The GP rang"), (first, ""), (passed_on, "")]


def test_the_reason_for_urgency_is_not_opened_in_the_queue_of_everybody(desk: Desk, service: Service) -> None:
    reception.mark_urgent(desk, RITA, send(service, **TWO_FLAGS), 1, "The GP rang")
    assert "The GP rang" not in repr(queues.queue(desk, CLARA).rows)


@pytest.mark.both_engines
def test_a_list_goes_by_its_clock_with_marked_urgent_first(
    desk: Desk, service: Service, clock: Clock
) -> None:
    early, late, urgent = (send(service, name=f"{name} Person") for name in ("Ann", "Ben", "Cas"))
    clock.forward(days=1)
    now = reception.make_ready(desk, RITA, early, 1)
    reception.log_call(desk, RITA, early, now, "reached")  # a new promise, so it is owed later
    reception.mark_urgent(desk, RITA, urgent, 1, "said so")
    for size in (1, 2, 100):
        assert walk(desk, Filters(work_list="to_book"), size) == [urgent, late, early]


def test_a_late_review_marks_its_row_and_is_counted(desk: Desk, service: Service, clock: Clock) -> None:
    reference = send(service, **TWO_FLAGS)
    row = opened_request.request(desk, RITA, reference).row
    assert row.review_due_at is not None
    assert row.due_at is not None
    assert row.review_due_at < row.due_at
    clock.now = row.review_due_at
    assert beside_lists.load(desk, RITA).counts.overdue == 1
    (found,) = queues.review_queue(desk, CLARA).rows
    assert found.late == {"late_review"}
    assert walk(desk, Filters(overdue=True), 10) == [reference]
    clock.now = row.due_at
    assert opened_request.request(desk, RITA, reference).row.late == {"late_review", "late_contact"}
    assert beside_lists.load(desk, RITA).counts.overdue == 1


@pytest.mark.parametrize("person", [MANU, AUDREY])
def test_the_queue_is_for_reception_and_clinicians(desk: Desk, person: Any) -> None:
    with pytest.raises(Refused):
        queues.queue(desk, person)


AT = "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    "after",
    [
        "x", "1,2,3", "1,2,3,R", f"a,{AT},{AT},R", f"{10**30},{AT},{AT},R", f"1,{AT},R",
        f"1,{AT},{AT},{AT},R", f"1,2026-01-01,{AT},R", f"1,{AT},2026-01-01T00:00:00,R", f"1,{AT},{AT},R\0",
        f"1,0001-01-01T00:00:00+14:00,{AT},R",
    ],
)  # fmt: skip
def test_a_page_that_nobody_gave_is_refused(desk: Desk, after: str) -> None:
    with pytest.raises(Refused):
        queues.queue(desk, RITA, None, after)


def test_a_request_that_does_not_open_is_still_in_the_queue(
    desk: Desk, engine: Engine, service: Service
) -> None:
    reference = send(service)
    with writing(engine) as connection:
        connection.execute(update(tables.requests).values(sealed_contact=b"spoilt"))
    (row,) = queues.queue(desk, CLARA).rows
    assert (row.reference, row.name, row.due) == (reference, DOES_NOT_OPEN, due.DOES_NOT_OPEN)


@pytest.mark.both_engines
@pytest.mark.parametrize("column", ["sealed_health", "sealed_contact"])
def test_a_part_that_does_not_open_is_told_in_each_list_until_it_opens(
    desk: Desk, engine: Engine, service: Service, column: str
) -> None:
    spoilt, whole = send(service, **TWO_FLAGS), send(service, name="Anna Example")
    on, parts = JobGround(service, desk.opening_keys), tables.requests.c
    with writing(engine) as connection:
        sealed = connection.scalar(select(parts[column]).where(parts.reference == spoilt))
    looked = JobDone(0)
    for part, told in ((b"spoilt", True), (sealed, False)):
        with writing(engine) as connection:
            connection.execute(
                update(tables.requests).where(parts.reference == spoilt).values({column: part})
            )
        looked = unreadable.look(on, looked)
        with writing(engine) as connection:
            upkeep.done(connection, does_not_open.JOB, service.now(), looked.figure, looked.detail)
        for found in (
            queues.queue(desk, RITA).rows,
            queues.queue(desk, RITA, Filters(search=spoilt)).rows,
            queues.review_queue(desk, CLARA).rows,
            queues.named(desk, [spoilt, whole]),
        ):
            rows = {row.reference: row for row in found}
            assert (rows[spoilt].due in (due.DOES_NOT_OPEN, due.PART_DOES_NOT_OPEN)) == told
            assert whole not in rows or rows[whole].due.act


def test_requests_kept_before_there_was_a_desk_are_found_once_it_opens(
    desk: Desk, service: Service, engine: Engine
) -> None:
    reference = send(service, name="Olga Older")
    with writing(engine) as connection:
        connection.execute(delete(tables.request_index))
        connection.execute(update(tables.requests).values(index_key=None, indexed_as=0))
    assert walk(desk, Filters(search="older"), 10) == []
    assert catching_up.catch_up(desk) == 1
    assert catching_up.catch_up(desk) == 0
    assert walk(desk, Filters(search="older"), 10) == [reference]


def test_what_new_word_lists_find_is_on_the_clinicians_list_and_in_the_way_of_the_persons_others(
    desk: Desk, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = service.library.words
    monkeypatch.setattr(service.library, "words", WordLists())
    reference, other = send(service, anything_else="I take warfarin"), send(service)
    read_all(desk, CLARA, reference, 1, clinician.review(desk, CLARA, reference).unread)
    assert catching_up.count_again(desk) == (0, "")
    monkeypatch.setattr(service.library, "words", words)
    (first, after), (then, end) = (
        catching_up.count_again(desk, size=1),
        catching_up.count_again(desk, min(reference, other), size=1),
    )
    assert (first + then, after) == (1, min(reference, other))
    assert catching_up.count_again(desk, end) == (0, "")
    assert [row.reference for row in queues.review_queue(desk, CLARA).rows] == [reference]
    assert opened_request.request(desk, RITA, other).row.figures.others_open == 1


def test_no_sealed_word_lies_in_the_index(service: Service, engine: Engine) -> None:
    send(service, name="Quincella Canary")
    with reading(engine) as connection:
        kept = repr(connection.execute(tables.request_index.select()).all()).lower()
    assert "canary" not in kept
    assert "1950" not in kept
