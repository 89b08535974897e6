"""Any history of three people at the real desk: its verdicts are the table's, its rows what was written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.core import owed, workflow
from screening.core.dealings import Asked
from screening.core.entries import Booking
from screening.core.errors import Refused
from screening.core.review import position
from screening.core.stepping import Position
from screening.core.workflow import BY_NAME, GIVEN
from screening.desk import alike, bookings, clinician, reception
from screening.desk.desk import Desk, opened
from screening.desk.shapes import Person
from screening.service.patient import Service
from screening.storage import entries, lanes, standing
from screening.storage.database import reading
from screening.storage.standing import Standing
from tests.thorough import usually

from .making import CLARA, RITA, ROB, TWO_FLAGS, decide, read_all, send

pytestmark = [pytest.mark.slow, pytest.mark.both_engines]
PEOPLE = (RITA, ROB, CLARA)
SAFE = Booking(date(2026, 12, 24), "", "Room 1")
TREATMENT = Booking(date(2026, 12, 24), "", "Theatre", "treatment")
NUMBERS = count()
KNOWN = frozenset({"identity"})  # said in the same press

Do = Callable[[Desk, Person, str, int], object]


def _first_asked(desk: Desk, reference: str) -> str:
    asked: tuple[Asked, ...] = where(desk, reference)[1].dealings.asked
    return asked[0].question if asked else "nothing"


# What is done, and the move that decides whether it may be, with what is given; None where it is several.
ACTS: dict[str, tuple[Do, str | None, frozenset[str]]] = {
    "ready": (lambda d, w, r, v: reception.make_ready(d, w, r, v), "make_ready", GIVEN),
    "identity": (
        lambda d, w, r, v: reception.check_identity(d, w, r, v, True, "x"), "check_identity", GIVEN
    ),
    "book": (lambda d, w, r, v: bookings.book(d, w, r, v, SAFE, side=True), "book", GIVEN),
    "book, no side": (lambda d, w, r, v: bookings.book(d, w, r, v, SAFE), "book", GIVEN - {"side"}),
    "book, known": (
        lambda d, w, r, v: bookings.book(d, w, r, v, SAFE, identity=True, side=True), "book", GIVEN | KNOWN
    ),
    "treat": (
        lambda d, w, r, v: bookings.book(d, w, r, v, TREATMENT, side=True), "book", GIVEN | {"treatment"}
    ),
    "unbook": (lambda d, w, r, v: bookings.unbook(d, w, r, v, "x"), None, GIVEN),
    "raise": (lambda d, w, r, v: reception.raise_item(d, w, r, v, "pregnancy", "x"), "raise_item", GIVEN),
    "tell": (lambda d, w, r, v: reception.raise_item(d, w, r, v, "", "x"), "raise_item", GIVEN),
    "pass": (lambda d, w, r, v: reception.pass_to_review(d, w, r, v), "pass_to_review", GIVEN),
    "take back": (
        lambda d, w, r, v: clinician.call_back_to_review(d, w, r, v), "call_back_to_review", GIVEN
    ),
    "close": (lambda d, w, r, v: reception.close(d, w, r, v, "cannot_reach"), "close", GIVEN - {"attended"}),
    "ask to close": (lambda d, w, r, v: reception.ask_to_close(d, w, r, v, "x"), "ask_to_close", GIVEN),
    "reopen": (lambda d, w, r, v: reception.reopen(d, w, r, v, "x"), "reopen", GIVEN),
    "answer": (
        lambda d, w, r, v: reception.answer_question(d, w, r, v, _first_asked(d, r), "x"), "answer", GIVEN
    ),
    "wait": (
        lambda d, w, r, v: reception.log_call(d, w, r, v, "left_message", asked=True),
        "wait_for_patient",
        GIVEN,
    ),
    "send back": (lambda d, w, r, v: clinician.send_back(d, w, r, v, "x"), None, GIVEN),
    "read": (
        lambda d, w, r, v: read_all(d, w, r, v, sorted(where(d, r)[1].dealings.unread) or ["-"]),
        "read",
        GIVEN,
    ),
    **{
        f"{decision} {flag}": (
            lambda d, w, r, v, flag=flag, decision=decision: decide(  # type: ignore[misc]  # bound early
                d, w, r, v, flag, decision, "x", "x"
            ),
            None,
            GIVEN,
        )
        for flag in ("pregnancy", "blood_thinners")
        for decision in ("proceed", "settled", "ask_patient", "do_not_proceed")
    },
}  # fmt: skip


def where(desk: Desk, reference: str) -> tuple[Standing, Position]:
    """The row, and where the request stands by all that was kept of it under seal."""
    with reading(desk.service.engine) as connection:
        row = standing.load(connection, reference)
        assert row is not None
        kept = opened(desk, connection, reference)
        written = entries.load(connection, desk.opening_keys, reference)
    return row, position(kept, row.status, written, desk.to_read(kept, row))


@dataclass
class Clinic:
    """One person's requests, and what the table says of them."""

    desk: Desk
    references: list[str]

    def others_open(self, reference: str) -> int:
        """Worked out anew from everything under seal."""
        mine = where(self.desk, reference)[1]
        if workflow.is_finished(mine.status):
            return 0
        others = (where(self.desk, other)[1] for other in self.references if other != reference)
        names = [other for other in self.references if other != reference]
        return sum(
            found.in_the_way()
            for name, found in zip(names, others, strict=True)
            if name not in mine.dealings.not_same
        )

    def may(self, reference: str, move: str, who: Person, given_with: frozenset[str]) -> bool:
        """The table's verdict."""
        here = where(self.desk, reference)[1]
        facts = here.facts(self.others_open(reference), given_with - KNOWN)
        if move == "book":  # in one press with what comes before it
            known = given_with >= KNOWN
            return bool(workflow.way_to_book(here.status, who.roles, facts, identity=known))
        return workflow.may(BY_NAME[move], here.status, who.roles, facts)

    def is_sound(self) -> None:
        """Each row says what its entries say, and nothing stands where the claims forbid it."""
        for reference in self.references:
            row, here = where(self.desk, reference)
            figures = here.figures(self.others_open(reference))
            assert row.figures == figures, reference
            assert row.work_list == owed.work_list(row.status, figures)
            assert (row.review_due_at is not None) == (row.work_list == "to_review")
            assert (row.due_at is not None) == bool(row.work_list)
            assert row.status not in workflow.BOOKABLE or not figures.in_the_way


@settings(max_examples=usually(3, thorough=15), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_desk_gives_the_verdicts_of_the_table_and_its_rows_are_what_was_written(
    desk: Desk, service: Service, data: st.DataObject
) -> None:
    name = f"Person Number{next(NUMBERS)}"
    said: list[dict[str, Any]] = [{}, TWO_FLAGS, {"anything_else": "words"}]
    answers = data.draw(st.sampled_from(said))
    clinic = Clinic(desk, [send(service, name=name, **answers)])
    for _ in range(data.draw(st.integers(3, 14))):
        if len(clinic.references) < 2 and data.draw(st.integers(0, 5)) == 0:
            again = data.draw(st.sampled_from([{}, {"pregnancy": "not_sure"}]))
            clinic.references.append(send(service, name=name, **again))
        else:
            _happens(clinic, data)
        clinic.is_sound()


def _happens(clinic: Clinic, data: st.DataObject) -> None:
    who = data.draw(st.sampled_from(PEOPLE))
    reference = data.draw(st.sampled_from(clinic.references))
    others = [other for other in clinic.references if other != reference]
    name = data.draw(
        st.sampled_from([*ACTS, *(["duplicate", "not same", "same after all"] if others else [])])
    )
    version = where(clinic.desk, reference)[0].version
    late = version > 1 and data.draw(st.integers(0, 4)) == 0  # of a page that somebody else has overtaken
    if name in ACTS:
        do, move, given_with = ACTS[name]
    else:
        do, move, given_with = _of_two(name, others[0]), None, GIVEN
    expected = clinic.may(reference, move, who, given_with) if move is not None else None
    expected = False if late else expected
    with reading(clinic.desk.service.engine) as connection:
        before = lanes.newest(connection)
    try:
        do(clinic.desk, who, reference, version - late)
        done = True
    except Refused:
        done = False
    assert expected in (None, done), name
    with reading(clinic.desk.service.engine) as connection:
        assert (lanes.newest(connection) > before) >= done, "what was done left no event"


def _of_two(name: str, other: str) -> Do:
    if name == "duplicate":
        return lambda d, w, r, v: reception.mark_duplicate(d, w, r, v, other)
    if name == "same after all":
        return lambda d, w, r, v: alike.same_after_all(d, w, r, v, other, "x")
    return lambda d, w, r, v: reception.not_same(d, w, r, v, other, "x")
