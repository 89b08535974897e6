"""When a session ends: by the clock, by its owner, by a manager; and what was typed then."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from itsdangerous import TimestampSigner

from screening.accounts import access
from tests.actors import Clock, Page
from tests.staff.actors import Staff

pytestmark = pytest.mark.usefixtures("quick_hashes")


def end_by_signing_out(somebody: Staff) -> None:
    somebody.sign_out()


def end_by_password(somebody: Staff) -> None:
    new = "seven-orange-kettles-sing"
    data = {"password": somebody.password, "new_password": new, "new_password_confirm": new}
    assert somebody.post("/staff/change-password", data, follow=False).status in (302, 303)


def end_by_second_factor(somebody: Staff) -> None:
    somebody.post("/staff/set-up-second-factor", {"setup": "authenticator"})
    with somebody.client.session_transaction() as kept:
        somebody.secret = kept["tf_totp_secret"]
    somebody.give_code()


def end_by_manager(path: str, **data: Any) -> Any:
    def end(somebody: Staff) -> None:
        manager = Staff(somebody.app, somebody.clock, ("manager",), email="boss@clinic.example")
        manager.sign_in()
        assert manager.post(f"/staff/people/{somebody.id}{path}", data).status == 200

    return end


@pytest.mark.parametrize(
    "end",
    [
        end_by_signing_out,
        end_by_password,
        end_by_second_factor,
        end_by_manager("", roles=["reception", "auditor"]),
        end_by_manager("/disable"),
        end_by_manager("/reset"),
        end_by_manager("/reset-second-factor"),
    ],
)
def test_the_old_cookie_is_dead(reception: Staff, end: Any) -> None:
    reception.sign_in()
    old = reception.cookie
    assert reception.with_cookie(old).status == 200
    end(reception)
    assert reception.with_cookie(old).status == 303


def test_whoever_changes_their_password_or_second_factor_stays_in(reception: Staff) -> None:
    reception.sign_in()
    end_by_second_factor(reception)
    assert reception.is_in
    end_by_password(reception)
    assert reception.is_in


def test_fifteen_idle_minutes_end_it_and_use_puts_that_off(reception: Staff, clock: Clock) -> None:
    reception.sign_in()
    for _ in range(4):
        clock.forward(minutes=14)
        assert reception.is_in
    clock.forward(minutes=15, seconds=1)
    assert not reception.is_in


def test_twelve_hours_end_it_whatever_is_done(reception: Staff, clock: Clock) -> None:
    reception.sign_in()
    for _ in range(12 * 6 - 1):
        clock.forward(minutes=10)
        assert reception.is_in
    clock.forward(minutes=10)
    assert not reception.is_in


def test_polling_does_not_put_off_the_end(make_app: Any, clock: Clock) -> None:
    app = make_app()
    app.add_url_rule("/staff/news", "news", access.who_may("reception", polls=True)(lambda: "none"))
    reception = Staff(app, clock, ("reception",))
    reception.sign_in()
    for _ in range(3):
        clock.forward(minutes=4)
        assert reception.go("/staff/news", follow=False).status == 200
    clock.forward(minutes=4)
    assert reception.go("/staff/news", follow=False).status == 303


def test_staying_signed_in_starts_the_time_again(reception: Staff, clock: Clock) -> None:
    reception.sign_in()
    token = reception.token()
    clock.forward(minutes=14)
    answer = reception.client.post("/staff/stay-signed-in", data={"csrf_token": token})
    assert answer.json == {"expires_in": 15 * 60}
    clock.forward(minutes=14)
    assert reception.is_in


def test_who_goes_to_and_fro_between_servers_whose_clocks_differ_stays_in(
    reception: Staff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: int(clock().timestamp()))
    reception.sign_in()
    for _ in range(3):
        for ahead in (7, -7):
            clock.forward(minutes=ahead)
            assert reception.is_in
            token = reception.token()
            answer = reception.client.post("/staff/stay-signed-in", data={"csrf_token": token})
            assert answer.json == {"expires_in": 15 * 60}


def test_a_clock_that_was_far_ahead_leaves_nobody_signed_in(reception: Staff, clock: Clock) -> None:
    clock.forward(days=1)
    reception.sign_in()
    clock.forward(days=-1)
    assert not reception.is_in


def test_half_a_sign_in_does_not_last(reception: Staff, clock: Clock) -> None:
    reception.give_password()
    clock.forward(minutes=11)
    assert reception.go("/staff/second-factor").path == "/staff/sign-in"


def test_what_was_typed_comes_back_when_the_session_has_ended(reception: Staff, clock: Clock) -> None:
    reception.sign_in()
    token = reception.token()
    clock.forward(hours=1)
    data = {"csrf_token": token, "next": "a long note", "password": "never shown again", "version": "17"}
    page = Page(reception.client.post("/staff/lock", data=data))
    assert page.status == 401
    assert page.value("next") == "a long note"
    assert page.value("version") == "17"
    assert re.findall(r"inset-text[^>]*>\s*([^<]*?)\s*<", page.text) == ["a long note"]  # what was typed
    assert "never shown again" not in page.text


def lock_and_unlock(somebody: Staff) -> None:
    somebody.post("/staff/lock")
    somebody.post("/staff/locked", {"password": somebody.password})


@pytest.mark.parametrize("renews", [lock_and_unlock, end_by_password, end_by_second_factor])
def test_what_gives_a_session_another_id_does_not_put_off_the_end_of_the_sign_in(
    reception: Staff, clock: Clock, renews: Any
) -> None:
    reception.sign_in()
    began = clock()
    for _ in range(12 * 6 - 6):
        clock.forward(minutes=10)
        assert reception.is_in
    renews(reception)
    assert reception.is_in
    while clock() + timedelta(minutes=10) < began + timedelta(hours=12):
        clock.forward(minutes=10)
        assert reception.is_in
    clock.forward(minutes=10)
    assert not reception.is_in
