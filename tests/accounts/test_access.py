"""Who gets in, and to which pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.routing import Rule

from screening.accounts import access, members
from screening.accounts.members import ShownAccount
from screening.core.workflow import ROLES
from screening.storage.database import reading, writing
from screening.storage.tables import events, people
from screening.web.door import service_of
from tests.accounts.test_session_ends import end_by_password, end_by_second_factor
from tests.actors import Clock, Page
from tests.staff.actors import PASSWORD, Staff

pytestmark = pytest.mark.usefixtures("quick_hashes")

HOME = {
    "reception": "/staff/requests",
    "clinician": "/staff/review",
    "manager": "/staff/people",
    "auditor": "/staff/audit",
}


def staff_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/staff")]


def address(rule: Rule) -> str:
    built = rule.build(dict.fromkeys(rule.arguments, "ABC-DEF-2345"))
    assert built is not None
    return built[1]


def actions(app: Flask) -> list[str]:
    with reading(service_of(app).engine) as connection:
        return list(connection.scalars(select(events.c.action).order_by(events.c.number)))


# The matrix


def test_every_endpoint_of_the_door_declares_who_may_see_it(app: Flask) -> None:
    rules = staff_rules(app)
    assert len(rules) >= 25
    for rule in rules:
        assert access.declared(app, rule.endpoint) is not None, rule
    assert set(access.SECURITY) <= {rule.endpoint for rule in rules}


def test_an_endpoint_that_declares_nobody_is_refused_to_everybody(make_app: Any, clock: Clock) -> None:
    app = make_app()
    app.add_url_rule("/staff/undeclared", "undeclared", lambda: "secret")
    manager = Staff(app, clock, ROLES)
    manager.sign_in()
    assert manager.go("/staff/undeclared").status == 404


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_the_map_of_addresses_and_roles(app: Flask, clock: Clock, role: str) -> None:
    somebody = Staff(app, clock, (role,), email=f"{role}@matrix.example")
    if role != "nobody":
        somebody.sign_in()
    for rule in staff_rules(app):
        allowed = access.declared(app, rule.endpoint) or access.NOBODY
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            if (method, rule.endpoint) in {("POST", "security.logout"), ("POST", "staff.lock")}:
                continue  # they end the walk
            data = {"csrf_token": somebody.token()} if method == "POST" else None
            page = Page(somebody.client.open(address(rule), method=method, data=data))
            where = (method, rule.rule, page.status)
            if not allowed:
                assert page.status == 404, where
            elif role in allowed or access.ANYBODY in allowed:
                assert page.status not in (401, 403), where
            elif role == "nobody" or allowed == {access.HALFWAY}:
                assert page.status == (303 if method == "GET" or role != "nobody" else 401), where
            else:
                assert page.status == 403, where


@pytest.mark.parametrize("role", ROLES)
def test_the_start_page_leads_to_the_work_of_the_role(app: Flask, clock: Clock, role: str) -> None:
    somebody = Staff(app, clock, (role,))
    somebody.sign_in()
    assert somebody.go("/staff", follow=False).response.headers["Location"] == HOME[role]


# Signing in


def test_password_and_code_let_in_and_either_alone_does_not(reception: Staff) -> None:
    assert not reception.is_in
    reception.give_password()
    assert not reception.is_in
    reception.give_code()
    assert reception.is_in
    stranger = Staff(reception.app, reception.clock, ("reception",), email="two@clinic.example")
    stranger.client.post(
        "/staff/second-factor", data={"csrf_token": stranger.token(), "code": stranger.code()}
    )
    assert not stranger.is_in


def test_the_session_changes_at_each_step_and_the_one_before_is_worth_nothing(reception: Staff) -> None:
    reception.token()
    seen = [reception.cookie]
    reception.give_password(follow=False)
    seen.append(reception.cookie)
    reception.give_code(follow=False)
    seen.append(reception.cookie)
    assert len(set(seen)) == 3
    for old in seen[:2]:
        assert reception.with_cookie(old).status == 303
    thief = reception.app.test_client()
    thief.set_cookie("form", seen[1])
    assert thief.get("/staff/second-factor").status_code in (302, 303)


def test_a_page_that_was_asked_for_comes_after_the_sign_in(manager: Staff) -> None:
    page = manager.go("/staff/people/add")
    data = {
        "csrf_token": page.token,
        "next": page.value("next"),
        "email": manager.email,
        "password": PASSWORD,
    }
    page = Page(manager.client.post("/staff/sign-in", data=data, follow_redirects=True))
    manager.clock.forward(seconds=30)
    data = {"csrf_token": page.token, "code": manager.code()}
    address = page.response.request.full_path
    assert Page(manager.client.post(address, data=data, follow_redirects=True)).path == "/staff/people/add"


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "/"])
def test_nobody_is_led_away_after_unlocking(reception: Staff, onward: str) -> None:
    reception.sign_in()
    reception.post("/staff/lock", {"next": onward})
    page = reception.post("/staff/locked", {"password": PASSWORD, "next": onward}, follow=False)
    assert page.response.headers["Location"].startswith("/staff")


# Accounts that are disabled


def test_a_disabled_account_cannot_sign_in_and_an_enabled_one_can_again(
    reception: Staff, manager: Staff
) -> None:
    manager.sign_in()
    manager.post(f"/staff/people/{reception.id}/disable")
    reception.sign_in()
    assert not reception.is_in
    manager.post(f"/staff/people/{reception.id}/enable")
    reception.sign_in()
    assert reception.is_in


# The quick lock


def test_the_lock_hides_everything_and_keeps_the_address(manager: Staff) -> None:
    manager.sign_in()
    assert manager.post("/staff/lock", {"next": "/staff/people/add"}).path == "/staff/locked"
    page = manager.go("/staff/people")
    assert page.path == "/staff/locked"
    assert manager.post("/staff/locked", {"password": "wrong", "next": "/staff/people/add"}).status == 422
    assert manager.go("/staff/people").path == "/staff/locked"
    page = manager.post("/staff/locked", {"password": PASSWORD, "next": "/staff/people/add"})
    assert (page.status, page.path) == (200, "/staff/people/add")


def test_a_second_person_can_sign_in_at_a_locked_screen(manager: Staff, reception: Staff) -> None:
    manager.sign_in()
    manager.post("/staff/lock")
    reception.client = manager.client
    assert reception.sign_out().path == "/staff/sign-in"
    reception.sign_in()
    assert "Reception Example" in reception.go("/staff/account").text


# First sign-in


def test_a_new_account_sets_up_a_second_factor_and_a_password_before_anything_else(
    manager: Staff, app: Flask, clock: Clock
) -> None:
    manager.sign_in()
    data = {"name": "New Person", "email": "New@Clinic.example", "roles": ["reception"]}
    page = manager.post("/staff/people/add", data)
    found = re.search(r"\b(?:[a-z2-9]{5}-){3}[a-z2-9]{5}\b", page.text)
    assert found is not None
    new = Staff(app, clock, ("reception",), email="only-a-browser@clinic.example")
    new.email, new.password = "new@clinic.example", found[0]
    assert new.give_password().path == "/staff/set-up-second-factor"
    assert new.go("/staff").path == "/staff/sign-in"
    new.give_password()
    data = {"csrf_token": new.token_of("/staff/set-up-second-factor"), "setup": "authenticator"}
    new.client.post("/staff/set-up-second-factor", data=data)
    with new.client.session_transaction() as kept:
        new.secret = kept["tf_totp_secret"]
    data = {"csrf_token": new.token_of("/staff/set-up-second-factor"), "code": new.code()}
    page = Page(new.client.post("/staff/second-factor", data=data, follow_redirects=True))
    assert page.path == "/staff/change-password"
    assert new.go("/staff").path == "/staff/change-password"
    end_by_password(new)
    assert new.go("/staff/account").path == "/staff/account"


def test_a_printed_password_ends_after_three_days(manager: Staff, app: Flask, clock: Clock) -> None:
    """A new one then is a new start, and a person's own has no end."""
    new = Staff(app, clock, ("reception",))
    for wait, lets_in in ((timedelta(hours=72), False), (timedelta(hours=71, minutes=59), True)):
        made = members.reset(service_of(app), None, member_of(new))
        new.password = made.password
        clock.forward(seconds=wait.total_seconds())
        new.client = app.test_client()
        assert (new.give_password().status == 200) is lets_in
    clock.forward(hours=1000)
    manager.sign_in()
    assert manager.is_in


def member_of(somebody: Staff) -> ShownAccount:
    found = members.find(service_of(somebody.app), id=somebody.id)
    assert found is not None
    return found


# The audit


def test_what_happens_to_accounts_is_in_the_audit(reception: Staff, app: Flask) -> None:
    reception.give_password("wrong")
    reception.sign_in()
    end_by_password(reception)
    end_by_second_factor(reception)
    reception.post("/staff/recovery-codes")
    reception.post("/staff/lock")
    reception.post("/staff/locked", {"password": "seven-orange-kettles-sing"})
    reception.sign_out()
    assert actions(app) == [
        "sign_in_failed",
        "signed_in",
        "password_changed",
        "second_factor_changed",
        "recovery_codes_made",
        "locked",
        "unlocked",
        "signed_out",
    ]


def test_a_role_that_nobody_declares_opens_nothing(reception: Staff, app: Flask) -> None:
    with writing(service_of(app).engine) as connection:
        connection.execute(update(people).values(roles="admin"))
    reception.sign_in()
    assert reception.go("/staff/account").status == 403
