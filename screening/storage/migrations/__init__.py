"""The tables' history, run by Alembic; never edit a migration that went live, add one."""

NEWEST = "0033"  # the last revision, known without loading Alembic; a test holds the two equal
