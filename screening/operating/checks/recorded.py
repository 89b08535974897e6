"""What the database says about itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from screening.core.wording import so_many
from screening.operating.checks.check import Check, recorded, when
from screening.operating.surroundings import Surroundings
from screening.service.witness import SKEW


def _has_fresh_backup(at: Surroundings) -> bool:
    """One that was made when it was due; while the service is new, none is due."""
    if at.record is None or at.record.last_event_at is None:
        return True
    made = at.record.backup_at
    return made is not None and at.now - made <= 2 * timedelta(hours=at.settings.backup_hours)


def _some(number: int, word: str, state: str = "") -> Iterable[str]:
    return when(number > 0, so_many(number, word) + state)


RECORDED: tuple[Check, ...] = (
    Check(
        "not_writable",
        "asked",
        recorded(
            lambda record: when(
                not record.writable, f"the database does not answer, or cannot be written: {record.why_not}"
            )
        ),
        "No request can be kept now: see whether it runs, whether the disk is full, who may write to it, "
        "and whether a standby that it waits for is away.",
    ),
    Check(
        "old_tables",
        "asked",
        recorded(lambda record: when(not record.up_to_date, "its tables are of another version")),
        "The next start of this program brings older ones up to date, so make a backup first; newer ones it "
        "refuses: start the newer program again, or go back to a backup (docs/operating.md, Going back).",
        watched=True,
    ),
    Check(
        "not_durable",
        "asked",
        recorded(
            lambda record: when(not record.durable, "fsync, full_page_writes or synchronous_commit is off")
        ),
        "A power cut would take acknowledged requests with it: turn it on at the PostgreSQL server.",
        watched=True,
    ),
    Check(
        "keys_amiss",
        "asked",
        recorded(lambda record: record.keys),
        "The service does not start so; screening keys check looks further.",
    ),
    Check(
        "audit_head",
        "asked",
        recorded(lambda record: record.heads),
        "Run screening audit verify, and tell an auditor.",
        watched=True,
    ),
    Check(
        "mail_stuck",
        "asked",
        recorded(lambda record: _some(record.stuck, "mail", " waiting for more than an hour")),
        "See whether the mail server answers: screening deliver says what it does.",
        watched=True,
    ),
    Check(
        "mail_given_up",
        "asked",
        recorded(lambda record: _some(record.given_up, "mail", " refused for good")),
        "Mend the addresses in SCREENING_MAIL_*, or ask whoever runs the mail server why it takes no such "
        "mail; who was to be told of a request sees it in the queue.",
    ),
    Check(
        "drafts_overstayed",
        "asked",
        recorded(lambda record: _some(record.drafts_overstayed, "draft")),
        "They expired more than an hour ago: run screening serve, or screening upkeep every few minutes.",
        watched=True,
    ),
    Check(
        "backup_old",
        "asked",
        lambda at: when(
            at.settings.backup_to is not None and not _has_fresh_backup(at), "there is no fresh backup"
        ),
        "See whether the backup key is there and the folder can be written: screening backup TO says why.",
        watched=True,
    ),
    Check(
        "flood",
        "asked",
        recorded(lambda record: _some(record.refused, "form", " refused lately")),
        "Too many come from one address, or in all. Is it the clinic's own: SCREENING_CLINIC_NETWORKS.",
        watched=True,
    ),
    Check(
        "unreadable",
        "asked",
        recorded(lambda record: _some(record.unreadable, "request")),
        "A sealed part of theirs does not open; each says so in the queue. Find the key, or a backup.",
        watched=True,
    ),
    Check(
        "templates_amiss",
        "asked",
        recorded(
            lambda record: (f"template {name} cannot be sent" for name in sorted(record.templates_amiss))
        ),
        "A manager sees under Messages what is wrong: a field that there is no more, or a word about health.",
    ),
    Check(
        "not_indexed",
        "asked",
        recorded(
            lambda record: when(record.unindexed > record.unreadable, f"{record.unindexed} that came lately")
        ),
        "They are not found by name, and nobody is told of the same person's others: see that the process of "
        "SCREENING_DOORS=staff runs, which does that.",
        watched=True,
    ),
    Check(
        "clock_set",
        "asked",
        recorded(lambda record: when(record.clock_set, "the clock of a server was set")),
        "Nothing is deleted until it is back, or has stood for an hour: see whether it is right.",
        watched=True,
    ),
    Check(
        "clock_back",
        "asked",
        lambda at: when(
            at.record is not None
            and at.record.last_event_at is not None
            and at.record.last_event_at > at.now + SKEW,
            "the last event of the audit is later than now",
        ),
        "The clock of this machine is slow, or was fast: set it by a time server.",
        watched=True,
    ),
)
