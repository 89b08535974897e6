"""What is signed here is what Flask and Flask-WTF sign and read, with keys of before and of now."""

from __future__ import annotations

import re
import secrets

import pytest
from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf, validate_csrf
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from wtforms import ValidationError

from screening.web.headers import Sessions
from screening.web.signing import KeptSerializer, csrf_token
from tests.conftest import MakeApp

GIVEN = {"csrf_token": "a" * 40, "_user_id": "seven"}
FLASKS_OWN = SecureCookieSessionInterface()


@pytest.fixture(autouse=True)
def _one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: 1_800_000_000)


def test_a_session_cookie_is_flasks_own_byte_by_byte(app: Flask) -> None:
    theirs, ours = FLASKS_OWN.get_signing_serializer(app), Sessions(app).get_signing_serializer(app)
    assert theirs is not None
    assert ours.dumps(GIVEN) == theirs.dumps(GIVEN)
    assert ours.loads(theirs.dumps(GIVEN)) == theirs.loads(ours.dumps(GIVEN)) == GIVEN


def test_what_the_key_of_before_signed_is_still_read_and_another_keys_never(make_app: MakeApp) -> None:
    first, second, third = (secrets.token_urlsafe(36) for _ in range(3))
    before = make_app(secret_key=first)
    now = make_app(secret_key=second, secret_key_before=first)
    other = make_app(secret_key=third, secret_key_before=second)
    cookie = Sessions(before).get_signing_serializer(before).dumps(GIVEN)
    assert Sessions(now).get_signing_serializer(now).loads(cookie) == GIVEN
    with pytest.raises(BadSignature):
        Sessions(other).get_signing_serializer(other).loads(cookie)


def test_a_token_of_a_form_is_flask_wtfs_own_and_is_taken_by_its_check(app: Flask) -> None:
    with app.test_request_context():
        generate_csrf()
        whose = session["csrf_token"]
    with app.test_request_context():
        session["csrf_token"] = whose
        theirs = generate_csrf()
    with app.test_request_context():
        session["csrf_token"] = whose
        assert csrf_token() == csrf_token() == generate_csrf() == theirs
        validate_csrf(csrf_token())
        with pytest.raises(ValidationError):
            validate_csrf(csrf_token()[:-1])


def test_who_has_no_session_yet_begins_one(app: Flask) -> None:
    with app.test_request_context():
        made = csrf_token()
        assert session["csrf_token"]
        validate_csrf(made)


@pytest.mark.parametrize("changed", ["{}~", "x{}", "{}.{}", "a.b.c", ""])
def test_what_was_changed_is_not_read(changed: str) -> None:
    ours = KeptSerializer("k" * 40, salt="s")
    with pytest.raises(BadSignature):
        ours.loads(changed.format(ours.dumps("something"), "more"))


def test_another_salt_is_another_signature_and_what_is_too_old_is_not_read() -> None:
    ours, theirs = KeptSerializer("k" * 40, salt="s"), URLSafeTimedSerializer("k" * 40, salt="s")
    assert ours.dumps(1, salt="t") == theirs.dumps(1, salt="t") != ours.dumps(1)
    with pytest.raises(SignatureExpired):
        ours.loads(theirs.dumps(1), max_age=-1)


def test_a_session_that_was_read_before_ends_all_the_same(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions, lives = Sessions(app), app.permanent_session_lifetime.total_seconds()
    cookie = sessions.get_signing_serializer(app).dumps({"csrf_token": "a" * 40})

    def held(seconds_later: float) -> dict[str, object]:
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: 1_800_000_000 + seconds_later)
        with app.test_request_context(headers={"Cookie": f"{sessions.get_cookie_name(app)}={cookie}"}):
            return dict(sessions.open_session(app, request) or {})

    assert held(0) == held(lives) == held(-lives) == {"csrf_token": "a" * 40}
    assert held(lives + 1) == held(-lives - 1) == {}


@pytest.mark.parametrize("seconds", [1, 7 * 60])
def test_what_a_server_ahead_of_this_one_signed_counts(
    seconds: int, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing = Sessions(app).get_signing_serializer(app)
    cookie = signing.dumps(GIVEN)
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: 1_800_000_000 - seconds)
    assert signing.loads(cookie, max_age=3600) == GIVEN
    with pytest.raises(BadSignature):
        signing.loads(cookie, max_age=seconds - 1)
    with pytest.raises(BadSignature):
        signing.loads(f"{cookie}x", max_age=3600)


def test_what_a_session_knows_more_is_each_requests_own(app: Flask) -> None:
    sessions = Sessions(app)
    cookie = sessions.get_signing_serializer(app).dumps({"csrf_token": "a" * 40, "seen": []})
    for _ in range(2):
        with app.test_request_context(headers={"Cookie": f"{sessions.get_cookie_name(app)}={cookie}"}):
            opened = sessions.open_session(app, request)
        assert opened is not None
        assert opened["seen"] == []
        opened["seen"].append("a name")


def test_a_form_is_taken_with_a_token_of_this_browser_alone(app: Flask) -> None:
    mine, other = app.test_client(), app.test_client()
    address = "/lumbar-sympathetic-block/delete-my-answers"
    tokens = {}
    for client in (mine, other):
        page = client.get(address).text
        tokens[client] = re.findall(r'name="csrf_token" value="([^"]*)"', page)[0]
    assert tokens[mine] != tokens[other]
    for token in (tokens[other], tokens[mine][:-1], f"{tokens[mine]}x", "", "é"):
        assert mine.post(address, data={"csrf_token": token}).status_code == 400
    assert mine.post(address, data={"csrf_token": tokens[mine]}).status_code == 303
    assert mine.post(address, data={}, headers={"X-CSRFToken": tokens[mine]}).status_code == 303
