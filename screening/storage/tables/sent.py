"""What patients fill in, and what they sent."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, Table, Text, text

from screening.storage.moment import Moment
from screening.storage.tables.base import metadata, site

drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),  # a digest of what the cookie holds, never the cookie itself
    Column("treatment", Text, nullable=False),
    Column("rule_set_digest", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("reference", Text),  # absent until sent
    # Of those that staff began; absent in patients' own.
    Column("public_id", Text, unique=True),  # what addresses call it
    Column("sealed_token", LargeBinary),  # its key, sealed to the clinic's
    Column("held_by", Text, index=True),  # a person's id: who fills it in now
    site(),
)

_WAITING = ("rank", "received_at", "reference")  # the order of a queue: marked urgent first
_PROMISED = ("rank", "due_at", "received_at", "reference")  # that of a work list
_LOOKED_AT = ("rank", "review_due_at", "received_at", "reference")  # that of the clinicians' list
# At the end of an index: what time makes of a row is seen without the row, whose sealed parts are long.
_CLOCKS = ("due_at", "review_due_at", "ask_again_at")
_CAME = ("received_at", "reference")  # the order in which they came; pages of either, however long it grows


def _index_of_some(name: str, condition: str, *columns: str) -> Index:
    """An index of the rows that meet a condition, so that few are found fast among many.

    On PostgreSQL too, as migrations made it: to say so here would load what SQLAlchemy knows of that.
    """
    return Index(f"ix_requests_{name}", *columns, sqlite_where=text(condition))


requests = Table(
    "requests",
    metadata,
    # What was sent; it never changes.
    Column("reference", Text, primary_key=True),
    Column("draft_id", Text, nullable=False, unique=True),  # what makes sending twice one request
    Column("treatment", Text, nullable=False),
    Column("rule_set_id", Text, nullable=False),
    Column("rule_set_version", Text, nullable=False),
    Column("rule_set_digest", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="new"),
    Column("received_at", Moment, nullable=False),
    Column("flags_to_review", Integer, nullable=False),
    Column("flags_to_discuss", Integer, nullable=False),
    Column("flags_to_arrange", Integer, nullable=False),
    Column("entered_by", Text, nullable=False, server_default="patient"),
    Column("sealed_contact", LargeBinary, nullable=False),
    Column("sealed_health", LargeBinary, nullable=False),
    # What staff made of it since, in step with its entries and moves.
    Column("version", Integer, nullable=False, server_default="1"),  # counts changes: a stale page is found
    Column("finished", Integer, nullable=False, server_default="0"),  # 1: closed, withdrawn, duplicate
    Column("rank", Integer, nullable=False, server_default="1"),  # 0: marked urgent by somebody
    Column("owner", Text),  # a person's id; absent: the reception team as a whole
    Column("owner_name", Text),
    Column("open_flags", Integer, nullable=False, server_default="0"),
    Column("stopped_flags", Integer, nullable=False, server_default="0"),
    Column("to_review", Integer, nullable=False, server_default="0"),  # things that wait for a clinician
    Column("questions", Integer, nullable=False, server_default="0"),  # not answered by the patient
    Column("with_patient", Integer, nullable=False, server_default="0"),  # of them, those that were asked
    Column("identity_checked", Integer, nullable=False, server_default="0"),
    Column("duplicate_of", Text),
    Column("due_at", Moment),  # absent once the promise to get in touch was kept
    Column("promised_at", Moment),  # as the patient was told it; absent in requests kept before r0010
    Column("unread", Integer, nullable=False, server_default="0"),  # what no clinician has read
    Column("unsettled", Integer, nullable=False, server_default="0"),  # items open before the treatment
    Column("others_open", Integer, nullable=False, server_default="0"),  # at the person's other requests
    Column("work_list", Text, nullable=False, server_default=text("''")),  # the one that it is on
    Column("appointment", Text, nullable=False, server_default=text("''")),  # what it is for
    Column("appointment_on", Date),
    Column("review_due_at", Moment),  # absent while nothing waits for a clinician
    Column("ask_again_at", Moment),  # from when answers are too old for the day of the appointment
    Column("person", Text),  # a keyed digest of name and date of birth
    Column("counted", Integer, nullable=False, server_default="0"),  # 0: kept before these were counted
    Column("index_key", Text),  # which key its blind indexes were made with; absent: none were made yet
    Column("indexed_as", Integer, nullable=False, server_default="0"),  # `blind_index.MADE_AS` of then
    site(),
    # A list is one site's, and read along an index that begins with it.
    Index(None, "site", "status", *_CAME),
    Index("ix_requests_open", "site", "finished", *_WAITING, "work_list", *_CLOCKS),
    Index(None, "site", "status", *_WAITING),
    Index(None, "site", "owner", "finished", *_WAITING),
    Index(None, "site", "treatment", "finished", *_WAITING),
    Index("ix_requests_listed", "site", "work_list", *_PROMISED, "review_due_at", "ask_again_at"),
    Index("ix_requests_looked_at", "site", "work_list", *_LOOKED_AT),
    Index(None, "site", "person", "reference"),
    Index(None, "site", "finished", *_CAME),
    Index(None, "site", *_CAME),
    Index(None, "site", "owner", "finished", *_CAME),
    Index(None, "site", "treatment", "finished", *_CAME),
    _index_of_some("unindexed", "indexed_as = 0", *_CAME),
    _index_of_some("due", "due_at IS NOT NULL", "due_at", "reference"),
    _index_of_some("uncounted", "counted = 0", *_CAME),
    _index_of_some("review_due", "review_due_at IS NOT NULL", "review_due_at", "reference"),
    _index_of_some("ask_again", "ask_again_at IS NOT NULL", "ask_again_at", "reference"),
    _index_of_some("appointment", "appointment_on IS NOT NULL", "site", "appointment_on", "reference"),
)
