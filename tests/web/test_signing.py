"""What is signed here is what Flask and Flask-WTF sign and read, with keys of before and of now."""

from __future__ import annotations

import secrets

import pytest
from flask import Flask, session
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
