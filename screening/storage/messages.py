"""Messages to patients as rows: the words until they are gone, what became of them, and their links.

The address of a link holds a secret of which only a digest is kept; the code is kept as a digest under that
secret, so that nobody who reads the table can open a link, or try codes against it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, insert, or_, select, update

from screening.core.errors import CannotOpen
from screening.core.messages import Letter, Way
from screening.storage import binding
from screening.storage.database import insert_or_ignore
from screening.storage.sealing.hpke import OpeningKeys, SealingKey
from screening.storage.sites import also_here, of_reference
from screening.storage.tables import messages
from screening.storage.together import Rows, given, made_once

MessageState = Literal["waiting", "sent", "delivered", "failed", "unanswered"]
MOST_TRIES = 5
_SECRET = 24  # bytes, 32 characters of an address
_CODE = 6  # digits


@dataclass(frozen=True, slots=True)
class LinkSecret:
    """What only the message holds: what its address ends in, and the code."""

    token: str = field(repr=False)
    code: str = field(repr=False)

    @classmethod
    def new(cls) -> LinkSecret:
        """From the operating system's randomness."""
        return cls(secrets.token_urlsafe(_SECRET), f"{secrets.randbelow(10**_CODE):0{_CODE}}")

    @property
    def digests(self) -> dict[str, str]:
        """The columns that a link is known by."""
        return {"link": link_digest(self.token), "code": code_digest(self.token, self.code)}


def link_digest(token: str) -> str:
    """What the table knows an address by."""
    return hashlib.sha256(b"link" + token.encode()).hexdigest()


def code_digest(token: str, code: str) -> str:
    """What the table knows a code by; without the address nobody can make it."""
    return hmac.new(token.encode(), b"code" + code.encode(), "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message as its row says."""

    id: str
    reference: str
    way: Way
    template: str
    state: MessageState
    why: str
    state_at: datetime
    created_at: datetime
    question: str
    code: str = field(repr=False)
    tries: int
    expires_at: datetime | None
    used_at: datetime | None

    def works(self, now: datetime) -> bool:
        """Whether its link may still be opened."""
        in_time = self.expires_at is not None and now < self.expires_at
        return in_time and self.used_at is None and self.tries < MOST_TRIES


def put(
    connection: Connection,
    key: SealingKey,
    message: str,
    reference: str,
    way: Way,
    template: str,
    letter: Letter,
    now: datetime,
) -> None:
    """Keep one that is to go; the outbox holds where to."""
    words = json.dumps([letter.subject, letter.words]).encode()
    sealed = key.seal(words, table="messages", column="sealed", row=message)
    row = {"id": message, "reference": reference, "way": way, "template": template, "sealed": sealed}
    times = {"state": "waiting", "state_at": now, "created_at": now}
    connection.execute(insert(messages).values(**row, **times))
    binding.touch(connection, binding.MESSAGE, message)
    see_to(connection, reference, but=message)


def put_sent(connection: Connection, message: str, reference: str, template: str, now: datetime) -> None:
    """A mail that the program wrote by itself and that is on its way; known already, it stays as it is."""
    row = {"id": message, "reference": reference, "way": "mail", "template": template, "state": "sent"}
    fresh = insert_or_ignore(connection, messages).values(**row, state_at=now, created_at=now)
    _touch(connection, connection.scalars(fresh.returning(messages.c.id)))


def give_link(
    connection: Connection, message: str, question: str, link: LinkSecret, expires_at: datetime
) -> None:
    """The message leads to this question; what led there before does not any more."""
    same = also_here(messages) & (messages.c.question == question) & messages.c.used_at.is_(None)
    _change(connection, same, {"expires_at": None})
    _change(connection, _is(message), {"question": question, "expires_at": expires_at, **link.digests})


def letter_of(connection: Connection, keys: OpeningKeys, message: str) -> Letter | None:
    """Its words, for as long as they are to go. Raises CannotOpen."""
    sealed = connection.scalar(select(messages.c.sealed).where(_is(message)))
    if sealed is None:
        return None
    try:
        subject, words = json.loads(keys.open(sealed, table="messages", column="sealed", row=message))
    except ValueError:
        raise CannotOpen("messages.sealed opened, but is no message.") from None
    return Letter(subject, words)


def become(
    connection: Connection, message: str, state: MessageState, now: datetime, why: str = ""
) -> KeptMessage | None:
    """What became of it; the message where that is news, None where it is known or there is none.

    Once it was taken or given up nobody needs its words any more. The last word counts, but for one that
    only says again that it is on its way.
    """
    row = connection.execute(_all().where(_is(message)).with_for_update()).one_or_none()
    if row is None or row.state in (state, "unanswered") or (state == "sent" and row.state != "waiting"):
        return None
    replaced = row.question is not None and row.expires_at is None  # by a later one about the same
    settled = replaced or row.used_at is not None
    values = {"state": state, "why": why or None, "state_at": now, "sealed": None, "seen_to": int(settled)}
    _change(connection, _is(message), values)
    return _of(row)


def of_id(connection: Connection, message: str) -> KeptMessage | None:
    """The message of this id."""
    row = connection.execute(_all().where(_is(message))).one_or_none()
    return None if row is None else _of(row)


def of_link(connection: Connection, token: str, *, locked: bool = False) -> KeptMessage | None:
    """The message whose address holds this; `locked`: nobody else tries until the transaction ends."""
    query = _all().where(messages.c.link == link_digest(token))
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    return None if row is None else _of(row)


def tried(connection: Connection, message: KeptMessage, now: datetime) -> bool:
    """A wrong try; whether it was the last that there may be: then somebody must look."""
    values: dict[str, object] = {"tries": message.tries + 1}
    last = message.tries + 1 >= MOST_TRIES
    if last:
        values |= {"state": "failed", "why": "locked", "state_at": now, "seen_to": 0}
    _change(connection, _is(message.id), values)
    return last


def use(connection: Connection, message: str, now: datetime) -> None:
    """Its question was answered: the link is spent."""
    _change(connection, _is(message), {"used_at": now, "seen_to": 1})


def run_out(connection: Connection, now: datetime) -> tuple[KeptMessage, ...]:
    """Those that went, whose link is over, and of which nobody has said yet what that means."""
    over = messages.c.question.is_not(None) & messages.c.used_at.is_(None) & (messages.c.expires_at <= now)
    query = _all().where(over, messages.c.state.in_(("sent", "delivered")))
    return tuple(map(_of, connection.execute(query.order_by(messages.c.expires_at, messages.c.id))))


def end(connection: Connection, message: str, now: datetime, *, waits: bool) -> None:
    """The link of a message is over. `waits`: its question has no answer, and somebody must see to that."""
    values: dict[str, object] = {"expires_at": None}
    if waits:
        values = {"state": "unanswered", "state_at": now, "seen_to": 0, "sealed": None}
    _change(connection, _is(message), values)


def see_to(connection: Connection, reference: str, but: str = "") -> None:
    """Somebody did something since: what was not delivered need not be pointed out any more."""
    theirs = of_reference(messages, reference) & (messages.c.id != but) & (messages.c.seen_to == 0)
    _change(connection, theirs, {"seen_to": 1})


def _change(connection: Connection, which: ColumnElement[bool], values: Mapping[str, object]) -> None:
    """Of all changes the one place: what is appended to the audit next vouches for these."""
    changed = update(messages).where(which).values(values).returning(messages.c.id)
    _touch(connection, connection.scalars(changed))


def _touch(connection: Connection, changed: Iterable[str]) -> None:
    binding.touch(connection, binding.MESSAGE, *changed)


@made_once
def query() -> Select[Any]:
    """Those of the given reference, in no order."""
    return select(messages).where(of_reference(messages, given("reference")))


def newest_first(rows: Rows) -> tuple[KeptMessage, ...]:
    """The rows of that."""
    by_id = sorted(map(_of, rows), key=lambda message: message.id)
    return tuple(sorted(by_id, key=lambda message: message.created_at, reverse=True))


def site_of(connection: Connection, message: str) -> str | None:
    """Whose it is: those who report what became of it name no site. None where nobody sent it."""
    return connection.scalar(select(messages.c.site).where(messages.c.id == message))


def not_delivered(connection: Connection, waiting_since: datetime) -> tuple[KeptMessage, ...]:
    """Those that did not get there, wait since before then, or ended unanswered."""
    query = _all().where(_lost(waiting_since)).order_by(messages.c.created_at, messages.c.id)
    return tuple(map(_of, connection.execute(query)))


class Marked(NamedTuple):
    """A message that a row points out: `lost` as in `not_delivered`, else with a link that still holds."""

    message: KeptMessage
    lost: bool


@made_once
def marks_query() -> Select[Any]:
    """What the rows of the given `references` point out at the time `now`, in no order."""
    in_time = messages.c.expires_at > given("now")
    holds = messages.c.used_at.is_(None) & in_time & (messages.c.tries < MOST_TRIES)
    is_lost = _lost(given("waiting_since"))
    these = also_here(messages) & messages.c.reference.in_(bindparam("references", expanding=True))
    return select(messages, is_lost.label("lost")).where(these, or_(is_lost, holds))


def marked(rows: Rows) -> list[Marked]:
    """The rows of that, the oldest first."""
    in_order = sorted(rows, key=lambda row: (row.created_at, row.id))
    return [Marked(_of(row), bool(row.lost)) for row in in_order]


@made_once
def lost_query() -> Select[Any]:
    """How many there are that were `not_delivered`, or wait since before `waiting_since`."""
    return (
        select(func.count()).select_from(messages).where(also_here(messages), _lost(given("waiting_since")))
    )


def _lost(waiting_since: datetime) -> ColumnElement[bool]:
    late = (messages.c.state == "waiting") & (messages.c.created_at < waiting_since)
    return (messages.c.seen_to == 0) & or_(messages.c.state.in_(("failed", "unanswered")), late)


def _all() -> Select[Any]:
    return select(messages).where(also_here(messages))


def _is(message: str) -> ColumnElement[bool]:
    return also_here(messages) & (messages.c.id == message)


def _of(row: Any) -> KeptMessage:
    return KeptMessage(
        row.id,
        row.reference,
        row.way,
        row.template,
        row.state,
        row.why or "",
        row.state_at,
        row.created_at,
        row.question or "",
        row.code or "",
        row.tries,
        row.expires_at,
        row.used_at,
    )
