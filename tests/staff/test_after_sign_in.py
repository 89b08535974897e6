"""What was typed is there again after a failure, on a form that can be changed."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from tests.actors import Clock, Page
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at, decide, send
from tests.usual import TREATMENT


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "typed"),
    [
        ("hand-over", {"note": "Please ring after two"}),
        ("questions/{question}", {"words": "Only at night"}),
        ("review", {"kidney_liver-note": "I looked at the list", "kidney_liver-decision": "proceed"}),
        (
            "book",
            {
                "on__day": "3",
                "on__month": "3",
                "on__year": "2027",
                "place": "Room 7",
                "what": "consultation",
                "known": "y",
                "side": "y",
            },
        ),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_after_a_failure_every_form_can_be_changed_and_sent_again(
    app: Flask, reception: Staff, clinician: Staff, tmp_path: Path, page: str, typed: dict[str, str]
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    clinician.comes_in()
    reception.comes_in()
    decide(clinician, reference, "blood_thinners", "ask_patient", question="When?")
    who = clinician if page == "review" else reception
    found = re.search(r"/questions/([0-9a-z-]+)", reception.go(at(reference)).text)
    assert found is not None
    path = at(reference, page.format(question=found[1]))
    if page == "hand-over":
        typed = typed | {"to": clinician.id}
    opened = who.go(at(reference, "review" if page == "review" else "note"))
    with closing(sqlite3.connect(tmp_path / "instance" / "screening.sqlite3")) as other:
        other.execute("BEGIN EXCLUSIVE")
        failed = send(who, path, opened, **typed)
        other.execute("ROLLBACK")
    assert failed.status == 503
    for name, text in typed.items():
        assert text in failed.text
        assert re.search(rf"<(input|textarea|select)[^>]*name=\"{name.replace('__', '-')}\"", failed.text)
    again = send(who, path, failed, **typed)
    assert again.status in (200, 409)  # 409: a clinician has not dealt with every flag
    assert again.status == 200 or page == "book"


LONG = "What took a while to write"
TYPED_ON = {
    f"/staff/entry/{TREATMENT}/from-paper": {"version": "2.1.0", "by_name": LONG, "by": "other"},
    f"/staff/entry/{TREATMENT}": {"how": "paper", "answer": "someone"},
    "/staff/requests/many": {"act": "note", "words": LONG, "chosen": "{reference}.1"},
    "/staff/away": {"whose": "{me}"},
    "/staff/exports": {"reason": LONG},
    "/staff/messages/ring_us": {"words": LONG, "version": "0"},
    "/staff/people/add": {"name": LONG, "reason": "To help"},
    "/staff/people/{other}": {"reason": LONG, "roles": "auditor"},
}


@pytest.mark.parametrize(
    ("path", "by_script"),
    [(path, False) for path in TYPED_ON] + [("/staff/requests/many", True), ("/staff/away", True)],
)
def test_what_was_typed_when_the_session_ended_stands_on_its_page_again_and_once(
    app: Flask, clock: Clock, clinician: Staff, path: str, by_script: bool
) -> None:
    reference = arrives(app)
    who = Staff(app, clock, ("reception", "clinician", "manager"), email="all@clinic.example")
    who.comes_in()
    names = {"reference": reference, "me": who.id, "other": clinician.id}
    typed = {name: text.format(**names) for name, text in TYPED_ON[path].items()}
    path = path.format(**names)
    token = {"csrf_token": who.token()}
    clock.forward(minutes=16)
    at = ("/staff/keep-words", {"kept_for": path}) if by_script else (path, {})
    ended = Page(who.client.post(at[0], data=typed | token | at[1]))
    assert ended.status == 401
    (button,) = [one for one in ended.elements("a") if "next=" in str(one.get("href", ""))]
    back = parse_qs(urlsplit(str(button["href"])).query)["next"][0]
    who.comes_in()
    shown = who.go(back)
    assert shown.status == 200
    for name, text in typed.items():
        assert text in shown.text, name
    assert LONG not in who.go(back).text


def test_who_typed_where_no_page_is_comes_back_to_one(reception: Staff) -> None:
    for path in ("/staff/requests/find", "/staff/nothing/there", "//evil.example"):
        page = reception.go(f"/staff/ended?next={path}")
        (button,) = [one for one in page.elements("a") if "next=" in str(one.get("href", ""))]
        assert parse_qs(urlsplit(str(button["href"])).query)["next"] == ["/staff"]


@pytest.mark.parametrize(
    "path", [f"/staff/entry/{TREATMENT}/from-paper", "/staff/requests/many", "/staff/away"]
)
@pytest.mark.usefixtures("impatient")
def test_after_a_failure_what_was_typed_can_be_changed_and_sent_again(
    app: Flask, reception: Staff, clinician: Staff, tmp_path: Path, path: str
) -> None:
    reception.comes_in()
    typed = {"by_name": LONG, "words": LONG, "whose": reception.id, "stand_in": clinician.id, "act": "note"}
    sent = typed | {"chosen": f"{arrives(app)}.1", "csrf_token": reception.token(), "version": "2.1.0"}
    sent |= {"by": "other", "interpreted": "no"}
    with closing(sqlite3.connect(tmp_path / "instance" / "screening.sqlite3")) as other:
        other.execute("BEGIN EXCLUSIVE")
        failed = Page(reception.client.post(path, data=sent))
        other.execute("ROLLBACK")
    assert failed.status == 503
    names = {
        str(one["name"]) for kind in ("input", "select") for one in failed.elements(kind) if "name" in one
    }
    assert names & {"by_name", "chosen", "stand_in"}
    assert LONG in failed.text or reception.id in failed.text
