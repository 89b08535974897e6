"""Notices to send, each written in the transaction that caused it, and sent at least once.

A row is one mail to one address. Its id is the Message-ID, so that a mail that was sent twice, because
the sender was killed before it could say so, is recognised. No row holds a name or a word about health;
a patient's address is sealed, opens only where there is an opening key, and goes once the mail is gone.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, true, update

from screening.core.errors import CannotOpen
from screening.storage import binding
from screening.storage.database import insert_or_ignore
from screening.storage.sealing.hpke import OpeningKeys, SealingKey
from screening.storage.sites import DEFAULT, also_here, this_site
from screening.storage.tables import outbox

TO_SERVER = "fhir_request"  # no mail: a request for a FHIR server of the clinic
MESSAGE, TEXT = "message", "text"  # to a patient, by mail and by an SMS gateway; `once` is the message's id
_NO_MAILS = (TO_SERVER, TEXT)
_LONGEST = timedelta(hours=1)  # between two tries, however long the mail server is away
_TRIES_IN_AN_HOUR = 6  # see `put_off`: the sixth is tried half an hour after the first, and waits as long
_OF_SITE = "/"  # stands behind a site, in `once`
_tried = outbox.c.tries >= _TRIES_IN_AN_HOUR
_FARTHEST = timedelta(days=31)  # until the next opening of any clinic


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail to send; `address` is opened where it was sealed."""

    id: str
    kind: str
    reference: str | None
    address: str = field(repr=False)
    claimed_at: datetime
    tries: int
    once: str = ""
    site: str = DEFAULT


@dataclass(frozen=True, slots=True)
class SentNotice:
    """One that went, or was given up: nobody's address."""

    id: str
    kind: str
    reference: str | None
    once: str
    created_at: datetime
    site: str = DEFAULT


def of_id(connection: Connection, notice: str) -> SentNotice | None:
    """The notice of this id; None where there never was one."""
    row = connection.execute(select(outbox).where(outbox.c.id == notice)).one_or_none()
    if row is None:
        return None
    return SentNotice(row.id, row.kind, row.reference, _said_once(row), row.created_at, row.site)


def put(
    connection: Connection,
    kind: str,
    *,
    now: datetime,
    due_at: datetime | None = None,
    once: str | None = None,
    reference: str | None = None,
    address: str | None = None,
    patient_address: str | None = None,
    sealing_key: SealingKey | None = None,
) -> None:
    """Write a notice for later than `due_at`; when one with the same `once` waits, only touch that one."""
    notice = secrets.token_hex(16)
    sealed = None
    if patient_address is not None and sealing_key is not None:
        sealed = sealing_key.seal(
            patient_address.encode(), table="outbox", column="sealed_address", row=notice
        )
    once = _kept_once(once) if once is not None else None
    row = {"id": notice, "kind": kind, "once": once, "reference": reference, "address": address}
    times = {"created_at": now, "due_at": due_at or now}
    fresh = insert_or_ignore(connection, outbox).values(**row, **times, sealed_address=sealed)
    touch = update(outbox).where(outbox.c.once == once).values(touched_at=now)
    # The one that waits may be sent, and so be gone, between the two: then the next round writes anew.
    # PostgreSQL counts no rows of an INSERT here, so the row itself is asked for.
    written = fresh.returning(outbox.c.id)
    while (made := connection.scalar(written)) is None:
        if connection.execute(touch).rowcount:
            return
    binding.touch(connection, binding.NOTICE, made)


def known(connection: Connection, once: Sequence[str]) -> set[str]:
    """Those of these for which there is a notice of this site."""
    kept = {_kept_once(text): text for text in once}
    found = select(outbox.c.once).where(outbox.c.once.in_(kept))
    return {kept[text] for text in connection.scalars(found)} if once else set()


def waits_since(connection: Connection, kind: str, before: datetime) -> bool:
    """Whether one of a kind at this site was due before then, and did not go."""
    late = also_here(outbox) & (outbox.c.due_at < before) & (outbox.c.kind == kind)
    return connection.scalar(select(outbox.c.id).where(late).limit(1)) is not None


def _kept_once(once: str) -> str:
    """What no two rows have: of sites that say the same, each has its own."""
    site = this_site()
    return f"{site}{_OF_SITE}{once}" if site else once


def _said_once(row: Row[Any]) -> str:
    once: str = row.once or ""
    return once.removeprefix(f"{row.site}{_OF_SITE}") if row.site else once


def claim(
    connection: Connection,
    keys: OpeningKeys | None,
    now: datetime,
    hold: timedelta,
    kinds: Sequence[str] = (),
    since: datetime | None = None,
) -> Notice | None:
    """The next notice to send, of whichever site, kept from others for `hold`; its address is empty if it
    does not open.

    Of these kinds; without any, mails. Without keys, notices to patients are left to a process that has them.
    What was written before `since` waits.
    """
    which = _is_due(now)
    which &= outbox.c.created_at >= since if since is not None else true()
    which &= outbox.c.kind.in_(kinds) if kinds else outbox.c.kind.not_in(_NO_MAILS)
    if keys is None:
        which &= outbox.c.sealed_address.is_(None)
    query = select(outbox).where(which).order_by(outbox.c.due_at, outbox.c.id).limit(1)
    row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    _set(connection, row.id, due_at=now + hold, tries=row.tries + 1, touched_at=None)
    address = row.address or _opened(keys, row.id, row.sealed_address)
    return Notice(row.id, row.kind, row.reference, address, now, row.tries + 1, _said_once(row), row.site)


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Also what waits for a day only because a clock was fast that is right again."""
    due, soon = outbox.c.due_at, now + _LONGEST
    put_off = (outbox.c.tries > 0) & (due > soon + _LONGEST)
    written = (outbox.c.tries == 0) & (outbox.c.created_at > soon)
    return due.is_not(None) & ((due <= now) | put_off | written)


def _opened(keys: OpeningKeys | None, notice: str, sealed: bytes | None) -> str:
    if keys is None or sealed is None:
        return ""
    try:
        return keys.open(sealed, table="outbox", column="sealed_address", row=notice).decode()
    except CannotOpen:
        return ""


def sent(connection: Connection, notice: Notice, now: datetime, *, recurs: bool = False) -> None:
    """It was taken by the mail server: the patient's address goes. To be called at the notice's site.

    `recurs`: it may be written again; and is at once, when it was touched since it was claimed last.
    """
    mine = outbox.c.id == notice.id
    row = connection.execute(select(outbox).where(mine).with_for_update()).one_or_none()
    if row is None:  # its request was erased meanwhile
        return
    once = None if recurs else row.once
    _end(connection, mine, due_at=None, sent_at=now, sealed_address=None, error=None, once=once)
    if recurs and row.touched_at is not None:
        again = _said_once(row)
        put(connection, row.kind, now=now, once=again, reference=row.reference, address=row.address)


def give_up(connection: Connection, notice: str, error: str, *, recurs: bool = False) -> bool:
    """It will never be taken; it stays for somebody to see, without the patient's address.

    `recurs`: it may be written again. False where its request was erased meanwhile.
    """
    values = {"once": None} if recurs else {}
    mine = outbox.c.id == notice
    return _end(connection, mine, due_at=None, sealed_address=None, error=error, **values) > 0


def take_up(connection: Connection, kind: str, now: datetime) -> int:
    """Try again now what was given up of a kind at this site; how many there are."""
    given_up = also_here(outbox) & (outbox.c.kind == kind)
    given_up &= outbox.c.due_at.is_(None) & outbox.c.sent_at.is_(None)
    return _end(connection, given_up, due_at=now, tries=0, error=None)


def put_off(connection: Connection, notice: Notice, now: datetime, error: str) -> None:
    """Try again after half a minute, then twice as long each time, an hour at most."""
    wait = min(timedelta(seconds=30) * 2 ** min(notice.tries, 10), _LONGEST)
    _set(connection, notice.id, due_at=now + wait, error=error)


def figures(connection: Connection) -> dict[str, int]:
    """How many are `waiting`, were `sent`, and were `given_up`."""
    waiting = connection.scalar(select(func.count()).where(outbox.c.due_at.is_not(None))) or 0
    gone = connection.scalar(select(func.count()).where(outbox.c.sent_at.is_not(None))) or 0
    total = connection.scalar(select(func.count()).select_from(outbox)) or 0
    return {"waiting": waiting, "sent": gone, "given_up": total - waiting - gone}


def stuck(connection: Connection, now: datetime, resting: Sequence[str] = ()) -> int:
    """How many wait although they were tried for an hour, nobody tried them for one, or they wait for a day
    on which no sender would try them: when that is stands in the row alone, and no event vouches for it.

    Of `resting` kinds nobody need have tried any.
    """
    due = outbox.c.due_at
    untried = (due <= now - _LONGEST) & outbox.c.kind.not_in(resting)
    never = (due > now + _FARTHEST) | ((outbox.c.tries > 0) & (due > now + 2 * _LONGEST))
    return connection.scalar(select(func.count()).where(untried | never | (due.is_not(None) & _tried))) or 0


def _set(connection: Connection, notice: str, **values: object) -> None:
    """When it is tried next, as long as it waits: another sender may have sent it meanwhile."""
    waits = (outbox.c.id == notice) & outbox.c.due_at.is_not(None)
    connection.execute(update(outbox).where(waits).values(values))


def _end(connection: Connection, which: ColumnElement[bool], **values: object) -> int:
    """They wait no longer, or again: what is appended to the audit next vouches for that. How many."""
    changed = connection.scalars(update(outbox).where(which).values(values).returning(outbox.c.id)).all()
    binding.touch(connection, binding.NOTICE, *changed)
    return len(changed)
