"""The manager's pages: what they are given of an account is no more than what they may show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

import pytest
from flask import Flask, template_rendered

from screening.accounts import members
from screening.staff import time_words
from screening.storage import people
from screening.storage.database import reading
from screening.web.door import service_of
from tests.actors import Clock
from tests.staff.actors import Staff
from tests.staff.desk import arrives, at, rows
from tests.usual import TREATMENT

OF_FLASK = {"g", "request", "session"}  # they are of this request, and not what a page is given


@pytest.fixture
def colleague(app: Flask, clinician: Staff) -> members.ShownAccount:
    """Somebody who has all there is to keep secret."""
    clinician.comes_in()
    clinician.post("/staff/recovery-codes", {"generate_new_codes": "1"})
    account = members.find(service_of(app), id=clinician.id)
    assert account is not None
    return account


def secrets_of(app: Flask) -> set[str]:
    """Every hash, secret and code of every account, as it is kept."""
    with reading(service_of(app).engine) as connection:
        found = people.everyone(connection)
    kept = {text for member in found for text in (member.password, member.uniquifier, member.passkey_handle)}
    codes = {code for member in found for code in member.recovery_codes}
    return kept | codes | {member.totp_secret for member in found if member.totp_secret}


def texts_in(value: object, seen: set[int]) -> Iterator[str]:
    """All text that a template could read from a value of its context."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, str):
        yield value
        return
    inner: list[object] = []
    if isinstance(value, Mapping):
        inner += value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        inner += value
    elif is_dataclass(value):
        inner += [getattr(value, part.name) for part in fields(value)]
    elif type(value).__module__.startswith(("screening.", "werkzeug.local")):  # LocalProxy shows its own
        inner += vars(value).values()
    for part in inner:
        yield from texts_in(part, seen)


def test_no_page_of_the_team_is_given_a_secret_of_an_account(
    app: Flask, manager: Staff, colleague: members.ShownAccount
) -> None:
    manager.comes_in()
    hidden = secrets_of(app)
    given: list[set[str]] = []

    def look(_app: Flask, context: dict[str, object], **_: object) -> None:
        mine = {name: value for name, value in context.items() if name not in OF_FLASK}
        given.append(set(texts_in(mine, set())))

    of_one = f"/staff/people/{colleague.id}"
    with template_rendered.connected_to(look, app):
        for path in ("/staff/people", "/staff/people/add", of_one):
            assert manager.go(path).status == 200
        assert manager.post(f"{of_one}/reset").status == 200
    hidden |= secrets_of(app)  # the reset made others
    assert any(colleague.email in texts for texts in given)
    assert [texts & hidden for texts in given] == [set()] * len(given)


def test_the_list_knows_who_has_a_second_factor_still_to_set_up(
    app: Flask, colleague: members.ShownAccount
) -> None:
    made = members.reset(service_of(app), None, colleague)
    assert colleague.second_factor
    assert members.find(service_of(app), id=colleague.id) == made.member
    assert not made.member.second_factor


def test_the_last_sign_in_stands_in_the_list(manager: Staff, reception: Staff, clock: Clock) -> None:
    manager.comes_in()
    clock.forward(hours=30)
    reception.comes_in()
    manager.comes_in()
    found = {one.id: one.signed_in_at for one in members.everyone(service_of(manager.app))}
    assert found[reception.id] == clock()
    page = manager.go("/staff/people")
    with manager.app.test_request_context():
        assert time_words.moment(clock()) in page.text


def test_what_is_wrong_with_a_new_person_is_told_in_the_order_of_the_page(manager: Staff) -> None:
    manager.comes_in()
    page = manager.post("/staff/people/add", {})
    told = [link["href"].removeprefix("#") for link in page.elements("a") if link["href"].startswith("#")]
    fields = [field["name"] for field in page.elements("input") if field.get("name") in told]
    assert [name for name in told if name in fields] == list(dict.fromkeys(fields))
    assert len(set(fields)) == 3


@pytest.mark.parametrize("what", ["disable", "reset", "reset-second-factor"])
def test_what_takes_a_way_in_is_asked_once(
    manager: Staff, colleague: members.ShownAccount, what: str
) -> None:
    manager.comes_in()
    of_one = f"/staff/people/{colleague.id}"
    links = [link["href"] for link in manager.go(of_one).elements("a") if "confirm" in str(link["href"])]
    assert f"{of_one}/confirm/{what}" in links
    page = manager.go(f"{of_one}/confirm/{what}")
    assert members.find(service_of(manager.app), id=colleague.id) == colleague
    assert f"{of_one}/{what}" in {form.get("action") for form in page.elements("form")}
    assert f"{of_one}/{what}" not in {form.get("action") for form in manager.go(of_one).elements("form")}


def test_a_manager_is_not_asked_to_shut_themselves_out_and_nonsense_is_404(manager: Staff) -> None:
    manager.comes_in()
    for what in ("disable", "reset", "nonsense"):
        assert manager.go(f"/staff/people/{manager.id}/confirm/{what}").status == 404


def test_a_team_is_a_filter_of_the_list_and_first_to_hand_over_to(
    manager: Staff, reception: Staff, clinician: Staff
) -> None:
    app = manager.app
    other = next(one.id for one in service_of(app).treatments() if one.id != TREATMENT)
    reference = arrives(app)
    manager.comes_in()
    for who, treatment in ((reception, other), (clinician, TREATMENT)):
        manager.post(f"/staff/people/{who.id}/team", {"treatments": [treatment, "nonsense"]})
    reception.comes_in()
    clinician.comes_in()
    assert rows(reception.go("/staff/requests?treatment=~team")) == []
    assert rows(clinician.go("/staff/requests?treatment=~team")) == [reference]
    assert rows(reception.go("/staff/requests")) == [reference]
    options = [one["value"] for one in reception.go(at(reference, "hand-over")).elements("option")]
    assert options[:2] == ["", clinician.id]
    auditor = Staff(app, manager.clock, ("auditor",))
    auditor.comes_in()
    page = auditor.go("/staff/audit?action=treatments")
    assert f"person: {clinician.name}" in page.text
    assert f"person: {clinician.id}" not in page.text


def test_what_the_page_of_a_team_cannot_show_stays(manager: Staff, reception: Staff) -> None:
    service = service_of(manager.app)
    (member,) = [one for one in members.everyone(service) if one.id == reception.id]
    members.set_treatments(service, (manager.id, manager.name), member, {TREATMENT, "of-another-clinic"})
    manager.comes_in()
    manager.post(f"/staff/people/{reception.id}/team")
    assert members.treatments_of(service, member) == ("of-another-clinic",)


def test_the_audits_file_names_people_in_its_details(manager: Staff, colleague: members.ShownAccount) -> None:
    members.set_active(service_of(manager.app), (manager.id, manager.name), colleague, active=False)
    auditor = Staff(manager.app, manager.clock, ("auditor",))
    auditor.comes_in()
    text = auditor.post("/staff/audit/export?action=disabled").text
    assert colleague.name in text
    assert colleague.id not in text


def test_of_two_managers_at_one_person_neither_undoes_unseen_what_the_other_did(
    app: Flask, manager: Staff, reception: Staff, clock: Clock
) -> None:
    second = Staff(app, clock, ("manager",), name="Second Manager", email="second@clinic.example")
    for who in (manager, second):
        who.comes_in()
    path = f"/staff/people/{reception.id}"
    (seen, later) = (who.go(path).value("seen") for who in (manager, second))
    assert manager.post(path, {"seen": seen, "roles": ["reception", "auditor"]}).status == 200
    refused = second.post(path, {"seen": later, "roles": ["reception", "manager"]})
    assert refused.status == 422
    assert set(refused.checked) >= {"reception", "manager"}  # what they ticked is still there
    account = members.find(service_of(app), id=reception.id)
    assert account is not None
    assert set(account.roles) == {"reception", "auditor"}
    assert second.post(path, {"seen": refused.value("seen"), "roles": ["reception"]}).status == 200
