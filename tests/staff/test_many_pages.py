"""Many at once: each request is judged on its own, and each has its result in words."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from screening.desk import opened_request, queues, reception
from screening.desk.desk import Desk
from screening.desk.shapes import Filters
from tests.actors import Page
from tests.desk.making import CLARA, RITA, actions, desk_of
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, body


@pytest.fixture
def behind(app: Flask) -> Desk:
    """What the pages work with."""
    return desk_of(app)


def do_many(who: Staff, *chosen: str, **typed: Any) -> Page:
    """Tick these in the list and press the button."""
    return who.post("/staff/requests/many", {"chosen": list(chosen), **typed})


def owners(behind: Desk) -> dict[str, str | None]:
    """Whose each request is, by reference."""
    return {row.reference: row.owner_name for row in queues.queue(behind, RITA, Filters("all")).rows}


@pytest.mark.parametrize("path", ["/staff/requests", "/staff/review"])
def test_the_rows_of_each_list_are_ticked_with_the_version_that_was_seen(
    app: Flask, clinician: Staff, path: str
) -> None:
    clinician.comes_in()
    reference = arrives(app, **TWO_FLAGS)
    page = clinician.go(path)
    (tick,) = page.elements("input", name="chosen")
    assert tick["value"] == f"{reference}.1"
    assert tick["form"] in {form.get("id") for form in page.elements("form")}


@pytest.mark.parametrize("path", ["/staff/requests?sort=newest", "/staff/review"])
def test_all_rows_come_ticked_without_a_script_and_none_of_them_on_the_way_back(
    app: Flask, clinician: Staff, path: str
) -> None:
    clinician.comes_in()
    for _number in range(2):
        arrives(app, **TWO_FLAGS)

    def ticks(page: Page) -> list[bool]:
        return ["checked" in tick for tick in page.elements("input", name="chosen")]

    def address(page: Page) -> str:
        (link,) = [one for one in page.elements("a") if "data-tick-all" in one]
        return str(link["href"])

    plain = clinician.go(path)
    every = clinician.go(address(plain))
    assert (ticks(plain), ticks(every)) == ([False, False], [True, True])
    assert ticks(clinician.go(address(every))) == [False, False]
    chosen = [str(tick["value"]) for tick in every.elements("input", name="chosen")]
    clinician.go(address(plain))
    done = do_many(clinician, *chosen, act="take")
    (back,) = [
        one for one in done.elements("a") if str(one.get("href", "")).split("?")[0] == path.split("?")[0]
    ][:1]
    assert ticks(clinician.go(str(back["href"]))) == [False, False]


def test_what_a_clinician_ticks_on_the_review_list_is_done_to_each_and_the_way_leads_back_there(
    app: Flask, clinician: Staff, behind: Desk
) -> None:
    clinician.comes_in()
    mine, gone = arrives(app, **TWO_FLAGS), arrives(app, **TWO_FLAGS)
    ticks = [tick["value"] for tick in clinician.go("/staff/review").elements("input", name="chosen")]
    reception.withdraw(behind, CLARA, gone, 1, "feels better")
    page = do_many(clinician, *ticks, act="take")
    assert page.status == 200
    assert "/staff/review" in {link.get("href") for link in page.elements("a")}
    assert owners(behind) == {mine: clinician.name, gone: None}


def test_what_was_changed_meanwhile_or_is_finished_is_refused_in_words_and_the_rest_is_done(
    app: Flask, desk: Staff, clinician: Staff, behind: Desk
) -> None:
    fresh, stale, finished = (arrives(app, name=name) for name in ("Fay Fresh", "Stan Stale", "Fin Finished"))
    reception.write_note(behind, RITA, stale, 1, "rang again")
    reception.withdraw(behind, CLARA, finished, version(behind, finished), "feels better")
    page = do_many(
        desk, f"{fresh}.1", f"{stale}.1", f"{finished}.{version(behind, finished)}", "nonsense.1",
        act="hand-over", to=clinician.id, words="for the ward round",
    )  # fmt: skip
    assert page.status == 200
    assert owners(behind) == {fresh: clinician.name, stale: RITA.name, finished: None}
    shown = body(page)
    assert shown.index("Stan Stale") < shown.index("Fay Fresh")
    assert "rang again" not in shown  # who and what kind, as everywhere
    assert RITA.name in shown
    tried = actions(behind, finished)
    assert "refused" in tried
    (entry,) = opened_request.request(behind, RITA, fresh).entries
    assert entry.entry.note == "for the ward round"  # type: ignore[attr-defined]  # a HandOver


def version(behind: Desk, reference: str) -> int:
    """The request's, as it is now."""
    return opened_request.request(behind, RITA, reference).row.version


def test_pressing_twice_does_it_once(app: Flask, desk: Staff, behind: Desk) -> None:
    reference = arrives(app)
    for _press in range(2):
        do_many(desk, f"{reference}.1", act="urgent", words="the GP rang")
    assert len(opened_request.request(behind, RITA, reference).entries) == 1
    assert queues.queue(behind, RITA, Filters("all")).rows[0].urgent


@pytest.mark.parametrize(
    "typed",
    [
        {"act": ""},
        {"act": "nonsense"},
        {"act": "hand-over", "words": ""},
        {"act": "hand-over", "to": "nobody-here", "words": ""},
        {"act": "urgent", "words": " "},
        {"act": "note", "words": ""},
    ],
)
def test_what_is_missing_is_asked_for_and_the_ticks_stay(
    app: Flask, desk: Staff, behind: Desk, typed: dict[str, str]
) -> None:
    reference = arrives(app)
    page = do_many(desk, f"{reference}.1", **typed)
    assert page.status == 422
    assert [tick["value"] for tick in page.elements("input", name="chosen")] == [f"{reference}.1"]
    assert version(behind, reference) == 1


@pytest.mark.parametrize("path", ["/staff/requests", "/staff/review"])
def test_nothing_is_typed_on_a_list_and_what_an_act_needs_is_asked_next(
    app: Flask, clinician: Staff, path: str
) -> None:
    clinician.comes_in()
    tick = f"{arrives(app, **TWO_FLAGS)}.1"
    listed = clinician.go(path)
    typed = [one for one in listed.elements("input") if one.get("type", "text") == "text"]
    assert [one["name"] for one in typed] == ["search"]
    asked = do_many(clinician, tick, act="hand-over")
    assert asked.status == 200
    assert [one["value"] for one in asked.elements("input", name="chosen")] == [tick]
    assert {one["name"] for one in asked.elements("select")} == {"act", "to"}
    assert "govuk-error-summary" not in asked.text
    assert len(asked.elements("input", name="words")) == 1


def test_nothing_ticked_is_told(desk: Staff) -> None:
    assert do_many(desk, act="take").status == 422


def test_labels_are_for_everybody_and_letters_for_clinicians(
    app: Flask, desk: Staff, clinician: Staff
) -> None:
    picked = [f"{arrives(app)}.1", f"{arrives(app)}.1"]
    clinician.comes_in()
    for who, act, status in ((desk, "labels", 200), (desk, "letters", 409), (clinician, "letters", 200)):
        data = {"csrf_token": who.token(), "chosen": picked, "act": act}
        response = who.client.post("/staff/requests/many", data=data)
        assert response.status_code == status
        assert (response.mimetype == "application/pdf") == (status == 200)
