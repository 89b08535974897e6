"""The tables, as SQLAlchemy knows them; `migrations` builds the same ones, and a test compares."""

from __future__ import annotations

from screening.storage.tables.accounts import (
    away,
    lent,
    passkeys,
    people,
    sign_in_tries,
    sign_ins,
    staff_sessions,
    teams,
)
from screening.storage.tables.audit import event_head, event_joins, event_requests, events
from screening.storage.tables.base import metadata
from screening.storage.tables.desk import entries, presence, request_index, request_status, status_counts
from screening.storage.tables.outgoing import message_templates, messages, outbox
from screening.storage.tables.rules import publications, recalls, rule_sets, sign_offs
from screening.storage.tables.running import arrivals, heartbeat, registered_keys, upkeep
from screening.storage.tables.sent import drafts, requests

__all__ = [
    "arrivals",
    "away",
    "drafts",
    "entries",
    "event_head",
    "event_joins",
    "event_requests",
    "events",
    "heartbeat",
    "lent",
    "message_templates",
    "messages",
    "metadata",
    "outbox",
    "passkeys",
    "people",
    "presence",
    "publications",
    "recalls",
    "registered_keys",
    "request_index",
    "request_status",
    "requests",
    "rule_sets",
    "sign_in_tries",
    "sign_ins",
    "sign_offs",
    "staff_sessions",
    "status_counts",
    "teams",
    "upkeep",
]
