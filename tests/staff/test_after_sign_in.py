"""What was typed is there again after a failure, on a form that can be changed."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at, decide, send


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
