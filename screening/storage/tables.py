"""The tables, as SQLAlchemy knows them; `migrations` builds the same ones, and a test compares."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from screening.storage.moment import Moment
from screening.storage.sites import this_site

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _site() -> Column[str]:
    """Whose it is; see `sites`. Empty: the site that needs no name, which rows of before are of."""
    return Column("site", Text, nullable=False, default=this_site, server_default=text("''"))


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
    _site(),
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
    _site(),
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

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("rule_set_id", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
)

publications = Table(  # append-only, but for the two columns that say it was retired
    "publications",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("rule_set_id", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("signed_name", Text, nullable=False),
    Column("signed_role", Text, nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("reasons", Text, nullable=False),  # JSON: flag id -> why it may be quieter than before
    Column("traced", Boolean, nullable=False),  # whether the treatment page was given, and agreed
    Column("retired_at", Moment),
    Column("retired_because", Text),
    Column("begins_on", Date),  # absent in what was published before r0016: it began at once
    Column("content", Text, nullable=False, server_default=text("''")),  # of the sign-off, as there
    Column("signed_by", Text, nullable=False, server_default=text("''")),  # a person's id
    Column("seconded_name", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("rule_set_id", "version"),
)

sign_offs = Table(  # append-only
    "sign_offs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("rule_set_id", Text, nullable=False, index=True),
    Column("version", Text, nullable=False),
    Column("digest", Text, nullable=False),  # of the rule set
    Column("content", Text, nullable=False),  # digest of all that was agreed to: rules, cases, fingerprints
    Column("part", Text, nullable=False),  # agreed (a clinician), or seconded (somebody else)
    Column("by_id", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("by_role", Text, nullable=False),  # as what they sign, in their words
    Column("at", Moment, nullable=False),
    Column("reasons", Text, nullable=False),  # JSON: each thing that became quieter, and why it may
    Column("document", Text, nullable=False),  # JSON: cases and fingerprints; the rules are in rule_sets
)

recalls = Table(  # append-only
    "recalls",
    metadata,
    Column("rule_set_id", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("recalled_at", Moment, nullable=False),
    Column("recalled_by", Text, nullable=False),  # a name, as it was given
    Column("because", Text, nullable=False),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("beats", Integer, nullable=False),  # it wraps at a million: only that it can be written counts
)

upkeep = Table(  # what runs by itself, for all servers
    "upkeep",
    metadata,
    Column("name", Text, primary_key=True),
    Column("begun_at", Moment),
    Column("done_at", Moment),
    Column("figure", Integer, nullable=False, server_default="0"),
    Column("detail", Text, nullable=False, server_default=text("''")),  # for the next time
)

arrivals = Table(  # how many forms came within the last hour
    "arrivals",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),  # ten minutes
    Column("address", Text, primary_key=True),  # a keyed digest; empty: from anywhere
    Column("number", Integer, nullable=False),
)

registered_keys = Table(  # which keys this database belongs to; the latest of a purpose is current
    "registered_keys",
    metadata,
    Column("purpose", Text, primary_key=True),
    Column("key_id", Text, primary_key=True),  # it tells nothing about the key
    Column("since", Moment, nullable=False),
)

# --- people: who works here, how they sign in, and where they are signed in -----------------------------

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # in lower case
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),  # names with a blank between: a new role needs no migration
    Column("active", Boolean, nullable=False),
    Column("password", Text, nullable=False),  # argon2id
    Column("password_once", Boolean, nullable=False),  # it was printed: the first sign-in changes it
    Column("uniquifier", Text, nullable=False, unique=True),  # what Flask-Security keeps in the cookie
    Column("totp_secret", Text),  # encrypted with the secret key; absent until set up
    Column("totp_step", BigInteger),  # the last time step that was used up
    Column("recovery_codes", Text),  # a JSON list, each encrypted with the secret key
    Column("passkey_handle", Text, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("password_until", Moment),  # when a printed password ends; absent for a person's own
    Column("sites", Text, nullable=False, server_default=text("''")),  # where they work: `sites.written`
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("at", Moment, nullable=False),  # the last one
)

teams = Table(  # who deals with which treatment
    "teams",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("treatment", Text, primary_key=True),
)

away = Table(  # whose requests are a colleague's for a while, at each site where they are
    "away",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("stand_in", Text, nullable=False),  # a person's id
    Column("since", Moment, nullable=False),
    Column("site", Text, primary_key=True, default=this_site, server_default=text("''")),  # as `_site`
)

lent = Table(  # requests that go back to whoever is away, if the stand-in still has them then
    "lent",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("person_id", Text, nullable=False, index=True),
    Column("stand_in", Text, nullable=False),
    _site(),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Text, primary_key=True),  # the credential's id, in hexadecimal
    Column("person_id", Text, ForeignKey("people.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", Text, nullable=False),  # a JSON list
    Column("extensions", Text),
    Column("usage", Text, nullable=False),
    Column("device_type", Text, nullable=False),
    Column("backed_up", Boolean, nullable=False),
    Column("used_at", Moment, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("id", Text, primary_key=True),  # a digest of what the cookie holds
    Column("person_id", Text, ForeignKey("people.id"), nullable=False, index=True),
    Column("stage", Text, nullable=False),  # password (the second factor is due) or full
    Column("locked", Boolean, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=False),
)

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),  # a keyed digest of the email address typed
    Column("address", Text, nullable=False),
    Column("tried_at", Moment, nullable=False),
    Index(None, "account", "tried_at"),
    Index(None, "address", "tried_at"),
)


# --- The desk: what staff do with requests ---------------------------------------------------------

request_index = Table(  # keyed digests, by which sealed names, dates and numbers are found
    "request_index",
    metadata,
    Column("site", Text, primary_key=True, default=this_site, server_default=text("''")),  # as `_site`
    Column("digest", Text, primary_key=True),
    Column("received_at", Moment, primary_key=True),
    Column("reference", Text, primary_key=True),
    Index(None, "reference"),
)

status_counts = Table(  # kept in step with each move, because counting a million is slow; their sum counts
    "status_counts",
    metadata,
    Column("status", Text, primary_key=True),
    Column("lane", Integer, primary_key=True, autoincrement=False, server_default="1"),  # of who counted
    Column("requests", Integer, nullable=False),
)

request_status = Table(  # append-only
    "request_status",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("move", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", Moment, nullable=False),
    _site(),
)

entries = Table(  # append-only: what staff wrote and decided; a later entry corrects an earlier one
    "entries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("part", Integer, nullable=False),  # in order, where one change writes several
    Column("kind", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    _site(),
    Index(None, "reference", "version", "part", unique=True),
)

presence = Table(
    "presence",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False, index=True),
    _site(),
)

events = Table(  # append-only, each row holding the hash of the one before in its lane
    "events",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),  # text, because it is hashed as it stands
    Column("actor", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("request", Text),
    Column("details", Text, nullable=False),  # canonical JSON
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("bound", Text),  # JSON: what it touched -> digest of how that stands since; see `binding`
    Column("lane", Integer, nullable=False, server_default="1"),
    Index(None, "request", "number"),
)

event_requests = Table(  # which requests an event of several is about: those that its details name
    "event_requests",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("reference", Text, primary_key=True),  # or the id of a draft, which its request names
    Index(None, "reference", "number"),
)

event_head = Table(  # one row for each lane; whoever appends holds it until the commit
    "event_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("bound", Integer, nullable=False, server_default="0"),  # in the first: an age of `binding`
)

# Append-only, each row holding the hash of the one before: the lanes' heads at one moment.
event_joins = Table(
    "event_joins",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("settled", BigInteger, nullable=False),  # no event of this number, or a lower one, was to come
    Column("heads", Text, nullable=False),  # JSON: lane -> number and hash
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),  # also the Message-ID
    Column("kind", Text, nullable=False),
    Column("once", Text, unique=True),  # no second notice with the same words here; emptied when it may recur
    Column("reference", Text),
    Column("address", Text),  # of staff; a patient's is sealed
    Column("sealed_address", LargeBinary),
    Column("created_at", Moment, nullable=False),
    Column("touched_at", Moment),  # something happened that the notice, when it is sent, is also about
    Column("due_at", Moment),  # when to try next; absent: sent, or given up
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("sent_at", Moment),
    Column("error", Text),  # a code, never what the other side said
    _site(),
    Index(None, "due_at", "id"),
)

messages = Table(  # what was sent to patients, and the links that lead to a question
    "messages",
    metadata,
    Column("id", Text, primary_key=True),  # also what a gateway knows it by
    Column("reference", Text, nullable=False, index=True),
    Column("way", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("sealed", LargeBinary),  # the words with the link; absent once it was taken or given up
    Column("state", Text, nullable=False, index=True),
    Column("why", Text),  # a code, never what the other side said
    Column("state_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_to", Integer, nullable=False, server_default="0"),  # 1: somebody did something since
    Column("question", Text),  # the entry that asks; absent where there is no link
    Column("link", Text, unique=True),  # a digest of what the address holds, never that itself
    Column("code", Text),  # a digest under what the address holds
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("expires_at", Moment),
    Column("used_at", Moment),
    _site(),
)

message_templates = Table(  # append-only: the latest of an id is the clinic's
    "message_templates",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("label", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
