"""Facts about answers that are held to themselves and to no constant of the program."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from shutil import copytree

import pytest
from flask import Flask

from screening.settings import shipped
from screening.web.door import service_of
from tests.actors import Page, Patient
from tests.conftest import MakeApp
from tests.sending import filled_in, sends
from tests.staff.actors import Staff
from tests.usual import TREATMENT

MARKUP = '<i id="planted">x</i>'


def policy_of(text: str) -> dict[str, list[str]]:
    return {name: rest for name, *rest in (part.split() for part in text.split(";") if part.strip())}


@pytest.mark.parametrize("path", ["/", f"/{TREATMENT}", "/nothing", "/health", "/static/built/style.css"])
def test_browsers_are_told_to_run_nothing_inline_to_guess_nothing_and_to_frame_nothing(
    app: Flask, path: str
) -> None:
    answer = app.test_client().get(path, base_url="https://forms.example.org")
    policy = policy_of(answer.headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert (
        int(answer.headers["Strict-Transport-Security"].partition("max-age=")[2].split(";")[0]) >= 31_536_000
    )
    answer.close()


def test_what_was_typed_is_shown_as_text_where_it_is_shown(app: Flask) -> None:
    patient = Patient(app)
    visit = filled_in(service_of(app), what_happened=MARKUP, name=MARKUP)
    assert visit.token is not None
    patient.client.set_cookie("draft", visit.token.encode(), path=f"/{TREATMENT}")
    page = patient.go("check-your-answers").response.get_data(as_text=True)
    assert MARKUP not in page
    assert page.count("&lt;i id=") >= 2


def test_a_name_is_shown_as_text_in_the_queue(app: Flask, reception: Staff) -> None:
    """A template of ours, without a component between."""
    sends(service_of(app), name=MARKUP)
    reception.sign_in()
    page = reception.go("/staff/requests").response.get_data(as_text=True)
    assert MARKUP not in page
    assert "&lt;i id=" in page


def test_thousands_of_fields_are_refused_although_the_token_is_right(app: Flask) -> None:
    patient = Patient(app)
    fields = {f"a{number}": "" for number in range(300)}
    assert patient.post("delete-my-answers", fields).status == 400


WORDS = "{{7*7}} ${x} %s {0.__class__} <b>7</b>"


def test_words_of_rules_that_look_like_code_are_shown_as_they_are(make_app: MakeApp, tmp_path: Path) -> None:
    copytree(shipped("rules"), tmp_path / "rules")
    file = tmp_path / "rules" / f"{TREATMENT}.yaml"
    title = next(line for line in file.read_text().splitlines() if line.startswith("title:"))
    file.write_text(file.read_text().replace(title, f"title: {json.dumps(WORDS)}"))
    app = make_app(rules=tmp_path / "rules")
    patient = Patient(app)
    for page in (patient.go(), Page(app.test_client().get("/"))):
        assert page.status == 200
        assert WORDS in page.text
        assert b"<b>7" not in page.response.get_data()


# What Mozilla's HTTP Observatory looks at, and the points that it takes or gives; A+ is 100 or more.
def observatory(policy: str, headers: Mapping[str, str], cookies: Sequence[str]) -> int:
    """Its points for a site that loads nothing of others."""
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";") if rule.split()}
    scripts = rules.get("script-src", rules.get("default-src", ["*"]))
    loose = {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "http:", "https:"}
    styles = rules.get("style-src", rules.get("default-src", ["*"]))
    points = 100
    objects = rules.get("object-src", rules.get("default-src", []))
    points += -25 if loose & {*scripts, *styles, *objects} else 5
    points += 5 if rules.get("default-src") == ["'none'"] else 0
    points += 5 if rules.get("frame-ancestors") == ["'none'"] else -20
    age = re.match(r"max-age=(\d+)", headers.get("Strict-Transport-Security", ""))
    points += 0 if age is not None and int(age[1]) >= SIX_MONTHS else -20
    points += 0 if headers.get("X-Content-Type-Options") == "nosniff" else -5
    private = ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")
    points += 5 if headers.get("Referrer-Policy") in private else -5
    points += -50 if headers.get("Access-Control-Allow-Origin") == "*" else 0
    wanted = ("Secure", "HttpOnly", "SameSite=")
    whole = all(part in cookie for cookie in cookies for part in wanted) and "None" not in "".join(cookies)
    return points + (5 if whole else -20)


SIX_MONTHS = 15_768_000  # seconds


def test_mozillas_observatory_would_give_the_best_mark(
    app: Flask, record_property: Callable[[str, object], None]
) -> None:
    at = {"base_url": "https://forms.example.org"}
    marks = []
    for path in ("/", f"/{TREATMENT}", f"/{TREATMENT}/delete-my-answers", "/staff/sign-in", "/nowhere"):
        answer = app.test_client().get(path, **at)
        cookies = answer.headers.getlist("Set-Cookie")
        marks.append(observatory(answer.headers["Content-Security-Policy"], dict(answer.headers), cookies))
    record_property("reached", f"{min(marks)} points of the Observatory, of 100 for A+")
    assert min(marks) >= 100
