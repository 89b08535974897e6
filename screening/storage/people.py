"""Members of staff and their passkeys: rows in, rows out; what a sign-in means is not decided here."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from screening.storage import binding
from screening.storage.database import insert_or_ignore
from screening.storage.sites import DEFAULT, read, written
from screening.storage.tables import passkeys, people, staff_sessions

# Whoever changes one of these may have done so because somebody else holds a cookie.
ENDS_SESSIONS = frozenset({"password", "roles", "active", "uniquifier", "totp_secret"})


STEP = timedelta(seconds=30)  # that a code of an authenticator app lives
STEPS_AHEAD = 10  # no clock that is right can be so far behind another


@dataclass(frozen=True, slots=True)
class Member:
    """A row of `people`; `recovery_codes` are encrypted, `password` is a hash."""

    id: str
    email: str
    name: str
    roles: tuple[str, ...]
    active: bool
    password: str
    password_once: bool
    uniquifier: str
    totp_secret: str | None
    totp_step: int | None
    recovery_codes: tuple[str, ...]
    passkey_handle: str
    created_at: datetime
    changed_at: datetime
    password_until: datetime | None
    sites: frozenset[str]


class MemberColumns(TypedDict, total=False):
    """Columns of `people` to write; the rest stay as they are."""

    password: str
    password_once: bool
    password_until: datetime | None
    active: bool
    roles: tuple[str, ...]
    uniquifier: str
    totp_secret: str | None
    recovery_codes: tuple[str, ...] | None
    passkey_handle: str
    sites: frozenset[str]


@dataclass(frozen=True, slots=True)
class StoredPasskey:
    """A row of `passkeys`: what is needed to ask for it again, and when that was done last."""

    credential_id: bytes
    person_id: str
    name: str
    public_key: bytes
    sign_count: int
    transports: list[str]
    extensions: str | None
    usage: str
    device_type: str
    backed_up: bool
    used_at: datetime


def normal_email(email: str) -> str:
    """How an address is kept and looked up: without case, so one person has one account."""
    return email.replace("\0", "").strip().casefold()


def add(
    connection: Connection,
    *,
    email: str,
    name: str,
    roles: tuple[str, ...],
    password: str,
    now: datetime,
    totp_secret: str | None = None,
    password_until: datetime | None = None,
    sites: Collection[str] = (DEFAULT,),
) -> str | None:
    """Keep a new account; its id, or None when the address is taken.

    `password` is a hash; one that was printed counts only until `password_until`, and only once.
    """
    person_id = secrets.token_hex(8)
    row = insert_or_ignore(connection, people).values(
        id=person_id,
        email=normal_email(email),
        name=name,
        roles=" ".join(roles),
        sites=written(sites),
        active=True,
        password=password,
        password_once=password_until is not None,
        password_until=password_until,
        uniquifier=secrets.token_hex(16),
        totp_secret=totp_secret,
        passkey_handle=secrets.token_hex(16),
        created_at=now,
        changed_at=now,
    )
    # PostgreSQL counts no rows of an INSERT here, so the row itself is asked for.
    made = connection.execute(row.returning(people.c.id)).scalar_one_or_none()
    if made is not None:
        _touch(connection, made)
    return made


def find(connection: Connection, **by: str) -> Member | None:
    """The account with this `id`, `email`, `uniquifier` or `passkey_handle`."""
    ((name, value),) = by.items()
    value = normal_email(value) if name == "email" else value
    row = connection.execute(select(people).where(people.c[name] == value)).one_or_none()
    return _member(row) if row is not None else None


def everyone(connection: Connection) -> list[Member]:
    """All accounts by name, the disabled ones too."""
    rows = connection.execute(select(people).order_by(func.lower(people.c.name), people.c.id))
    return [_member(row) for row in rows]


def active_roles(connection: Connection) -> frozenset[str]:
    """Those that somebody has who may sign in; no secret of theirs is read for it."""
    texts = connection.scalars(select(people.c.roles).where(people.c.active)).all()
    return frozenset(role for roles in texts for role in roles.split())


def addresses_of(connection: Connection, role: str) -> list[str]:
    """Of everybody who may sign in and has a role."""
    return [member.email for member in everyone(connection) if member.active and role in member.roles]


def change(connection: Connection, person_id: str, changes: MemberColumns, now: datetime) -> bool:
    """Write columns; ends the person's sessions where an old cookie must be dead. False when absent."""
    values: dict[str, object] = {**changes, "changed_at": now}
    if "roles" in changes:
        values["roles"] = " ".join(changes["roles"])
    if "sites" in changes:
        values["sites"] = written(changes["sites"])
    if "recovery_codes" in changes:
        values["recovery_codes"] = _as_json(changes["recovery_codes"])
    _touch(connection, person_id)
    done = connection.execute(update(people).where(people.c.id == person_id).values(values))
    if ENDS_SESSIONS & set(changes):
        connection.execute(delete(staff_sessions).where(staff_sessions.c.person_id == person_id))
    return done.rowcount == 1


def use_step(connection: Connection, person_id: str, step: int) -> bool:
    """Use up a time step of the second factor: True once for each, and never for an earlier one.

    One that lies far ahead was used up while a clock was fast, and counts for nothing now.
    """
    ahead = people.c.totp_step > step + STEPS_AHEAD
    unused = or_(people.c.totp_step.is_(None), people.c.totp_step < step, ahead)
    statement = update(people).where(people.c.id == person_id, unused).values(totp_step=step)
    return connection.execute(statement).rowcount == 1


def use_recovery_code(connection: Connection, person: Member, code: str, now: datetime) -> bool:
    """Take one (encrypted) code away; False when another sign-in was first."""
    left = tuple(held for held in person.recovery_codes if held != code)
    unchanged = people.c.recovery_codes == _as_json(person.recovery_codes)
    statement = update(people).where(people.c.id == person.id, unchanged)
    done = connection.execute(statement.values(recovery_codes=_as_json(left), changed_at=now)).rowcount == 1
    if done:
        _touch(connection, person.id)
    return done


def encrypted_again(
    connection: Connection, person: Member, totp_secret: str | None, recovery_codes: tuple[str, ...]
) -> bool:
    """The same second factors under another key, unless they were changed meanwhile: no session ends."""
    unchanged = (
        people.c.id == person.id,
        people.c.totp_secret == person.totp_secret,
        people.c.recovery_codes == _as_json(person.recovery_codes),
    )
    _touch(connection, person.id)
    values = {"totp_secret": totp_secret, "recovery_codes": _as_json(recovery_codes)}
    return connection.execute(update(people).where(*unchanged).values(values)).rowcount == 1


def _touch(connection: Connection, *person_ids: str) -> None:
    """What is appended to the audit next vouches for their accounts."""
    for kind in (binding.PERSON, binding.ACCESS):
        binding.touch(connection, kind, *person_ids)


def _as_json(codes: tuple[str, ...] | list[str] | None) -> str | None:
    return json.dumps(list(codes)) if codes else None


def _member(row: Row[Any]) -> Member:
    values = dict(row._mapping)
    values["roles"] = tuple(values["roles"].split())
    values["sites"] = read(values["sites"])
    values["recovery_codes"] = tuple(json.loads(values["recovery_codes"] or "[]"))
    return Member(**values)


# Passkeys


def add_passkey(connection: Connection, person_id: str, credential_id: bytes, **values: Any) -> None:
    """Keep a credential, `values` by the names of StoredPasskey; `transports` is a list."""
    values["transports"] = json.dumps(values["transports"])
    _touch(connection, person_id)
    row = insert(passkeys).values(id=credential_id.hex(), person_id=person_id, **values)
    connection.execute(row)


def passkeys_of(connection: Connection, person_id: str) -> list[StoredPasskey]:
    """A person's credentials, by name."""
    wanted = select(passkeys).where(passkeys.c.person_id == person_id).order_by(passkeys.c.name)
    return [_passkey(row) for row in connection.execute(wanted)]


def find_passkey(connection: Connection, credential_id: bytes) -> StoredPasskey | None:
    """One credential, whosever it is."""
    row = connection.execute(select(passkeys).where(passkeys.c.id == credential_id.hex())).one_or_none()
    return _passkey(row) if row is not None else None


def use_passkey(connection: Connection, credential_id: bytes, asked_at: datetime) -> bool:
    """Use up a challenge by when it was made: True once for each, and never for an earlier one.

    One that lies far ahead was used up while a clock was fast, as with steps.
    """
    ahead = passkeys.c.used_at > asked_at + STEP * STEPS_AHEAD
    unused = (passkeys.c.id == credential_id.hex()) & or_(passkeys.c.used_at < asked_at, ahead)
    return connection.execute(update(passkeys).where(unused).values(used_at=asked_at)).rowcount == 1


def change_passkey(connection: Connection, credential_id: bytes, **values: Any) -> None:
    """Write what a device says of itself anew with each use: its count, and whether it is backed up."""
    connection.execute(update(passkeys).where(passkeys.c.id == credential_id.hex()).values(**values))


def delete_passkey(connection: Connection, credential_id: bytes) -> None:
    """Forget one credential; whoever held it signs in with password and code."""
    mine = passkeys.c.id == credential_id.hex()
    _touch(connection, *connection.scalars(select(passkeys.c.person_id).where(mine)))
    connection.execute(delete(passkeys).where(mine))


def delete_passkeys(connection: Connection, person_id: str) -> None:
    """Forget all of a person's credentials, as when their second factor is reset."""
    _touch(connection, person_id)
    connection.execute(delete(passkeys).where(passkeys.c.person_id == person_id))


def _passkey(row: Row[Any]) -> StoredPasskey:
    values = dict(row._mapping)
    values["credential_id"] = bytes.fromhex(values.pop("id"))
    values["transports"] = json.loads(values["transports"])
    return StoredPasskey(**values)
