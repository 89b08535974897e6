"""Reception's part: contact only, somebody owns it, nothing overwritten, and what is refused is refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from screening.core.errors import Absent, Changed, Refused
from screening.desk import Desk
from screening.service.patient import Service
from screening.storage import tables
from screening.storage.database import reading
from tests.actors import Clock

from .making import AUDREY, CLARA, MANU, RITA, ROB, TWO_FLAGS, send, version

CANARY = "quince-canary-0042"


def test_reception_sees_whom_to_call_and_no_health_answer(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS, anything_else=CANARY)
    page = desk.request(RITA, reference)
    assert page.row.name == "Sam Example"
    assert page.told
    assert page.health == ()
    assert CANARY not in repr(page)
    assert "pregnan" not in repr(page).lower()
    assert "Apixaban" not in repr(page)


def test_what_a_clinician_decided_on_health_is_not_shown_to_reception(desk: Desk, service: Service) -> None:
    reference = send(service, **TWO_FLAGS)
    desk.decide(CLARA, reference, 1, "pregnancy", "ask_patient", CANARY, "Could you ring us?")
    page = desk.request(RITA, reference)
    assert [one.words for one in page.questions] == ["Could you ring us?"]
    assert CANARY not in repr(page)
    assert "pregnan" not in repr(page).lower()
    assert CANARY in repr(desk.review(CLARA, reference).request.entries[0].words)


def test_health_is_shown_to_reception_where_the_clinic_says_so(desk: Desk, service: Service) -> None:
    reference = send(service, anything_else=CANARY)
    desk.settings = desk.settings.model_copy(update={"reception_sees_health": True})
    assert CANARY in repr(desk.request(RITA, reference).health)
    assert desk.history(AUDREY, reference)[-1].action == "health_read"


Act = Callable[[Desk, Any, str, int], int]
ACTS: dict[str, Act] = {
    "take": lambda desk, who, ref, now: desk.take(who, ref, now),
    "hand_over": lambda desk, who, ref, now: desk.hand_over(who, ref, now, ROB, "yours"),
    "log_call": lambda desk, who, ref, now: desk.log_call(who, ref, now, "no_answer", "rang twice"),
    "write_note": lambda desk, who, ref, now: desk.write_note(who, ref, now, "a note"),
    "mark_urgent": lambda desk, who, ref, now: desk.mark_urgent(who, ref, now, "said so"),
    "unmark_urgent": lambda desk, who, ref, now: desk.unmark_urgent(who, ref, now, "not so"),
    "check_identity": lambda desk, who, ref, now: desk.check_identity(who, ref, now, True, "passport"),
    "make_ready": lambda desk, who, ref, now: desk.make_ready(who, ref, now),
    "close": lambda desk, who, ref, now: desk.close(who, ref, now, "other", "moved away"),
    "withdraw": lambda desk, who, ref, now: desk.withdraw(who, ref, now, "asked to"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_each_act_is_kept_with_who_and_when_and_counted_once(
    desk: Desk, service: Service, clock: Clock, act: Act
) -> None:
    reference = send(service)
    clock.forward(minutes=5)
    assert act(desk, RITA, reference, 1) == 2
    page = desk.request(RITA, reference)
    assert page.row.version == 2
    done = next(one for one in page.history if one.details.get("version") == 2)
    assert (done.who, done.at) == ("Rita", clock.now)
    assert all((one.who, one.at) == ("Rita", clock.now) for one in page.entries)
    assert sum(desk.counts(RITA).by_status.values()) == 1


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_stale_page_changes_nothing_and_says_what_changed(desk: Desk, service: Service, act: Act) -> None:
    reference = send(service)
    desk.write_note(ROB, reference, 1, "first")
    with pytest.raises(Changed) as changed:
        act(desk, RITA, reference, 1)
    assert [(line.who, line.action) for line in changed.value.since] == [("Rob", "noted")]  # type: ignore[attr-defined]
    assert changed.value.version == 2
    page = desk.request(RITA, reference)
    assert (page.row.version, len(page.entries), page.row.status) == (2, 1, "new")


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("person", [MANU, AUDREY])
def test_managers_and_auditors_change_nothing(desk: Desk, service: Service, act: Act, person: object) -> None:
    reference = send(service)
    with pytest.raises(Refused):
        act(desk, person, reference, 1)
    assert version(desk, reference) == 1


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_request_that_is_not_there_is_absent(desk: Desk, act: Act) -> None:
    with pytest.raises(Absent):
        act(desk, RITA, "ABC-DEF-GHJK", 1)


def test_of_two_at_once_one_succeeds_and_one_is_told(desk: Desk, service: Service) -> None:
    reference = send(service)
    pairs = 100

    def note(who: Any, now: int) -> bool:
        try:
            desk.write_note(who, reference, now, f"by {who.name}")
        except Changed:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        for now in range(1, pairs + 1):
            assert sorted(both.map(note, (RITA, ROB), (now, now))) == [False, True]
    assert len(desk.request(RITA, reference).entries) == pairs


def test_a_note_is_sealed(desk: Desk, service: Service, engine: Engine) -> None:
    reference = send(service)
    now = desk.write_note(RITA, reference, 1, CANARY)
    now = desk.mark_urgent(RITA, reference, now, CANARY)
    desk.close(RITA, reference, now, "other", CANARY)
    with reading(engine) as connection:
        rows = [row for table in tables.metadata.sorted_tables for row in connection.execute(select(table))]
    assert CANARY not in repr(rows)
    assert "Sam Example" not in repr(rows)


def test_somebody_always_owns_what_was_taken(desk: Desk, service: Service) -> None:
    reference = send(service)
    now = desk.take(RITA, reference, 1)
    assert desk.request(RITA, reference).row.owner_name == "Rita"
    now = desk.hand_over(RITA, reference, now, ROB, "going home")
    assert desk.request(RITA, reference).row.owner_name == "Rob"
    with pytest.raises(Refused):  # somebody who could do nothing with it
        desk.hand_over(RITA, reference, now, AUDREY)


def test_a_call_that_reached_the_patient_keeps_the_promise(desk: Desk, service: Service) -> None:
    reference = send(service)
    now = desk.make_ready(RITA, reference, 1)
    now = desk.log_call(RITA, reference, now, "no_answer")
    assert desk.request(RITA, reference).row.due_at is not None
    desk.log_call(RITA, reference, now, "reached")
    row = desk.request(RITA, reference).row
    assert (row.due_at, row.status) == (None, "contacted")


def test_a_twin_is_pointed_out_and_never_merged(desk: Desk, service: Service) -> None:
    first = send(service, name="Zoë O’Neill-Smith")
    second = send(service, name="ONEILL SMITH  zoe")
    other = send(service, name="Zoë O’Neill-Smith", birth_date="1950-04-01")
    assert [one.reference for one in desk.request(RITA, first).twins] == [second]
    assert desk.request(RITA, other).twins == ()
    with pytest.raises(Refused):
        desk.mark_duplicate(RITA, second, 1, second)
    with pytest.raises(Refused):
        desk.mark_duplicate(RITA, second, 1, "ABC-DEF-GHJK")
    desk.mark_duplicate(RITA, second, 1, first.lower().replace("-", " "))
    assert desk.request(RITA, second).duplicate_of == first
    assert desk.request(RITA, first).row.version == 1
    with pytest.raises(Refused):  # no rings of duplicates
        desk.mark_duplicate(RITA, first, 1, second)


def test_who_else_looks_is_shown_and_soon_forgotten(desk: Desk, service: Service, clock: Clock) -> None:
    reference = send(service)
    assert desk.look(RITA, reference) == ()
    assert [one.name for one in desk.look(ROB, reference)] == ["Rita"]
    desk.leave(RITA, reference)
    assert desk.look(ROB, reference) == ()
    desk.look(RITA, reference)
    clock.now += timedelta(seconds=61)
    assert desk.look(ROB, reference) == ()
