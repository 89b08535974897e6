"""Who works here, how they sign in, where they are signed in, and who stands in for whom."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from screening.storage.moment import Moment
from screening.storage.sites import this_site
from screening.storage.tables.base import metadata, site

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
    Column("site", Text, primary_key=True, default=this_site, server_default=text("''")),  # as `site`
)

lent = Table(  # requests that go back to whoever is away, if the stand-in still has them then
    "lent",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("person_id", Text, nullable=False, index=True),
    Column("stand_in", Text, nullable=False),
    site(),
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
