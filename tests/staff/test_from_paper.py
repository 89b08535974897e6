"""Entry from paper: which version, which day, whose hand and who interpreted go with the request."""

from __future__ import annotations

from datetime import date

import pytest

from screening.core.entries import FromPaper
from screening.desk import audit, opened_request
from tests.actors import Page
from tests.desk.making import AUDREY, RITA, desk_of
from tests.staff.actors import Staff
from tests.staff.desk import at, body, rows
from tests.staff.entering import ENTRY, RULES, fill_in, hidden, send

ASKED = {
    "version": "2.1.0",
    "written_on-day": "3",
    "written_on-month": "1",
    "written_on-year": "2026",
    "by": "other",
    "by_name": "Dr Gill, the GP",
    "interpreted": "yes",
    "interpreter": "Ines, her niece",
}


def begin_with(desk: Staff, **typed: str) -> Page:
    """The page that comes after what stands on the form."""
    page = desk.go(f"{ENTRY}/from-paper")
    sent = hidden(page) | ASKED | typed
    return Page(desk.client.post(page.path, data=sent, follow_redirects=True))


def test_what_stands_on_the_form_is_kept_with_the_request_and_shown_to_clinicians(
    desk: Staff, clinician: Staff
) -> None:
    send(desk, fill_in(desk, page=begin_with(desk)))
    (reference,) = rows(desk.go("/staff/requests"))
    found = opened_request.request(desk_of(desk.app), RITA, reference)
    (kept,) = found.entries
    assert kept.by_name == desk.name
    assert kept.entry == FromPaper(
        "2.1.0", RULES.version, date(2026, 1, 3), "other", "Dr Gill, the GP", "yes", "Ines, her niece"
    )
    clinician.comes_in()
    shown = body(clinician.go(at(reference, "review")))
    for said in ("Dr Gill, the GP", "Ines, her niece", "2.1.0", "3 January 2026"):
        assert shown.count(said) >= 2  # on top, and where everything stands that was written
    printed = body(clinician.go(at(reference, "print")))
    for said in ("Dr Gill, the GP", "Ines, her niece", "3 January 2026"):
        assert said in printed
    lines = audit.history(desk_of(desk.app), AUDREY, reference)
    (received,) = (line.details for line in lines if line.action == "received")
    assert [line["kind"] for line in received["entries"]] == ["paper"]


@pytest.mark.parametrize(
    "typed",
    [
        {"version": "the newest"},
        {"written_on-year": "2999"},
        {"by_name": ""},
        {"by": ""},
        {"interpreted": "maybe"},
    ],
)
def test_what_no_form_says_is_asked_again_and_nothing_is_begun(desk: Staff, typed: dict[str, str]) -> None:
    page = begin_with(desk, **typed)
    assert page.status == 422
    assert "Ines, her niece" in page.text
    assert not desk.go("/staff/entry").elements("table")
