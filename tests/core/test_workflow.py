"""The table of states: no way past a review, none for the wrong role, no dead end."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core import workflow
from screening.core.errors import Refused
from screening.core.workflow import GIVEN, INITIAL, MOVES, ROLES, STATUSES, Facts, Figures, is_finished

BOOKABLE = {"ready_to_book", "contacted", "booked"}
roles = st.sets(st.sampled_from(ROLES))
numbers = st.integers(0, 3)
figures = st.builds(
    Figures,
    *[numbers] * 7,
    st.sampled_from(["", "consultation", "treatment"]),
)
given_with = st.sets(st.sampled_from([*sorted(GIVEN), "treatment"])).map(frozenset)
facts = st.builds(Facts, figures, st.booleans(), given=given_with)


@given(st.sampled_from(MOVES), st.sampled_from(sorted(STATUSES)), roles, facts)
def test_a_move_is_made_only_from_its_states_by_its_roles_when_its_needs_hold(
    move: workflow.Move, state: str, who: set[str], known: Facts
) -> None:
    may = (
        state in move.from_
        and bool(who & set(move.who))
        and not move.missing(replace(known, by_clinician="clinician" in who))
    )
    try:
        assert workflow.check(move.name, state, who, known) is move
        assert may
    except Refused:
        assert not may


@given(st.lists(st.tuples(st.sampled_from(MOVES), roles)), figures)
def test_no_series_of_moves_makes_a_request_bookable_while_anything_is_in_the_way(
    moves: list[tuple[workflow.Move, set[str]]], found: Figures
) -> None:
    state: str = INITIAL
    known = Facts(found, identity=True, given=GIVEN)
    for move, who in moves:
        try:
            state = workflow.check(move.name, state, who, known).to or state
        except Refused:
            continue
        assert state not in BOOKABLE or not found.in_the_way


@given(st.sampled_from(sorted(STATUSES)), roles, facts)
def test_what_is_called_possible_is_accepted_when_everything_is_given(
    state: str, who: set[str], known: Facts
) -> None:
    full = replace(known, given=GIVEN)
    for move in workflow.possible(state, who, known):
        assert workflow.check(move.name, state, who, full) is move


@pytest.mark.parametrize("who", [{"reception"}, {"clinician"}, {"manager"}])
@pytest.mark.parametrize("state", STATUSES)
def test_one_press_books_whatever_its_moves_book_one_after_the_other_and_nothing_else(
    state: str, who: set[str]
) -> None:
    at_hand = (Figures(), Figures(open_flags=1), Figures(others_open=1), Figures(unsettled=1))
    gifts = (GIVEN, GIVEN | {"treatment"}, GIVEN - {"side"}, GIVEN - {"appointment"})
    for found, given_now, known, says in product(at_hand, gifts, (True, False), (True, False)):
        facts = Facts(found, known, given=given_now)
        sure, begun = replace(facts, identity=known or says), state
        if state == INITIAL and workflow.may(workflow.BY_NAME["make_ready"], state, who, facts):
            begun = "ready_to_book"
        way = workflow.way_to_book(state, who, facts, identity=says)
        assert bool(way) == workflow.may(workflow.BY_NAME["book"], begun, who, sure)
        if way:
            assert ("make_ready" in way) == (state == INITIAL)
            assert ("check_identity" in way) == (says and not known)
            assert way[-1] == "book"


def test_a_refusal_names_what_is_allowed() -> None:
    with pytest.raises(Refused) as refused:
        workflow.check("book", "new", {"reception"}, Facts(Figures(open_flags=1), given=GIVEN))
    allowed = set(refused.value.allowed)
    assert {"pass_to_review", "ask_to_close", "mark_duplicate"} <= allowed
    assert allowed.isdisjoint({"book", "make_ready", "close", "withdraw", "decide"})


@pytest.mark.parametrize("role", ["manager", "auditor"])
def test_managers_and_auditors_move_nothing(role: str) -> None:
    assert not [move for move, state in product(MOVES, STATUSES) if role in move.who and state in move.from_]


def test_every_state_is_reached_and_left() -> None:
    reached = {INITIAL} | {move.to for move in MOVES if move.to is not None}
    left = {state for move in MOVES for state in move.from_}
    assert reached == left == set(STATUSES)


@pytest.mark.parametrize("state", [state for state in STATUSES if not is_finished(state)])
@pytest.mark.parametrize("found", [Figures(), Figures(open_flags=1), Figures(stopped_flags=1)])
def test_nothing_is_stuck_whatever_the_flags(state: str, found: Figures) -> None:
    possible = {move.name for move in workflow.possible(state, {"clinician"}, Facts(found))}
    assert {"close", "withdraw"} <= possible


def test_the_picture_in_the_docs_is_the_table() -> None:
    picture = Path(__file__).parents[2] / "docs" / "states.mmd"
    assert picture.read_text() == workflow.as_mermaid(), (
        "run: screening rules states --mermaid > docs/states.mmd"
    )
