"""What commands record their doings with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from screening.service.patient import utc_now
from screening.settings import Settings


@dataclass(frozen=True)
class CommandLineGround:
    """A database and its settings, without rule sets or keys."""

    engine: Engine
    settings: Settings

    def now(self) -> datetime:
        """The time, with its zone."""
        return utc_now()

    def origin(self) -> str:
        """For the audit."""
        return "command line"
