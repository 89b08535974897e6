"""Away and back: a colleague has somebody's requests meanwhile, and what they still have then goes back."""

from __future__ import annotations

import pytest
from flask import Flask

from screening.desk import reception
from screening.desk.desk import Desk
from screening.service import audit_head
from tests.actors import Clock
from tests.desk.making import desk_of
from tests.staff.actors import Staff
from tests.staff.desk import arrives, at, body, fill
from tests.staff.test_many_pages import owners, version


@pytest.fixture
def desk(app: Flask) -> Desk:
    return desk_of(app)


@pytest.fixture
def ann(app: Flask, clock: Clock) -> Staff:
    return Staff(app, clock, ("reception",), "Ann Away", "ann@clinic.example")


@pytest.fixture
def ben(app: Flask, clock: Clock) -> Staff:
    """Signed in, and stands in for Ann."""
    found = Staff(app, clock, ("reception",), "Ben Stand-In", "ben@clinic.example")
    found.comes_in()
    return found


def test_what_the_stand_in_still_has_goes_back_and_nothing_else_does(
    app: Flask, desk: Desk, ann: Staff, ben: Staff, clinician: Staff
) -> None:
    theirs, passed_on, bens = arrives(app), arrives(app), arrives(app)
    for reference, owner in ((theirs, ann), (passed_on, ann), (bens, ben)):
        reception.take(desk, owner.person, reference, 1)
    page = ben.post("/staff/away", {"whose": ann.id, "stand_in": ben.id})
    assert page.status == 200
    assert set(owners(desk).values()) == {ben.name}
    reception.hand_over(desk, ben.person, passed_on, version(desk, passed_on), clinician.person)
    refused = fill(ben, at(bens, "hand-over"), to=ann.id, note="")
    assert (refused.status, owners(desk)[bens]) == (409, ben.name)
    assert ann.name in body(ben.go("/staff/away"))
    back = ben.post(f"/staff/away/{ann.id}/back")
    assert theirs in back.text
    assert owners(desk) == {theirs: ann.name, passed_on: clinician.name, bens: ben.name}
    assert ben.post(f"/staff/away/{ann.id}/back").status == 409
    assert fill(ben, at(bens, "hand-over"), to=ann.id, note="").status == 200
    found = audit_head.findings(desk.settings, desk.service.engine)[0]
    assert [fault for fault in found if not fault.startswith(("person", "access"))] == []  # made by the test


@pytest.mark.parametrize("pair", [("ann", "ann"), ("ann", ""), ("", "ben"), ("ann", "stranger")])
def test_who_cannot_stand_in_is_refused_and_nothing_moves(
    app: Flask, desk: Desk, ann: Staff, ben: Staff, pair: tuple[str, str]
) -> None:
    reference = arrives(app)
    reception.take(desk, ann.person, reference, 1)
    ids = {"ann": ann.id, "ben": ben.id, "": "", "stranger": "p-stranger"}
    whose, stand_in = (ids[name] for name in pair)
    assert ben.post("/staff/away", {"whose": whose, "stand_in": stand_in}).status == 422
    assert owners(desk) == {reference: ann.name}


def test_nobody_stands_in_who_is_away_themselves(ann: Staff, ben: Staff) -> None:
    assert ben.post("/staff/away", {"whose": ann.id, "stand_in": ben.id}).status == 200
    assert ben.post("/staff/away", {"whose": ben.id, "stand_in": ann.id}).status == 422
    assert ben.post("/staff/away", {"whose": ann.id, "stand_in": ben.id}).status == 422
