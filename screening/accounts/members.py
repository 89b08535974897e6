"""Making and changing accounts, for managers and for the command line; each change is in the audit.

Nobody gives themselves a role. One that opens health answers needs a written reason, and auditors are told.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import email_validator

from screening.accounts import passwords
from screening.core.errors import Refused
from screening.core.workflow import CLINICIANS, DESK, ROLES
from screening.service.recording import Ground, Recorder, record, recording
from screening.storage import colleagues, people
from screening.storage.database import reading
from screening.storage.people import Member, MemberColumns
from screening.storage.sites import DEFAULT, this_site, written

WATCHED = frozenset(CLINICIANS)  # roles that open health answers
LETS_IN = frozenset({"account_enabled", "account_reset", "second_factor_reset"})  # maybe somebody else
LONGEST_REASON = 500
ONCE_WITHIN = timedelta(hours=72)  # a printed password lies about: soon it is worth nothing

ByWhom = tuple[str, str] | None  # who did it, id and name; None from the command line


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """What pages and commands are given of an account: nothing that lets anybody in."""

    id: str
    name: str
    email: str
    roles: tuple[str, ...]
    active: bool
    second_factor: bool  # whether it is set up
    signed_in_at: datetime | None = None  # the last time; filled in lists
    sites: frozenset[str] = frozenset({DEFAULT})  # where they work


@dataclass(frozen=True, slots=True)
class Made:
    """A new or reset account; `password` is told once, and the first sign-in changes it."""

    member: ShownAccount
    password: str = field(repr=False)


def _shown(member: Member) -> ShownAccount:
    set_up = member.totp_secret is not None
    return ShownAccount(
        member.id, member.name, member.email, member.roles, member.active, set_up, sites=member.sites
    )


def is_email(text: str) -> bool:
    """Whether it looks like an address; nothing is sent to find out."""
    try:
        email_validator.validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except email_validator.EmailNotValidError:
        return False
    return True


def in_order(roles: Collection[str]) -> tuple[str, ...]:
    """Known roles, each once."""
    return tuple(role for role in ROLES if role in roles)


def everyone(ground: Ground) -> list[ShownAccount]:
    """All accounts by name. Raises Unavailable."""
    with reading(ground.engine) as connection:
        last = colleagues.last_sign_ins(connection)
        found = [_shown(member) for member in people.everyone(connection)]
    return [replace(member, signed_in_at=last.get(member.id)) for member in found]


def at_desk(ground: Ground) -> list[ShownAccount]:
    """Everybody who may own a request of this site now, by name. Raises Unavailable."""
    with reading(ground.engine) as connection:
        found = people.everyone(connection)
    here = (member for member in found if member.active and this_site() in member.sites)
    return [_shown(member) for member in here if not set(DESK).isdisjoint(member.roles)]


def name_of(ground: Ground, person_id: str) -> str:
    """A member of staff by name, also one who is gone; the id itself for one who never was."""
    found = find(ground, id=person_id)
    return found.name if found is not None else person_id


def find(ground: Ground, **by: str) -> ShownAccount | None:
    """By `id` or `email`. Raises Unavailable."""
    with reading(ground.engine) as connection:
        found = people.find(connection, **by)
    return _shown(found) if found is not None else None


def add(
    ground: Ground,
    actor: ByWhom,
    *,
    email: str,
    name: str,
    roles: Collection[str],
    reason: str = "",
    sites: Collection[str] = (),
) -> Made | None:
    """A new account, of this site unless others are named; None when the address has one already.

    Raises Unavailable; and Refused for a role that opens health answers and no `reason`.
    """
    password, wanted = passwords.draw(), in_order(roles)
    grant = _granted((), wanted, reason)
    hashed = passwords.hash_password(password)
    with recording(ground) as recorder:
        made = people.add(
            recorder.connection,
            email=email,
            name=name.strip(),
            roles=wanted,
            password=hashed,
            now=ground.now(),
            password_until=ground.now() + ONCE_WITHIN,
            sites=sites or [this_site()],
        )
        if made is None:
            return None
        grant.tell(recorder)
        recorder.note("account_added", actor, person=made, roles=list(wanted), **grant.details)
        member = people.find(recorder.connection, id=made)
    return Made(_shown(member), password) if member is not None else None


def set_roles(
    ground: Ground, actor: ByWhom, member: ShownAccount, roles: Collection[str], reason: str = ""
) -> None:
    """Other roles; signs them out everywhere. Raises Unavailable.

    Raises Refused for a role that somebody would give themselves; and for one that opens health answers
    and no `reason`.
    """
    wanted = in_order(roles)
    if actor is not None and actor[0] == member.id and set(wanted) - set(member.roles):
        record(ground, "refused", actor, tried="roles_changed", why="own_role", person=member.id)
        raise Refused("own_role")
    grant = _granted(member.roles, wanted, reason)
    if wanted != member.roles:
        _change(ground, actor, member, "roles_changed", {"roles": wanted}, grant, roles=list(wanted))


@dataclass(frozen=True, slots=True)
class _Grant:
    """The reason why a role that opens health answers was given; empty where none was."""

    reason: str = ""

    @property
    def details(self) -> dict[str, str]:
        """For the event."""
        return {"reason": self.reason} if self.reason else {}

    def tell(self, recorder: Recorder) -> None:
        """To the auditors."""
        if self.reason:
            recorder.tell_auditors("role_given")


def _granted(before: Collection[str], wanted: Collection[str], reason: str) -> _Grant:
    """Raises Refused without the reason that the new roles need."""
    if WATCHED.isdisjoint(set(wanted) - set(before)):
        return _Grant()
    if not reason.strip():
        raise Refused("empty", what="reason")
    if len(reason) > LONGEST_REASON:
        raise Refused("too_long", what="reason", limit=LONGEST_REASON)
    return _Grant(reason.strip())


def treatments_of(ground: Ground, member: ShownAccount) -> tuple[str, ...]:
    """What they deal with, by id; empty where nothing was said. Raises Unavailable."""
    with reading(ground.engine) as connection:
        return colleagues.treatments_of(connection, member.id)


def set_treatments(ground: Ground, actor: ByWhom, member: ShownAccount, treatments: Collection[str]) -> None:
    """These and no others: whose team they are in. It opens and hides nothing. Raises Unavailable."""
    with recording(ground) as recorder:
        colleagues.set_treatments(recorder.connection, member.id, treatments)
        recorder.note("team_changed", actor, person=member.id, treatments=sorted(set(treatments)))


def manages(manager: frozenset[str], member: ShownAccount) -> bool:
    """Whether a manager of these sites may change the account: it works at no other."""
    return member.sites <= manager


def set_sites(ground: Ground, actor: ByWhom, member: ShownAccount, sites: Collection[str]) -> None:
    """Where they work from now on. Raises Unavailable; and Refused for none, and for one's own."""
    wanted = frozenset(sites)
    if not wanted:
        raise Refused("empty", what="sites")
    if actor is not None and actor[0] == member.id and wanted != member.sites:
        record(ground, "refused", actor, tried="sites_changed", why="own_clinics", person=member.id)
        raise Refused("own_clinics")
    if wanted != member.sites:
        _change(ground, actor, member, "sites_changed", {"sites": wanted}, sites=written(wanted) or "-")


def set_active(ground: Ground, actor: ByWhom, member: ShownAccount, *, active: bool) -> None:
    """Let in or keep out; keeping out signs them out everywhere. Raises Unavailable."""
    if active != member.active:
        _change(
            ground, actor, member, "account_enabled" if active else "account_disabled", {"active": active}
        )


def reset(ground: Ground, actor: ByWhom, member: ShownAccount) -> Made:
    """A new password to tell once, and a second factor to set up again. Raises Unavailable."""
    password = passwords.draw()
    changes: MemberColumns = {
        **_NO_SECOND_FACTOR,
        "password": passwords.hash_password(password),
        "password_once": True,
        "password_until": ground.now() + ONCE_WITHIN,
    }
    _change(ground, actor, member, "account_reset", changes, passkeys=True)
    return Made(replace(member, second_factor=False), password)


def reset_second_factor(ground: Ground, actor: ByWhom, member: ShownAccount) -> None:
    """A second factor to set up again at the next sign-in; the password stays. Raises Unavailable."""
    _change(ground, actor, member, "second_factor_reset", _NO_SECOND_FACTOR, passkeys=True)


_NO_SECOND_FACTOR: MemberColumns = {"totp_secret": None, "recovery_codes": None}


def _change(
    ground: Ground,
    actor: ByWhom,
    member: ShownAccount,
    action: str,
    changes: MemberColumns,
    grant: _Grant = _Grant(),  # frozen
    *,
    passkeys: bool = False,
    **details: Any,
) -> None:
    with recording(ground) as recorder:
        people.change(recorder.connection, member.id, changes, ground.now())
        if passkeys:
            people.delete_passkeys(recorder.connection, member.id)
        grant.tell(recorder)
        if action in LETS_IN and not WATCHED.isdisjoint(member.roles):
            recorder.tell_auditors("account_opened")
        recorder.note(action, actor, person=member.id, **details, **grant.details)
