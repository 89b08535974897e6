"""The page of one request: what is shown, what is offered, what is refused and what is kept."""

from __future__ import annotations

import re
from datetime import timedelta
from inspect import signature

import pytest
from flask import Flask
from markupsafe import escape

from screening.core.paper_words import FILLED_IN_BY
from screening.desk import queues
from screening.staff import desk_words, refusals
from screening.staff.actions import ACTIONS
from tests.actors import Clock, Page
from tests.conftest import MakeApp
from tests.desk.making import desk_of
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at, books, decide, fill, rows, send


def test_reception_sees_whom_to_call_and_what_the_rules_say_to_it(app: Flask, desk: Staff) -> None:
    reference = arrives(app, **TWO_FLAGS)
    page = desk.go(at(reference))
    assert "020 7946 0018" in page.text
    assert "31 March 1950" in page.text
    assert "arfarin" not in page.text
    assert [one for one in page.elements("a") if str(one.get("href")).endswith("/review")] == []


def test_a_carer_who_filled_it_in_is_said_to_have_done_so(app: Flask, desk: Staff) -> None:
    carer = {"for_whom": "someone_else", "representative_name": "Anna Brown <i>"}
    page = desk.go(at(arrives(app, **carer)))
    told = [value for value in rows_of(page) if "Anna Brown <i>" in value]
    assert len(told) == 2  # her answer, and who filled it in
    assert FILLED_IN_BY in page.text  # as letters and the clinician's page say it
    assert FILLED_IN_BY not in desk.go(at(arrives(app))).text


def rows_of(page: Page) -> list[str]:
    """The values of its summary lists, as they are written."""
    return re.findall(r"<dd[^>]*>(.*?)</dd>", page.text, re.DOTALL)


def test_health_answers_are_shown_where_the_clinic_says_so(make_app: MakeApp, clock: Clock) -> None:
    app = make_app(reception_sees_health=True)
    who = Staff(app, clock, ("reception",))
    who.comes_in()
    assert "arfarin" in who.go(at(arrives(app, **TWO_FLAGS))).text


@pytest.mark.parametrize("reference", ["ABC-DEF-GHJK", "nonsense", "%00", "222-222-2222"])
@pytest.mark.parametrize("page", ["", "note", "history", "nonsense", "questions/x"])
def test_a_request_that_is_not_there_is_404(desk: Staff, reference: str, page: str) -> None:
    assert desk.go(at(reference, page)).status == 404


def test_only_what_is_possible_is_offered(app: Flask, desk: Staff) -> None:
    def offered(reference: str) -> set[str]:
        page = desk.go(at(reference))
        found = [
            str(one.get("href") or one.get("action")) for one in page.elements("a") + page.elements("form")
        ]
        return {name for name in ACTIONS if at(reference, name) in found}

    flagged, plain = arrives(app, **TWO_FLAGS), arrives(app, name="Somebody Else")
    assert {"take", "call", "note", "raise", "to-review", "ask-to-close"} <= offered(flagged)
    assert not {"ready", "book", "close", "withdraw", "send-back", "reopen"} & offered(flagged)
    assert {"ready", "close", "withdraw"} <= offered(plain)
    assert not {"ask-to-close", "unbook", "not-urgent", "send-back"} & offered(plain)


@pytest.mark.parametrize("name", sorted(ACTIONS.keys() - {"book", "hand-over"}))  # need more
def test_a_form_gives_what_the_function_of_its_action_takes(app: Flask, name: str) -> None:
    action = ACTIONS[name]
    with app.test_request_context():
        given = action.form().given
    assert sorted(given) == sorted(list(signature(action.do).parameters)[4:])


@pytest.mark.parametrize("action", ["ready", "book", "unbook", "send-back", "back-to-review", "reopen"])
def test_what_is_not_possible_now_is_refused_and_says_what_is(app: Flask, desk: Staff, action: str) -> None:
    reference = arrives(app, **TWO_FLAGS)
    page = desk.go(at(reference, action))
    assert page.status == 409
    assert at(reference, "note") in [one.get("href") for one in page.elements("a")]
    typed = {"on__day": "1", "on__month": "2", "on__year": "2027", "place": "Room 1", "reason": "x"}
    typed |= {"what": "consultation", "known": "y", "side": "y"}
    refused = send(desk, at(reference, action), desk.go(at(reference)), next_step="x", **typed)
    assert refused.status == 409
    assert "href" in str(refused.elements("a"))
    assert queues.queue(desk_of(app), desk.person).rows[0].version == 1


def test_what_is_refused_says_what_is_in_the_way_and_who_clears_it_from_every_status(
    app: Flask, desk: Staff
) -> None:
    flagged, worded = arrives(app, **TWO_FLAGS), arrives(app, name="Bert Birke", anything_else="On warfarin")
    passed, closed = arrives(app, name="Carla Cypress"), arrives(app, name="Dora Dahlia")
    fill(desk, at(passed, "to-review"))
    fill(desk, at(closed, "close"), reason="patient_declined")
    for reference, said in (
        (flagged, refusals.NEEDS["no open flag"]),
        (worded, refusals.NEEDS["everything read"]),
        (passed, refusals.IN_REVIEW),
        (closed, refusals.FINISHED),
    ):
        assert str(escape(said)) in desk.go(at(reference, "book")).text


def test_each_kind_of_request_shows_its_next_step_and_nobody_is_led_to_a_refusal(
    app: Flask, desk: Staff, doctor: Staff
) -> None:
    flagged, clean = arrives(app, **TWO_FLAGS), arrives(app, name="Other Person")
    for who, reference in ((desk, flagged), (doctor, flagged), (desk, clean), (doctor, clean)):
        buttons = [link for link in who.go(at(reference)).elements("a") if "data-next-step" in link]
        assert len(buttons) == (0 if (who, reference) == (desk, flagged) else 1)
        assert all(who.go(str(button["href"])).status == 200 for button in buttons)


def test_the_number_to_ring_stands_above_what_is_to_be_done(app: Flask, desk: Staff) -> None:
    page = desk.go(at(arrives(app, phone="020 7946 0001"))).text
    assert page.index("tel:") < page.index("data-next-step")


def test_calls_notes_identity_and_urgency_are_kept_with_who_did_it(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    fill(desk, at(reference, "call"), outcome="no_answer", note="Will try at 4")
    fill(desk, at(reference, "note"), note="<script>alert(1)</script>\nsecond line")
    fill(desk, at(reference, "identity"), checked="yes", how="Name and address")
    fill(desk, at(reference, "urgent"), reason="GP rang")
    page = desk.go(at(reference))
    for words in ("Will try at 4", "second line", "Name and address", "GP rang", desk.name):
        assert words in page.text
    raw = page.response.get_data(as_text=True)
    assert "<script>alert" not in raw
    assert fill(desk, at(reference, "not-urgent"), reason="Sorted").status == 200


@pytest.mark.parametrize(
    ("action", "typed"),
    [
        ("note", {"note": "  "}),
        ("note", {"note": "x" * 2001}),
        ("call", {"note": "x"}),
        ("call", {"outcome": "nonsense"}),
        ("urgent", {}),
        ("identity", {"checked": "perhaps"}),
        ("close", {}),
        ("hand-over", {"to": "nobody"}),
        ("duplicate", {"reference": ""}),
    ],
)
def test_a_form_with_a_mistake_comes_back_and_changes_nothing(
    app: Flask, desk: Staff, action: str, typed: dict[str, str]
) -> None:
    reference = arrives(app)
    page = fill(desk, at(reference, action), **typed)
    assert page.status == 422
    assert [one for one in page.elements("a") if str(one.get("href")).startswith("#")][1:]
    assert queues.queue(desk_of(app), desk.person).rows[0].version == 1


def test_the_clinics_own_number_is_offered_at_the_door_and_not_to_who_sits_beside_that_phone(
    app: Flask, desk: Staff
) -> None:
    inside, outside = desk.go(), Page(app.test_client().get("/staff/sign-in"))
    offered = [page.elements("p", **{"class": "clinic-footer__help"}) for page in (inside, outside)]
    assert [len(found) for found in offered] == [0, 1]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("no_answer", 422), ("wrong_number", 422), ("left_message", 200), ("reached", 200)],
)
def test_only_who_was_told_can_be_waited_for(
    app: Flask, desk: Staff, doctor: Staff, outcome: str, status: int
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    decide(doctor, reference, "blood_thinners", "ask_patient", question="Which dose?")
    page = fill(desk, at(reference, "call"), outcome=outcome, asked="y", note="Half a thought")
    assert page.status == status
    assert "Half a thought" in page.text


@pytest.mark.parametrize("told", [{"told": "Takes apixaban now"}, {"flag": "blood_thinners"}])
def test_nothing_different_is_not_said_beside_what_is_different(
    app: Flask, desk: Staff, clock: Clock, told: dict[str, str]
) -> None:
    reference = arrives(app)
    books(desk, reference, clock.now.date() + timedelta(days=60))
    path = at(reference, "ask-again")
    assert fill(desk, path, changed="no", **told).status == 422
    assert fill(desk, path, changed="no").status == 200


def test_two_colleagues_of_one_name_are_told_apart_wherever_one_is_chosen(
    app: Flask, desk: Staff, clock: Clock
) -> None:
    reference = arrives(app)
    both = [
        Staff(app, clock, ("reception",), name="Rita Moss", email=f"rita{number}@clinic.example")
        for number in (1, 2)
    ]
    for path in ("/staff/requests", "/staff/away", at(reference, "hand-over")):
        said = desk.go(path).text
        assert [one.email for one in both if one.email not in said] == []


def test_somebody_always_owns_what_was_handed_over(app: Flask, desk: Staff, doctor: Staff) -> None:
    reference = arrives(app)
    fill(desk, at(reference, "take"))
    fill(desk, at(reference, "hand-over"), to=doctor.id, note="Yours")
    assert rows(doctor.go(f"/staff/requests?owner={doctor.id}")) == [reference]


def test_a_finished_request_can_be_opened_again(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    fill(desk, at(reference, "close"), reason="patient_declined", note="By phone")
    assert rows(desk.go("/staff/requests")) == []
    fill(desk, at(reference, "reopen"), reason="Changed their mind")
    fill(desk, at(reference, "withdraw"), reason="Again")
    assert rows(desk.go("/staff/requests?status=withdrawn")) == [reference]


def test_what_led_to_the_status_of_its_name_is_said_once(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    fill(desk, at(reference, "close"), reason="patient_declined")
    fill(desk, at(reference, "reopen"), reason="Changed their mind")
    history = desk.go(at(reference, "history")).text
    with app.test_request_context():
        closed, opened = (desk_words.word(desk_words.HISTORY, name) for name in ("closed", "reopened"))
    assert f"{closed} →" not in history
    assert f"{opened} →" in history


def test_the_history_says_who_looked(app: Flask, doctor: Staff, auditor: Staff) -> None:
    reference = arrives(app)
    doctor.go(at(reference, "review"))
    auditor.comes_in()
    assert doctor.name in auditor.go(at(reference, "history")).text
    assert auditor.go(at(reference)).status == 403
