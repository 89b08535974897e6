"""Facts about answers that are held to themselves and to no constant of the program."""

from __future__ import annotations

import pytest
from flask import Flask

from screening.web.door import service_of
from tests.actors import Patient
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
