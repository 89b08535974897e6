"""Pages are for roles: who may not see one is refused, and who tried is on the request."""

from __future__ import annotations

import pytest
from flask import Flask

from screening.desk import audit
from tests.desk.making import AUDREY, desk_of, events
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at


@pytest.mark.parametrize("path", ["/staff/requests", "/staff/review", "/staff/entry", "/staff/audit"])
def test_nobody_sees_anything_without_signing_in(reception: Staff, path: str) -> None:
    assert reception.go(path).path == "/staff/sign-in"


def test_reception_may_neither_review_nor_audit(app: Flask, desk: Staff) -> None:
    reference = arrives(app, **TWO_FLAGS)
    for path in ("/staff/review", "/staff/audit", at(reference, "review"), at(reference, "print")):
        assert desk.go(path).status == 403
    decision = {"kidney_liver-decision": "proceed", "version": "1"}
    assert desk.post(at(reference, "review"), decision).status == 403


def test_a_manager_sees_no_request(app: Flask, manager: Staff) -> None:
    reference = arrives(app)
    manager.comes_in()
    for path in ("/staff/requests", at(reference), at(reference, "history"), "/staff/entry"):
        assert manager.go(path).status == 403


def test_a_page_that_is_for_others_is_on_the_request_with_who_tried(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    for page in ("review", "print", "letter.pdf"):
        assert desk.go(at(reference, page)).status == 403
    assert desk.go(at(reference, "unbook")).status == 409  # nothing is booked
    desk.go("/staff/audit")
    lines = audit.history(desk_of(app), AUDREY, reference)
    refused = [(line.who, line.details["tried"]) for line in lines if line.action == "refused"]
    tried = ["review", "print_page", "letter", "unbook"]
    assert refused == [(desk.name, name) for name in tried]
    assert events(desk_of(app))[-1].details["tried"] == "audit_log"
