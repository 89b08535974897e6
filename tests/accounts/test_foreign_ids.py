"""An id of somebody else, or of nothing, leads nowhere: each way in answers as it does for what never was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from secrets import token_hex

import pytest
from flask import Flask
from sqlalchemy import update

from screening.core.references import draw
from screening.core.workflow import ROLES
from screening.staff.actions import ACTIONS
from screening.storage.database import reading, writing
from screening.storage.tables import metadata
from screening.web.door import service_of
from tests.accounts.test_forged import FIELDS
from tests.actors import Clock, Patient
from tests.desk.making import TWO_FLAGS
from tests.staff.actors import Staff
from tests.staff.desk import arrives, rows
from tests.staff.entering import begin
from tests.usual import TREATMENT

# What names a thing that belongs to somebody; the others name what is everybody's.
IDS = {"reference", "person_id", "token"}
ABSENT = {404, 410, 204}  # 204: whoever leaves a page is told nothing, whether it was there or not


def ways(app: Flask, given: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each route and method that takes one of those ids, with these."""
    for rule in app.url_map.iter_rules():
        if not rule.arguments & IDS or rule.endpoint.startswith("security."):
            continue
        for action in ACTIONS if "action" in rule.arguments else [""]:
            built = rule.build(given | {"action": action})
            assert built is not None, rule
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield method, built[1]


def everything_kept(app: Flask) -> list[object]:
    """But what was looked at."""
    left = {"events", "event_head", "event_requests", "sign_in_tries", "staff_sessions", "presence"}
    with reading(service_of(app).engine) as connection:
        return [
            tuple(connection.execute(table.select()).all())
            for table in metadata.sorted_tables
            if table.name not in left
        ]


def given(**ids: str) -> dict[str, str]:
    usual = {"treatment": TREATMENT, "question": "side", "name": "side", "rule_set_id": TREATMENT}
    nothing = {"reference": draw(lambda _: 3), "person_id": token_hex(8), "draft": token_hex(8)}
    return usual | nothing | {"token": token_hex(16), "other": draw(lambda _: 4)} | ids


@pytest.fixture
def everybody(app: Flask, clock: Clock) -> Staff:
    """Somebody who may do all that anybody may."""
    somebody = Staff(app, clock, ROLES, email="everything@clinic.example")
    somebody.sign_in()
    return somebody


def test_what_is_not_there_is_not_found_by_any_way_and_nothing_is_written(
    app: Flask, everybody: Staff, record_property: Callable[[str, object], None]
) -> None:
    arrives(app, **TWO_FLAGS)
    token, before = everybody.token(), everything_kept(app)
    found = list(ways(app, given()))
    for method, path in found:
        data = FIELDS | {"csrf_token": token} if method == "POST" else None
        answer = everybody.client.open(path, method=method, data=data)
        assert answer.status_code in ABSENT, (method, path)
    assert everything_kept(app) == before
    record_property("reached", f"{len(found)} ways: 0 read, 0 written")
    assert len(found) >= 40


def put_elsewhere(app: Flask, reference: str) -> None:
    """All that belongs to a request becomes another site's."""
    with writing(service_of(app).engine) as connection:
        for table in metadata.sorted_tables:
            if {"site", "reference"} <= set(table.c.keys()):
                moved = update(table).where(table.c.reference == reference)
                connection.execute(moved.values(site="elsewhere"))


def test_a_request_of_another_site_is_as_one_that_never_was(app: Flask, everybody: Staff) -> None:
    elsewhere, here = (arrives(app, name="Ada Lovelace", **TWO_FLAGS) for _ in range(2))
    put_elsewhere(app, elsewhere)
    token, before = everybody.token(), everything_kept(app)
    for method, path in [*ways(app, given(reference=elsewhere)), *ways(app, given(other=elsewhere))]:
        data = FIELDS | {"csrf_token": token} if method == "POST" else None
        assert everybody.client.open(path, method=method, data=data).status_code in ABSENT, (method, path)
    assert everything_kept(app) == before
    for words in ("Lovelace", elsewhere):
        assert elsewhere not in rows(everybody.post("/staff/requests/find", {"search": words}))
    assert rows(everybody.go("/staff/requests?status=all&sort=newest")) == [here]
    assert elsewhere not in everybody.go(f"/staff/requests/{here}").text


def test_a_patients_draft_is_as_one_that_never_was(patient: Patient, everybody: Staff) -> None:
    patient.fill_in(until="medicines")
    (theirs,) = patient.go("medicines").elements("input", name="draft")
    mine = begin(everybody)
    address = mine.path.split("/")
    for known in (str(theirs["value"]), token_hex(8)):
        seen = everybody.go("/".join([*address[:4], known, *address[5:]]))
        assert (seen.name, seen.checked) == (mine.name, [])  # a form that begins


def test_a_question_of_another_request_is_as_one_that_never_was(app: Flask, everybody: Staff) -> None:
    first, second = arrives(app, **TWO_FLAGS), arrives(app, name="Anna Example", **TWO_FLAGS)
    statuses = {
        everybody.go(f"/staff/requests/{first}/questions/{question}", follow=False).status
        for question in (second, "unknown")
    }
    assert statuses == {404}
    assert everybody.go(f"/staff/requests/{first}/beside/{draw(lambda _: 5)}", follow=False).status == 404
