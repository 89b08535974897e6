"""Signed in, and until when: the cookie holds a random token, the database says what it is worth."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import current_app, g, session
from werkzeug.exceptions import TooManyRequests

from screening.accounts import passwords
from screening.core.errors import Unavailable
from screening.storage import staff_sessions
from screening.storage.database import reading, writing
from screening.storage.people import normal_email
from screening.storage.staff_sessions import FULL, PASSWORD, StaffSession
from screening.web.callers import caller, counted_as
from screening.web.door import service

KEY = "staff"
HALFWAY = timedelta(minutes=10)  # from the password to the second factor
TOUCHED_AFTER = timedelta(seconds=20)  # not every click is worth a write
# What Flask-Security and Flask-Login need across a change of session; nothing else comes along.
_CARRIED = ("_user_id", "_fresh", "_id", "fs_paa")


class TooManyTries(TooManyRequests):
    """Wait a quarter of an hour; the same for accounts that exist and that do not."""


def current() -> StaffSession | None:
    """The session of this request, whichever stage it is at; None when there is none that still counts."""
    if "staff_session" not in g:
        g.staff_session = _load()
    found: StaffSession | None = g.staff_session
    return found


def _load() -> StaffSession | None:
    token = session.get(KEY)
    if not isinstance(token, str):
        return None
    with reading(service().engine) as connection:
        found = staff_sessions.load(connection, token)
    return found if found is not None and _lasts(found) else None


def _lasts(staff_session: StaffSession) -> bool:
    """Servers' clocks may differ, but nobody stays in for long because one of them was far ahead."""
    now, ahead = service().now(), service().settings.staff_idle
    return staff_session.used_at - ahead <= now < ends_at(staff_session)


def ends_at(staff_session: StaffSession) -> datetime:
    """When it ends if nothing more is done."""
    if staff_session.stage == PASSWORD:
        return staff_session.started_at + HALFWAY
    settings = service().settings
    return staff_session.ends_at(settings.staff_idle, settings.staff_longest)


def begin(person_id: str, stage: str, since: datetime | None = None) -> None:
    """A new token, and a new CSRF token, for what was just proved; the old ones are worth nothing now.

    `since`: of a sign-in that goes on, when it was.
    """
    carried = {name: session[name] for name in _CARRIED if name in session and stage == FULL}
    before, token = session.get(KEY), secrets.token_urlsafe(32)
    with writing(service().engine) as connection:
        if isinstance(before, str):
            staff_sessions.end(connection, staff_sessions.digest(before))
        now = service().now()
        staff_sessions.start(connection, token, person_id, stage, now, since or now)
    forget()
    session.update(carried | {KEY: token})


def go_on(person_id: str) -> None:
    """Under an id of its own, and no longer than the sign-in lasts: they did not show everything anew."""
    before = current()
    begin(person_id, FULL, before.started_at if before is not None and before.stage == FULL else None)


def end() -> None:
    """Sign out: the cookie that was sent is dead, wherever a copy of it lies."""
    token = session.get(KEY)
    if isinstance(token, str):
        with writing(service().engine) as connection:
            staff_sessions.end(connection, staff_sessions.digest(token))
    forget()


def forget() -> None:
    """An empty cookie, and nothing remembered of the old one while this request lasts."""
    session.clear()
    for name in ("csrf_token", "staff_session"):
        g.pop(name, None)


def touch(staff_session: StaffSession) -> None:
    """The person did something: time starts again, by this server's clock."""
    now = service().now()
    if abs(now - staff_session.used_at) >= TOUCHED_AFTER:
        with writing(service().engine) as connection:
            staff_sessions.touch(connection, staff_session.id, now)


def lock() -> None:
    """Ask for the password before anything else is shown."""
    staff_session = current()
    if staff_session is not None:
        with writing(service().engine) as connection:
            staff_sessions.lock(connection, staff_session.id)


def tried(email: str, check: Callable[[], bool]) -> bool:
    """What `check` says, having counted the try before it is made. Raises TooManyTries, Unavailable."""
    key = str(current_app.secret_key).encode()
    account = hmac.new(key, normal_email(email).encode("utf-8", "replace"), "sha256").hexdigest()
    address = counted_as(caller())
    with passwords.turn():
        with writing(service().engine) as connection:
            number = staff_sessions.begin_try(connection, account, address, service().now())
        if number is None:
            raise TooManyTries
        try:
            wrong = not check()
        except Unavailable:  # it was not looked at, so it counts against nobody
            _take_back(number)
            raise
        if wrong:
            return False
        _take_back(number)
    return True


def _take_back(number: int) -> None:
    with writing(service().engine) as connection:
        staff_sessions.take_back_try(connection, number)
