"""The table of states: no way past a review, none for the wrong role, no dead end."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core import workflow
from screening.core.errors import Refused
from screening.core.workflow import INITIAL, MOVES, ROLES, STATUSES, Facts, is_finished

EVERYTHING = frozenset({"reason", "appointment", "other", "next_step"})
BOOKABLE = {"ready_to_book", "contacted", "booked"}
roles = st.sets(st.sampled_from(ROLES))
facts = st.builds(
    Facts, st.integers(0, 3), st.integers(0, 3), st.sets(st.sampled_from(sorted(EVERYTHING))).map(frozenset)
)


@given(st.sampled_from(MOVES), st.sampled_from(sorted(STATUSES)), roles, facts)
def test_a_move_is_made_only_from_its_states_by_its_roles_when_its_needs_hold(
    move: workflow.Move, state: str, who: set[str], known: Facts
) -> None:
    may = state in move.from_ and bool(who & set(move.who)) and not move.missing(known)
    try:
        assert workflow.check(move.name, state, who, known) is move
        assert may
    except Refused:
        assert not may


@given(st.lists(st.tuples(st.sampled_from(MOVES), roles)), st.integers(0, 2), st.integers(0, 2))
def test_no_series_of_moves_makes_a_request_bookable_while_a_flag_is_open_or_stops_it(
    moves: list[tuple[workflow.Move, set[str]]], open_flags: int, stopped: int
) -> None:
    state: str = INITIAL
    known = Facts(open_flags, stopped, EVERYTHING)
    for move, who in moves:
        try:
            state = workflow.check(move.name, state, who, known).to
        except Refused:
            continue
        assert state not in BOOKABLE or open_flags + stopped == 0


@given(st.sampled_from(sorted(STATUSES)), roles, facts)
def test_what_is_called_possible_is_accepted_when_everything_is_given(
    state: str, who: set[str], known: Facts
) -> None:
    full = Facts(known.open_flags, known.stopped, EVERYTHING)
    for move in workflow.possible(state, who, known):
        assert workflow.check(move.name, state, who, full) is move


def test_a_refusal_names_what_is_allowed() -> None:
    with pytest.raises(Refused) as refused:
        workflow.check("book", "new", {"reception"}, Facts(open_flags=1, given=EVERYTHING))
    assert set(refused.value.allowed) == {"pass_to_review", "close", "withdraw", "mark_duplicate"}


@pytest.mark.parametrize("role", ["manager", "auditor"])
def test_managers_and_auditors_move_nothing(role: str) -> None:
    assert not [move for move, state in product(MOVES, STATUSES) if role in move.who and state in move.from_]


def test_every_state_is_reached_and_left() -> None:
    reached = {INITIAL} | {move.to for move in MOVES}
    left = {state for move in MOVES for state in move.from_}
    assert reached == left == set(STATUSES)


@pytest.mark.parametrize("state", [state for state in STATUSES if not is_finished(state)])
@pytest.mark.parametrize("known", [Facts(), Facts(open_flags=1), Facts(stopped=1)])
def test_nothing_is_stuck_whatever_the_flags(state: str, known: Facts) -> None:
    possible = {move.name for move in workflow.possible(state, {"reception"}, known)}
    assert {"close", "withdraw"} <= possible


def test_the_picture_in_the_docs_is_the_table() -> None:
    picture = Path(__file__).parents[2] / "docs" / "states.mmd"
    assert picture.read_text() == workflow.as_mermaid(), (
        "run: screening rules states --mermaid > docs/states.mmd"
    )
