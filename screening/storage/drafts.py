"""What a patient, or staff for one, have filled in so far, sealed with a key of its own.

Each function takes a connection from `reading` or `writing`. A draft is None when it is absent,
expired, of another treatment, or does not open with this token: a caller cannot tell which, nor can
somebody who guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, bindparam, func, insert, select, update
from sqlalchemy import delete as delete_from

from screening.core.errors import CannotOpen
from screening.core.serialising import Plain
from screening.core.unfinished import Unfinished
from screening.storage.database import writing_past
from screening.storage.one_row import OneChange, OneRow
from screening.storage.sealing.plaintext import pack, unpack
from screening.storage.sealing.tokens import DraftToken
from screening.storage.sites import also_here, at, this_site
from screening.storage.tables import drafts


@dataclass(frozen=True)
class Draft:
    """`reference` is absent until the draft was sent; from then on its answers stay as they are."""

    treatment: str
    rule_set_digest: str
    answers: Plain = field(repr=False)
    started_at: datetime
    changed_at: datetime
    expires_at: datetime
    reference: str | None = None
    begun_by: str = ""  # the id of the member of staff who began it; empty for patients
    held_by: str = ""  # of the one who fills it in now
    unfinished: Unfinished = field(default_factory=dict, repr=False)  # typed, and never counted
    told: Plain = field(default_factory=dict, repr=False)  # the entry that says how staff were told it
    as_read: bytes = field(default=b"", repr=False, compare=False)  # sealed: another each time


# Said once, so that nobody works out each time what they say. What a row is looked for by has names of its
# own: those of the columns are for new values.
_MINE = also_here(drafts) & (drafts.c.id == bindparam("mine"))
_FOUND = select(drafts).where(
    _MINE, drafts.c.treatment == bindparam("of"), drafts.c.expires_at > bindparam("at")
)
_TO_READ = OneRow(_FOUND)
_LOCKED = _FOUND.with_for_update()  # SQLite has no row locks and needs none: it lets in one writer at a time
_SAVED = ("rule_set_digest", "sealed", "changed_at", "expires_at")
_SAVE = update(drafts).where(_MINE).values({name: bindparam(name) for name in _SAVED})
_SAVE_AS_READ = OneChange(
    _SAVE.where(
        drafts.c.sealed == bindparam("was"),
        func.coalesce(drafts.c.held_by, "") == bindparam("holder"),
        drafts.c.reference.is_(None),
        drafts.c.expires_at > bindparam("at"),
    )
)
_MARK_SENT = _SAVE.values(reference=bindparam("sent_as")).where(drafts.c.reference.is_(None))

# Beside the answers, under the seal; no question has such an id.
_BEGUN_BY, _UNFINISHED, _TOLD = "", "~", "^"


def create(
    connection: Connection,
    token: DraftToken,
    *,
    treatment: str,
    rule_set_digest: str,
    answers: Plain,
    now: datetime,
    expires_at: datetime,
    begun_by: str = "",
    told: Plain | None = None,
) -> Draft:
    """Keep a new draft under a token that keeps none yet; `answers` is question id -> stored answer."""
    times = (now, now, expires_at)
    draft = Draft(treatment, rule_set_digest, dict(answers), *times, begun_by=begun_by, told=told or {})
    connection.execute(
        insert(drafts).values(
            id=token.row_id,
            treatment=treatment,
            rule_set_digest=rule_set_digest,
            sealed=_sealed(token, draft),
            started_at=now,
            changed_at=now,
            expires_at=expires_at,
        )
    )
    return draft


def load(connection: Connection, token: DraftToken, *, treatment: str, now: datetime) -> Draft | None:
    """The draft as it is; what is read may have changed by the time it is written, so see `change`."""
    return _find(connection, token, treatment, now, locked=False)


def read(engine: Engine, token: DraftToken, *, treatment: str, now: datetime) -> Draft | None:
    """The same in a transaction of its own. Raises Unavailable."""
    row = _TO_READ.find(engine, {"mine": token.row_id, "of": treatment, "at": now})
    return None if row is None else _opened(row, token)


def lies(connection: Connection, token: DraftToken) -> bool:
    """Whether its row is still there, expired or not."""
    return connection.scalar(select(drafts.c.id).where(row_of(token))) is not None


def load_each(
    connection: Connection, tokens: Iterable[DraftToken], *, now: datetime
) -> list[tuple[DraftToken, Draft]]:
    """Those that these tokens open, of whichever treatment, oldest first."""
    by_id = {token.row_id: token for token in tokens}
    mine = also_here(drafts) & drafts.c.id.in_(by_id)
    query = select(drafts).where(mine, drafts.c.expires_at > now)
    rows = connection.execute(query.order_by(drafts.c.started_at, drafts.c.id))
    return opened((by_id[row.id], row) for row in rows)


def opened(found: Iterable[tuple[DraftToken, Any]]) -> list[tuple[DraftToken, Draft]]:
    """The same of rows with their keys, without those that do not open."""
    each = [(token, _opened(row, token)) for token, row in found]
    return [(token, draft) for token, draft in each if draft is not None]


def lock(connection: Connection, token: DraftToken, *, treatment: str, now: datetime) -> Draft | None:
    """The draft, held for the rest of a `writing` transaction: nobody else changes or sends it meanwhile."""
    return _find(connection, token, treatment, now, locked=True)


def changed(draft: Draft, changes: Mapping[str, object], now: datetime, expires_at: datetime) -> Draft:
    """With the answers named in `changes` and no others, so that two tabs lose nothing. None is an answer
    too: the question was shown and left empty on purpose.

    To be saved by `save_as_read`; or by `save`, in the transaction in which `lock` found it.
    """
    answers = {**draft.answers, **changes}
    words = {question: typed for question, typed in draft.unfinished.items() if question not in changes}
    return replace(draft, answers=answers, unfinished=words, changed_at=now, expires_at=expires_at)


@dataclass(frozen=True)
class ToSave:
    """A draft under its seal, to be saved where it was not changed, taken over, sent or deleted since."""

    values: Mapping[str, object] = field(repr=False)
    site: str = field(default_factory=this_site)  # another thread may save it

    @classmethod
    def of(cls, token: DraftToken, draft: Draft, now: datetime) -> ToSave:
        """The draft as it is to be, made of one that was loaded."""
        return cls({**_values(token, draft), "was": draft.as_read, "holder": draft.held_by, "at": now})


def save_as_read(
    engine: Engine, waiting: Callable[[], Sequence[ToSave]], *, alone: bool = False
) -> list[bool]:
    """Keep those that wait once it is our turn; False for one that is another by now, and was not kept.

    `alone`: it is one. Raises Unavailable; then none of them was kept, or nobody can know.
    """
    with writing_past(engine, alone=alone) as cursor:
        return [_saved_as_read(engine, cursor, draft) for draft in waiting()]


def _saved_as_read(engine: Engine, cursor: Any, draft: ToSave) -> bool:
    with at(draft.site):
        return _SAVE_AS_READ.execute(engine, cursor, draft.values)


def save(connection: Connection, token: DraftToken, draft: Draft) -> Draft:
    """Keep it as it is now, its rules and its times too. To be called with what `lock` found in
    the same transaction."""
    connection.execute(_SAVE, _values(token, draft))
    return draft


def _values(token: DraftToken, draft: Draft) -> dict[str, Any]:
    return {
        "mine": token.row_id,
        "rule_set_digest": draft.rule_set_digest,
        "sealed": _sealed(token, draft),
        "changed_at": draft.changed_at,
        "expires_at": draft.expires_at,
    }


def keep(
    connection: Connection, token: DraftToken, *, treatment: str, now: datetime, expires_at: datetime
) -> Draft | None:
    """Put off the expiry of a draft that was not sent yet, changing no answer."""
    draft = lock(connection, token, treatment=treatment, now=now)
    if draft is None or draft.reference is not None:
        return draft
    connection.execute(update(drafts).where(row_of(token)).values(expires_at=expires_at))
    return replace(draft, expires_at=expires_at)


def mark_sent(
    connection: Connection,
    token: DraftToken,
    draft: Draft,
    reference: str,
    *,
    now: datetime,
    expires_at: datetime,
) -> Draft:
    """Note which request the draft became, once and for all; it stays readable until `expires_at`.

    Words that were not gone on with go. To be called with what `lock` found, of what was not sent yet, in the
    transaction that inserts the request.
    """
    sent = replace(draft, unfinished={}, changed_at=now, expires_at=expires_at)
    values = _values(token, sent) | {"sent_as": reference}
    connection.execute(_MARK_SENT, values)
    return replace(sent, reference=reference, as_read=values["sealed"])


def delete(connection: Connection, token: DraftToken) -> None:
    """Forget the draft; a request it became stays."""
    connection.execute(delete_from(drafts).where(row_of(token)))


def purge(connection: Connection, now: datetime) -> int:
    """Forget all that have expired; how many. A draft that somebody else holds is left for the next time."""
    expired = select(drafts.c.id).where(drafts.c.expires_at <= now).with_for_update(skip_locked=True)
    return connection.execute(delete_from(drafts).where(drafts.c.id.in_(expired))).rowcount


def go_with(connection: Connection, now: datetime, by: timedelta) -> None:
    """The clock was set by so much, at whatever site: what was kept before lives as long as it would have."""
    before = drafts.c.changed_at > now
    if by > timedelta():
        before = (drafts.c.changed_at <= now - by) & (drafts.c.expires_at > now - by)
    times = (drafts.c.started_at, drafts.c.changed_at, drafts.c.expires_at)
    rows = connection.execute(select(drafts.c.id, *times).where(before).with_for_update()).all()
    for row in rows:
        moved = {time.name: getattr(row, time.name) + by for time in times}
        connection.execute(update(drafts).where(drafts.c.id == row.id).values(moved))


def row_of(token: DraftToken) -> ColumnElement[bool]:
    """The draft that this token opens."""
    return also_here(drafts) & (drafts.c.id == token.row_id)


def _find(
    connection: Connection, token: DraftToken, treatment: str, now: datetime, *, locked: bool
) -> Draft | None:
    mine = {"mine": token.row_id, "of": treatment, "at": now}
    row = connection.execute(_LOCKED if locked else _FOUND, mine).one_or_none()
    return None if row is None else _opened(row, token)


def _sealed(token: DraftToken, draft: Draft) -> bytes:
    beside = {_BEGUN_BY: draft.begun_by, _UNFINISHED: draft.unfinished, _TOLD: draft.told}
    return token.seal(pack({**draft.answers, **{name: held for name, held in beside.items() if held}}))


def _opened(row: Any, token: DraftToken) -> Draft | None:
    try:
        answers = dict(unpack(token.open(row.sealed)))
    except CannotOpen:
        return None
    begun_by, words, told = answers.pop(_BEGUN_BY, ""), answers.pop(_UNFINISHED, {}), answers.pop(_TOLD, {})
    return Draft(
        treatment=row.treatment,
        rule_set_digest=row.rule_set_digest,
        answers=answers,
        started_at=row.started_at,
        changed_at=row.changed_at,
        expires_at=row.expires_at,
        reference=row.reference,
        begun_by=str(begun_by),
        held_by=row.held_by or "",
        unfinished=words,
        told=told,
        as_read=row.sealed,
    )
