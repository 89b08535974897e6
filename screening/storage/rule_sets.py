"""The archive of rule sets: every request can be read with the rules it was made under, for ever."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from screening.core.outlines import Outline
from screening.core.rules import RuleSet
from screening.storage.database import insert_or_ignore
from screening.storage.tables import rule_sets

AT_A_TIME = 500  # values in one statement


def archive(connection: Connection, rule_set: RuleSet | Outline, document: str, now: datetime) -> None:
    """Keep it for ever under its digest; one that is there stays as it was, whoever saw it first."""
    archive_all(connection, [(rule_set, document)], now)


def archive_all(
    connection: Connection, found: Iterable[tuple[RuleSet | Outline, str]], now: datetime
) -> None:
    """The same of each of them, with its document."""
    rows = [
        {
            "digest": rule_set.digest,
            "rule_set_id": rule_set.id,
            "version": rule_set.version,
            "status": rule_set.status,
            "document": document,
            "first_seen_at": now,
        }
        for rule_set, document in found
    ]
    if rows:
        connection.execute(insert_or_ignore(connection, rule_sets), rows)


def archived(connection: Connection, digests: Sequence[str]) -> frozenset[str]:
    """Those of them that are kept here."""
    known = rule_sets.c.digest
    parts = (digests[at : at + AT_A_TIME] for at in range(0, len(digests), AT_A_TIME))
    queries = (select(known).where(known.in_(part)) for part in parts)
    return frozenset(digest for query in queries for digest in connection.scalars(query))


def versions(connection: Connection, rule_set_id: str) -> list[str]:
    """Every version of a rule set that was ever loaded here."""
    query = select(rule_sets.c.version).where(rule_sets.c.rule_set_id == rule_set_id).distinct()
    return sorted(connection.scalars(query))


def load(connection: Connection, digest: str) -> str | None:
    """The document with this digest, JSON text for `core.loading.from_document`; None without one."""
    return connection.scalar(select(rule_sets.c.document).where(rule_sets.c.digest == digest))
