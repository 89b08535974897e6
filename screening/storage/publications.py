"""Which versions were published, signed off by whom; the rule sets themselves are in `rule_sets`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from screening.storage import binding
from screening.storage.database import insert_or_ignore
from screening.storage.tables import publications, recalls
from screening.storage.together import Together, made_once


@dataclass(frozen=True, kw_only=True)
class Publication:
    """One version that went live here; `reasons` is what became quieter -> why it may."""

    digest: str
    rule_set_id: str
    version: str
    published_at: datetime
    signed_name: str
    signed_role: str
    signed_on: date
    reasons: Mapping[str, str] = field(default_factory=dict)
    traced: bool = False
    retired_at: datetime | None = None
    retired_because: str | None = None
    begins_on: date | None = None  # absent: it was published before this was kept, and began at once
    content: str = ""  # all that was agreed to, as its sign-off names it
    signed_by: str = ""
    seconded_name: str = ""
    recalled_at: datetime | None = None  # found unsafe; it ended the version before it all the same
    recalled_because: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not retired."""
        return self.retired_at is None

    @property
    def taken_back(self) -> bool:
        """Whether patients cannot have it any more, whatever its days say."""
        return not self.stands or self.recalled_at is not None

    def has_begun(self, today: date) -> bool:
        """Whether it holds from this day or an earlier one."""
        return self.begins_on is None or self.begins_on <= today


def in_force(published: Iterable[Publication], rule_set_id: str, today: date) -> Publication | None:
    """The version that holds today: what was published last and has begun; it ended the one before it.

    `published` has the latest first.
    """
    mine = (past for past in published if past.rule_set_id == rule_set_id)
    return next((past for past in mine if past.stands and past.has_begun(today)), None)


def insert(connection: Connection, publication: Publication) -> bool:
    """Keep it; False when this digest, or this version number, was published before."""
    kept = {name: value for name, value in vars(publication).items() if name in publications.c}
    values = kept | {"reasons": json.dumps(dict(publication.reasons), ensure_ascii=False)}
    binding.touch(connection, binding.PUBLICATION, publication.digest)
    row = insert_or_ignore(connection, publications).values(**values).returning(publications.c.digest)
    return connection.execute(row).first() is not None


def history(connection: Connection, rule_set_id: str | None = None) -> list[Publication]:
    """Every publication, of one rule set or of all, the latest first."""
    same = (recalls.c.rule_set_id == publications.c.rule_set_id) & (
        recalls.c.version == publications.c.version
    )
    found = select(publications, recalls.c.recalled_at, recalls.c.because.label("recalled_because"))
    query = found.outerjoin(recalls, same).order_by(
        publications.c.published_at.desc(), publications.c.version.desc()
    )
    if rule_set_id is not None:
        query = query.where(publications.c.rule_set_id == rule_set_id)
    return [_publication(row) for row in connection.execute(query)]


def retire(connection: Connection, rule_set_id: str, *, because: str, now: datetime) -> int:
    """Mark every version that still stands as retired; how many there were."""
    standing = (publications.c.rule_set_id == rule_set_id) & publications.c.retired_at.is_(None)
    binding.touch(
        connection, binding.PUBLICATION, *connection.scalars(select(publications.c.digest).where(standing))
    )
    values = {"retired_at": now, "retired_because": because}
    return connection.execute(update(publications).where(standing).values(**values)).rowcount


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was taken back: published content by digest, and recalled versions by rule set and number."""

    digests: frozenset[str] = frozenset()
    versions: frozenset[tuple[str, str]] = frozenset()

    def names(self, digest: str, rule_set_id: str, version: str) -> bool:
        """Whether this content is among it."""
        return digest in self.digests or (rule_set_id, version) in self.versions


def withdrawn(connection: Connection) -> Withdrawn:
    """All that was taken back here."""
    retired, recalled = _taken_back().ask(connection, {})
    versions = frozenset((row.rule_set_id, row.version) for row in recalled)
    return Withdrawn(frozenset(row.digest for row in retired), versions)


@made_once
def _taken_back() -> Together:
    return Together(
        select(publications.c.digest).where(publications.c.retired_at.is_not(None)),
        select(recalls.c.rule_set_id, recalls.c.version),
    )


def recall(
    connection: Connection, rule_set_id: str, version: str, *, by: str, because: str, now: datetime
) -> None:
    """Note that a version was found unsafe; one that was recalled before stays as it is."""
    values = {"rule_set_id": rule_set_id, "version": version, "recalled_at": now}
    row = insert_or_ignore(connection, recalls).values(**values, recalled_by=by, because=because)
    connection.execute(row)
    binding.touch(connection, binding.RECALLS, rule_set_id)


def _publication(row: Row[Any]) -> Publication:
    return Publication(**{**row._mapping, "reasons": json.loads(row.reasons)})
