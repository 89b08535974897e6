"""What an event vouches for: digests of the rows that its transaction touched, as they stand since.

The chain of events cannot be changed unnoticed, and so neither can rows that the last event about them
describes. Whatever writes such a row says `touch`; `events.append` puts the digests of all that was touched
into the event. A value that is empty or zero counts as absent, so that a later column changes no digest.
Two transactions that touch the same thing must both hold a row of it: the later event describes both. What
no event vouches for is in `unvouched`, with why.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Select, Table, bindparam, select

from screening.core.serialising import canonical
from screening.storage.sites import also_here
from screening.storage.tables import (
    away,
    entries,
    lent,
    message_templates,
    messages,
    outbox,
    passkeys,
    people,
    publications,
    recalls,
    request_index,
    request_status,
    requests,
    sign_offs,
    teams,
)
from screening.storage.together import Together

_TOUCHED = "screening.touched"
_AS_BEFORE = "screening.as_before"
_HEX = 32  # digits of each part's digest: enough that no two states meet
_CHUNK = 200

VouchedParts = Mapping[str, str]  # part -> digest
Bound = Mapping[str, VouchedParts | None]  # "kind:id" -> its parts; None: it was erased


class BoundPart(NamedTuple):
    """Rows of one table that belong to a thing; `of` is the column that names it."""

    name: str
    words: str  # as a finding calls it
    table: Table
    of: Column[Any]
    columns: tuple[Column[Any], ...]
    whether: frozenset[str] = frozenset()  # those of which it counts only that there is a value
    of_all_sites: bool = False  # a thing that has rows at several; whoever changes one locks the others

    @property
    def names(self) -> tuple[str, ...]:
        """Those of its columns."""
        return _names(self.columns)


@cache
def _names(columns: tuple[Column[Any], ...]) -> tuple[str, ...]:
    return tuple(column.name for column in columns)


def _columns(table: Table, *but: str) -> tuple[Column[Any], ...]:
    return tuple(column for column in table.columns if column.name not in but)


def _named(table: Table, *names: str) -> tuple[Column[Any], ...]:
    return tuple(table.c[name] for name in names)


_SENT = (
    "reference", "draft_id", "treatment", "rule_set_id", "rule_set_version", "rule_set_digest", "language",
    "received_at", "flags_to_review", "flags_to_discuss", "flags_to_arrange", "entered_by",
    "sealed_contact", "sealed_health",
)  # fmt: skip

_ACCOUNT, _SECRETS = ("id", "email", "name", "roles", "active", "sites"), ("password", "totp_secret")
_OTHER_WAYS = ("password_once", "password_until", "recovery_codes", "passkey_handle", "uniquifier")
_NOTICE = (
    "id", "kind", "once", "reference", "address", "sealed_address", "created_at", "due_at", "sent_at", "site",
)  # fmt: skip


def _all_of(name: str, words: str, of: Column[Any]) -> BoundPart:
    return BoundPart(name, words, of.table, of, _columns(of.table))


def _some(name: str, words: str, of: Column[Any], *columns: str) -> BoundPart:
    return BoundPart(name, words, of.table, of, _named(of.table, *columns))


REQUEST, PERSON, PUBLICATION, SIGN_OFF = "request", "person", "publication", "sign_off"
RECALLS, TEMPLATE = "recalls", "template"
MESSAGE, NOTICE, ACCESS = "message", "notice", "access"
TEAM, AWAY, LENT = "team", "away", "lent"
# The first part of each kind is the thing itself: where it has no row, it is not there.
KINDS: Mapping[str, tuple[BoundPart, ...]] = {
    REQUEST: (
        _some("sent", "what was sent", requests.c.reference, *_SENT),
        BoundPart("stands", "where it stands", requests, requests.c.reference, _columns(requests, *_SENT)),
        _all_of("written", "what staff wrote and decided", entries.c.reference),
        _all_of("moves", "its moves", request_status.c.reference),
        _all_of("found", "how it is found", request_index.c.reference),
    ),
    PERSON: (
        _some("account", "the account", people.c.id, *_ACCOUNT),
        _some("secrets", "password and second factor", people.c.id, *_SECRETS),
        _some("passkeys", "passkeys", passkeys.c.person_id, "id", "public_key"),
    ),
    PUBLICATION: (_all_of("published", "the publication", publications.c.digest),),
    SIGN_OFF: (_all_of("signed", "who agreed, and to what", sign_offs.c.id),),
    RECALLS: (_all_of("recalled", "which of its versions were recalled", recalls.c.rule_set_id),),
    TEMPLATE: (_all_of("worded", "what it says", message_templates.c.id),),
    MESSAGE: (_all_of("written", "what was written to the patient, and what became of it", messages.c.id),),
    # When a mail that waits is tried next is the sender's business; that it waits is what counts.
    NOTICE: (
        _some("waits", "to whom a mail is owed, and whether it went", outbox.c.id, *_NOTICE)._replace(
            whether=frozenset({"due_at"})
        ),
    ),
    ACCESS: (
        _some("ways", "other ways to sign in", people.c.id, *_OTHER_WAYS),
        _some("passkeys", "what passkeys are for", passkeys.c.person_id, "id", "name", "usage"),
    ),
    TEAM: (_all_of("treatments", "what they deal with", teams.c.person_id),),
    AWAY: (_all_of("absence", "who stands in", away.c.person_id)._replace(of_all_sites=True),),
    LENT: (_all_of("owner", "to whom it goes back", lent.c.reference),),
}
# Which kinds were bound to events first, which next, ...: what a database has of the later ones is vouched
# for when it is opened by a program that binds them.
AGES: tuple[frozenset[str], ...] = (
    frozenset({REQUEST, PERSON, PUBLICATION, SIGN_OFF}),
    frozenset({RECALLS, TEMPLATE}),
    frozenset({MESSAGE, NOTICE, ACCESS, TEAM, AWAY, LENT}),
)


def bound_by(age: int) -> frozenset[str]:
    """The kinds of so many ages."""
    return frozenset().union(*AGES[:age])


def kind_of(thing: str) -> str:
    """Of `kind:id`."""
    return thing.partition(":")[0]


def touch(connection: Connection, kind: str, *ids: str) -> None:
    """Say that rows of these things change in this transaction."""
    touched: dict[str, None] = connection.info.setdefault(_TOUCHED, {})
    touched.update(dict.fromkeys(f"{kind}:{thing}" for thing in ids))


def leave_as_vouched(connection: Connection, kind: str, name: str, was: VouchedParts) -> None:
    """Of what is otherwise now than `was`, the next event says what the last one said: so it stays a finding.

    For whoever writes beside a thing without looking at it; before anything of it is written. An empty `was`:
    no event spoke of it.
    """
    thing = f"{kind}:{name}"
    now = digests(connection, [thing])[thing] or {}
    parts = {part: was.get(part) for part in {*was, *now} if was.get(part) != now.get(part)}
    connection.info.setdefault(_AS_BEFORE, {})[thing] = parts if was else {}


def forget(connection: Connection) -> None:
    """At the beginning of a transaction: what another one touched on this connection is not its own."""
    connection.info.pop(_TOUCHED, None)
    connection.info.pop(_AS_BEFORE, None)


def is_touched(connection: Connection) -> bool:
    """Whether there is something that no event vouches for yet."""
    return bool(connection.info.get(_TOUCHED))


def bind(connection: Connection) -> str | None:
    """All that was touched since the last event, for the one that is appended now."""
    touched, before = connection.info.pop(_TOUCHED, None), connection.info.pop(_AS_BEFORE, {})
    if not touched:
        return None
    found = digests(connection, touched)
    for thing, parts in before.items():
        said = {**(found[thing] or {}), **parts}
        found[thing] = {part: digest for part, digest in said.items() if digest is not None}
    return written(found)


def written(bound: Bound) -> str:
    """As it stands in the event's row."""
    return canonical(bound, escaped=True)


def digests(connection: Connection, things: Iterable[str]) -> dict[str, VouchedParts | None]:
    """How these things stand now."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for thing in things:
        kind, _, name = thing.partition(":")
        by_kind[kind].append(name)
    return {
        f"{kind}:{name}": parts
        for kind, names in by_kind.items()
        for name, parts in _of_kind(connection, kind, names)
    }


def text_of(kind: str, part: str, row: Mapping[str, Any]) -> str:
    """What is digested of a row, once it is written."""
    of = _part(kind, part)
    return canonical(_plain(of, [row[name] for name in of.names]), escaped=True)


@cache
def _part(kind: str, name: str) -> BoundPart:
    return next(each for each in KINDS[kind] if each.name == name)


def digest_of(texts: Iterable[str]) -> str:
    """The same in whatever order the database gives them."""
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()[:_HEX]


def everything(
    connection: Connection, kinds: Collection[str] = KINDS.keys()
) -> Iterator[dict[str, VouchedParts | None]]:
    """All things there are of these kinds, some at a time."""
    for kind in (each for each in KINDS if each in kinds):
        thing = KINDS[kind][0]
        names = iter(connection.scalars(select(thing.of).order_by(thing.of)).all())
        while chunk := list(islice(names, _CHUNK)):
            found = _of_kind(connection, kind, chunk, everywhere=True)
            yield {f"{kind}:{name}": parts for name, parts in found}


def _of_kind(
    connection: Connection, kind: str, names: Collection[str], *, everywhere: bool = False
) -> Iterator[tuple[str, VouchedParts | None]]:
    rows = _rows(connection, kind, names, everywhere)
    thing = KINDS[kind][0].name
    for name in names:
        there = name in rows[thing]
        yield (
            name,
            {part: _digest(found[name]) for part, found in rows.items() if found[name]} if there else None,
        )


def _rows(
    connection: Connection, kind: str, names: Collection[str], everywhere: bool
) -> dict[str, dict[str, list[Any]]]:
    """By part: those of this site, for a change touches no other's; or all that bear the name anywhere."""
    rows: dict[str, dict[str, list[Any]]] = {}
    answers = _asked_together(kind, everywhere).ask(connection, {"names": list(names)})
    for part, answer in zip(KINDS[kind], answers, strict=True):
        found = rows[part.name] = defaultdict(list)
        for row in answer:
            found[row[0]].append(_plain(part, row[1:]))
    return rows


@cache
def _asked_together(kind: str, everywhere: bool) -> Together:
    return Together(*(_query(part, everywhere) for part in KINDS[kind]))


def _query(part: BoundPart, everywhere: bool) -> Select[Any]:
    query = select(part.of.label("_of"), *part.columns).where(part.of.in_(bindparam("names", expanding=True)))
    if everywhere or part.of_all_sites or "site" not in part.table.c:
        return query
    return query.where(also_here(part.table))


def _plain(part: BoundPart, row: Iterable[Any]) -> dict[str, Any]:
    values = zip(part.names, row, strict=True)
    return {
        name: 1 if name in part.whether else _PLAIN[kind](value) if (kind := type(value)) in _PLAIN else value
        for name, value in values
        if value
    }


_PLAIN: Mapping[type, Callable[[Any], Any]] = {
    datetime: lambda value: value.isoformat(timespec="microseconds"),
    date: date.isoformat,
    bytes: lambda value: hashlib.sha256(value).hexdigest(),
    memoryview: lambda value: hashlib.sha256(bytes(value)).hexdigest(),
}


def _digest(rows: list[Any]) -> str:
    return digest_of(canonical(row, escaped=True) for row in rows)


def differences(kind: str, was: VouchedParts, now: VouchedParts) -> list[str]:
    """The parts that are not the same, in words."""
    return [part.words for part in KINDS[kind] if was.get(part.name) != now.get(part.name)]
