"""Against guessing, replay and looking around: what a stranger, or a second copy of a code, gets."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest
from flask import Flask

from screening.accounts import passwords
from screening.storage.database import reading
from screening.storage.tables import people, sign_in_tries
from screening.web.door import service_of
from tests.actors import Clock, Page
from tests.staff.actors import PASSWORD, STEP, Staff

pytestmark = pytest.mark.usefixtures("quick_hashes")

MakeApp = Any


def wrong(somebody: Staff, email: str | None = None, address: str = "192.0.2.1") -> Page:
    """A wrong password, from an address."""
    client = somebody.app.test_client()
    token = Page(client.get("/staff/sign-in")).token
    data = {"csrf_token": token, "email": email or somebody.email, "password": "not the password"}
    return Page(client.post("/staff/sign-in", data=data, environ_base={"REMOTE_ADDR": address}))


def shown(page: Page) -> str:
    """A page without what is different each time."""
    text = page.response.get_data(as_text=True)
    return text.replace(page.token, "") if page.elements("input", name="csrf_token") else text


# Guessing


def test_five_wrong_passwords_in_a_quarter_of_an_hour_and_no_more(reception: Staff) -> None:
    answers = [wrong(reception, address=f"192.0.2.{number}").status for number in range(20)]
    assert answers == [422] * 5 + [429] * 15


def test_the_right_password_is_not_looked_at_either_until_the_time_is_over(
    reception: Staff, clock: Clock
) -> None:
    for number in range(5):
        wrong(reception, address=f"192.0.2.{number}")
    assert reception.give_password().status == 429
    clock.forward(minutes=15)
    reception.sign_in()
    assert reception.is_in


@pytest.mark.slow
def test_twenty_from_one_address_whatever_the_account(reception: Staff) -> None:
    answers = [wrong(reception, f"guess-{number}@clinic.example").status for number in range(30)]
    assert answers == [422] * 20 + [429] * 10


@pytest.mark.slow
def test_twenty_from_one_network_of_ipv6_whichever_of_its_addresses(reception: Staff) -> None:
    guesses = [(f"guess-{number}@clinic.example", f"2001:db8::{number + 1:x}") for number in range(30)]
    assert [wrong(reception, *each).status for each in guesses] == [422] * 20 + [429] * 10
    assert wrong(reception, "guess@clinic.example", "2001:db8:0:1::1").status == 422


@pytest.mark.both_engines
@pytest.mark.slow
def test_the_count_is_in_the_database_for_all_servers_and_after_a_restart(
    database_url: str, make_app: MakeApp, clock: Clock
) -> None:
    """200 guesses at once at two servers, each started again in between."""
    reception = Staff(make_app(database_url=database_url), clock, ("reception",))
    answers: list[int] = []
    for _ in range(2):
        servers = [make_app(database_url=database_url) for _ in range(2)]
        with ThreadPoolExecutor(8) as pool:
            numbers = range(100)
            answers += pool.map(_guess, servers * 50, [reception] * 100, numbers)
    assert answers.count(422) <= 5
    assert set(answers) <= {422, 429, 503}  # 503: SQLite's lock was held too long
    reception.clock.forward(minutes=16)
    reception.sign_in()
    assert reception.is_in


def _guess(server: Flask, somebody: Staff, number: int) -> int:
    client = server.test_client()
    token = Page(client.get("/staff/sign-in")).token
    data = {"csrf_token": token, "email": somebody.email, "password": f"guess {number}"}
    base = {"REMOTE_ADDR": f"192.0.2.{number}"}
    return client.post("/staff/sign-in", data=data, environ_base=base).status_code


def test_sign_ins_that_succeed_do_not_count(reception: Staff) -> None:
    for _ in range(12):
        reception.sign_in()
        assert reception.is_in
        reception.sign_out()
    with reading(service_of(reception.app).engine) as connection:
        assert connection.execute(sign_in_tries.select()).all() == []


@pytest.mark.parametrize(
    ("path", "field"),
    [("/staff/second-factor", "code"), ("/staff/recovery-code", "code"), ("/staff/locked", "password")],
)
def test_the_other_secrets_cannot_be_guessed_either(reception: Staff, path: str, field: str) -> None:
    if field == "password":
        reception.sign_in()
        reception.post("/staff/lock")
    else:
        reception.give_password()
    answers = []
    for _ in range(7):
        data = {"csrf_token": reception.token_of(path), field: "000000"}
        answers.append(reception.client.post(path, data=data).status_code)
    assert answers == [422] * 5 + [429] * 2


# Looking around


@pytest.mark.slow
def test_known_unknown_and_disabled_accounts_get_the_same_answer(reception: Staff, manager: Staff) -> None:
    manager.sign_in()
    manager.post(f"/staff/people/{reception.id}/disable")
    emails = [manager.email, "nobody@clinic.example", reception.email]
    for _ in range(6):  # the sixth is one too many
        answers = [wrong(manager, email, "192.0.2.9") for email in emails]
        bodies = {shown(one).replace(email, "") for one, email in zip(answers, emails, strict=True)}
        assert len(bodies) == len({one.status for one in answers}) == 1
        assert len({tuple(sorted(dict(one.response.headers))) for one in answers}) == 1


def test_an_unknown_account_costs_a_hash_too(
    monkeypatch: pytest.MonkeyPatch, app: Flask, clock: Clock
) -> None:
    reception = Staff(app, clock, ("reception",), hashed=passwords.hash_password(PASSWORD))
    seen: list[str] = []
    verify = passwords._hasher.verify

    class Counting:
        def verify(self, kept: str, typed: str) -> bool:
            seen.append(kept)
            return verify(kept, typed)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for email in (reception.email, "nobody@clinic.example"):
        wrong(reception, email)
    assert len(seen) == 2
    assert len({kept.rsplit("$", 2)[0] for kept in seen}) == 1


# The second factor


def test_each_time_step_is_accepted_once_and_none_before_it(reception: Staff, clock: Clock) -> None:
    clock.forward(seconds=STEP * 10)
    outcomes = []
    for steps in (-1, 0, -1, 0):
        reception.give_password()
        reception.give_code(reception.code(steps))
        outcomes.append(reception.is_in)
        reception.sign_out()
    assert outcomes == [True, True, False, False]


def test_codes_from_far_away_are_refused(reception: Staff) -> None:
    for steps in (-3, -2, 2, 3):
        reception.give_password()
        reception.give_code(reception.code(steps))
        assert not reception.is_in


@pytest.mark.both_engines
def test_of_twenty_posts_of_one_code_at_once_one_is_right(
    database_url: str, make_app: MakeApp, clock: Clock
) -> None:
    """Each from a browser that gave the password; the counter of tries is out of the way."""
    app = make_app(database_url=database_url)
    reception = Staff(app, clock, ("reception",))
    browsers = []
    for _ in range(20):
        browser = app.test_client()
        token = Page(browser.get("/staff/sign-in")).token
        data = {"csrf_token": token, "email": reception.email, "password": PASSWORD}
        browser.post("/staff/sign-in", data=data)
        browsers.append((browser, Page(browser.get("/staff/second-factor")).token))
    code = reception.code()

    def give(one: Any) -> bool:
        browser, token = one
        browser.post("/staff/second-factor", data={"csrf_token": token, "code": code})
        return bool(browser.get("/staff/account").status_code == 200)

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(give, browsers)) == 1


def recovery_codes(somebody: Staff) -> list[str]:
    somebody.sign_in()
    page = somebody.post("/staff/recovery-codes")
    return re.findall(r">([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})<", page.text)


def test_a_recovery_code_lets_in_once(reception: Staff) -> None:
    codes = recovery_codes(reception)
    assert len(codes) == 10
    for code, lets_in in ((codes[0], True), (codes[0], False), (codes[1].upper(), True)):
        reception.sign_out()
        reception.give_password()
        token = reception.token_of("/staff/recovery-code")
        reception.client.post("/staff/recovery-code", data={"csrf_token": token, "code": code})
        assert reception.is_in is lets_in


def test_secrets_are_not_in_the_database(reception: Staff, tmp_path: Path) -> None:
    codes = recovery_codes(reception)
    totp = reception.app.extensions["security"].totp_factory
    bare = totp.get_totp_b32_key(reception.secret)
    held = b"".join(file.read_bytes() for file in (tmp_path / "instance").glob("screening.sqlite3*"))
    token = reception.client.get_cookie("form")
    assert token is not None
    for secret in (PASSWORD, bare, *codes):
        assert secret.encode() not in held


# Passwords


@pytest.mark.parametrize(
    "new",
    [
        "short",
        "password1234",
        "qwertyuiop12",
        "Reception2026!",
        "clinic.example1",
        "a" * 12,
        PASSWORD,
        "x" * 129,
    ],
)
def test_a_weak_password_is_refused(reception: Staff, new: str) -> None:
    reception.sign_in()
    data = {"password": PASSWORD, "new_password": new, "new_password_confirm": new}
    page = reception.post("/staff/change-password", data)
    assert page.status == 422
    assert new not in page.text or new == "short"
    assert reception.is_in


def test_a_password_is_changed_only_with_the_old_one_and_typed_twice(reception: Staff) -> None:
    reception.sign_in()
    good = "seven-orange-kettles-sing"
    for old, again in (("wrong", good), (PASSWORD, good + "s")):
        data = {"password": old, "new_password": good, "new_password_confirm": again}
        assert reception.post("/staff/change-password", data).status == 422
    data = {"password": PASSWORD, "new_password": good, "new_password_confirm": good}
    assert reception.post("/staff/change-password", data).status == 200
    reception.sign_out()
    reception.password = good
    reception.sign_in()
    assert reception.is_in


# People


def test_a_manager_cannot_shut_themselves_out(manager: Staff) -> None:
    manager.sign_in()
    assert manager.post(f"/staff/people/{manager.id}/disable").status == 404
    assert manager.post(f"/staff/people/{manager.id}/reset").status == 404
    assert manager.post(f"/staff/people/{manager.id}", {"roles": ["reception"]}).status == 422
    assert manager.is_in


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"name": "N", "email": "not an address", "roles": ["reception"]},
        {"name": "N", "email": "n@clinic.example"},
        {"name": "N", "email": "n@clinic.example", "roles": ["admin"]},
        {"name": "N" * 101, "email": "n@clinic.example", "roles": ["reception"]},
        {"name": "N", "email": "MANAGER@clinic.example", "roles": ["reception"]},
    ],
)
def test_an_account_with_a_mistake_is_not_made(manager: Staff, data: dict[str, Any]) -> None:
    manager.sign_in()
    assert manager.post("/staff/people/add", data).status == 422
    with reading(service_of(manager.app).engine) as connection:
        assert len(connection.execute(people.select()).all()) == 1


def test_columns_cannot_be_set_from_outside(manager: Staff) -> None:
    manager.sign_in()
    given = {"name": "N", "email": "n@clinic.example", "roles": ["auditor"]}
    extra = {column.name: "evil" for column in people.columns if column.name not in given}
    extra |= {token_urlsafe(9): "evil" for _ in range(100)}
    manager.post("/staff/people/add", extra | given)
    with reading(service_of(manager.app).engine) as connection:
        rows = connection.execute(people.select()).all()
    assert len(rows) == 2
    assert "evil" not in {value for row in rows for value in row}


def test_nobody_who_is_unknown_can_be_changed(manager: Staff) -> None:
    manager.sign_in()
    for path in ("", "/disable", "/enable", "/reset", "/reset-second-factor"):
        assert manager.post(f"/staff/people/nobody{path}", {"roles": ["manager"]}).status == 404
