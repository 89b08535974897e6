"""What commands stand on that write to the audit and need neither rule sets nor keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from screening.core.errors import NotReady
from screening.desk.shapes import COMMAND_LINE
from screening.service.premises import utc_now
from screening.settings import Settings
from screening.settings.environment import load_settings
from screening.storage.database import is_there


def settings_of_place() -> Settings:
    """Those of a place where the service was started before: what looks after one makes none by mistake.

    Raises NotReady, Unavailable.
    """
    settings = load_settings()
    if not is_there(settings.database):
        place = "SCREENING_DATABASE_URL" if settings.database_url else str(settings.instance.resolve())
        raise NotReady(
            f"{place}: the service was never started there. Set SCREENING_INSTANCE and "
            "SCREENING_DATABASE_URL as the service has them, or start it first: screening serve."
        )
    return settings


@dataclass(frozen=True)
class CommandLineGround:
    """A database and its settings."""

    engine: Engine
    settings: Settings

    def now(self) -> datetime:
        """The time, with its zone."""
        return utc_now()

    def origin(self) -> str:
        """For the audit."""
        return COMMAND_LINE
