"""What commands stand on that write to the audit and need neither rule sets nor keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from screening.service.patient import utc_now
from screening.settings import Settings

COMMAND_LINE = "command line"  # who acts, for the audit; the name is whatever they say


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
