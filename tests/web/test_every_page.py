"""No page is forgotten, and the Nu Html Checker, which speaks for the standard, finds no fault on any."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from screening.core.workflow import ROLES
from screening.service.visit import Visit
from screening.staff.actions import ACTIONS
from screening.web.door import service_of
from tests.actors import Clock, Page, Patient
from tests.browser.kinds import KINDS
from tests.every_page import (
    ELSEWHERE,
    FORM,
    HALFWAY,
    LOCKED,
    PATIENT,
    SIGNING_IN,
    STAFF,
    TABLES,
    Stage,
    stage,
)
from tests.patient.test_answering import link_to
from tests.sending import filled_in
from tests.staff.actors import Staff
from tests.staff.desk import at
from tests.two_sites import CLOSED, GROUP_PAGES, written

ROOT = Path(__file__).parents[2]
CHECKER = Path(os.environ.get("SCREENING_TEST_VNU", ROOT / "build" / "vnu" / "vnu.jar"))
JAVA = shutil.which("java")
OF_THE_DESIGN_SYSTEM = "The “group” role is unnecessary for element “fieldset”."  # of its date input
QUICKLY = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m")


def test_every_page_is_in_a_table_of_those_that_are_checked(app: Flask) -> None:
    opened = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {name for table in TABLES for name in table} - {""} == opened
    assert {kind for kinds in PATIENT.values() for kind in kinds} <= set(KINDS)
    assert [file for file in ELSEWHERE.values() if not (ROOT / file).is_file()] == []


@pytest.fixture
def app(talking: Flask) -> Flask:
    """With links that patients are sent."""
    return talking


def of_staff(app: Flask, clock: Clock) -> Iterator[Page]:
    """Each page of the staff door, signed in, locked, on the way in, and before it."""
    who = Staff(app, clock, ROLES, email="everything@clinic.example")
    for path in Stage("", "", "", "", "").addresses(SIGNING_IN):
        yield who.go(path, follow=False)
    yield who.give_password(follow=True)
    for path in Stage("", "", "", "", "").addresses(HALFWAY):
        yield who.go(path, follow=False)
    who.comes_in()
    staged = stage(app, who.id)
    for path in staged.addresses(STAFF, FORM):
        yield who.go(path, follow=False)
    for action in ACTIONS:
        yield who.go(at(staged.reference, action), follow=False)
        yield who.post(at(staged.reference, action), follow=False)
    yield who.post(at(staged.reference, "review"), follow=False)
    yield who.post("/staff/requests/many", {"chosen": f"{staged.other}.1", "act": "take"}, follow=False)
    who.post("/staff/lock")
    for path in staged.addresses(LOCKED):
        yield who.go(path, follow=False)


def begins_with(patient: Patient, visit: Visit) -> None:
    """Go on with a draft."""
    assert visit.token is not None
    patient.client.set_cookie("draft", visit.token.encode(), path=f"/{patient.treatment}")


def of_patients(app: Flask) -> Iterator[Page]:
    """Each page of the patient's door; each kind of question as it is asked, and with nothing answered."""
    service, patient = service_of(app), Patient(app)
    for path in ("/", "/privacy", "/accessibility", "/nothing"):
        yield Page(patient.client.get(path))
    for name in ("", "get-help-now"):
        yield patient.go(name)
    begins_with(patient, filled_in(service, birth_date="2012-01-01"))
    yield patient.go("ring-us")
    visit = filled_in(service)
    begins_with(patient, visit)
    asked = [visit.rule_set.by_id[name] for name in visit.path.answers]
    kinds = {(question.type, question.format): question.id for question in asked}
    for name in ("", *kinds.values(), "check-your-answers", "delete-my-answers"):
        yield patient.go(name)
    for name in kinds.values():
        yield patient.post(name)
    yield patient.send()
    for name in ("", "your-copy"):
        yield patient.go(name)


def of_a_link(app: Flask) -> Iterator[Page]:
    """The way from a link to an answer."""
    sent = link_to(app)
    yield from (sent.go(), sent.identify("12"), sent.identify(), sent.send(words="5 mg"), sent.go())


def of_a_group(app: Flask) -> Iterator[Page]:
    """The pages of several clinics."""
    patient = Patient(app)
    yield from (Page(patient.client.get(path)) for path in GROUP_PAGES)


@pytest.mark.skipif(JAVA is None or not CHECKER.is_file(), reason="needs Java and vnu.jar: make vnu")
def test_the_nu_checker_finds_no_fault_on_any_page(
    app: Flask, make_app: Any, clock: Clock, tmp_path: Path
) -> None:
    group = make_app(sites=written(tmp_path, CLOSED), instance=tmp_path / "group")
    shown = [*of_patients(app), *of_a_link(app), *of_staff(app, clock), *of_a_group(group)]
    pages = [page for page in shown if page.response.mimetype == "text/html" and page.response.data]
    assert len(pages) > 120
    addresses = {}
    for number, page in enumerate(pages):
        file = tmp_path / "pages" / f"{number}.html"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(page.response.get_data())
        addresses[file.name] = f"{page.status} {page.path}"
    command = [str(JAVA), *QUICKLY, "-jar", str(CHECKER), "--format", "json", "--exit-zero-always"]
    ended = subprocess.run([*command, str(file.parent)], check=True, capture_output=True)
    found = [told for told in json.loads(ended.stderr)["messages"] if told["message"] != OF_THE_DESIGN_SYSTEM]
    faults = [(addresses[one["url"].rpartition("/")[2]], one["message"], one.get("extract")) for one in found]
    assert faults == []
