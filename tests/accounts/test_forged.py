"""Requests that no page of ours sent, in the name of somebody who is signed in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from screening.core.workflow import ROLES
from screening.staff.actions import ACTIONS
from tests.actors import Clock
from tests.kept import everything_kept
from tests.staff.actors import PASSWORD, Staff
from tests.staff.desk import TWO_FLAGS, arrives
from tests.usual import TREATMENT

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
FIELDS = {
    "version": "1",
    "note": "forged",
    "reason": "forged",
    "outcome": "reached",
    "decision": "proceed",
    "password": PASSWORD,
    "roles": "manager",
    "name": "forged",
    "email": "forged@clinic.example",
    "format": "json",
    "answer": "leg",
}


def unsafe_routes(app: Flask, reference: str, person: str) -> Iterator[tuple[str, str]]:
    """Every way to change something; actions one by one."""
    given = {"reference": reference, "treatment": TREATMENT, "question": "pain_where", "flag": "allergies"}
    given |= {
        "person_id": person,
        "token": "unknown",
        "draft": "unknown",
        "other": reference,
        "name": "side",
        "rule_set_id": TREATMENT,
    }
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/staff"):
            continue
        for action in ACTIONS if "action" in rule.arguments else [""]:
            built = rule.build(given | {"action": action})
            assert built is not None, rule
            for method in sorted((rule.methods or set()) & UNSAFE):
                yield method, built[1]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_no_unsafe_route_of_the_door_takes_a_forged_request(
    app: Flask, clock: Clock, reception: Staff, headers: dict[str, str]
) -> None:
    """Somebody with every role is signed in; without the headers the token is a stranger's."""
    reference = arrives(app, **TWO_FLAGS)
    somebody = Staff(app, clock, ROLES, email="everything@clinic.example")
    somebody.sign_in()
    token = somebody.token() if headers else reception.token()
    before, routes = everything_kept(app), list(unsafe_routes(app, reference, reception.id))
    assert len(routes) >= 40
    for method, path in routes:
        data = FIELDS | {"csrf_token": token}
        answer = somebody.client.open(path, method=method, data=data, headers=headers)
        assert answer.status_code in (400, 403, 404), (path, answer.status_code)
    assert everything_kept(app) == before
    assert somebody.is_in
