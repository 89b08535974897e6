"""A half-filled form is handed over to a colleague at another computer; two people in one lose nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from screening.core.entries import SPOKEN
from screening.core.errors import Refused
from screening.desk import audit, forms_begun, opened_request
from screening.service.witness import is_believed, running
from screening.storage.database import reading, writing
from screening.storage.sealing.tokens import DraftToken
from screening.storage.tables import drafts
from screening.web.door import service_of
from tests.actors import Clock, Page, Patient
from tests.desk.making import AUDREY, RITA, ROB, desk_of
from tests.staff.actors import Staff
from tests.staff.desk import arrives, at, body
from tests.staff.entering import ENTRY, RULES, fill_in, form_of, go_on, hidden, opened, send
from tests.usual import TREATMENT

ANNA = "Anna Ahorn"
RIGHT = next(one.label for one in RULES.by_id["side"].answers if one.id == "right")
LEFT = next(one.label for one in RULES.by_id["side"].answers if one.id == "left")


@pytest.fixture
def rita(reception: Staff) -> Staff:
    """Signed in at one computer."""
    reception.comes_in()
    return reception


@pytest.fixture
def bob(app: Flask, clock: Clock) -> Staff:
    """Signed in at another."""
    found = Staff(app, clock, ("reception",), name="Bob Reception", email="bob@clinic.example")
    found.comes_in()
    return found


@pytest.fixture
def half(rita: Staff) -> Page:
    """The page with the side, of a form that Rita began for Anna."""
    return fill_in(rita, "pain_where", name=ANNA)


def test_a_form_is_there_when_the_clock_was_put_right(rita: Staff, half: Page, clock: Clock) -> None:
    service = service_of(rita.app)
    with writing(service.engine) as connection:
        is_believed(connection, clock(), running())
    clock.forward(hours=3)
    rita.comes_in()
    assert rita.go(half.path).path == half.path


def page_of(form: Page, name: str) -> str:
    """The address of another page of the same form."""
    return form.path.rsplit("/", 1)[0] + (f"/{name}" if name else "")


def take(who: Staff, held: Page) -> Page:
    """Press the button of a page that offers it, with all that it carries."""
    (form,) = [one for one in held.elements("form") if str(one.get("action", "")).endswith("/who-has-it")]
    fields: dict[str, list[str]] = {}
    for one in held.elements("input", type="hidden"):
        fields.setdefault(str(one["name"]), []).append(str(one["value"]))
    return Page(who.client.post(str(form["action"]), data=fields, follow_redirects=True))


def side_on(page: Page) -> str:
    """The side that is chosen on a page."""
    return next(side for side in ("left", "right") if side in page.checked)


def looks(who: Staff, form: Page) -> str:
    """What the script of an open question is told about who else looks."""
    return str(who.client.get(page_of(form, "looking?typing=y")).json["text"])  # type: ignore[index]  # it is JSON


def test_what_is_put_aside_is_opened_finished_and_sent_at_another_computer(
    rita: Staff, bob: Staff, half: Page
) -> None:
    aside = hidden(half) | opened(half) | {"answer-side": "right", "then": "park"}
    rita.client.post(half.path, data=aside)
    listed = bob.go("/staff/entry")
    assert ANNA in body(listed)
    assert rita.name in body(listed)
    (link,) = [one for one in listed.elements("a") if str(one.get("href", "")).endswith("/who-has-it")]
    page = take(bob, bob.go(str(link["href"])))
    assert page.path == half.path
    assert page.checked == ["right"]  # also what was half typed
    reference = Patient(bob.app).reference(send(bob, fill_in(bob, page=page, side="right")))
    found = opened_request.request(desk_of(bob.app), RITA, reference)
    assert [(line.entry, line.by_name) for line in found.entries] == [(SPOKEN, bob.name)]
    acts = [(line.who, line.action) for line in audit.history(desk_of(bob.app), AUDREY, reference)]
    assert (bob.name, "entry_taken_over") in acts
    assert (bob.name, "entry_list_read") in acts
    assert not bob.go("/staff/entry").elements("table")


def test_it_is_handed_over_with_what_stands_on_the_page(rita: Staff, bob: Staff, half: Page) -> None:
    leave = hidden(half) | opened(half) | {"answer-side": "right", "then": "hand-over"}
    asked = Page(rita.client.post(half.path, data=leave, follow_redirects=True))
    assert asked.name == "hand-over"
    nobody = Page(rita.client.post(asked.path, data=hidden(asked)))
    assert nobody.status == 422
    done = Page(rita.client.post(asked.path, data=hidden(asked) | {"to": bob.id}, follow_redirects=True))
    assert done.path == "/staff/entry"
    page = bob.go(half.path)  # it is his already: nothing to take over
    assert (page.path, page.checked) == (half.path, ["right"])
    assert rita.go(half.path).name == "who-has-it"
    assert rita.go(asked.path).name == "who-has-it"


def test_whoever_was_handed_one_is_told_beside_the_lists(rita: Staff, bob: Staff, half: Page) -> None:
    def links(who: Staff) -> int:
        return len(who.go("/staff/requests").elements("a", href="/staff/entry"))

    assert links(rita) == links(bob) + 1
    rita.client.post(page_of(half, "hand-over"), data=hidden(half) | {"to": bob.id})
    assert links(bob) == links(rita) + 1


def test_the_second_at_a_form_is_told_who_has_it_and_changes_nothing_by_looking(
    rita: Staff, bob: Staff, half: Page
) -> None:
    for name in ("pain_where", "check-your-answers", "delete-the-answers", ""):
        held = bob.go(page_of(half, name))
        assert held.name == "who-has-it"
        assert rita.name in body(held)
        assert ANNA in body(held)
    forged = hidden(half) | {"csrf_token": held.token, "to": bob.id}
    assert bob.client.post(page_of(half, "hand-over"), data=forged).status_code == 303
    assert bob.client.post(page_of(half, "delete-the-answers"), data=forged).status_code == 409
    assert rita.go(half.path).path == half.path


def test_what_the_first_typed_is_shown_with_what_stands_there_now_and_put_back_by_choice(
    rita: Staff, bob: Staff, half: Page
) -> None:
    mine = take(bob, bob.go(page_of(half, "who-has-it")))
    go_on(bob, mine, side="left")
    stale = go_on(rita, half, side="right")
    assert stale.status == 409
    for words in (bob.name, RIGHT, LEFT):
        assert words in body(stale)
    assert side_on(bob.go(half.path)) == "left"
    again = take(rita, stale)  # and Bob is told in turn
    assert (again.path, side_on(again)) == (half.path, "right")
    check = Page(bob.client.post(page_of(half, "check-your-answers"), data=hidden(mine)))
    assert check.status == 409
    assert rita.name in body(check)
    assert side_on(rita.go(half.path)) == "left"  # shown to her once, and saved by nobody


def test_who_takes_over_from_another_than_the_page_said_is_asked_again(
    app: Flask, clock: Clock, bob: Staff, half: Page
) -> None:
    cleo = Staff(app, clock, ("clinician",), name="Cleo Clinician", email="cleo@clinic.example")
    cleo.comes_in()
    seen = bob.go(page_of(half, "who-has-it"))
    take(cleo, cleo.go(page_of(half, "who-has-it")))
    asked = take(bob, seen)
    assert asked.status == 409
    assert cleo.name in body(asked)
    assert cleo.go(half.path).path == half.path
    assert take(bob, asked).path == half.path


def test_what_is_saved_sent_or_deleted_in_the_moment_of_taking_over_is_not(
    rita: Staff, bob: Staff, half: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = service_of(rita.app)
    before = forms(rita.app)[0]
    with writing(service.engine) as connection:
        connection.execute(update(drafts).values(held_by=bob.id))
    with monkeypatch.context() as slow:  # the page was read before, and is written now
        slow.setattr(type(service), "visit", lambda _self, _treatment, _token: before)
        assert rita.client.post(half.path, data=form_of(half)).status_code == 409
        assert rita.client.post(page_of(half, "delete-the-answers"), data=hidden(half)).status_code == 409
    assert forms(rita.app)[0].answers == before.answers


def test_what_was_sent_in_the_moment_of_taking_over_is_nobodys_to_take(rita: Staff, half: Page) -> None:
    desk, before = desk_of(rita.app), forms(rita.app)[0]
    assert before.held_by == rita.id
    send(rita, fill_in(rita, page=half, side="right"))
    assert not forms_begun.pass_on(desk, RITA, before, RITA.id, rita.id)


@pytest.mark.usefixtures("half")
def test_what_a_colleague_holds_is_handed_to_nobody_else(rita: Staff, bob: Staff) -> None:
    (held,) = forms(rita.app)
    with pytest.raises(Refused):
        forms_begun.pass_on(desk_of(rita.app), ROB, held, bob.id, rita.id)
    assert [one.held_by for one in forms(rita.app)] == [rita.id]


def forms(app: Flask) -> list[Any]:
    """As the list has them."""
    return forms_begun.waiting(desk_of(app), RITA)


def test_who_has_it_open_is_on_the_page_and_in_the_row_and_gone_when_they_leave(
    rita: Staff, bob: Staff, half: Page, clock: Clock
) -> None:
    def row(who: Staff) -> str:
        return str(who.client.get("/staff/requests/looking").json["rows"].get(draft, ""))  # type: ignore[index]  # it is JSON

    rita.go(half.path)
    draft = half.path.split("/")[-2]
    assert rita.name in body(bob.go(page_of(half, "who-has-it")))
    assert bob.name in looks(rita, half)
    assert rita.name in row(bob)
    assert bob.go("/staff/entry").elements("span", **{"data-looks": draft})
    token = {"csrf_token": half.token}
    assert rita.client.post(page_of(half, "left"), data=token).status_code == 204
    assert row(bob) == ""
    assert bob.name in looks(rita, half)
    looks(bob, half)
    clock.forward(seconds=11)
    assert bob.name not in looks(rita, half)  # he closed the page, and could not say so


def test_the_open_page_of_the_first_says_that_it_was_taken_over(rita: Staff, bob: Staff, half: Page) -> None:
    assert looks(rita, half) == ""
    take(bob, bob.go(page_of(half, "who-has-it")))
    bob.client.post(page_of(half, "left"), data={"csrf_token": half.token})
    assert bob.name in looks(rita, half)


@pytest.mark.parametrize("said", ["Ahorn", "anna 31/03/1950", "Ahorrn", "1234567"])
def test_who_calls_again_is_found_while_their_form_is_filled_in(bob: Staff, half: Page, said: str) -> None:
    found = bob.post("/staff/requests/find", {"search": said})
    hits = found.elements("a", href=page_of(half, "who-has-it"))
    assert len(hits) == (said != "1234567")
    assert (ANNA in body(found)) is (said != "1234567")


def test_whoever_begins_a_form_for_a_colleagues_patient_is_shown_that_form_and_what_is_open(
    app: Flask, bob: Staff, half: Page
) -> None:
    reference = arrives(app, name=ANNA)
    another = arrives(app, name="Anna Apfel")
    other = fill_in(bob, "pain_where", name="Anna Apfel")
    assert not other.elements("a", href=page_of(half, "who-has-it"))
    assert other.elements("a", href=at(another))
    mine = fill_in(bob, "pain_where", name=ANNA)
    check = fill_in(bob, page=mine, name=ANNA)
    for page in (mine, check):
        assert page.elements("a", href=page_of(half, "who-has-it"))
        assert page.elements("a", href=at(reference))
        assert not page.elements("a", href=at(another))
    assert not half.elements("a", href=at(reference))  # as it was shown before there was any


def test_nothing_is_handed_over_to_somebody_who_is_away(
    rita: Staff, bob: Staff, clinician: Staff, half: Page
) -> None:
    rita.post("/staff/away", {"whose": bob.id, "stand_in": clinician.id})
    asked = rita.go(page_of(half, "hand-over"))
    offered = {str(one["value"]) for one in asked.elements("option")}
    assert (bob.id in offered, clinician.id in offered) == (False, True)
    refused = rita.client.post(asked.path, data=hidden(asked) | {"to": bob.id})
    assert refused.status_code == 422


def test_what_expired_is_nobodys(bob: Staff, half: Page, clock: Clock) -> None:
    clock.forward(minutes=61)
    bob.comes_in()
    for path in ("/staff/entry", half.path, page_of(half, "who-has-it"), page_of(half, "hand-over")):
        found = bob.go(path)
        assert found.path == "/staff/entry"
        assert ANNA not in body(found)


def test_colleagues_of_other_roles_see_none_of_it(manager: Staff, half: Page) -> None:
    manager.comes_in()
    for path in ("/staff/entry", half.path, page_of(half, "who-has-it"), page_of(half, "looking")):
        assert manager.go(path).status == 403
    data = {"csrf_token": manager.token()}
    assert manager.client.post(page_of(half, "who-has-it"), data=data).status_code == 403


def test_what_a_patient_fills_in_is_not_there_for_staff(app: Flask, rita: Staff, patient: Patient) -> None:
    patient.answer("for_whom", "me")
    assert not rita.go("/staff/entry").elements("table")
    held = patient.client.get_cookie("draft", path=f"/{TREATMENT}")
    assert held is not None
    key = DraftToken.decode(held.value)
    assert key is not None
    for path in ("name", "who-has-it", "hand-over", "check-your-answers"):
        assert rita.go(f"{ENTRY}/{key.public_id}/{path}").path == "/staff/entry"
    rita.client.set_cookie(f"draft-{key.public_id}", held.value, path="/staff/entry")  # as an older program's
    assert rita.go(f"{ENTRY}/{key.public_id}/name").path == "/staff/entry"
    assert not rita.go("/staff/entry").elements("table")
    with reading(service_of(app).engine) as connection:
        assert [row.sealed_token for row in connection.execute(drafts.select())] == [None]


def gives_key(who: Staff) -> None:
    """This browser holds the key of the one form there is, as an older program's did."""
    (visit,) = forms(who.app)
    who.client.set_cookie(f"draft-{visit.token.public_id}", visit.token.encode(), path="/staff/entry")


def test_a_form_whose_key_an_older_program_gave_one_browser_is_everybodys_once_it_is_shown(
    rita: Staff, bob: Staff, half: Page
) -> None:
    gives_key(bob)  # whose computer Rita had begun it at
    with writing(service_of(rita.app).engine) as connection:
        connection.execute(update(drafts).values(public_id=None, sealed_token=None, held_by=None))
    assert rita.go(half.path).path == "/staff/entry"
    assert bob.go(half.path).name == "who-has-it"
    assert rita.go(half.path).path == half.path  # who began it goes on with it


def test_a_key_that_an_older_program_left_takes_no_form_back_from_a_colleague(
    rita: Staff, bob: Staff, half: Page
) -> None:
    take(bob, bob.go(page_of(half, "who-has-it")))
    gives_key(rita)
    rita.go("/staff/entry")
    assert bob.go(half.path).path == half.path


def test_what_was_typed_in_a_session_that_ended_is_shown_when_a_colleague_took_over_since(
    rita: Staff, bob: Staff, half: Page, clock: Clock
) -> None:
    clock.forward(minutes=16)
    assert rita.client.post(half.path, data=form_of(half, side="right")).status_code == 401
    bob.comes_in()
    take(bob, bob.go(page_of(half, "who-has-it")))
    rita.comes_in()
    shown = rita.go(half.path)
    assert shown.status == 409
    assert RIGHT in body(shown)
    again = take(rita, shown)
    assert (again.path, side_on(again)) == (half.path, "right")
