"""Reception's lists: what their rows show, which filter, search and list holds them, what changed since."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from markupsafe import escape

from screening.core import waiting
from screening.desk import beside_lists, queues
from screening.staff import desk_words, owners
from tests.actors import Clock
from tests.desk.making import RITA, desk_of, events
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at, body, books, fill, identify, rows


def test_the_queue_shows_what_reception_needs_and_no_answer_about_health(app: Flask, desk: Staff) -> None:
    arrives(app, **TWO_FLAGS, needs=["interpreter"], needs_words="Punjabi")
    page = desk.go("/staff/requests")
    assert "Sam Example" in page.text
    with app.test_request_context():
        (row,) = queues.queue(desk_of(app), RITA).rows
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


def test_each_list_has_a_title_of_its_own_and_a_search_tells_none(app: Flask, desk: Staff) -> None:
    arrives(app)
    titles = [desk.go(f"/staff/requests?list={name}").title for name in waiting.ALL_LISTS]
    assert len(set(titles)) == len(titles)
    assert "sam" not in desk.post("/staff/requests/find", {"search": "sam example"}).title.lower()


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


def test_a_row_shows_the_birth_date_so_that_a_caller_is_found_without_opening_others(
    app: Flask, desk: Staff
) -> None:
    for born in ("1950-03-31", "1984-12-02"):
        arrives(app, name="Alex Same", birth_date=born)
    page = desk.post("/staff/requests/find", {"search": "Alex Same"})
    assert len(rows(page)) == 2
    assert "31 Mar 1950" in page.text
    assert "2 Dec 1984" in page.text


# What changed since


def test_a_list_says_how_many_rows_are_new_or_changed_without_reading_a_name(app: Flask, desk: Staff) -> None:
    first = arrives(app)
    page = desk.go("/staff/requests?list=to_book")
    (line,) = [found for found in page.elements("span") if "data-changed" in found]
    address = str(line["data-changed"])
    assert desk.go(address).response.json == {"text": ""}
    fill(desk, at(first, "note"), note="Rang")
    arrives(app, name="Somebody New")
    arrives(app, name="Somebody Else", **TWO_FLAGS)  # on another list
    before = events(desk_of(app))
    assert "2" in desk.go(address).text
    assert events(desk_of(app)) == before
    assert desk.go("/staff/requests/changed?seen=nonsense~.~x.y").status == 200


def test_a_list_says_too_that_a_row_is_gone(app: Flask, desk: Staff) -> None:
    first, _second = arrives(app), arrives(app)
    page = desk.go("/staff/requests?list=to_book")
    (line,) = [found for found in page.elements("span") if "data-changed" in found]
    fill(desk, at(first, "close"), reason="patient_declined")
    assert "1" in desk.go(str(line["data-changed"])).response.get_json()["text"]


def test_the_list_of_what_waits_for_review_says_it_too(app: Flask, doctor: Staff) -> None:
    arrives(app, **TWO_FLAGS)
    arrives(app)  # on another list
    (line,) = [found for found in doctor.go("/staff/review").elements("span") if "data-changed" in found]
    asked = str(line["data-changed"])
    assert not doctor.go(asked).response.get_json()["text"]
    arrives(app, **TWO_FLAGS)
    arrives(app)
    assert "1" in doctor.go(asked).response.get_json()["text"]


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


def test_who_has_no_desk_is_offered_no_list_of_it(manager: Staff) -> None:
    manager.comes_in()
    assert [link for link in manager.go("/staff/people").elements("a") if "data-list" in link] == []


def test_mine_counts_what_its_list_shows(app: Flask, desk: Staff, clock: Clock) -> None:
    waits, resting = arrives(app), arrives(app)
    desk.post(at(waits, "take"), {"version": "1"})
    books(desk, resting, clock.now.date() + timedelta(days=40))
    assert rows(desk.go(f"/staff/requests?owner={desk.id}")) == [waits]
    assert beside_lists.load(desk_of(app), desk.person).counts.mine == 1
