"""The staff of the tests: each has an account of their own, a phone with an authenticator app, a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import argon2
from flask import Flask, session
from flask.testing import FlaskClient
from flask_security import login_user
from passlib.totp import TOTP

from screening.accounts import passwords
from screening.accounts.access import StaffPerson
from screening.storage import people
from screening.storage.database import writing
from screening.web.door import service_of
from tests.actors import Clock, Page

PASSWORD = "plain-lantern-ferry-42"
STEP = 30  # seconds that a code of the app lives
# Hashing is meant to be slow, but how slow is the subject of few tests; a hash says what it costs to verify.
_QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(passwords.normal(PASSWORD))


@dataclass
class Staff:
    """A member of staff with these roles, not signed in yet."""

    app: Flask
    clock: Clock
    roles: tuple[str, ...]
    name: str = ""
    email: str = ""
    id: str = ""
    secret: str = field(default="", repr=False)
    client: FlaskClient = field(init=False)
    password: str = PASSWORD
    hashed: str = field(default=_QUICK, repr=False)

    def __post_init__(self) -> None:
        self.name = self.name or f"{self.roles[0].title()} Example"
        self.email = self.email or f"{self.roles[0]}@clinic.example"
        self.client = self.app.test_client()
        self.secret = self.app.extensions["security"].totp_factory.generate_totp_secret()
        with writing(service_of(self.app).engine) as connection:
            made = people.add(
                connection,
                email=self.email,
                name=self.name,
                roles=self.roles,
                password=self.hashed,
                now=self.clock(),
                totp_secret=self.secret,
            )
        assert made is not None
        self.id = made

    @property
    def person(self) -> StaffPerson:
        """As the desk takes a person."""
        return StaffPerson(self.id, self.name, self.email, frozenset(self.roles))

    def code(self, steps: int = 0) -> str:
        """What the app shows now, or `steps` time steps from now."""
        key = self.app.extensions["security"].totp_factory.get_totp_b32_key(self.secret)
        return str(TOTP(key).generate(time=self.clock().timestamp() + steps * STEP).token)

    def token_of(self, path: str) -> str:
        """The token on one page."""
        return self.go(path).token

    def go(self, path: str = "/staff", *, follow: bool = True) -> Page:
        """Open a page."""
        return Page(self.client.get(path, follow_redirects=follow))

    def token(self) -> str:
        """A CSRF token of this browser's session, as any page has it."""
        for path in ("/staff/sign-in", "/staff/account", "/staff/locked", "/staff/change-password"):
            page = self.go(path, follow=False)
            if page.status == 200:
                return page.token
        raise AssertionError("no page has a form")

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, follow: bool = True, **headers: str
    ) -> Page:
        """Send a form with the token of this browser's session."""
        sent = {"csrf_token": self.token()} | (data or {})
        return Page(self.client.post(path, data=sent, headers=headers, follow_redirects=follow))

    def give_password(self, password: str | None = None, *, follow: bool = True, **headers: str) -> Page:
        """The first page of a sign-in."""
        data = {"email": self.email, "password": self.password if password is None else password}
        return self.post("/staff/sign-in", data, follow=follow, **headers)

    def give_code(self, code: str | None = None, *, follow: bool = True) -> Page:
        """The second page of a sign-in; without a code, with the next one that was not used yet."""
        if code is None:
            self.clock.forward(seconds=STEP)
            code = self.code()
        page = self.go("/staff/second-factor")
        data = {"csrf_token": page.token, "code": code}
        return Page(self.client.post("/staff/second-factor", data=data, follow_redirects=follow))

    def sign_in(self) -> Page:
        """Password and code; the page that comes next."""
        self.give_password()
        return self.give_code()

    def comes_in(self) -> None:
        """Signed in without the pages of it: for tests of what comes after."""
        account = self.app.extensions["security"].datastore.find_user(email=self.email)
        with (
            self.client.session_transaction() as kept,
            self.app.test_request_context("/staff", environ_base=self.client.environ_base),
        ):
            session.update(kept)
            login_user(account, authn_via=["password", "authenticator"])
            kept.clear()
            kept.update(session)

    def sign_out(self) -> Page:
        """The button."""
        return self.post("/staff/sign-out")

    @property
    def is_in(self) -> bool:
        """Whether pages of the staff door open."""
        return self.go("/staff/account", follow=False).status == 200

    @property
    def cookie(self) -> str:
        """What the browser holds."""
        held = self.client.get_cookie("form")
        return held.value if held is not None else ""

    def with_cookie(self, value: str) -> Page:
        """The account page, asked for by another browser with this cookie."""
        other = self.app.test_client()
        other.set_cookie("form", value)
        return Page(other.get("/staff/account"))
