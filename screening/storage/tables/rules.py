"""Rule sets as they went live, who signed them, and which were taken back."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Table, Text, UniqueConstraint, text

from screening.storage.moment import Moment
from screening.storage.tables.base import metadata

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
