"""The tables' history, run by Alembic; never edit a migration that went live, add one."""
