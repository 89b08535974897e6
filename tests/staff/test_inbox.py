"""Reception's queue and one request: what is shown, what may be done, what is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from markupsafe import escape

from screening.accounts.access import StaffPerson
from screening.core import waiting, workflow
from screening.desk import audit, queues
from screening.desk.bookings import SIDE_CONFIRMED
from screening.exports import FORMATS
from screening.staff import desk_words, owners, refusals, request_page
from screening.staff.actions import ACTIONS, ON_PAGES, action_for_move
from tests.actors import Clock, Page
from tests.conftest import MakeApp
from tests.desk.making import AUDREY, RITA
from tests.every_page import BY_MAIL
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at, body, decide, fill, identify, rows, send


@pytest.fixture
def desk(reception: Staff) -> Staff:
    """Reception, signed in."""
    reception.comes_in()
    return reception


@pytest.fixture
def doctor(clinician: Staff) -> Staff:
    """A clinician, signed in."""
    clinician.comes_in()
    return clinician


@pytest.mark.parametrize(
    ("words", "core"),
    [
        (desk_words.DECISIONS, workflow.DECISIONS),
        (desk_words.CALL_OUTCOMES, workflow.CALL_OUTCOMES),
        (desk_words.CLOSE_REASONS, workflow.CLOSE_REASONS),
        (desk_words.FORMATS, tuple(FORMATS)),
    ],
)
def test_each_of_the_cores_names_has_words(words: dict[str, object], core: tuple[str, ...]) -> None:
    assert set(words) == set(core)


def test_each_move_of_the_workflow_has_a_page() -> None:
    without = {move.name for move in workflow.MOVES if action_for_move(move.name) is None}
    assert without == ON_PAGES


# The queue


def test_the_queue_shows_what_reception_needs_and_no_answer_about_health(app: Flask, desk: Staff) -> None:
    arrives(app, **TWO_FLAGS, needs=["interpreter"], needs_words="Punjabi")
    page = desk.go("/staff/requests")
    assert "Sam Example" in page.text
    with app.test_request_context():
        (row,) = queues.queue(app.extensions["desk"], RITA).rows
        assert desk_words.due_because(row) in page.text
    assert "Punjabi" in page.text
    assert "arfarin" not in page.text


def test_the_longest_waiting_comes_first_unless_asked_otherwise(
    app: Flask, desk: Staff, clock: Clock
) -> None:
    first = arrives(app)
    clock.forward(minutes=5)
    second = arrives(app)
    assert rows(desk.go("/staff/requests")) == [first, second]
    assert rows(desk.go("/staff/requests?sort=newest")) == [second, first]


def test_the_address_filters(app: Flask, desk: Staff, clock: Clock) -> None:
    old = arrives(app)
    clock.forward(minutes=14)
    mine = arrives(app)
    fill(desk, at(mine, "take"))
    assert rows(desk.go(f"/staff/requests?owner={desk.id}")) == [mine]
    assert rows(desk.go("/staff/requests?owner=nobody")) == [old]
    assert rows(desk.go("/staff/requests?status=booked")) == []
    assert rows(desk.go("/staff/requests?treatment=example-knee-injection")) == []


def test_what_somebody_owns_who_works_here_no_more_says_so_and_is_one_filter_away(
    app: Flask, desk: Staff, doctor: Staff, manager: Staff
) -> None:
    theirs, other = arrives(app), arrives(app, name="Somebody Else")
    fill(desk, at(theirs, "take"))
    manager.comes_in()
    manager.post(f"/staff/people/{desk.id}/disable")
    address, gone = f"/staff/requests?owner={desk.id}", str(escape(owners.gone(desk.name)))
    everything = doctor.go("/staff/requests")
    assert set(rows(everything)) == {theirs, other}
    assert everything.text.count(gone) == 2  # beside the row, and among the owners to choose from
    assert rows(doctor.go(address)) == [theirs]
    assert doctor.go(address.replace("?", f"/changed?seen={theirs}.2&")).response.json == {"text": ""}
    fill(doctor, at(theirs, "take"))
    assert gone not in doctor.go("/staff/requests").text
    assert rows(doctor.go(address)) == []


def test_each_list_is_a_link_that_holds_what_waits_for_the_same_thing(app: Flask, desk: Staff) -> None:
    flagged, plain = arrives(app, **TWO_FLAGS), arrives(app, name="Other Person")
    page = desk.go("/staff/requests")
    for name in waiting.ALL_LISTS:
        address = f"/staff/requests?list={name}"
        assert page.elements("a", href=address)
        expected = {"to_review": [flagged], "to_book": [plain]}.get(name, [])
        assert rows(desk.go(address)) == expected
    assert "31 Mar 1950" in body(page)


def test_what_cannot_be_chosen_filters_nothing(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    page = desk.go("/staff/requests?list=nonsense&status=nonsense&waiting=99&owner=%27&sort=x&after=")
    assert rows(page) == [reference]


@pytest.mark.parametrize("after", ["nonsense", "~", "9" * 400, "é"])
def test_a_made_up_place_in_the_queue_is_no_crash(desk: Staff, after: str) -> None:
    assert desk.go(f"/staff/requests?after={after}").status in (200, 422)


def test_overdue_ones_are_counted_and_can_be_shown_alone(app: Flask, desk: Staff, clock: Clock) -> None:
    late = arrives(app)
    clock.forward(days=10)
    desk.go()
    desk.comes_in()
    arrives(app)
    assert rows(desk.go("/staff/requests?overdue=y")) == [late]


def test_pages_lead_forward_and_back(app: Flask, desk: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "queue", partial(queues.queue, size=1))
    three = {arrives(app) for _ in range(3)}
    page, seen = desk.go("/staff/requests"), []
    for _ in range(3):
        seen += rows(page)
        following = page.elements("a", rel="next")
        page = desk.go(str(following[0]["href"])) if following else page
    assert set(seen) == three
    back = desk.go(str(page.elements("a", rel="prev")[0]["href"]))
    assert rows(back) == [seen[1]]
    assert rows(desk.go(str(back.elements("a", rel="prev")[0]["href"]))) == [seen[0]]


def test_the_way_back_leads_to_the_list_and_the_row_that_one_came_from(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    fill(desk, at(reference, "take"))
    address = f"/staff/requests?list=to_book&owner={desk.id}"
    assert rows(desk.go(address)) == [reference]
    fill(desk, at(reference, "note"), note="Rang")
    links = desk.go(at(reference)).elements("a", href=f"{address}#at-{reference}")
    assert len(links) == 1
    assert desk.go(address).elements("a", id=f"at-{reference}")


def test_what_only_waits_for_its_day_is_out_of_the_way_until_looked_for(app: Flask, desk: Staff) -> None:
    waiting_, settled = arrives(app, name="Other Person"), arrives(app)
    fill(desk, at(settled, "ready"))
    identify(desk, settled)
    when = {"on__day": "3", "on__month": "3", "on__year": "2027"}
    fill(desk, at(settled, "book"), **when, place="Room 7", what="consultation", side="y")
    assert rows(desk.go("/staff/requests")) == [waiting_]
    assert rows(desk.go("/staff/requests?list=booked")) == [settled]
    assert set(rows(desk.go("/staff/requests?status=open"))) == {waiting_, settled}


def test_a_row_says_whose_it_is_how_old_they_are_and_how_to_ring(app: Flask, desk: Staff) -> None:
    reference = arrives(app, birth_date="1950-12-31")
    fill(desk, at(reference, "take"))
    page = desk.go("/staff/requests")
    assert page.elements("a", href="tel:+442079460018")
    assert "75, 31 Dec 1950" in body(page)
    assert desk.name in body(page)


# Searching


@pytest.mark.parametrize("words", ["sam example", "31 3 1950", "020 7946 0018"])
def test_a_search_finds_and_leaves_no_trace_in_the_address(app: Flask, desk: Staff, words: str) -> None:
    reference = arrives(app)
    arrives(app, name="Other Person", birth_date="1960-01-01", phone="020 7946 0999")
    page = desk.post("/staff/requests/find", {"search": words})
    assert rows(page) == [reference]
    address = page.response.request.full_path
    assert "Example" not in address
    assert "1950" not in address
    assert "7946" not in address


def test_a_reference_leads_straight_to_its_request(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    assert desk.post("/staff/requests/find", {"search": reference.replace("-", " ").lower()}).path == at(
        reference
    )


def test_a_search_belongs_to_the_person_and_ends(
    app: Flask, desk: Staff, doctor: Staff, clock: Clock
) -> None:
    arrives(app)
    address = desk.post("/staff/requests/find", {"search": "sam"}).response.request.full_path
    assert desk.go(address).status == 200
    assert doctor.go(address).status == 422
    assert desk.go(address[:-3]).status == 422
    clock.forward(hours=13)
    desk.go()
    desk.comes_in()
    assert desk.go(address).status == 422


# One request


def test_reception_sees_whom_to_call_and_what_the_rules_say_to_it(app: Flask, desk: Staff) -> None:
    reference = arrives(app, **TWO_FLAGS)
    page = desk.go(at(reference))
    assert "020 7946 0018" in page.text
    assert "31 March 1950" in page.text
    assert "arfarin" not in page.text
    assert [one for one in page.elements("a") if str(one.get("href")).endswith("/review")] == []


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
    assert queues.queue(app.extensions["desk"], _person(desk)).rows[0].version == 1


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


def _person(who: Staff) -> StaffPerson:
    return StaffPerson(who.id, who.name, who.email, frozenset(who.roles))


def test_reception_books_what_needs_no_review(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    fill(desk, at(reference, "ready"))
    identify(desk, reference)
    wrong = fill(desk, at(reference, "book"), on__day="31", on__month="2", on__year="2027", place="")
    assert wrong.status == 422
    assert wrong.value("on-day") == "31"
    when = {"on__day": "3", "on__month": "3", "on__year": "2027", "at": "9.30"}
    page = fill(desk, at(reference, "book"), **when, place="Room 7", what="consultation", side="y")
    assert page.path == at(reference)
    assert "3 March 2027, 09:30, Room 7" in page.text
    fill(desk, at(reference, "unbook"), reason="Snow")
    assert "Room 7" not in body(desk.go(at(reference))).split("Notes")[0]


def test_a_clean_request_is_booked_from_its_next_step_in_one_form(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    page = desk.go(at(reference))
    (button,) = [link for link in page.elements("a") if "data-next-step" in link]
    assert button["href"] == at(reference, "book")
    when = {"on__day": "3", "on__month": "3", "on__year": "2027", "at": "9.30", "what": "consultation"}
    unchecked = fill(desk, at(reference, "book"), **when, place="Room 7")
    assert unchecked.status == 422  # nobody said who it is
    booked = fill(desk, at(reference, "book"), **when, place="Room 7", known="y", side="y")
    assert "3 March 2027, 09:30, Room 7" in booked.text
    assert rows(desk.go(f"/staff/requests?list=booked&owner={desk.id}")) == [reference]
    calendar = desk.go(at(reference, "appointment.ics"))
    assert b"DTSTART:20270303T093000Z" in calendar.response.data
    again = desk.go(at(reference, "book"))
    assert "3 March 2027, 09:30, Room 7" in again.text
    assert not again.elements("input", name="known")


def test_who_takes_back_the_identity_check_of_a_booking_is_led_to_another_one(
    app: Flask, desk: Staff, doctor: Staff
) -> None:
    reference = arrives(app)
    when = {"on__day": "3", "on__month": "3", "on__year": "2027", "at": "9.30", "what": "consultation"}
    booked = fill(desk, at(reference, "book"), **when, place="Room 7", known="y", side="y")
    assert [link for link in booked.elements("a") if "data-next-step" in link] == []
    assert rows(desk.go()) == []  # nothing is to be done until the day
    taken_back = fill(doctor, at(reference, "identity"), checked="no", how="It was her sister")
    (button,) = [link for link in taken_back.elements("a") if "data-next-step" in link]
    assert button["href"] == at(reference, "identity")
    for listed in ("", "?list=booked_but_stopped"):
        assert rows(desk.go(f"/staff/requests{listed}")) == [reference]
    again = fill(desk, at(reference, "identity"), checked="yes", how="She gave her address")
    assert rows(desk.go("/staff/requests?list=booked")) == [reference]
    assert [link for link in again.elements("a") if "data-next-step" in link] == []


def test_who_cancels_an_appointment_is_told_how_the_patient_hears_of_it(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    when = {"on__day": "3", "on__month": "3", "on__year": "2027", "at": "9.30", "what": "consultation"}
    fill(desk, at(reference, "book"), **when, place="Room 7", known="y", side="y")
    form = desk.go(at(reference, "unbook"))
    assert str(request_page.TELL_THEM_NOT_TO_COME) in body(form)
    assert str(request_page.TELL_THEM_NOT_TO_COME) in body(fill(desk, at(reference, "unbook"), reason="Snow"))


def test_the_side_is_confirmed_with_the_patient_before_booking_and_that_is_noted(
    app: Flask, desk: Staff
) -> None:
    reference = arrives(app)
    when = {"on__day": "3", "on__month": "3", "on__year": "2027", "what": "consultation", "known": "y"}
    assert fill(desk, at(reference, "book"), **when, place="Room 7").status == 422
    before = desk.go(at(reference)).text
    booked = fill(desk, at(reference, "book"), **when, place="Room 7", side="y").text
    assert SIDE_CONFIRMED in booked
    assert SIDE_CONFIRMED not in before


@pytest.mark.parametrize(
    ("over", "status"), [({"on__day": "22"}, 422), ({"on__day": "23", "at": "08:59"}, 409)]
)
def test_nothing_is_booked_for_a_time_that_is_over(
    app: Flask, desk: Staff, over: dict[str, str], status: int
) -> None:
    reference = arrives(app)
    when = {
        "on__month": "11",
        "on__year": "2026",
        "what": "consultation",
        "known": "y",
        "side": "y",
        "place": "Room 7",
    }
    page = fill(desk, at(reference, "book"), **(when | over))
    assert page.status == status
    assert page.value("on-day") == over["on__day"]
    assert rows(desk.go("/staff/requests?list=booked")) == []


def test_the_clinics_places_and_times_are_offered(make_app: MakeApp, clock: Clock) -> None:
    app = make_app(places="Room 7, first floor", usual_times="09:00, 09:30")
    who = Staff(app, clock, ("reception",))
    who.sign_in()
    page = who.go(at(arrives(app), "book"))
    assert page.value("place") == "Room 7, first floor"
    offered = {option.get("value") for option in page.elements("option")}
    assert {"09:00", "09:30", "Room 7, first floor"} <= offered


def test_each_kind_of_request_shows_its_next_step_and_nobody_is_led_to_a_refusal(
    app: Flask, desk: Staff, doctor: Staff
) -> None:
    flagged, clean = arrives(app, **TWO_FLAGS), arrives(app, name="Other Person")
    for who, reference in ((desk, flagged), (doctor, flagged), (desk, clean), (doctor, clean)):
        buttons = [link for link in who.go(at(reference)).elements("a") if "data-next-step" in link]
        assert len(buttons) == (0 if (who, reference) == (desk, flagged) else 1)
        assert all(who.go(str(button["href"])).status == 200 for button in buttons)


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
    assert queues.queue(app.extensions["desk"], _person(desk)).rows[0].version == 1


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


def test_a_duplicate_is_pointed_out_and_only_a_person_marks_it(app: Flask, desk: Staff) -> None:
    first, second = arrives(app), arrives(app)
    page = desk.go(at(second))
    assert at(first) in [one.get("href") for one in page.elements("a")]
    offered = desk.go(at(second, "duplicate")).elements("input", name="of")
    assert [radio["value"] for radio in offered] == [first]
    assert fill(desk, at(second, "duplicate"), of="ABC-DEF-GHJK").status == 422
    for other in ("ABC-DEF-GHJK", second):
        assert fill(desk, at(second, "duplicate"), reference=other).status == 409
    third = arrives(app)
    assert fill(desk, at(third, "duplicate"), of=first).path == at(third)
    assert fill(desk, at(second, "duplicate"), reference=first.lower()).path == at(second)
    assert rows(desk.go("/staff/requests")) == [first]


def test_a_finished_request_can_be_opened_again(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    fill(desk, at(reference, "close"), reason="patient_declined", note="By phone")
    assert rows(desk.go("/staff/requests")) == []
    fill(desk, at(reference, "reopen"), reason="Changed their mind")
    fill(desk, at(reference, "withdraw"), reason="Again")
    assert rows(desk.go("/staff/requests?status=withdrawn")) == [reference]


def test_the_history_says_who_looked(app: Flask, doctor: Staff, auditor: Staff) -> None:
    reference = arrives(app)
    doctor.go(at(reference, "review"))
    auditor.comes_in()
    assert doctor.name in auditor.go(at(reference, "history")).text
    assert auditor.go(at(reference)).status == 403


# Two at once, and what goes wrong


def test_the_second_of_two_is_told_what_changed_and_keeps_their_words(
    app: Flask, desk: Staff, doctor: Staff
) -> None:
    reference = arrives(app)
    stale = desk.go(at(reference, "call"))
    fill(doctor, at(reference, "note"), note="From the doctor")
    typed = {"outcome": "no_answer", "note": "My long note"}
    refused = send(desk, at(reference, "call"), stale, **typed)
    assert refused.status == 409
    for words in ("My long note", doctor.name, "From the doctor"):  # theirs too, not only that there are some
        assert words in refused.text
    assert "My long note" not in desk.go(at(reference)).text
    again = send(desk, at(reference, "call"), refused, **typed)
    assert again.path == at(reference)
    assert "My long note" in again.text


def test_a_note_does_not_stand_in_the_way_of_a_note(app: Flask, desk: Staff, doctor: Staff) -> None:
    reference = arrives(app)
    stale = desk.go(at(reference, "note"))
    fill(doctor, at(reference, "note"), note="From the doctor")
    both = send(desk, at(reference, "note"), stale, note="From reception")
    assert both.status == 200
    assert "From the doctor" in both.text
    assert "From reception" in both.text
    stale = desk.go(at(reference, "note"))
    fill(doctor, at(reference, "call"), outcome="no_answer")
    assert send(desk, at(reference, "note"), stale, note="Too late").status == 409


@pytest.mark.parametrize("form", ["", "note", "book", "review"])
def test_who_has_a_request_or_a_form_of_it_open_stands_on_forms_and_in_rows_until_they_left(
    app: Flask, desk: Staff, doctor: Staff, form: str
) -> None:
    reference = arrives(app)
    page = doctor.go(at(reference, form))
    assert doctor.name in desk.go(at(reference, "call")).text
    assert not _nobody_looks(desk.go("/staff/requests"))
    assert doctor.name in str(desk.go("/staff/requests/looking").response.json)
    assert doctor.client.post(at(reference, "left"), data={"csrf_token": "another"}).status_code == 400
    doctor.client.post(at(reference, "left"), data={"csrf_token": page.token})
    assert doctor.name not in desk.go(at(reference, "call")).text
    assert _nobody_looks(desk.go("/staff/requests"))


def _nobody_looks(page: Page) -> bool:
    return all("hidden" in line for line in page.elements("span") if "data-looks" in line)


def test_two_requests_stand_side_by_side_and_one_is_chosen_without_typing_its_reference(
    app: Flask, desk: Staff
) -> None:
    first = arrives(app, name="Ada Avery", phone="020 7946 0001")
    second = arrives(app, name="Ada Averi", phone="020 7946 0002")
    (link,) = desk.go(at(first)).elements("a", href=at(first, f"beside/{second}"))
    page = desk.go(str(link["href"]))
    assert page.text.count("govuk-tag--yellow") >= 2  # name and number
    assert "Ada Averi" in page.text
    (mark,) = [one for one in page.elements("a") if "/duplicate" in str(one.get("href"))]
    form = desk.go(str(mark["href"]))
    assert second in form.checked
    send(desk, at(first, "duplicate"), form, of=second)
    assert second in desk.go(at(first)).text
    assert body(desk.go(at(first))).count("Duplicate")


def test_the_same_stands_on_one_line_whoever_filled_it_in(app: Flask, desk: Staff) -> None:
    other = {"for_whom": "someone_else", "representative_name": "Dylan Hughes"}
    first, second = arrives(app, name="Ada Avery"), arrives(app, name="Ada Avery", **other)
    page = desk.go(at(first, f"beside/{second}"))
    lines = [line for line in page.text.split("<tr>") if "Ada Avery" in line]
    assert [line.count("Ada Avery") for line in lines] == [2]
    assert "govuk-tag--yellow" not in lines[0]


def test_what_only_looks_alike_is_told_apart_side_by_side_and_taken_back_from_the_page_of_the_person(
    app: Flask, desk: Staff
) -> None:
    first = arrives(app, name="Ada Avery", phone="020 7946 0001")
    second = arrives(app, name="Ada Averi", phone="020 7946 0002")
    side_by_side = at(first, f"beside/{second}")
    (apart,) = [one for one in desk.go(side_by_side).elements("a") if "/unlike" in str(one.get("href"))]
    form = desk.go(str(apart["href"]))
    assert second in form.checked
    send(desk, at(first, "unlike"), form, of=second, what="matter", reason="Her sister")
    assert not desk.go(at(first)).elements("a", href=side_by_side)
    assert "Her sister" in desk.go(at(second)).text
    assert desk.go(at(first, "person")).elements("a", href=side_by_side)
    (again,) = [one for one in desk.go(side_by_side).elements("a") if "/alike-again" in str(one.get("href"))]
    send(desk, at(first, "alike-again"), desk.go(str(again["href"])), of=second, reason="No, herself")
    assert desk.go(at(first)).elements("a", href=side_by_side)
    assert desk.go(at(first, "alike-again")).status == 409


def test_who_was_said_to_be_another_person_is_found_on_the_page_of_the_person_and_that_is_taken_back(
    app: Flask, desk: Staff
) -> None:
    first, second = arrives(app, name="Ada Avery"), arrives(app, name="Ada Avery")
    side_by_side = at(first, f"beside/{second}")
    fill(desk, at(first, "not-same"), of=second, reason="Her daughter")
    assert desk.go(at(first, "person")).elements("a", href=side_by_side)
    (again,) = [one for one in desk.go(side_by_side).elements("a") if "/alike-again" in str(one.get("href"))]
    form = desk.go(str(again["href"]))
    assert second in form.checked
    send(desk, at(first, "alike-again"), form, of=second, reason="No, herself")
    assert not desk.go(at(first, "person")).elements("a", href=side_by_side)
    assert [one for one in desk.go(side_by_side).elements("a") if "/not-same" in str(one.get("href"))]


def test_the_page_of_a_person_has_all_their_requests_and_who_read_any_of_them(
    app: Flask, desk: Staff, doctor: Staff
) -> None:
    first = arrives(app, name="Ada Avery")
    second = arrives(app, name="Ada Avery", **TWO_FLAGS)
    other = arrives(app, name="Somebody Else")
    doctor.go(at(second, "review"))
    page = desk.go(at(first, "person"))
    assert page.elements("a", href=at(second))
    assert not page.elements("a", href=at(other))
    assert doctor.name in page.text


def test_the_list_of_what_waits_for_review_says_it_too(app: Flask, doctor: Staff) -> None:
    arrives(app, **TWO_FLAGS)
    arrives(app)  # on another list
    (line,) = [found for found in doctor.go("/staff/review").elements("span") if "data-changed" in found]
    asked = str(line["data-changed"])
    assert not doctor.go(asked).response.get_json()["text"]
    arrives(app, **TWO_FLAGS)
    arrives(app)
    assert "1" in doctor.go(asked).response.get_json()["text"]


def test_a_list_says_too_that_a_row_is_gone(app: Flask, desk: Staff) -> None:
    first, _second = arrives(app), arrives(app)
    page = desk.go("/staff/requests?list=to_book")
    (line,) = [found for found in page.elements("span") if "data-changed" in found]
    fill(desk, at(first, "close"), reason="patient_declined")
    assert "1" in desk.go(str(line["data-changed"])).response.get_json()["text"]


def test_a_list_says_how_many_rows_are_new_or_changed_without_reading_a_name(app: Flask, desk: Staff) -> None:
    first = arrives(app)
    page = desk.go("/staff/requests?list=to_book")
    (line,) = [found for found in page.elements("span") if "data-changed" in found]
    address = str(line["data-changed"])
    assert desk.go(address).response.json == {"text": ""}
    fill(desk, at(first, "note"), note="Rang")
    arrives(app, name="Somebody New")
    arrives(app, name="Somebody Else", **TWO_FLAGS)  # on another list
    events = audit.events_after(app.extensions["desk"], AUDREY)
    assert "2" in desk.go(address).text
    assert len(audit.events_after(app.extensions["desk"], AUDREY)) == len(events)
    assert desk.go("/staff/requests/changed?seen=nonsense~.~x.y").status == 200


def test_a_form_without_its_version_overwrites_nothing(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    for version in ("", "-1", "x", "9" * 30):
        data = {"version": version, "note": "kept"}
        page = desk.post(at(reference, "note"), data)
        assert page.status == 409
        assert "kept" in page.text


def test_who_else_is_looking_is_shown(app: Flask, desk: Staff, doctor: Staff) -> None:
    reference = arrives(app)
    doctor.go(at(reference, "review"))
    assert doctor.name in desk.go(at(reference)).text
    assert doctor.name in desk.go(at(reference, "looking")).text


def test_asking_who_looks_does_not_put_off_the_end_of_the_session(
    app: Flask, desk: Staff, clock: Clock
) -> None:
    reference = arrives(app)
    for _ in range(20):
        clock.forward(minutes=1)
        desk.go(at(reference, "looking"))
    assert not desk.is_in


def test_a_note_typed_in_a_lost_session_is_there_after_signing_in(
    app: Flask, desk: Staff, clock: Clock
) -> None:
    reference = arrives(app)
    page = desk.go(at(reference, "note"))
    clock.forward(minutes=16)
    lost = send(desk, at(reference, "note"), page, note="Half an hour of work")
    assert lost.status == 401
    desk.comes_in()
    restored = desk.go(at(reference, "note"))
    assert "Half an hour of work" in restored.text
    assert "Half an hour of work" not in desk.go(at(reference)).text
    assert (
        "Half an hour of work"
        in send(desk, at(reference, "note"), restored, note="Half an hour of work").text
    )
    assert "Half an hour of work" not in desk.go(at(reference, "note")).text


def test_a_note_of_a_lost_session_is_for_its_writer_alone(
    app: Flask, desk: Staff, clinician: Staff, clock: Clock
) -> None:
    reference = arrives(app)
    page = desk.go(at(reference, "note"))
    clock.forward(minutes=16)
    send(desk, at(reference, "note"), page, note="For my eyes")
    clinician.client = desk.client
    clinician.comes_in()
    assert "For my eyes" not in clinician.go(at(reference, "note")).text


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_the_typed_note_survives_a_database_that_is_away(app: Flask, desk: Staff, tmp_path: Path) -> None:
    reference = arrives(app)
    page = desk.go(at(reference, "note"))
    with closing(sqlite3.connect(tmp_path / "instance" / "screening.sqlite3")) as other:
        other.execute("BEGIN EXCLUSIVE")
        failed = send(desk, at(reference, "note"), page, note="Still here")
        other.execute("ROLLBACK")
    assert failed.status == 503
    assert "Still here" in failed.text
    assert send(desk, at(reference, "note"), failed, note="Still here").path == at(reference)


def test_a_form_from_before_signing_in_again_comes_back_filled(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    page = desk.go(at(reference, "note"))
    desk.sign_out()
    desk.comes_in()
    again = send(desk, at(reference, "note"), page, note="Typed before")
    assert again.status == 400
    assert "Typed before" in again.text
    assert send(desk, at(reference, "note"), again, note="Typed before").path == at(reference)


# Who may


@pytest.mark.parametrize("path", ["/staff/requests", "/staff/review", "/staff/entry", "/staff/audit"])
def test_nobody_sees_anything_without_signing_in(reception: Staff, path: str) -> None:
    assert reception.go(path).path == "/staff/sign-in"


def test_reception_may_neither_review_nor_audit(app: Flask, desk: Staff) -> None:
    reference = arrives(app, **TWO_FLAGS)
    for path in ("/staff/review", "/staff/audit", at(reference, "review"), at(reference, "print")):
        assert desk.go(path).status == 403
    assert decide_by_post(desk, reference).status == 403


def decide_by_post(who: Staff, reference: str) -> Page:
    """The decision of a clinician, sent by somebody else."""
    return who.post(at(reference, "review"), {"kidney_liver-decision": "proceed", "version": "1"})


def test_a_manager_sees_no_request(app: Flask, manager: Staff) -> None:
    reference = arrives(app)
    manager.comes_in()
    for path in ("/staff/requests", at(reference), at(reference, "history"), "/staff/entry"):
        assert manager.go(path).status == 403


def test_a_page_that_is_for_others_is_on_the_request_with_who_tried(app: Flask, desk: Staff) -> None:
    reference = arrives(app)
    for page in ("review", "print", "letter.pdf"):
        assert desk.go(at(reference, page)).status == 403
    assert desk.go(at(reference, "unbook")).status == 409  # nothing is booked
    desk.go("/staff/audit")
    lines = audit.history(app.extensions["desk"], AUDREY, reference)
    refused = [(line.who, line.details["tried"]) for line in lines if line.action == "refused"]
    tried = ["review", "print_page", "letter", "unbook"]
    assert refused == [(desk.name, name) for name in tried]
    assert audit.events_after(app.extensions["desk"], AUDREY)[-1].details["tried"] == "audit_log"


def test_a_row_shows_the_birth_date_so_that_a_caller_is_found_without_opening_others(
    app: Flask, desk: Staff
) -> None:
    for born in ("1950-03-31", "1984-12-02"):
        arrives(app, name="Alex Same", birth_date=born)
    page = desk.post("/staff/requests/find", {"search": "Alex Same"})
    assert len(rows(page)) == 2
    assert "31 Mar 1950" in page.text
    assert "2 Dec 1984" in page.text


# Work lists


def test_each_work_list_has_its_two_keys_on_every_page_and_they_stay_the_same(
    app: Flask, desk: Staff
) -> None:
    reference = arrives(app)

    def keyed(path: str) -> list[tuple[str, str]]:
        links = [link for link in desk.go(path).elements("a") if "data-list" in link]
        return [(link["data-list"], link["href"]) for link in links]

    lists = keyed("/staff/requests")
    assert [keys for keys, _ in lists] == [f"{number:02}" for number in range(1, len(lists) + 1)]
    assert len(lists) >= 3 + len(waiting.ALL_LISTS)
    for path in (at(reference), at(reference, "note"), "/staff/entry", "/staff/appointments", "/staff/away"):
        assert keyed(path) == lists
    for _keys, href in lists:
        assert desk.go(href).status == 200


def test_the_number_to_ring_stands_above_what_is_to_be_done(app: Flask, desk: Staff) -> None:
    page = desk.go(at(arrives(app, phone="020 7946 0001"))).text
    assert page.index("tel:") < page.index("data-next-step")


def test_who_has_no_desk_is_offered_no_list_of_it(manager: Staff) -> None:
    manager.comes_in()
    assert [link for link in manager.go("/staff/people").elements("a") if "data-list" in link] == []


def books(who: Staff, reference: str, day: date) -> Page:
    """Reception books, and checks who it is on the same page."""
    parts = {f"on__{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
    path = at(reference, "book")
    return fill(who, path, **parts, place="Room 7", what="consultation", known="y", side="y")


@pytest.mark.parametrize(("mails", "answers"), [(True, BY_MAIL), (True, {}), (False, BY_MAIL)])
def test_whoever_books_is_told_how_the_patient_hears_of_it(
    make_app: MakeApp, clock: Clock, mails: bool, answers: dict[str, object]
) -> None:
    app = make_app(smtp_host="127.0.0.1", mail_from="clinic@example.org") if mails else make_app()
    who, reference = Staff(app, clock, ("reception",)), arrives(app, **answers)
    who.comes_in()
    with app.test_request_context():
        sent, tell = str(request_page.CONFIRMED), str(request_page.TELL_THEM)
    asked = who.go(at(reference, "book"))
    done = books(who, reference, clock.now.date() + timedelta(days=9))
    for page in (asked, done):
        assert (sent in page.text, tell in page.text) == (mails and bool(answers), not (mails and answers))


def test_mine_counts_what_its_list_shows(app: Flask, desk: Staff, clock: Clock) -> None:
    waits, resting = arrives(app), arrives(app)
    desk.post(at(waits, "take"), {"version": "1"})
    books(desk, resting, clock.now.date() + timedelta(days=40))
    me = StaffPerson(desk.id, desk.name, desk.email, frozenset(desk.roles))
    assert rows(desk.go(f"/staff/requests?owner={desk.id}")) == [waits]
    assert queues.counts(app.extensions["desk"], me).mine == 1


@pytest.mark.parametrize("path", ["/staff/exports", "/staff/people/add", "/staff/passkeys"])
def test_no_page_to_write_on_leaves_by_itself_without_a_script(app: Flask, clock: Clock, path: str) -> None:
    who = Staff(app, clock, workflow.ROLES, email="everything@clinic.example")
    who.comes_in()
    page = who.go(path)
    assert page.status == 200
    assert [one for one in page.elements("meta") if one.get("http-equiv") == "refresh"] == []


# What does not fit together on one form


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
