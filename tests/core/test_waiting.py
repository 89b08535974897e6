"""What time makes of a request: one list at every moment, and what is late by the same clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core import owed, waiting
from screening.core.waiting import ALL_LISTS, DEADLINES, REMINDERS, TIMED_LISTS

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
moments = st.none() | st.integers(-2, 2).map(lambda hours: NOW + timedelta(hours=hours))


@dataclass(frozen=True)
class Row:
    """A row as far as time looks at it."""

    work_list: str
    due_at: datetime | None = None
    review_due_at: datetime | None = None
    ask_again_at: datetime | None = None
    rank: int = 1


rows = st.builds(Row, st.sampled_from(["", *owed.LISTS]), moments, moments, moments, st.sampled_from([0, 1]))


@given(rows)
def test_time_moves_a_request_only_from_its_list_to_a_part_of_it(row: Row) -> None:
    found = waiting.list_now(row, NOW)
    parts = {timed.name for timed in TIMED_LISTS if timed.of == row.work_list}
    assert found in parts | {row.work_list}
    assert found in {"", *ALL_LISTS}


@given(rows, st.integers(0, 48))
def test_what_is_late_stays_late_until_somebody_acts(row: Row, hours: int) -> None:
    assert waiting.late(row, NOW) <= waiting.late(row, NOW + timedelta(hours=hours))


def test_a_day_that_is_over_is_asked_about_no_more() -> None:
    row = Row("booked", due_at=NOW, ask_again_at=NOW - timedelta(days=9))
    assert waiting.list_now(row, NOW - timedelta(minutes=1)) == "to_ask_again"
    assert waiting.list_now(row, NOW) == "appointment_over"
    assert waiting.late(row, NOW) == frozenset()


@pytest.mark.parametrize("timed", TIMED_LISTS, ids=lambda timed: timed.name)
def test_whoever_has_a_timed_list_has_the_list_that_it_is_a_part_of(timed: waiting.TimedList) -> None:
    assert set(timed.who) <= set(owed.LISTS[timed.of].who)
    assert timed.name not in owed.LISTS


def test_every_list_is_shown_and_those_that_may_rest_come_last() -> None:
    assert set(ALL_LISTS) == {*owed.LISTS, *(timed.name for timed in TIMED_LISTS)}
    assert {*[*ALL_LISTS][-2:]} == {waiting.RESTING, "to_book"}


def test_somebody_who_may_act_is_reminded_of_all_but_what_rests_until_its_time_runs_out() -> None:
    known = {*ALL_LISTS, *(deadline.name for deadline in DEADLINES)}
    told = {name for names in REMINDERS.values() for name in names}
    assert known - told == {waiting.RESTING, "to_book", "waiting_for_patient"}
    may_act = {found.name: found.who for found in owed.WORK_LISTS}
    may_act |= {found.name: found.who for found in TIMED_LISTS}
    for role, names in REMINDERS.items():
        assert [name for name in names if role not in may_act.get(name, role)] == []
    assert told <= known
