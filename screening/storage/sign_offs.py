"""Who agreed to which content of a rule set, and who stood by it as a second person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, Row, insert, select

from screening.core.serialising import canonical
from screening.core.word_lists import WordLists, from_data
from screening.storage import binding
from screening.storage.tables import events, sign_offs

SignPart = Literal["agreed", "seconded"]
EVENTS = ("rules_signed", "rules_seconded")  # the actions of the audit that vouch for them
_MADE = ("reasons", "vouched")


@dataclass(frozen=True, slots=True)
class GivenReason:
    """Something that became quieter, which a clinician ticked by itself, and why it may."""

    key: str
    about: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """One person's signature; `content` is the digest of all that they agreed to, `document` its text."""

    rule_set_id: str
    version: str
    digest: str
    content: str
    part: SignPart
    by_id: str
    by_name: str
    by_role: str
    at: datetime
    document: str
    reasons: tuple[GivenReason, ...] = ()
    vouched: bool = False  # whether the event that was written with it says that it stands as it was made


def insert_sign_off(connection: Connection, signed: SignOff) -> None:
    """Keep it; what is appended to the audit next vouches for it."""
    name = uuid4().hex
    values = {key: getattr(signed, key) for key in SignOff.__slots__ if key not in _MADE}
    reasons = canonical([asdict(reason) for reason in signed.reasons])
    connection.execute(insert(sign_offs).values(id=name, reasons=reasons, **values))
    binding.touch(connection, binding.SIGN_OFF, name)


def of_rule_set(connection: Connection, rule_set_id: str) -> list[SignOff]:
    """All of them, the latest first."""
    query = select(sign_offs).where(sign_offs.c.rule_set_id == rule_set_id).order_by(sign_offs.c.at.desc())
    rows = connection.execute(query).all()
    now = binding.digests(connection, [f"{binding.SIGN_OFF}:{row.id}" for row in rows])
    told = {thing: parts for thing, parts in now.items() if _is_told(connection, thing, parts)}
    return [_sign_off(row, f"{binding.SIGN_OFF}:{row.id}" in told) for row in rows]


def _is_told(connection: Connection, thing: str, parts: binding.VouchedParts | None) -> bool:
    """Whether an event of a sign-off names it with these very digests."""
    query = select(events.c.bound).where(events.c.action.in_(EVENTS), events.c.bound.contains(thing))
    return any(json.loads(bound).get(thing) == parts for bound in connection.scalars(query))


def standing_for(signed: Iterable[SignOff], content: str, part: SignPart) -> SignOff | None:
    """The latest of this part that is of this very content."""
    return next((each for each in signed if each.content == content and each.part == part), None)


def words_agreed(connection: Connection, rule_set_id: str, content: str) -> WordLists | None:
    """The word lists that were part of a content; None where nobody agreed, or before they were."""
    of_it = (sign_offs.c.rule_set_id == rule_set_id) & (sign_offs.c.content == content)
    rows = connection.execute(select(sign_offs.c.digest, sign_offs.c.document).where(of_it)).all()
    # the content vouches for its text; to look through the whole audit at each start would take long
    documents = (row.document for row in rows if content_of(row.digest, row.document) == content)
    held = json.loads(next(documents, "{}")).get("words")
    return from_data(held) if held is not None else None


def content_of(digest: str, document: str) -> str:
    """The digest of all that is agreed to: of the rule set's own, and what stands beside it."""
    return hashlib.sha256(canonical([digest, document]).encode()).hexdigest()


def _sign_off(row: Row[Any], vouched: bool) -> SignOff:
    values = {key: value for key, value in row._mapping.items() if key not in ("id", "reasons")}
    reasons = tuple(GivenReason(**reason) for reason in json.loads(row.reasons))
    return SignOff(**values, reasons=reasons, vouched=vouched)
