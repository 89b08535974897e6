"""Alembic, which takes long to load: imported only where a database is not at its newest revision."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from screening.core.errors import NotReady
from screening.storage.database import opened_at_start, writing

_ADVISORY_LOCK = 0x5C4EE1  # any number, as long as nobody else in this database uses it


def upgrade_now(engine: Engine, revision: str) -> None:
    """Bring the tables up to `revision`. Raises NotReady for what is newer than this program, Unavailable."""
    _migrate(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to `revision` ("base" for none), losing what only later ones can hold."""
    _migrate(engine, command.downgrade, revision)


def migrations_config() -> Config:
    """Alembic's configuration, made here so that it travels in the wheel and needs no file."""
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _migrate(engine: Engine, run: Callable[[Config, str], None], revision: str) -> None:
    with writing(opened_at_start(engine)) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config = migrations_config()
        config.attributes["connection"] = connection
        script = ScriptDirectory.from_config(config)
        _refuse_newer(script, MigrationContext.configure(connection).get_current_revision())
        _refuse_newer(script, None if revision == "base" else revision)
        run(config, revision)


def _refuse_newer(script: ScriptDirectory, found: str | None) -> None:
    if found is not None and found not in {known.revision for known in script.walk_revisions()}:
        raise NotReady(
            f"The database was made by a newer version of this program (revision {found}). "
            "Install that version again, or restore a backup from before it."
        )
