"""The tables' history, run by Alembic; never edit a migration that went live, add one.

A revision is a number of four digits, greater than the one before: the lesser of two is the older.
"""

NEWEST = "0033"  # the last revision, known without loading Alembic; a test holds the two equal
