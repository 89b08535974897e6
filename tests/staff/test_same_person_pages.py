"""Several requests of one person, or of two who look alike: side by side, told apart, on one page."""

from __future__ import annotations

from flask import Flask

from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at, body, fill, rows, send


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
